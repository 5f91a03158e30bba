import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { AccessPolicy } from './access-policy.ts';
import type { Authenticate } from './authenticate.ts';
import { CallerError } from './caller-error.ts';
import { parseIds } from '../http/rename-request.ts';
import { logEvent } from '../observability/log-event.ts';

export interface Readers {
  readonly authenticate: Authenticate;
  readonly policy: Pick<AccessPolicy, 'readableResources'>;
}

/** Finds out whose records of the project a caller may read. Throws `CallerError`, whether or not the project exists. */
export async function authoriseReading(
  request: HttpRequest,
  context: InvocationContext,
  { authenticate, policy }: Readers,
): Promise<{ readonly projectId: string; readonly resources: 'all' | readonly string[] }> {
  const { caller, ids, permissions } = await authenticate({ header: (name) => request.headers.get(name) });
  const { projectId } = parseIds({ projectId: request.params['projectId'] });
  const resources = permissions.has('read') ? policy.readableResources(ids, projectId) : [];
  if (resources.length === 0) {
    logEvent(context, {
      event: 'caller_denied',
      callerId: caller.id,
      may: 'read',
      projectId,
      resource: null,
    });
    throw new CallerError('forbidden', 'not_granted');
  }
  return { projectId, resources };
}
