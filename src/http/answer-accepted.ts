import type { HttpResponseInit } from '@azure/functions';
import { answerJson, COMMON_HEADERS } from './answer.ts';
import { recordLocation } from './record-location.ts';

export interface AcceptedRename {
  readonly renameId: string;
  readonly projectId: string;
}

/**
 * Answers 202 with the id of each accepted rename, or 204 where a delivery asks for none. A duplicate gets
 * the same answer.
 */
export function answerAccepted(
  accepted: readonly AcceptedRename[],
  { url }: { readonly url: string },
): HttpResponseInit {
  const shown = ({ renameId, projectId }: AcceptedRename) => ({
    renameId,
    location: recordLocation(url, projectId, renameId),
  });
  const [first, ...others] = accepted;
  if (first === undefined) return { status: 204, headers: COMMON_HEADERS };
  if (others.length > 0) return answerJson({ renames: accepted.map(shown) }, {}, 202);
  const { renameId, location } = shown(first);
  return answerJson({ renameId, location }, { 'rename-id': renameId, location }, 202);
}
