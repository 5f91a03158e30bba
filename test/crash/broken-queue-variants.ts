import type { BrokenVariant } from './broken-variant.ts';
import {
  DELIVERED_TWICE,
  EVALUATOR_LOST,
  FORGED_MESSAGES,
  GRANT_WITHDRAWN,
  MESSAGE_DUPLICATED,
  NOT_ENQUEUED,
  POINTER_TO_CALLER,
  THIRD_NAME_AFTER_DELIVERY,
  THROTTLED,
} from './queue-scenarios.ts';

const ACCEPTED_STEPS = 'src/table-storage/accepted-steps.ts';
const RECHECK = 'src/callers/recheck-queued-rename.ts';
const JUDGE_STATE = 'src/rename/recovery/judge-state.ts';

/** Broken between the 202 and the effect. */
export const BROKEN_QUEUE_VARIANTS: readonly BrokenVariant[] = [
  {
    name: 'keeps no index of accepted renames',
    replacement: { module: ACCEPTED_STEPS, by: 'forgotten-index.ts' },
    scenario: NOT_ENQUEUED,
    caughtBy: 'no record stays pending',
  },
  {
    name: 'takes a duplicate delivery for a new one',
    replacement: { module: ACCEPTED_STEPS, by: 'forgotten-deliveries.ts' },
    scenario: DELIVERED_TWICE,
    caughtBy: 'one request has at most one effect',
  },
  {
    name: 'sends a delivered rename again after a third name',
    replacement: { module: JUDGE_STATE, by: 'third-name-as-proof.ts' },
    scenario: THIRD_NAME_AFTER_DELIVERY,
    caughtBy: 'one request has at most one effect',
  },
  {
    name: 'believes the name in a message',
    replacement: {
      module: ACCEPTED_STEPS,
      andModule: 'src/storage-queue/pointer-message.ts',
      by: 'believed-name.ts',
    },
    scenario: FORGED_MESSAGES,
    caughtBy: 'every effect has an earlier record',
  },
  {
    name: "believes a pointer to a caller's rename",
    replacement: { module: ACCEPTED_STEPS, andModule: RECHECK, by: 'believed-pointer.ts' },
    scenario: POINTER_TO_CALLER,
    caughtBy: 'every effect has an earlier record',
  },
  {
    name: 'carries out every message, duplicates too',
    replacement: { module: ACCEPTED_STEPS, by: 'every-message.ts' },
    scenario: MESSAGE_DUPLICATED,
    caughtBy: 'one request has at most one effect',
  },
  {
    name: 'does not ask the policy again',
    replacement: { module: RECHECK, by: 'no-recheck.ts' },
    scenario: GRANT_WITHDRAWN,
    caughtBy: 'nothing is renamed without a grant',
  },
  {
    name: 'leaves its evaluator unsupervised',
    replacement: { module: 'src/expressions/evaluator-process.ts', by: 'unsupervised-evaluator.ts' },
    scenario: EVALUATOR_LOST,
    caughtBy: 'a delivery is answered',
  },
  {
    name: 'counts throttled attempts of a queued rename',
    replacement: { module: 'src/rename/queued/rename-consequence.ts', by: 'counted-throttling.ts' },
    scenario: THROTTLED,
    caughtBy: 'throttling ends no accepted rename',
  },
];
