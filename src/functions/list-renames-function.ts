import { app, type HttpHandler } from '@azure/functions';
import type { AccessPolicy } from '../callers/access-policy.ts';
import type { Authenticate } from '../callers/authenticate.ts';
import { authorise } from '../callers/authorise.ts';
import { answerRecords } from '../http/answer-records.ts';
import { parseHistoryRequest } from '../http/history-request.ts';
import { parseIds } from '../http/parse-ids.ts';
import type { RenameHistory } from '../rename/rename-history.ts';
import { answeringErrors } from '../http/answering-errors.ts';

/** `GET /projects/{projectId}/renames`: the audit records of a project, newest first. */
export function registerListRenames({
  authLevel,
  authenticate,
  policy,
  history,
}: {
  readonly authLevel: 'anonymous' | 'function';
  readonly authenticate: Authenticate;
  readonly policy: AccessPolicy;
  readonly history: Pick<RenameHistory, 'page'>;
}): void {
  const handler: HttpHandler = async (request) => {
    const caller = await authenticate({ header: (name) => request.headers.get(name) });
    const { projectId } = parseIds({ projectId: request.params['projectId'] });
    const resources = authorise(policy, caller, { may: 'read', projectId });
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
