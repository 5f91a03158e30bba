import type { TransactionAction } from '@azure/data-tables';
import { odata } from '@azure/data-tables';
import type {
  AuditLog,
  BeginResult,
  ExistingClaim,
  Lease,
  LeaseState,
  IdempotencyClaim,
  PendingRename,
} from '../rename/audit-log.ts';
import type { IterationRef, RenameIntent, RenameOutcome } from '../rename/audit-record.ts';
import type { RenamedIteration } from '../rename/upstream.ts';
import { type BeginAttempt, beginActions } from './begin-actions.ts';
import { parseLease } from './lease-row.ts';
import { intentProperties, outcomeProperties, parseRecordRow } from './record-row.ts';
import { type RenamesTable, type Row, TableConflict, TableMissing } from './renames-table.ts';
import {
  copyKey,
  idempotencyKey,
  lockKey,
  PROJECTS_PARTITION,
  rangeOf,
  recordKey,
  sha256,
} from './row-keys.ts';

/** A string property of a table entity holds at most 64 KiB of UTF-16. */
const MAX_PROPERTY_LENGTH = 32 * 1024;
/** Each round follows a change by somebody else between a refused insert and the look at who holds the row. */
const MAX_BEGIN_ROUNDS = 3;
/** How many projects an instance remembers to have listed; past it, one more request lists a project again. */
const MAX_LISTED_PROJECTS = 10_000;

