import type { BrokenVariant } from './broken-variant.ts';
import { BROKEN_QUEUE_VARIANTS } from './broken-queue-variants.ts';
import {
  ACCESS_REFUSED_ONCE,
  ANSWER_LOST,
  ASKED,
  CLOCKS_APART,
  KILLED,
  KILLED_AND_ASKED_AGAIN,
  LOST_IN_ANOTHER_FORM,
  NOT_RECORDED,
  REFUSED_BEFORE,
  RENAMED_AND_BACK,
  RENAMED_AND_BACK_UNRECORDED,
  REPEATED_WITHOUT_KEY,
  THIRD_NAME,
  TIMED_OUT_AFTER_ACTING,
  TIMEOUTS_APART,
  UNREADABLE_AT_FIRST,
} from './scenarios.ts';
import { UNDO_OVERTAKEN, UNDONE_AND_DONE_AGAIN } from './undo-scenarios.ts';

const AUDIT_LOG = 'src/table-storage/audit-log-table.ts';
const JUDGE_STATE = 'src/rename/recovery/judge-state.ts';
const READ_ANSWER = 'src/custom-vision/read-answer.ts';

/** A variant that the judge misses here it would miss in a long run, too. */
export const BROKEN_VARIANTS: readonly BrokenVariant[] = [
  {
    name: 'writes the record after the PATCH',
    replacement: { module: AUDIT_LOG, by: 'record-after-patch.ts' },
    scenario: ASKED,
    caughtBy: 'every effect has an earlier record',
  },
  {
    name: 'renames though the record cannot be written',
    replacement: { module: AUDIT_LOG, by: 'proceed-without-record.ts' },
    scenario: NOT_RECORDED,
    caughtBy: 'every effect has an earlier record',
  },
  {
    name: 'retries a PATCH that got no answer',
    replacement: { module: 'src/outbound/send-request.ts', by: 'blind-retry.ts' },
    scenario: ANSWER_LOST,
    caughtBy: 'one request has at most one effect',
  },
  {
    name: 'takes no lock',
    replacement: { module: 'src/table-storage/renames-table.ts', by: 'no-lock.ts' },
    scenario: KILLED,
    caughtBy: 'no record stays pending',
  },
  {
    name: 'claims the key in a second transaction',
    replacement: { module: AUDIT_LOG, by: 'late-claim.ts' },
    scenario: KILLED_AND_ASKED_AGAIN,
    caughtBy: 'one request has at most one effect',
  },
  {
    name: 'settles without reading the iteration',
    replacement: { module: 'src/rename/recovery/settle-rename.ts', by: 'guessing-sweep.ts' },
    scenario: KILLED,
    caughtBy: 'succeeded if and only if the effect took place',
  },
  {
    name: 'takes a third name for a proof that nothing was applied',
    replacement: { module: JUDGE_STATE, by: 'third-name-as-proof.ts' },
    scenario: THIRD_NAME,
    caughtBy: 'succeeded if and only if the effect took place',
  },
  {
    name: "reads a lease's age from its own clock",
    replacement: { module: 'src/table-storage/table-clock.ts', by: 'observers-clock.ts' },
    scenario: CLOCKS_APART,
    caughtBy: 'succeeded if and only if the effect took place',
  },
  {
    name: "takes its own timeout for the holder's",
    replacement: { module: 'src/table-storage/lease-row.ts', by: 'observers-timeout.ts' },
    scenario: TIMEOUTS_APART,
    caughtBy: 'succeeded if and only if the effect took place',
  },
  {
    name: 'takes a request without a key for a new one each time',
    replacement: { module: AUDIT_LOG, by: 'no-implied-key.ts' },
    scenario: REPEATED_WITHOUT_KEY,
    caughtBy: 'a repeat learns what became of the first',
  },
  {
    name: 'never ends an implied key',
    replacement: { module: AUDIT_LOG, by: 'lasting-implied-key.ts' },
    scenario: RENAMED_AND_BACK,
    caughtBy: 'an intended second rename is carried out',
  },
  {
    name: 'tries once to complete the record of a caller who has its answer',
    replacement: { module: AUDIT_LOG, by: 'completed-once.ts' },
    scenario: RENAMED_AND_BACK_UNRECORDED,
    caughtBy: 'an intended second rename is carried out',
  },
  {
    name: 'takes a 408 for a refusal',
    replacement: { module: READ_ANSWER, by: 'timeout-as-refusal.ts' },
    scenario: TIMED_OUT_AFTER_ACTING,
    caughtBy: 'succeeded if and only if the effect took place',
  },
  {
    name: 'passes a 5xx on without a look',
    replacement: { module: 'src/custom-vision/upstream-client.ts', by: 'no-look.ts' },
    scenario: TIMED_OUT_AFTER_ACTING,
    caughtBy: 'an unknown outcome is told after a look only',
  },
  {
    name: 'takes another form of the name for another name',
    replacement: { module: 'src/rename/same-name.ts', by: 'exact-name.ts' },
    scenario: LOST_IN_ANOTHER_FORM,
    caughtBy: 'unresolved only where somebody else changed the iteration',
  },
  {
    name: 'guesses the previous name from whatever record came before',
    replacement: { module: 'src/table-storage/newest-succeeded.ts', by: 'newest-of-all.ts' },
    scenario: REFUSED_BEFORE,
    caughtBy: 'a previous name is one that the iteration had',
  },
  {
    name: "takes a refusal of its own access for one of the caller's rename",
    replacement: { module: READ_ANSWER, by: 'access-as-refusal.ts' },
    scenario: ACCESS_REFUSED_ONCE,
    caughtBy: 'every answer is one of the contract',
  },
  {
    name: 'gives up after one look that failed',
    replacement: { module: 'src/rename/recovery/find-outcome.ts', by: 'one-look-only.ts' },
    scenario: UNREADABLE_AT_FIRST,
    caughtBy: 'unresolved only where somebody else changed the iteration',
  },
  {
    name: 'undoes a rename whatever name the iteration has',
    replacement: { module: 'src/rename/not-undone.ts', by: 'blind-undo.ts' },
    scenario: UNDO_OVERTAKEN,
    caughtBy: 'an undo takes back only the name that it undoes',
  },
  {
    name: 'undoes a rename each time it is asked to',
    replacement: { module: AUDIT_LOG, by: 'undo-each-time.ts' },
    scenario: UNDONE_AND_DONE_AGAIN,
    caughtBy: 'a rename is undone once',
  },
  ...BROKEN_QUEUE_VARIANTS,
];
