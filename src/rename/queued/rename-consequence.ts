import type { RenameErrorCode } from '../rename-error.ts';

/**
 * What follows for a queued rename from the error that its try ended with: `ended`, its record has the last word; `later`, nobody
 * is to blame and no try is used up; `again`, a try is used up.
 */
export type Consequence = 'ended' | 'later' | 'again';

export const CONSEQUENCES = {
  throttled: 'later',
  shutting_down: 'later',
  iteration_busy: 'later',
  idempotency_key_in_flight: 'later',
  upstream_throttled: 'later',
  audit_unavailable: 'again',
  queue_unavailable: 'again',
  training_key_unavailable: 'again',
  training_key_refused: 'again',
  too_late_to_send: 'again',
  upstream_unreachable: 'again',
  upstream_faulty: 'again',
  outcome_unknown: 'again',
  upstream_refused: 'ended',
  idempotency_key_reused: 'ended',
  answer_withheld: 'ended',
  unresolved: 'ended',
} as const satisfies Record<RenameErrorCode, Consequence>;