/** The audit log in one table: `begin` and `complete` are one transaction each. */
export function createAuditLog({
  table,
  newOwner,
}: {
  readonly table: RenamesTable;
  /** A word that no other attempt to begin has: it tells our own rows from another's after a lost answer. */
  readonly newOwner: () => string;
}): AuditLog {
  const listedProjects = new Set<string>();

  return { begin, renewLease, complete, recordEnded, readPending, newestSucceededName };

  async function begin(
    intent: RenameIntent,
    claim: IdempotencyClaim | null,
    released: ExistingClaim | null,
    leasedAtMs = Date.parse(intent.requestedAt),
  ): Promise<BeginResult> {
    const owner = newOwner();
    const claimRowKey = claim === null ? null : idempotencyKey(claim.callerId, claim.key);
    const actions = beginActions({ intent, claim, claimRowKey, owner, released, leasedAtMs });
    let contended = false;
    for (let round = 0; round < MAX_BEGIN_ROUNDS; round += 1) {
      try {
        await listProject(intent.projectId); // before the lock, or the sweep would not know where to look for it
        const versions = await table.transact(actions);
        const version = (rowKey: string) => versions.get(rowKey) ?? '';
        const { renameId, iterationId } = intent;
        return {
          kind: 'begun',
          pending: {
            intent,
            versions: { record: version(recordKey(renameId)), copy: version(copyKey(iterationId, renameId)) },
            lease: { leasedAtMs, lastFailure: null, isGivenUp: false },
            claimRowKey,
          },
          contended,
        };
      } catch (error) {
        if (error instanceof TableMissing) {
          await table.create();
          listedProjects.clear();
        } else if (error instanceof TableConflict) {
          const found = await whoHolds({ intent, claim, claimRowKey, owner, released });
          if (found !== null) return found;
          contended = true;
        } else {
          throw error;
        }
      }
    }
    // Others come and go so fast that nobody was ever seen: as good as locked, by one as new as this.
    const { projectId, iterationId, renameId } = intent;
    return { kind: 'locked', lock: { projectId, iterationId, renameId, leasedAtMs } };
  }

  async function listProject(projectId: string): Promise<void> {
    if (listedProjects.has(projectId)) return;
    await table.upsert(PROJECTS_PARTITION, projectId);
    if (listedProjects.size >= MAX_LISTED_PROJECTS) listedProjects.clear();
    listedProjects.add(projectId);
  }

  /** Why an insert was refused; null where the reason is gone by now. */
  async function whoHolds({
    intent,
    claim,
    claimRowKey,
    owner,
    released,
  }: BeginAttempt): Promise<BeginResult | null> {
    const { projectId, iterationId, renameId, trigger } = intent;
    const [lock, claimed, recorded] = await Promise.all([
      table.find(projectId, lockKey(iterationId)),
      claimRowKey === null ? null : table.find(projectId, claimRowKey),
      trigger === 'http' ? null : table.find(projectId, recordKey(renameId)),
    ]);
    // Our own rows: the first answer was lost on its way, and the SDK's second try met them.
    if (lock !== null && lock['owner'] === owner) {
      const pending = await readPending(parseLease(lock));
      if (pending !== null) return { kind: 'begun', pending, contended: false };
    }
    if (recorded !== null) return { kind: 'recorded', record: parseRecordRow(recorded) };
    // A released claim that is still as it was seen was ours to take: then it is the lock that stands in the way.
    const isInTheWay = released === null || claimed?.etag !== released.version;
    if (claim !== null && claimed !== null && isInTheWay) {
      const record = await table.find(projectId, recordKey(String(claimed['renameId'])));
      if (record === null) throw new Error('a claim points to no record');
      // The rename may have ended between the two readings, and its answer been put to the claim.
      const isOutdated = record['status'] === 'succeeded' && claimed['iteration'] === undefined;
      const newest = isOutdated ? await table.find(projectId, String(claimed.rowKey)) : claimed;
      if (newest === null || newest['renameId'] !== claimed['renameId']) return null;
      return {
        kind: 'claimed',
        claim: {
          samePayload: newest['payloadHash'] === sha256(claim.payload),
          record: parseRecordRow(record),
          iteration: parseIterationProperty(newest['iteration']),
          version: newest.etag,
        },
      };
    }
    return lock === null ? null : { kind: 'locked', lock: parseLease(lock) };
  }

  async function complete(
    ...[pending, outcome, iteration]: Parameters<AuditLog['complete']>
  ): Promise<boolean> {
    const { intent, versions, claimRowKey } = pending;
    const { projectId: partitionKey, iterationId, renameId } = intent;
    const properties = outcomeProperties(outcome);
    const actions: TransactionAction[] = [
      [
        'update',
        { partitionKey, rowKey: recordKey(renameId), ...properties },
        'Merge',
        { etag: versions.record },
      ],
      [
        'update',
        { partitionKey, rowKey: copyKey(iterationId, renameId), ...properties },
        'Merge',
        { etag: versions.copy },
      ],
      // A record that is still pending, as the versions prove, is the one that holds the lock.
      ['delete', { partitionKey, rowKey: lockKey(iterationId) }],
    ];
    const answer = iteration === null ? null : JSON.stringify(iteration);
    if (claimRowKey !== null && answer !== null && answer.length <= MAX_PROPERTY_LENGTH) {
      actions.push(['update', { partitionKey, rowKey: claimRowKey, iteration: answer }, 'Merge']);
    }
    try {
      await table.transact(actions);
      return true;
    } catch (error) {
      if (!(error instanceof TableConflict)) throw error;
      const row = await table.find(partitionKey, recordKey(renameId));
      return row !== null && isOutcomeOf(row, properties); // ours, where the first answer was lost on its way
    }
  }

  async function renewLease(pending: PendingRename, lease: LeaseState): Promise<PendingRename | null> {
    const { projectId: partitionKey, iterationId, renameId } = pending.intent;
    const holder = newOwner();
    const leasedAt = new Date(lease.leasedAtMs).toISOString();
    const renewed = {
      leasedAt,
      isGivenUp: lease.isGivenUp,
      holder,
      ...(lease.lastFailure === null ? {} : { lastFailure: lease.lastFailure }),
    };
    const record = { partitionKey, rowKey: recordKey(renameId), ...renewed };
    const copy = { partitionKey, rowKey: copyKey(iterationId, renameId), ...renewed };
    try {
      const versions = await table.transact([
        ['update', record, 'Merge', { etag: pending.versions.record }],
        ['update', copy, 'Merge', { etag: pending.versions.copy }],
        ['update', { partitionKey, rowKey: lockKey(iterationId), leasedAt }, 'Merge'],
      ]);
      const version = (rowKey: string) => versions.get(rowKey) ?? '';
      return {
        ...pending,
        lease,
        versions: { record: version(record.rowKey), copy: version(copy.rowKey) },
      };
    } catch (error) {
      if (!(error instanceof TableConflict)) throw error;
      const row = await table.find(partitionKey, record.rowKey);
      if (row?.['holder'] !== holder) return null;
      return readPending({ ...pending.intent, leasedAtMs: lease.leasedAtMs }); // ours: the first answer was lost on its way
    }
  }

  async function recordEnded(intent: RenameIntent, outcome: RenameOutcome): Promise<boolean> {
    const { projectId: partitionKey, iterationId, renameId } = intent;
    const properties = { ...intentProperties(intent), ...outcomeProperties(outcome) };
    const actions: TransactionAction[] = [
      ['create', { partitionKey, rowKey: recordKey(renameId), ...properties }],
      ['create', { partitionKey, rowKey: copyKey(iterationId, renameId), ...properties }],
    ];
    try {
      await table.transact(actions);
      return true;
    } catch (error) {
      if (error instanceof TableMissing) {
        await table.create();
        await table.transact(actions);
        return true;
      }
      if (!(error instanceof TableConflict)) throw error;
      const row = await table.find(partitionKey, recordKey(renameId));
      return row !== null && isOutcomeOf(row, outcomeProperties(outcome));
    }
  }

  async function readPending({ projectId, iterationId, renameId }: Lease) {
    const [record, copy] = await Promise.all([
      table.find(projectId, recordKey(renameId)),
      table.find(projectId, copyKey(iterationId, renameId)),
    ]);
    if (record === null || copy === null) throw new Error('a lock points to no record');
    const parsed = parseRecordRow(record);
    if (parsed.status !== 'pending') return null;
    const claimRowKey = record['claimRowKey'];
    return {
      intent: parsed,
      versions: { record: record.etag, copy: copy.etag },
      lease: parseLeaseState(record, parsed),
      claimRowKey: typeof claimRowKey === 'string' ? claimRowKey : null,
    };
  }

  async function newestSucceededName({ projectId, iterationId }: IterationRef): Promise<string | null> {
    const { from, until } = rangeOf(`iteration|${iterationId}|`);
    const filter = odata`PartitionKey eq ${projectId} and RowKey ge ${from} and RowKey lt ${until} and status eq 'succeeded'`;
    const { rows } = await table.page(filter, { limit: 1 });
    const newest = rows[0]?.['requestedName'];
    return typeof newest === 'string' ? newest : null;
  }
}

function parseLeaseState(record: Row, { requestedAt }: RenameIntent): LeaseState {
  const { leasedAt = requestedAt, lastFailure, isGivenUp } = record;
  return {
    leasedAtMs: Date.parse(String(leasedAt)),
    lastFailure: typeof lastFailure === 'string' ? lastFailure : null,
    isGivenUp: isGivenUp === true,
  };
}

function isOutcomeOf(row: Row, properties: Readonly<Record<string, string | number>>): boolean {
  return Object.entries(properties).every(([property, value]) => row[property] === value);
}

function parseIterationProperty(value: unknown): RenamedIteration | null {
  if (typeof value !== 'string') return null;
  const iteration: unknown = JSON.parse(value);
  return isNamed(iteration) ? iteration : null;
}

function isNamed(value: unknown): value is RenamedIteration {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}
