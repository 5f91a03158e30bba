/** Every way a rename can end badly. Adding one fails the build until `http/error-answer.ts` answers it. */
export type RenameErrorCode =
  // Refused before anything was written or sent.
  | 'throttled'
  | 'shutting_down'
  | 'iteration_busy'
  | 'idempotency_key_in_flight'
  | 'idempotency_key_reused'
  | 'audit_unavailable'
  | 'delivery_id_reused'
  | 'undone_too_early'
  | 'nothing_to_undo'
  | 'previous_name_unknown'
  // Accepted or not: a duplicate of the delivery tells.
  | 'acceptance_unknown'
  // On the record, and proved to have changed nothing.
  | 'training_key_unavailable'
  | 'too_late_to_send'
  | 'upstream_unreachable'
  | 'upstream_throttled'
  | 'upstream_refused'
  | 'access_refused'
  | 'iteration_unreadable'
  | 'renamed_since'
  // On the record, and not known yet: the upstream may have acted.
  | 'upstream_faulty'
  | 'outcome_unknown'
  // On the record as done, but what the upstream answered is not fit to be shown.
  | 'answer_withheld'
  | 'unresolved';

/** What the upstream itself said, where that is the caller's to know. */
export interface UpstreamRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export class RenameError extends Error {
  override readonly name = 'RenameError';
  readonly code: RenameErrorCode;
  /** The audit record, where one was begun. */
  readonly renameId: string | null;
  readonly retryAfterMs: number | null;
  readonly refusal: UpstreamRefusal | null;
  /** Of `renamed_since`: the name that the iteration has now; null where it is gone. */
  readonly shownName: string | null;
  /** When a queued rename is to be tried again, where a caller is not told any time. */
  readonly requeueAfterMs: number | null;
  /** True where an earlier answer to the same idempotency key is given again. */
  readonly replayed: boolean;

  constructor(
    code: RenameErrorCode,
    details: {
      readonly renameId?: string;
      readonly retryAfterMs?: number;
      readonly requeueAfterMs?: number;
      readonly refusal?: UpstreamRefusal;
      readonly shownName?: string | null;
      readonly replayed?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(code, { cause: details.cause });
    this.code = code;
    this.renameId = details.renameId ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.requeueAfterMs = details.requeueAfterMs ?? null;
    this.refusal = details.refusal ?? null;
    this.shownName = details.shownName ?? null;
    this.replayed = details.replayed ?? false;
  }
}
