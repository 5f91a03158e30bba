import type {
  AuditLog,
  BeginResult,
  Completion,
  ExistingClaim,
  IdempotencyClaim,
  Lease,
  LeaseNotes,
  PendingRename,
} from '../../src/rename/audit-log.ts';
import type { AcceptedLog, Parties } from '../../src/rename/queued/accepted-log.ts';
import {
  type AuditRecord,
  PENDING,
  type RenameIntent,
  type RenameOutcome,
} from '../../src/rename/audit-record.ts';
import { type RenamedIteration, type SeenIteration, seen } from '../../src/rename/upstream.ts';

interface Entry {
  record: AuditRecord;
  version: string;
  claimKey: string | null;
  isImplied: boolean;
  isGivenUp: boolean;
  isBegun: boolean;
  parties: Parties;
  begunAtMs: number;
  completedAtMs: number;
  after: SeenIteration | null;
}

interface Lock extends LeaseNotes {
  projectId: string;
  iterationId: string;
  renameId: string;
  resource: string;
  writtenAtMs: number;
  durationMs: number;
  unreadableSinceMs: number | null;
}

interface Claimed {
  renameId: string;
  payload: string;
  iteration: RenamedIteration | null;
  version: string;
  writtenAtMs: number;
}

const IMPLIED_KEY_LIFETIME_MS = 10 * 60_000;

/**
 * The audit log's rules in memory: what `table-storage/` does in a table, without one. `tableTime` is the
 * table's own clock.
 */
