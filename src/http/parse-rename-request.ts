import type { HttpRequest } from '@azure/functions';
import type { RoutedResource } from '../custom-vision/choose-resource.ts';
import type { RenameRequest } from '../rename/rename-request.ts';
import { parseIds } from './parse-ids.ts';
import { readBody } from './read-body.ts';
import { parseRenameBody, RENAME_BODY_MAX_BYTES } from './rename-body.ts';
import { namedResource, parseApiVersion, routeTo } from './route-parts.ts';

/** Parses and checks a rename request. Throws a `RequestError`. */
export async function parseRenameRequest(
  request: Pick<HttpRequest, 'params' | 'headers' | 'arrayBuffer'>,
  resources: ReadonlyMap<string, RoutedResource>,
): Promise<RenameRequest> {
  const bytes = await readBody(request, RENAME_BODY_MAX_BYTES);
  const { resource, endpoint } = routeTo(namedResource(request), resources);
  const apiVersion = parseApiVersion(request);
  const { projectId, iterationId } = parseIds({
    projectId: request.params['projectId'],
    iterationId: request.params['iterationId'],
  });
  const name = parseRenameBody(
    bytes,
    request.headers.get('content-type'),
    request.headers.get('content-encoding'),
  );
  return { resource, endpointHost: endpoint.host, apiVersion, projectId, iterationId, name };
}
