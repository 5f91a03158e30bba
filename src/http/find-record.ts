import type { AuditRecord } from '../rename/audit-record.ts';
import type { RenameHistory } from '../rename/rename-history.ts';
import { isRenameId } from '../rename/rename-id.ts';
import { RequestError } from './request-error.ts';

/**
 * The record that a path names. Throws a `RequestError` where there is none, and the same one where the
 * caller has no grant for its resource.
 */
export async function findRecord(
  history: Pick<RenameHistory, 'find'>,
  {
    projectId,
    renameId,
    resources,
  }: {
    readonly projectId: string;
    readonly renameId: string;
    /** That the caller is granted. */
    readonly resources: 'all' | readonly string[];
  },
): Promise<AuditRecord> {
  const record = isRenameId(renameId) ? await history.find(projectId, renameId) : null;
  if (record === null || (resources !== 'all' && !resources.includes(record.resource))) {
    throw new RequestError('not_found', 'There is no such rename in this project.');
  }
  return record;
}