export function createMemoryAuditLog(tableTime: () => number) {
  const records = new Map<string, Entry>();
  const locks = new Map<string, Lock>();
  const claims = new Map<string, Claimed>();
  /** Accepted and not begun, with the time of the last touch. */
  const waiting = new Map<string, number>();
  const deliveries = new Map<string, { renameId: string; payload: string; version: string }>();
  const steps: string[] = [];
  let writes = 0;
  const nextVersion = () => String((writes += 1));

  const log: AuditLog = {
    async begin(intent, claim, released, leaseMs): Promise<BeginResult> {
      steps.push('begin');
      const claimKey = keyOf(claim);
      const claimed = claims.get(claimKey);
      if (claimed !== undefined && claimed.version !== released?.version) {
        return { kind: 'claimed', claim: existing(claimed, claim, claimKey) };
      }
      const lock = locks.get(intent.iterationId);
      if (lock !== undefined) return { kind: 'locked', lease: leaseOf(lock) };
      const pending = insert(intent, claimKey, claim.key === null, leaseMs);
      const { renameId } = intent;
      claims.set(claimKey, {
        renameId,
        payload: claim.payload,
        iteration: null,
        version: nextVersion(),
        writtenAtMs: tableTime(),
      });
      return { kind: 'begun', pending, contended: false };
    },
    async complete(pending: PendingRename, outcome: RenameOutcome, completion: Completion) {
      steps.push('complete');
      const entry = found(pending.intent.renameId);
      const { iteration, callerIsAnswered } = completion;
      const endsClaim = entry.isImplied && callerIsAnswered;
      const claimKey = entry.claimKey ?? '';
      if (entry.version !== pending.version) {
        const isOurs = claims.get(claimKey)?.renameId === pending.intent.renameId;
        if (endsClaim && isOurs && entry.record.status === 'succeeded') claims.delete(claimKey);
        return false;
      }
      records.set(pending.intent.renameId, {
        ...entry,
        record: { ...pending.intent, ...outcome },
        version: nextVersion(),
        completedAtMs: tableTime(),
        after: iteration === null ? null : seen(iteration),
      });
      locks.delete(pending.intent.iterationId);
      const claimed = claims.get(claimKey);
      if (endsClaim) claims.delete(claimKey);
      else if (claimed !== undefined) claimed.iteration = iteration;
      return true;
    },
    async forgetClaim({ rowKey, version }) {
      if (claims.get(rowKey)?.version === version) claims.delete(rowKey);
    },
    async readPending({ renameId }) {
      return pendingOf(found(renameId));
    },
    async renewLease(pending, { durationMs, before }) {
      steps.push('renewLease');
      const change = { durationMs, before, lastFailure: null, unreadableSinceMs: null };
      return changeLock(pending, change) ? pendingOf(found(pending.intent.renameId)) : null;
    },
    async release(pending, lastFailure) {
      steps.push('release');
      return changeLock(pending, { durationMs: 0, lastFailure });
    },
    async giveUp({ intent }) {
      const entry = found(intent.renameId);
      records.set(intent.renameId, { ...entry, isGivenUp: true, version: nextVersion() });
    },
    async note({ intent }, notes, leftMs) {
      steps.push('note');
      mergeLock(intent, { ...notes, durationMs: Math.max(1, leftMs) });
    },
    async noteUnreadable({ intent }) {
      mergeLock(intent, { unreadableSinceMs: tableTime(), durationMs: 1 });
    },
    async newestSucceeded({ iterationId }) {
      const [newest] = [...records.values()]
        .filter(({ record }) => record.iterationId === iterationId && record.status === 'succeeded')
        .toSorted((a, b) => b.completedAtMs - a.completedAtMs);
      if (newest === undefined) return null;
      const { record, after } = newest;
      return {
        name: record.appliedName ?? record.requestedName,
        lastModified: after?.lastModified ?? null,
      };
    },
  };

  const accepted: AcceptedLog = {
    async accept(intent, parties, delivery, replaced) {
      steps.push('accept');
      const key = delivery === null ? null : `${intent.caller.id} ${delivery.identity}`;
      const earlier = key === null ? undefined : deliveries.get(key);
      if (earlier !== undefined && earlier.version !== replaced?.version) {
        const { record } = found(earlier.renameId);
        const samePayload = earlier.payload === delivery?.payload;
        return { kind: 'duplicate', earlier: { record, samePayload, version: earlier.version } };
      }
      const same = records.get(intent.renameId);
      if (same !== undefined) {
        return { kind: 'duplicate', earlier: { record: same.record, samePayload: true, version: null } };
      }
      const entry = newEntry({ ...intent, ...PENDING });
      records.set(intent.renameId, { ...entry, isBegun: false, parties });
      waiting.set(intent.renameId, tableTime());
      if (key !== null) {
        deliveries.set(key, {
          renameId: intent.renameId,
          payload: delivery?.payload ?? '',
          version: nextVersion(),
        });
      }
      return { kind: 'accepted' };
    },
    async find({ renameId }) {
      const entry = records.get(renameId);
      if (entry === undefined || entry.record.trigger === 'http') return { kind: 'nothing' };
      if (entry.record.status !== 'pending') return { kind: 'ended' };
      const pending = entry.isBegun ? pendingOf(entry) : null;
      if (pending !== null) return { kind: 'begun', pending };
      const { record: intent, parties, version } = entry;
      return { kind: 'accepted', accepted: { intent, parties, version } };
    },
    async begin({ intent, version }, leaseMs) {
      steps.push('begin');
      const entry = found(intent.renameId);
      const lock = locks.get(intent.iterationId);
      if (lock !== undefined && lock.renameId !== intent.renameId) {
        return { kind: 'locked', lease: leaseOf(lock) };
      }
      if (entry.version !== version || lock !== undefined) return { kind: 'changed' };
      records.set(intent.renameId, {
        ...entry,
        isBegun: true,
        version: nextVersion(),
        begunAtMs: tableTime(),
      });
      waiting.delete(intent.renameId);
      addLock(intent, leaseMs);
      const pending = pendingOf(found(intent.renameId));
      if (pending === null) throw new Error('not pending');
      return { kind: 'begun', pending, contended: false };
    },
    async end({ intent, version }, outcome) {
      const entry = found(intent.renameId);
      if (entry.version !== version) return false;
      records.set(intent.renameId, {
        ...entry,
        record: { ...intent, ...outcome },
        version: nextVersion(),
        completedAtMs: tableTime(),
      });
      waiting.delete(intent.renameId);
      return true;
    },
    async touch({ renameId }) {
      if (waiting.has(renameId)) waiting.set(renameId, tableTime());
    },
  };

  return {
    log,
    accepted,
    waiting,
    steps,
    locks,
    claims,
    leases: () => [...locks.values()].map(leaseOf),
    records: () => [...records.values()].map(({ record }) => record),
    record: (renameId: string) => found(renameId).record,
  };

  function found(renameId: string) {
    const entry = records.get(renameId);
    if (entry === undefined) throw new Error(`no record ${renameId}`);
    return entry;
  }

  function newEntry(record: AuditRecord): Entry {
    return {
      record,
      version: nextVersion(),
      claimKey: null,
      isImplied: false,
      isGivenUp: false,
      isBegun: true,
      parties: [],
      begunAtMs: tableTime(),
      completedAtMs: Number.NaN,
      after: null,
    };
  }

  function insert(
    intent: RenameIntent,
    claimKey: string | null,
    isImplied: boolean,
    leaseMs: number,
  ): PendingRename {
    const { renameId } = intent;
    records.set(renameId, {
      ...newEntry({ ...intent, ...PENDING }),
      claimKey,
      isImplied,
    });
    addLock(intent, leaseMs);
    const pending = pendingOf(found(renameId));
    if (pending === null) throw new Error('not pending');
    return pending;
  }

  function addLock({ projectId, iterationId, renameId, resource }: RenameIntent, durationMs: number): void {
    locks.set(iterationId, {
      projectId,
      iterationId,
      renameId,
      resource,
      writtenAtMs: tableTime(),
      durationMs,
      lastFailure: null,
      before: null,
      unreadableSinceMs: null,
    });
  }

  function existing(claimed: Claimed, claim: IdempotencyClaim, rowKey: string): ExistingClaim {
    const { record } = found(claimed.renameId);
    const lock = locks.get(record.iterationId);
    return {
      samePayload: claimed.payload === claim.payload,
      record,
      lease: lock?.renameId === record.renameId ? leaseOf(lock) : null,
      iteration: claimed.iteration,
      isExpired: claim.key === null && tableTime() - claimed.writtenAtMs > IMPLIED_KEY_LIFETIME_MS,
      rowKey,
      version: claimed.version,
    };
  }

  function changeLock({ intent, version }: PendingRename, change: Partial<Lock>): boolean {
    const entry = found(intent.renameId);
    if (entry.version !== version) return false;
    records.set(intent.renameId, { ...entry, version: nextVersion(), begunAtMs: tableTime() });
    mergeLock(intent, change);
    return true;
  }

  function mergeLock({ iterationId, renameId }: RenameIntent, change: Partial<Lock>): void {
    const lock = locks.get(iterationId);
    if (lock?.renameId === renameId) {
      locks.set(iterationId, { ...lock, ...change, writtenAtMs: tableTime() });
    }
  }

  function pendingOf({
    record,
    version,
    claimKey,
    isImplied,
    isGivenUp,
    parties,
    begunAtMs,
  }: Entry): PendingRename | null {
    const lock = locks.get(record.iterationId);
    if (record.status !== 'pending' || lock?.renameId !== record.renameId) return null;
    return {
      intent: record,
      version,
      lease: leaseOf(lock),
      begunAfterMs: begunAtMs,
      isGivenUp,
      unreadableForMs: lock.unreadableSinceMs === null ? null : tableTime() - lock.unreadableSinceMs,
      parties,
      claim: claimKey === null ? null : { rowKey: claimKey, isImplied },
    };
  }
}

function leaseOf({ durationMs, unreadableSinceMs: _unreadable, ...lock }: Lock): Lease & LeaseNotes {
  return {
    ...lock,
    expiresAtMs: durationMs === 0 ? Number.NEGATIVE_INFINITY : lock.writtenAtMs + durationMs,
    isReleased: durationMs === 0,
  };
}

function keyOf({ callerId, key, payload }: IdempotencyClaim): string {
  return key === null ? `${callerId} implied ${payload}` : `${callerId} ${key}`;
}
