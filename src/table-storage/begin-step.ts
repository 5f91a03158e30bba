import type { AuditLog } from '../rename/audit-log.ts';
import { beginActions } from './begin-actions.ts';
import { begunNow } from './begun-now.ts';
import { findClaim } from './find-claim.ts';
import { parseLease } from './lease-row.ts';
import type { ProjectList } from './list-project.ts';
import { readOwnPending } from './read-pending.ts';
import { type RenamesTable, TableConflict, TableMissing } from './renames-table.ts';
import { idempotencyKey, lockKey, recordKey } from './row-keys.ts';

/**
 * Each round follows a change by another process between a refused insert and the look at the rows in its
 * way.
 */
const MAX_ROUNDS = 3;

/** How the record of a synchronous rename begins. */
export function createBegin({
  table,
  projectList,
  newOwner,
  monotonic,
  readPending,
}: {
  readonly table: Pick<RenamesTable, 'transact' | 'find' | 'create'>;
  readonly projectList: ProjectList;
  readonly newOwner: () => string;
  readonly monotonic: () => number;
  readonly readPending: AuditLog['readPending'];
}): AuditLog['begin'] {
  return async function begin(intent, claim, released, leaseMs) {
    const { projectId, iterationId, renameId, resource } = intent;
    const rowKey = idempotencyKey(claim);
    const attempt = { intent, leaseMs, owner: newOwner(), claim: { ...claim, rowKey }, released };
    const actions = beginActions(attempt);
    let contended = false;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const askedAtMs = monotonic();
      try {
        await projectList.add(projectId); // before the lock, or the sweep would not know where to look for it
        const versions = await table.transact(actions);
        const version = versions.get(recordKey(renameId)) ?? '';
        const isImplied = claim.key === null;
        const begun = { intent, leaseMs, version, askedAtMs, claim: { rowKey, isImplied }, parties: [] };
        return { kind: 'begun', pending: begunNow(begun), contended };
      } catch (error) {
        if (error instanceof TableMissing) {
          await table.create();
          projectList.forget();
          continue;
        }
        if (!(error instanceof TableConflict)) throw error;
        const lock = await table.find(projectId, lockKey(iterationId));
        // Our own rows: the first answer was lost on its way, and the SDK's retry met them.
        const isOwn = lock?.['owner'] === attempt.owner;
        const own = isOwn ? await readOwnPending(table, readPending, intent, attempt.owner) : null;
        if (own !== null) return { kind: 'begun', pending: own, contended };
        const claimed = await findClaim(table, attempt, lock);
        if (claimed !== null) return { kind: 'claimed', claim: claimed };
        if (lock !== null) return { kind: 'locked', lease: parseLease(lock) };
        contended = true;
      }
    }
    // Rivals began and ended between each insert and the look at it: answer as if one had the lock from now
    // on.
    const writtenAtMs = monotonic();
    const times = { writtenAtMs, expiresAtMs: writtenAtMs + leaseMs, isReleased: false, lastFailure: null };
    return { kind: 'locked', lease: { projectId, iterationId, renameId, resource, ...times } };
  };
}
