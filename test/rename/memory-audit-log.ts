import type {
  AuditLog,
  BeginResult,
  ExistingClaim,
  HeldLock,
  Hold,
  IdempotencyClaim,
  OpenRename,
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
  hold: Hold;
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
  const locks = new Map<string, HeldLock>();
  const claims = new Map<string, Claimed>();
  const steps: string[] = [];
  let writes = 0;
  const nextVersion = () => String((writes += 1));

  const log: AuditLog = {
    async begin(
      intent: RenameIntent,
      claim: IdempotencyClaim | null,
      released: ExistingClaim | null,
      heldSinceMs = Date.parse(intent.requestedAt),
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
        hold: { heldSinceMs, lastFailure: null, isGivenUp: false },
      });
      const { projectId, iterationId, renameId } = intent;
      locks.set(iterationId, {
        projectId,
        iterationId,
        renameId,
        heldSinceMs,
      });
      if (claim !== null && claimKey !== null) {
        claims.set(claimKey, { renameId, payload: claim.payload, iteration: null, version });
      }
      return { kind: 'begun', open: openOf(found(renameId)), afterOthers: false };
    },
    async complete(open: OpenRename, outcome: RenameOutcome, iteration: RenamedIteration | null) {
      steps.push('complete');
      const entry = found(open.intent.renameId);
      if (entry.version !== open.versions.record) return false;
      records.set(open.intent.renameId, {
        ...entry,
        record: { ...open.intent, ...outcome },
        version: nextVersion(),
      });
      locks.delete(open.intent.iterationId);
      const claimed = entry.claimKey === null ? undefined : claims.get(entry.claimKey);
      if (claimed !== undefined) claimed.iteration = iteration;
      return true;
    },
    async reopen({ renameId }: HeldLock) {
      const entry = found(renameId);
      return entry.record.status === 'pending' ? openOf(entry) : null;
    },
    async rehold(open: OpenRename, hold: Hold) {
      steps.push('rehold');
      const entry = found(open.intent.renameId);
      if (entry.version !== open.versions.record) return null;
      const lock = locks.get(open.intent.iterationId);
      if (lock !== undefined) locks.set(lock.iterationId, { ...lock, heldSinceMs: hold.heldSinceMs });
      const held = { ...entry, hold, version: nextVersion() };
      records.set(open.intent.renameId, held);
      return openOf(held);
    },
    async recordEnded(intent: RenameIntent, outcome: RenameOutcome) {
      if (records.has(intent.renameId)) return false;
      const record = { ...intent, ...outcome };
      const hold = { heldSinceMs: 0, lastFailure: null, isGivenUp: false };
      records.set(intent.renameId, { record, version: nextVersion(), claimKey: null, hold });
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

function openOf({ record, version, hold, claimKey }: Entry): OpenRename {
  return { intent: record, versions: { record: version, copy: version }, hold, claimRowKey: claimKey };
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
