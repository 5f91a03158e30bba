import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { RenameResult } from '../rename/rename-command.ts';
import { answerIteration } from './answer.ts';
import { recordLocation } from './record-location.ts';

/** Answers with the renamed iteration, and says where its record is. */
export function answerRenamed(
  { renameId, iteration, replayed }: RenameResult,
  projectId: string,
  { url, headers }: Pick<HttpRequest, 'url' | 'headers'>,
): HttpResponseInit {
  return answerIteration(iteration, headers.get('accept'), {
    'rename-id': renameId,
    location: recordLocation(url, projectId, renameId),
    ...(replayed ? { 'idempotency-replayed': 'true' } : {}),
  });
}
