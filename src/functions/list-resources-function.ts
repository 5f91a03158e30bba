import { app } from '@azure/functions';
import type { AccessPolicy } from '../callers/access-policy.ts';
import type { Authenticate } from '../callers/authenticate.ts';
import { mayLookUp, requireAnyGrant } from '../callers/authorise.ts';
import { answerJson } from '../http/answer.ts';
import { answeringErrors } from '../http/answering-errors.ts';

/** `GET /resources`: the names of the resources on which the caller has any grant, and of no others. */
export function registerListResources({
  authLevel,
  authenticate,
  policy,
  resources,
}: {
  readonly authLevel: 'anonymous' | 'function';
  readonly authenticate: Authenticate;
  readonly policy: AccessPolicy;
  readonly resources: ReadonlyMap<string, unknown>;
}): void {
  app.http('list-resources', {
    route: 'resources',
    methods: ['GET'],
    authLevel,
    handler: answeringErrors(async ({ headers }) => {
      const caller = await authenticate({ header: (name) => headers.get(name) });
      requireAnyGrant(policy, caller, { may: 'look-up', projectId: null });
      const granted = [...resources.keys()].filter((resource) =>
        mayLookUp(policy, caller, { projectId: null, resource }),
      );
      return answerJson({ resources: granted.map((name) => ({ name })) });
    }),
  });
}
