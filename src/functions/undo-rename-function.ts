import { app, type HttpHandler } from '@azure/functions';
import type { AccessPolicy } from '../callers/access-policy.ts';
import type { Authenticate } from '../callers/authenticate.ts';
import { authorise } from '../callers/authorise.ts';
import type { RoutedResource } from '../custom-vision/choose-resource.ts';
import { answerRenamed } from '../http/answer-renamed.ts';
import { answeringErrors } from '../http/answering-errors.ts';
import { refuseBody } from '../http/empty-body.ts';
import { findRecord } from '../http/find-record.ts';
import { parseIdempotencyKey } from '../http/idempotency-key.ts';
import { parseIds } from '../http/parse-ids.ts';
import { parseTraceContext } from '../http/trace-context.ts';
import { undoRequestOf } from '../http/undo-request.ts';
import { logEvent } from '../observability/log-event.ts';
import type { RenameHistory } from '../rename/rename-history.ts';
import type { RenameIteration } from '../rename/rename-iteration.ts';

/** `POST /projects/{projectId}/renames/{renameId}/undo`: gives the iteration its previous name back. */
export function registerUndoRename({
  authLevel,
  authenticate,
  policy,
  resources,
  history,
  rename,
}: {
  readonly authLevel: 'anonymous' | 'function';
  readonly authenticate: Authenticate;
  readonly policy: AccessPolicy;
  readonly resources: ReadonlyMap<string, RoutedResource>;
  readonly history: Pick<RenameHistory, 'find'>;
  readonly rename: RenameIteration;
}): void {
  const handler: HttpHandler = async (request, context) => {
    const header = (name: string) => request.headers.get(name);
    const authenticated = await authenticate({ header });
    const { projectId } = parseIds({ projectId: request.params['projectId'] });
    const granted = authorise(policy, authenticated, { may: 'rename', projectId });
    await refuseBody(request);
    parseIdempotencyKey(header('idempotency-key')); // not needed: a rename is undone once, with any key
    const renameId = request.params['renameId'] ?? '';
    const record = await findRecord(history, { projectId, renameId, resources: granted });
    const undo = undoRequestOf(record, resources);
    const { resource, name } = undo.request;
    authorise(policy, authenticated, { may: 'rename', projectId, resource, name });

    const result = await rename({
      ...undo,
      caller: authenticated.caller,
      idempotencyKey: null,
      ...parseTraceContext(context.traceContext?.traceParent, header('traceparent')),
      report: (event) => logEvent(context, event),
    });
    return answerRenamed(result, projectId, request);
  };

  app.http('undo-rename', {
    route: 'projects/{projectId}/renames/{renameId}/undo',
    methods: ['POST'],
    authLevel,
    handler: answeringErrors(handler),
  });
}
