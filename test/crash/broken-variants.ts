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
  type Provocation,
} from './provocations.ts';

/** A way in which the product might be broken, and the least that shows it. */
export interface BrokenVariant {
  readonly name: string;
  readonly replacement: Replacement;
  readonly provocation: Provocation;
  readonly caughtBy: Invariant;
}

const AUDIT_LOG = 'src/table-storage/audit-log-table.ts';

/** One that the judge misses would be missed in a long run as well. */
export const BROKEN_VARIANTS: readonly BrokenVariant[] = [
  {
    name: 'writes the record after the PATCH',
    replacement: { module: AUDIT_LOG, by: 'record-after-patch.ts' },
    provocation: ASKED,
    caughtBy: 'every effect has an earlier record',
  },
  {
    name: 'goes on where the record cannot be written',
    replacement: { module: AUDIT_LOG, by: 'proceed-without-record.ts' },
    provocation: NOT_RECORDED,
    caughtBy: 'every effect has an earlier record',
  },
  {
    name: 'sends the PATCH again where no answer came',
    replacement: { module: 'src/outbound/send-request.ts', by: 'blind-retry.ts' },
    provocation: ANSWER_LOST,
    caughtBy: 'one request has at most one effect',
  },
  {
    name: 'takes no lock',
    replacement: { module: 'src/table-storage/renames-table.ts', by: 'no-lock.ts' },
    provocation: KILLED,
    caughtBy: 'no record stays pending',
  },
  {
    name: 'claims the key in a step of its own',
    replacement: { module: AUDIT_LOG, by: 'late-claim.ts' },
    provocation: KILLED_AND_ASKED_AGAIN,
    caughtBy: 'one request has at most one effect',
  },
  {
    name: 'guesses where it should look',
    replacement: { module: 'src/rename/recovery/settle-rename.ts', by: 'guessing-sweep.ts' },
    provocation: KILLED,
    caughtBy: 'succeeded if and only if the effect took place',
  },
  {
    name: 'promises before the queue has the message',
    replacement: { module: 'src/rename/queued/accept-rename.ts', by: 'accept-before-queue.ts' },
    provocation: NOT_ENQUEUED,
    caughtBy: 'an accepted rename ends as a record',
  },
  {
    name: 'takes each delivery for a new one',
    replacement: { module: 'src/table-storage/delivery-claims.ts', by: 'forgotten-deliveries.ts' },
    provocation: DELIVERED_TWICE,
    caughtBy: 'one request has at most one effect',
  },
];
