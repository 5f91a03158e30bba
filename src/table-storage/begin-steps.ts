import type { AuditLog, BeginQueuedResult, BeginResult, PendingRename } from '../rename/audit-log.ts';
import { type BeginAttempt, beginActions } from './begin-actions.ts';
import { findClaim } from './find-claim.ts';
import { parseLease } from './lease-row.ts';
import { readOwnPending } from './read-pending.ts';
import { parseRecordRow } from './record-row.ts';
import { type RenamesTable, type Row, TableConflict, TableMissing } from './renames-table.ts';
import { idempotencyKey, lockKey, PROJECTS_PARTITION, recordKey } from './row-keys.ts';

/** Each round follows a change by another process between a refused insert and the look at the rows in the way. */
const MAX_BEGIN_ROUNDS = 3;
/** How many projects an instance remembers to have listed; past it, one more request lists a project again. */
const MAX_LISTED_PROJECTS = 10_000;

/** How a record begins. */
export function createBeginSteps({
  table,
  newOwner,
  monotonic,
  readPending,
}: {
  readonly table: Pick<RenamesTable, 'transact' | 'find' | 'upsert' | 'create'>;
  readonly newOwner: () => string;
  readonly monotonic: () => number;
  readonly readPending: AuditLog['readPending'];
}): Pick<AuditLog, 'begin' | 'beginQueued'> {
  const listedProjects = new Set<string>();

  return {
    begin(intent, claim, released, leaseMs) {
      const rowKey = idempotencyKey(claim);
      const attempt = { intent, leaseMs, owner: newOwner(), claim: { ...claim, rowKey }, released };
      return begin<BeginResult>(attempt, async (lock) => {
        const found = await findClaim(table, attempt, lock);
        return found === null ? null : { kind: 'claimed', claim: found };
      });
    },
    beginQueued(intent, leaseMs) {
      const attempt = { intent, leaseMs, owner: newOwner(), claim: null, released: null };
      return begin<BeginQueuedResult>(attempt, async () => {
        const recorded = await table.find(intent.projectId, recordKey(intent.renameId));
        return recorded === null ? null : { kind: 'recorded', record: parseRecordRow(recorded) };
      });
    },
  };

  /** `findOther` finds what can be in the way beside a lock. */
  async function begin<R>(
    attempt: BeginAttempt,
    findOther: (lock: Row | null) => Promise<R | null>,
  ): Promise<R | Extract<BeginResult, { kind: 'begun' | 'locked' }>> {
    const { intent, leaseMs } = attempt;
    const { projectId, iterationId, renameId } = intent;
    const actions = beginActions(attempt);
    let contended = false;
    for (let round = 0; round < MAX_BEGIN_ROUNDS; round += 1) {
      const askedAtMs = monotonic();
      try {
        await listProject(projectId); // before the lock, or the sweep would not know where to look for it
        const versions = await table.transact(actions);
        const version = versions.get(recordKey(renameId)) ?? '';
        return { kind: 'begun', pending: begunNow(attempt, version, askedAtMs), contended };
      } catch (error) {
        if (error instanceof TableMissing) {
          await table.create();
          listedProjects.clear();
        } else if (error instanceof TableConflict) {
          const lock = await table.find(projectId, lockKey(iterationId));
          // Our own rows: the first answer was lost on its way, and the SDK's retry met them.
          const isOwn = lock?.['owner'] === attempt.owner;
          const own = isOwn ? await readOwnPending(table, readPending, intent, attempt.owner) : null;
          if (own !== null) return { kind: 'begun', pending: own, contended };
          const other = await findOther(lock);
          if (other !== null) return other;
          if (lock !== null) return { kind: 'locked', lease: parseLease(lock) };
          contended = true;
        } else {
          throw error;
        }
      }
    }
    // Rivals began and ended between each insert and the look at it: answer as if one had the lock from now on.
    const expiresAtMs = monotonic() + leaseMs;
    const lease = { projectId, iterationId, renameId, expiresAtMs, writtenAtMs: monotonic() };
    return { kind: 'locked', lease: { ...lease, isReleased: false, lastFailure: null } };
  }

  async function listProject(projectId: string): Promise<void> {
    if (listedProjects.has(projectId)) return;
    await table.upsert(PROJECTS_PARTITION, projectId);
    if (listedProjects.size >= MAX_LISTED_PROJECTS) listedProjects.clear();
    listedProjects.add(projectId);
  }
}

function begunNow(
  { intent, leaseMs, claim }: BeginAttempt,
  version: string,
  askedAtMs: number,
): PendingRename {
  const { projectId, iterationId, renameId } = intent;
  return {
    intent,
    version,
    lease: {
      projectId,
      iterationId,
      renameId,
      expiresAtMs: askedAtMs + leaseMs,
      writtenAtMs: askedAtMs,
      isReleased: false,
      lastFailure: null,
      before: null,
    },
    begunAfterMs: askedAtMs,
    isGivenUp: false,
    unreadableForMs: null,
    claim: claim === null ? null : { rowKey: claim.rowKey, isImplied: claim.key === null },
  };
}
