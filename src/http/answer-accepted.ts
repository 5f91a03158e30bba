import type { HttpResponseInit } from '@azure/functions';
import { answerJson, COMMON_HEADERS } from './answer.ts';
import { recordLocation } from './error-answer.ts';

export interface AcceptedRename {
  readonly renameId: string;
  readonly projectId: string;
}

/**
 * Answers 202 with the id of each accepted rename, or 204 where a delivery asks for none. A duplicate gets
 * the same answer.
 */
export function answerAccepted(accepted: readonly AcceptedRename[]): HttpResponseInit {
  const [first, ...others] = accepted;
  if (first === undefined) return { status: 204, headers: COMMON_HEADERS };
  if (others.length > 0) return answerJson({ renames: accepted.map(shown) }, {}, 202);
  const { renameId, location } = shown(first);
  return answerJson({ renameId, location }, { 'rename-id': renameId, location }, 202);
}

function shown({ renameId, projectId }: AcceptedRename) {
  return { renameId, location: recordLocation(projectId, renameId) };
}
