import { useEffect, useState } from 'preact/hooks';
import type { AuditRecord } from '../rename/audit-record.ts';
import type { ApiClient } from './api-client.ts';
import type { RecordsPage } from './api-shapes.ts';
import { followRecord, waitSeconds } from './follow-record.ts';
import { useLoading } from './use-loading.ts';

const PAGE_SIZE = 50;
/** Of the pending records so many are followed, the newest: a page does not become a burst of requests. */
const MAX_FOLLOWED = 5;

export interface History {
  /** Newest first; null until they are there. */
  readonly records: readonly AuditRecord[] | null;
  readonly hasOlder: boolean;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly reload: () => void;
  readonly loadOlder: () => void;
}

interface OlderPages extends RecordsPage {
  /** The first page that they continue. */
  readonly first: RecordsPage;
  readonly error: unknown;
}

/** The records of a project or of one iteration; those that are pending are read until they have ended. */
export function useHistory({
  api,
  who,
  projectId,
  iterationId,
  onSettled,
}: {
  readonly api: ApiClient;
  readonly who: string;
  readonly projectId: string;
  readonly iterationId: string | null;
  readonly onSettled: (record: AuditRecord) => void;
}): History {
  const page = { projectId, iterationId, limit: PAGE_SIZE };
  const first = useLoading(JSON.stringify([who, page]), (signal) =>
    api.records({ ...page, continuation: null }, signal),
  );
  const [olderPages, setOlderPages] = useState<OlderPages | null>(null);
  const [isLoadingOlder, setIsLoadingOlder] = useState(false);
  const [settled, setSettled] = useState<ReadonlyMap<string, AuditRecord>>(new Map());

  const older = olderPages !== null && olderPages.first === first.value ? olderPages : null;
  const continuation = older === null ? (first.value?.continuation ?? null) : older.continuation;
  const records =
    first.value === null
      ? null
      : [...first.value.records, ...(older?.records ?? [])].map(
          (record) => settled.get(record.renameId) ?? record,
        );

  const loadOlder = async (): Promise<void> => {
    if (first.value === null || isLoadingOlder) return;
    const known = older?.records ?? [];
    setIsLoadingOlder(true);
    try {
      const next = await api.records({ ...page, continuation }, new AbortController().signal);
      const joined = { records: [...known, ...next.records], continuation: next.continuation };
      setOlderPages({ first: first.value, error: null, ...joined });
    } catch (error) {
      setOlderPages({ first: first.value, error, records: known, continuation });
    }
    setIsLoadingOlder(false);
  };

  const pending = (records ?? []).filter(({ status }) => status === 'pending').slice(0, MAX_FOLLOWED);
  const followed = pending.map(({ renameId }) => renameId).join(' ');
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const follow = async (renameId: string): Promise<void> => {
      try {
        const record = await followRecord({
          read: () => api.record({ projectId, renameId, location: null }, signal),
          wait: (seconds) => waitSeconds(seconds, signal),
          firstWaitSeconds: null,
        });
        setSettled((others) => new Map([...others, [renameId, record]]));
        onSettled(record);
      } catch {
        // The list goes on showing it as pending; reloading the list tells what is wrong.
      }
    };
    for (const { renameId } of pending) void follow(renameId);
    return () => ending.abort();
  }, [followed]);

  return {
    records,
    hasOlder: continuation !== null,
    isLoading: first.isLoading || isLoadingOlder,
    error: first.error ?? older?.error ?? null,
    reload: first.reload,
    loadOlder: () => void loadOlder(),
  };
}
