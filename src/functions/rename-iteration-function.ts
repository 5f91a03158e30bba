import { app, type HttpHandler } from '@azure/functions';
import type { AccessPolicy } from '../callers/access-policy.ts';
import type { Authenticate } from '../callers/authenticate.ts';
import { authorise, requireAnyGrant } from '../callers/authorise.ts';
import type { RoutedResource } from '../custom-vision/choose-resource.ts';
import { answerRenamed } from '../http/answer-renamed.ts';
import { parseIdempotencyKey } from '../http/idempotency-key.ts';
import { parseRenameRequest } from '../http/parse-rename-request.ts';
import { parseTraceContext } from '../http/trace-context.ts';
import { logEvent } from '../observability/log-event.ts';
import type { RenameIteration } from '../rename/rename-iteration.ts';
import { isUuid } from '../text/uuid.ts';
import { answeringErrors } from '../http/answering-errors.ts';

const ROUTE = 'customvision/{apiVersion}/training/projects/{projectId}/iterations/{iterationId}';

/** `PATCH .../iterations/{iterationId}`, on the default resource and on a named resource. */
export function registerRenameIteration({
  authLevel,
  authenticate,
  policy,
  resources,
  rename,
}: {
  readonly authLevel: 'anonymous' | 'function';
  readonly authenticate: Authenticate;
  readonly policy: AccessPolicy;
  readonly resources: ReadonlyMap<string, RoutedResource>;
  readonly rename: RenameIteration;
}): void {
  const handler: HttpHandler = async (request, context) => {
    const header = (name: string) => request.headers.get(name);
    const authenticated = await authenticate({ header });
    const projectInPath = request.params['projectId'];
    requireAnyGrant(policy, authenticated, {
      may: 'rename',
      projectId: isUuid(projectInPath) ? projectInPath.toLowerCase() : null,
    });
    const renameRequest = await parseRenameRequest(request, resources);
    const { projectId, resource, name } = renameRequest;
    authorise(policy, authenticated, { may: 'rename', projectId, resource, name });

    const result = await rename({
      request: renameRequest,
      undoes: null,
      caller: authenticated.caller,
      idempotencyKey: parseIdempotencyKey(header('idempotency-key')),
      ...parseTraceContext(context.traceContext?.traceParent, header('traceparent')),
      report: (event) => logEvent(context, event),
    });
    return answerRenamed(result, projectId, request);
  };

  const common = { methods: ['PATCH' as const], authLevel, handler: answeringErrors(handler) };
  app.http('rename-iteration', { ...common, route: ROUTE });
  app.http('rename-iteration-of-resource', { ...common, route: `{resource}/${ROUTE}` });
}
