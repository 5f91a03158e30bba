import { app, type HttpHandler } from '@azure/functions';
import type { AccessPolicy } from '../callers/access-policy.ts';
import type { Authenticate } from '../callers/authenticate.ts';
import { authorise } from '../callers/authorise.ts';
import { answerJson } from '../http/answer.ts';
import { findRecord } from '../http/find-record.ts';
import { parseIds } from '../http/parse-ids.ts';
import type { RenameHistory } from '../rename/rename-history.ts';
import { answeringErrors } from '../http/answering-errors.ts';

/** `GET /projects/{projectId}/renames/{renameId}`: one audit record, with the status of its rename. */
export function registerShowRename({
  authLevel,
  authenticate,
  policy,
  history,
}: {
  readonly authLevel: 'anonymous' | 'function';
  readonly authenticate: Authenticate;
  readonly policy: AccessPolicy;
  readonly history: Pick<RenameHistory, 'find'>;
}): void {
  const handler: HttpHandler = async (request) => {
    const caller = await authenticate({ header: (name) => request.headers.get(name) });
    const { projectId } = parseIds({ projectId: request.params['projectId'] });
    const resources = authorise(policy, caller, { may: 'read', projectId });
    const renameId = request.params['renameId'] ?? '';
    return answerJson(await findRecord(history, { projectId, renameId, resources }));
  };

  app.http('show-rename', {
    route: 'projects/{projectId}/renames/{renameId}',
    methods: ['GET'],
    authLevel,
    handler: answeringErrors(handler),
  });
}
