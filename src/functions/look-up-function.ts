import { app, type HttpHandler } from '@azure/functions';
import type { AccessPolicy } from '../callers/access-policy.ts';
import type { Authenticate } from '../callers/authenticate.ts';
import { authoriseLookUp, mayLookUp, requireAnyGrant } from '../callers/authorise.ts';
import type { RoutedResource } from '../custom-vision/choose-resource.ts';
import type { LookUp } from '../custom-vision/look-up.ts';
import type { LookUpTarget } from '../custom-vision/look-up-target.ts';
import { keepProjects } from '../custom-vision/parse-found.ts';
import { answerFound } from '../http/answer-found.ts';
import { answeringErrors } from '../http/answering-errors.ts';
import { parseLookUpRequest } from '../http/parse-look-up-request.ts';
import { namedResource, routeTo } from '../http/route-parts.ts';
import { parseTraceContext } from '../http/trace-context.ts';
import { logEvent } from '../observability/log-event.ts';

const PROJECTS = 'customvision/{apiVersion}/training/projects';
const ROUTES = {
  projects: PROJECTS,
  project: `${PROJECTS}/{projectId}`,
  iterations: `${PROJECTS}/{projectId}/iterations`,
  iteration: `${PROJECTS}/{projectId}/iterations/{iterationId}`,
} as const satisfies Record<LookUpTarget['of'], string>;
const TARGETS = ['projects', 'project', 'iterations', 'iteration'] as const;

/** `GET .../projects[/{projectId}[/iterations[/{iterationId}]]]`, on the default and on a named resource. */
export function registerLookUps({
  authLevel,
  authenticate,
  policy,
  resources,
  lookUp,
}: {
  readonly authLevel: 'anonymous' | 'function';
  readonly authenticate: Authenticate;
  readonly policy: AccessPolicy;
  readonly resources: ReadonlyMap<string, RoutedResource>;
  readonly lookUp: LookUp;
}): void {
  const handle =
    (of: LookUpTarget['of']): HttpHandler =>
    async (request, context) => {
      const header = (name: string) => request.headers.get(name);
      const caller = await authenticate({ header });
      requireAnyGrant(policy, caller, { may: 'look-up', projectId: null });
      const { apiVersion, target, projectId } = parseLookUpRequest(request, of);
      const named = namedResource(request);
      // A name that is not granted is refused whether or not it exists.
      const resource = named?.toLowerCase() ?? routeTo(null, resources).resource;
      authoriseLookUp(policy, caller, { projectId, resource });
      routeTo(resource, resources);

      const found = await lookUp({
        resource,
        apiVersion,
        target,
        callerId: caller.caller.id,
        traceparent: parseTraceContext(context.traceContext?.traceParent, header('traceparent')).traceparent,
        report: (event) => logEvent(context, event),
      });
      const isGranted = (id: string) => mayLookUp(policy, caller, { projectId: id, resource });
      return answerFound(keepProjects(found, isGranted), header('accept'));
    };

  for (const of of TARGETS) {
    const common = { methods: ['GET' as const], authLevel, handler: answeringErrors(handle(of)) };
    app.http(`get-${of}`, { ...common, route: ROUTES[of] });
    app.http(`get-${of}-of-resource`, { ...common, route: `{resource}/${ROUTES[of]}` });
  }
}
