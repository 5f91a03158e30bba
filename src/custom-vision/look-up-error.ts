import type { UpstreamRefusal } from '../rename/rename-error.ts';

/** Every way a look-up can end badly. Adding one fails the build until `http/error-answer.ts` answers it. */
export type LookUpErrorCode =
  | 'look_up_throttled'
  | 'look_up_shutting_down'
  | 'look_up_without_key'
  | 'look_up_unreachable'
  | 'look_up_pause'
  /** The service's own words about what was asked for. */
  | 'look_up_refused'
  | 'look_up_access_refused'
  | 'look_up_faulty'
  | 'look_up_too_large'
  | 'look_up_withheld'
  | 'look_up_unanswered';

export class LookUpError extends Error {
  override readonly name = 'LookUpError';
  readonly code: LookUpErrorCode;
  readonly retryAfterMs: number | null;
  readonly refusal: UpstreamRefusal | null;

  constructor(
    code: LookUpErrorCode,
    details: {
      readonly retryAfterMs?: number | null;
      readonly refusal?: UpstreamRefusal;
      readonly cause?: unknown;
    } = {},
  ) {
    super(code, { cause: details.cause });
    this.code = code;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.refusal = details.refusal ?? null;
  }
}
