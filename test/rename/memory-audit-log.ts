import type {
  AuditLog,
  BeginResult,
  ExistingClaim,
  Lease,
  LeaseState,
  IdempotencyClaim,
  PendingRename,
} from '../../src/rename/audit-log.ts';
import type {
  AuditRecord,
  IterationRef,
  RenameIntent,
  RenameOutcome,
} from '../../src/rename/audit-record.ts';
import type { RenamedIteration } from '../../src/rename/upstream.ts';

interface Entry {
  record: AuditRecord;
  version: string;
  claimKey: string | null;
  lease: LeaseState;
}

interface Claimed {
  renameId: string;
  payload: string;
  iteration: RenamedIteration | null;
  version: string;
}

/** The audit log's rules in memory: what `table-storage/audit-log.ts` does in a table, without one. */
export function createMemoryAuditLog() {
  const records = new Map<string, Entry>();
  const locks = new Map<string, Lease>();
  const claims = new Map<string, Claimed>();
  const steps: string[] = [];
  let writes = 0;
  const nextVersion = () => String((writes += 1));

  const log: AuditLog = {
    async begin(
      intent: RenameIntent,
      claim: IdempotencyClaim | null,
      released: ExistingClaim | null,
      leasedAtMs = Date.parse(intent.requestedAt),
    ): Promise<BeginResult> {
      steps.push('begin');
      const recorded = records.get(intent.renameId);
      if (recorded !== undefined) return { kind: 'recorded', record: recorded.record };
      const claimKey = claim === null ? null : `${claim.callerId} ${claim.key}`;
      const claimed = claimKey === null ? undefined : claims.get(claimKey);
      if (claim !== null && claimed !== undefined && claimed.version !== released?.version) {
        const { record } = found(claimed.renameId);
        const { iteration, version } = claimed;
        return {
          kind: 'claimed',
          claim: { samePayload: claimed.payload === claim.payload, record, iteration, version },
        };
      }
      const lock = locks.get(intent.iterationId);
      if (lock !== undefined) return { kind: 'locked', lock };
      const version = nextVersion();
      records.set(intent.renameId, {
        record: { ...intent, status: 'pending', ...NO_OUTCOME },
        version,
        claimKey,
        lease: { leasedAtMs, lastFailure: null, isGivenUp: false },
      });
      const { projectId, iterationId, renameId } = intent;
      locks.set(iterationId, {
        projectId,
        iterationId,
        renameId,
        leasedAtMs,
      });
      if (claim !== null && claimKey !== null) {
        claims.set(claimKey, { renameId, payload: claim.payload, iteration: null, version });
      }
      return { kind: 'begun', pending: pendingOf(found(renameId)), contended: false };
    },
    async complete(pending: PendingRename, outcome: RenameOutcome, iteration: RenamedIteration | null) {
      steps.push('complete');
      const entry = found(pending.intent.renameId);
      if (entry.version !== pending.versions.record) return false;
      records.set(pending.intent.renameId, {
        ...entry,
        record: { ...pending.intent, ...outcome },
        version: nextVersion(),
      });
      locks.delete(pending.intent.iterationId);
      const claimed = entry.claimKey === null ? undefined : claims.get(entry.claimKey);
      if (claimed !== undefined) claimed.iteration = iteration;
      return true;
    },
    async readPending({ renameId }: Lease) {
      const entry = found(renameId);
      return entry.record.status === 'pending' ? pendingOf(entry) : null;
    },
    async renewLease(pending: PendingRename, lease: LeaseState) {
      steps.push('renewLease');
      const entry = found(pending.intent.renameId);
      if (entry.version !== pending.versions.record) return null;
      const lock = locks.get(pending.intent.iterationId);
      if (lock !== undefined) locks.set(lock.iterationId, { ...lock, leasedAtMs: lease.leasedAtMs });
      const renewed = { ...entry, lease, version: nextVersion() };
      records.set(pending.intent.renameId, renewed);
      return pendingOf(renewed);
    },
    async recordEnded(intent: RenameIntent, outcome: RenameOutcome) {
      if (records.has(intent.renameId)) return false;
      const record = { ...intent, ...outcome };
      const lease = { leasedAtMs: 0, lastFailure: null, isGivenUp: false };
      records.set(intent.renameId, { record, version: nextVersion(), claimKey: null, lease });
      return true;
    },
    async newestSucceededName({ iterationId }: IterationRef) {
      const names = [...records.values()]
        .map(({ record }) => record)
        .filter((record) => record.iterationId === iterationId && record.status === 'succeeded')
        .toSorted((a, b) => (a.renameId < b.renameId ? -1 : 1))
        .map(({ requestedName }) => requestedName);
      return names[0] ?? null;
    },
  };

  return {
    log,
    steps,
    locks,
    records: () => [...records.values()].map(({ record }) => record),
    record: (renameId: string) => found(renameId).record,
  };

  function found(renameId: string) {
    const entry = records.get(renameId);
    if (entry === undefined) throw new Error(`no record ${renameId}`);
    return entry;
  }
}

function pendingOf({ record, version, lease, claimKey }: Entry): PendingRename {
  return { intent: record, versions: { record: version, copy: version }, lease, claimRowKey: claimKey };
}

const NO_OUTCOME = {
  previousName: null,
  completedAt: null,
  durationMs: null,
  attempts: null,
  upstreamStatus: null,
  upstreamCode: null,
  upstreamMessage: null,
  upstreamRequestId: null,
  evidence: null,
} as const;
