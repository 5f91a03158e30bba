import { app, type HttpHandler } from '@azure/functions';
import { answerJson } from '../http/answer.ts';
import { RequestError } from '../http/request-error.ts';
import { isRenameId } from '../rename/rename-id.ts';
import type { RenameHistory } from '../rename/rename-history.ts';
import { answeringErrors } from '../http/answering-errors.ts';
import { authoriseReading, type Readers } from '../callers/authorise-reading.ts';

/** `GET /projects/{projectId}/renames/{renameId}`: one audit record, and so the status of one rename. */
export function registerShowRename({
  authLevel,
  history,
  ...readers
}: Readers & {
  readonly authLevel: 'anonymous' | 'function';
  readonly history: Pick<RenameHistory, 'find'>;
}): void {
  const handler: HttpHandler = async (request, context) => {
    const { projectId, resources } = await authoriseReading(request, context, readers);
    const renameId = request.params['renameId'] ?? '';
    const record = isRenameId(renameId) ? await history.find(projectId, renameId) : null;
    if (record === null || (resources !== 'all' && !resources.includes(record.resource))) {
      throw new RequestError('not_found', 'There is no such rename in this project.');
    }
    return answerJson(record);
  };

  app.http('show-rename', {
    route: 'projects/{projectId}/renames/{renameId}',
    methods: ['GET'],
    authLevel,
    handler: answeringErrors(handler),
  });
}
