import type { RenameErrorCode } from '../rename-error.ts';

/**
 * What follows for a queued rename from the error that its try ended with: `ended`, its record has the last word; `later`, nobody
 * is to blame and no try is used up; `again`, a try is used up.
 */
export type Consequence = 'done' | 'requeue' | 'retry';

export const CONSEQUENCES = {
  throttled: 'requeue',
  shutting_down: 'requeue',
  iteration_busy: 'requeue',
  idempotency_key_in_flight: 'requeue',
  upstream_throttled: 'requeue',
  audit_unavailable: 'retry',
  queue_unavailable: 'retry',
  training_key_unavailable: 'retry',
  access_refused: 'requeue',
  too_late_to_send: 'retry',
  upstream_unreachable: 'retry',
  upstream_faulty: 'retry',
  outcome_unknown: 'retry',
  upstream_refused: 'done',
  idempotency_key_reused: 'done',
  answer_withheld: 'done',
  unresolved: 'done',
} as const satisfies Record<RenameErrorCode, Consequence>;
