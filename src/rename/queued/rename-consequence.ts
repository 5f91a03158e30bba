import type { RenameErrorCode } from '../rename-error.ts';

/**
 * What follows for a queued rename from the error that its attempt ended with. `done`: its record has ended,
 * or is for others to end. `requeue`: it waits, and no attempt is counted. `retry`: the attempt is counted.
 */
export type Consequence = 'done' | 'requeue' | 'retry';

export const CONSEQUENCES = {
  throttled: 'requeue',
  shutting_down: 'requeue',
  iteration_busy: 'requeue',
  idempotency_key_in_flight: 'requeue',
  upstream_throttled: 'requeue',
  audit_unavailable: 'retry',
  acceptance_unknown: 'retry',
  training_key_unavailable: 'retry',
  access_refused: 'requeue',
  too_late_to_send: 'retry',
  upstream_unreachable: 'retry',
  upstream_faulty: 'retry',
  outcome_unknown: 'retry',
  upstream_refused: 'done',
  idempotency_key_reused: 'done',
  delivery_id_reused: 'done',
  undone_too_early: 'done',
  nothing_to_undo: 'done',
  previous_name_unknown: 'done',
  iteration_unreadable: 'retry',
  renamed_since: 'done',
  answer_withheld: 'done',
  unresolved: 'done',
} as const satisfies Record<RenameErrorCode, Consequence>;
