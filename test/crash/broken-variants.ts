import type { Replacement } from './build-variant.ts';
import type { Invariant } from './check-invariants.ts';
import {
  ANSWER_LOST,
  ASKED,
  DELIVERED_TWICE,
  KILLED,
  KILLED_AND_ASKED_AGAIN,
  NOT_ENQUEUED,
  NOT_RECORDED,
  type Scenario,
} from './scenarios.ts';

/**
 * One way to break the product, the smallest scenario that shows it, and the invariant that must catch it.
 */
export interface BrokenVariant {
  readonly name: string;
  readonly replacement: Replacement;
  readonly scenario: Scenario;
  readonly caughtBy: Invariant;
}

const AUDIT_LOG = 'src/table-storage/audit-log-table.ts';

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
    name: 'keeps no index of accepted renames',
    replacement: { module: 'src/table-storage/accepted-steps.ts', by: 'forgotten-index.ts' },
    scenario: NOT_ENQUEUED,
    caughtBy: 'no record stays pending',
  },
  {
    name: 'takes a duplicate delivery for a new one',
    replacement: { module: 'src/table-storage/accepted-steps.ts', by: 'forgotten-deliveries.ts' },
    scenario: DELIVERED_TWICE,
    caughtBy: 'one request has at most one effect',
  },
];
