import type {
  AuditLog,
  BeginResult,
  ExistingClaim,
  HeldLock,
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

interface Claimed {
  renameId: string;
  payload: string;
  iteration: RenamedIteration | null;
  version: string;
}

/** The audit log's rules in memory: what `table-storage/audit-log.ts` does in a table, without one. */
export function createMemoryAuditLog() {
  const records = new Map<string, { record: AuditRecord; version: string; claimKey: string | null }>();
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
    ): Promise<BeginResult> {
      steps.push('begin');
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
      });
      const { projectId, iterationId, renameId } = intent;
      locks.set(iterationId, {
        projectId,
        iterationId,
        renameId,
        heldSinceMs: Date.parse(intent.requestedAt),
      });
      if (claim !== null && claimKey !== null) {
        claims.set(claimKey, { renameId, payload: claim.payload, iteration: null, version });
      }
      return { kind: 'begun', open: openOf(intent, version, claimKey) };
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
      const { record, version, claimKey } = found(renameId);
      return record.status === 'pending' ? openOf(record, version, claimKey) : null;
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

function openOf(intent: RenameIntent, version: string, claimRowKey: string | null): OpenRename {
  return { intent, versions: { record: version, copy: version }, claimRowKey };
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
