import { app, type HttpHandler } from '@azure/functions';
import { answerRecords } from '../http/answer-records.ts';
import { parseHistoryRequest } from '../http/history-request.ts';
import type { RenameHistory } from '../rename/rename-history.ts';
import { answeringErrors } from '../http/answering-errors.ts';
import { authoriseReading, type Readers } from '../callers/authorise-reading.ts';

/** `GET /projects/{projectId}/renames`: a project's audit records, newest first. */
export function registerListRenames({
  authLevel,
  history,
  ...readers
}: Readers & {
  readonly authLevel: 'anonymous' | 'function';
  readonly history: Pick<RenameHistory, 'page'>;
}): void {
  const handler: HttpHandler = async (request, context) => {
    const { resources } = await authoriseReading(request, context, readers);
    const query = { ...parseHistoryRequest(request), resources };
    return answerRecords(await history.page(query), query, request.headers.get('accept'));
  };

  app.http('list-renames', {
    route: 'projects/{projectId}/renames',
    methods: ['GET'],
    authLevel,
    handler: answeringErrors(handler),
  });
}
