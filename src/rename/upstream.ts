import type { IterationRef } from './audit-record.ts';
import type { UpstreamRefusal } from './rename-error.ts';

/** The upstream's iteration: whatever it holds, it has a name. */
export interface RenamedIteration {
  readonly name: string;
  readonly [property: string]: unknown;
}

/** What is kept of an iteration to compare it later. */
export interface SeenIteration {
  readonly name: string;
  /** As the service writes it; each change of the iteration changes it. */
  readonly lastModified: string | null;
}

export interface UpstreamTarget extends IterationRef {
  readonly apiVersion: string;
}

/** What reading an iteration told. */
export type UpstreamReading =
  | {
      readonly kind: 'iteration';
      readonly iteration: RenamedIteration;
      /** The service's own clock when it answered: epoch ms, to the second; null where it does not say. */
      readonly answeredAtMs: number | null;
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  | { readonly kind: 'unavailable' };

interface Answered {
  /** PATCH requests sent. */
  readonly attempts: number;
  readonly requestId: string | null;
}

/** What became of a rename that was to be sent. "No answer" is not "failed": the upstream may have acted. */
export type UpstreamAnswer = Answered &
  (
    | {
        readonly kind: 'renamed';
        readonly status: number;
        /** The name as the service wrote it. */
        readonly appliedName: string;
        /** Null where the answer is not fit to be shown. */
        readonly iteration: RenamedIteration | null;
      }
    | { readonly kind: 'refused'; readonly refusal: UpstreamRefusal }
    /** About our key, network or quota, not about the rename: 401, 403, or a gateway's own error. */
    | { readonly kind: 'access_refused'; readonly refusal: UpstreamRefusal }
    | { readonly kind: 'refusal_withheld'; readonly status: number }
    | { readonly kind: 'throttled'; readonly refusal: UpstreamRefusal; readonly retryAfterMs: number }
    | { readonly kind: 'not_sent'; readonly reason: 'training_key_unavailable' | 'unreachable' | 'too_late' }
    | {
        readonly kind: 'faulty';
        readonly status: number;
        readonly fault: 'server_error' | 'request_timeout' | 'redirect' | 'not_an_iteration';
      }
    | { readonly kind: 'no_answer' }
  );

/** One rename's conversation with the upstream; its requests share one time limit. */
export interface UpstreamCall {
  /** Reads the iteration. Never rejects. */
  read(): Promise<UpstreamReading>;
  /**
   * Sends the new name once, and once more where the upstream refuses the training key and the vault has a
   * newer one. Never rejects.
   */
  rename(name: string, maySend: () => boolean): Promise<UpstreamAnswer>;
  /** Gives up whatever is still under way. */
  abandon(): void;
}

export interface Upstream {
  call(target: UpstreamTarget, traceparent: string | null): UpstreamCall;
}

export function seen({ name, lastModified }: RenamedIteration): SeenIteration {
  return { name, lastModified: typeof lastModified === 'string' ? lastModified : null };
}
