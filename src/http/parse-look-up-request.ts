import type { HttpRequest } from '@azure/functions';
import type { LookUpTarget } from '../custom-vision/look-up-target.ts';
import { parseIds } from './parse-ids.ts';
import { parseApiVersion } from './route-parts.ts';

/** What a look-up asks for. Throws a `RequestError`. The query is ignored: nothing of it is passed on. */
export function parseLookUpRequest(
  request: Pick<HttpRequest, 'params'>,
  of: LookUpTarget['of'],
): { readonly apiVersion: string; readonly target: LookUpTarget; readonly projectId: string | null } {
  const apiVersion = parseApiVersion(request);
  const target = parseTarget(request, of);
  return { apiVersion, target, projectId: target.of === 'projects' ? null : target.projectId };
}

function parseTarget({ params }: Pick<HttpRequest, 'params'>, of: LookUpTarget['of']): LookUpTarget {
  const { projectId, iterationId } = params;
  switch (of) {
    case 'projects':
      return { of };
    case 'project':
    case 'iterations':
      return { of, ...parseIds({ projectId }) };
    case 'iteration':
      return { of, ...parseIds({ projectId, iterationId }) };
  }
}
