import type { HttpResponseInit } from '@azure/functions';
import { answerJson, COMMON_HEADERS } from './answer.ts';
import { recordLocation } from './error-answer.ts';

export interface AcceptedRename {
  readonly renameId: string;
  readonly projectId: string;
}

/** 202 with the id of each accepted rename, and 204 where a delivery asks for none. A delivery that comes again is answered in the same way. */
export function answerAccepted(accepted: readonly AcceptedRename[]): HttpResponseInit {
  const [first, ...others] = accepted;
  if (first === undefined) return { status: 204, headers: COMMON_HEADERS };
  if (others.length > 0) return answerJson({ renames: accepted.map(shown) }, {}, 202);
  const { renameId, location } = shown(first);
  return answerJson({ renameId, location }, { 'rename-id': renameId, location }, 202);
}

/** The record is there from the first try on; until then its location answers 404. */
function shown({ renameId, projectId }: AcceptedRename) {
  return { renameId, location: recordLocation(projectId, renameId) };
}
