import type { HttpRequest } from '@azure/functions';
import { API_VERSION_PATTERN } from '../custom-vision/api-version.ts';
import { chooseResource, type RoutedResource } from '../custom-vision/choose-resource.ts';
import type { RenameRequest } from '../rename/rename-request.ts';
import { parseIds } from './parse-ids.ts';
import { readBody } from './read-body.ts';
import { parseRenameBody, RENAME_BODY_MAX_BYTES } from './rename-body.ts';
import { RequestError } from './request-error.ts';

const API_VERSION = new RegExp(API_VERSION_PATTERN);
const RESOURCE_HEADER = 'custom-vision-resource';

/** Parses and checks a rename request. Throws a `RequestError`. */
export async function parseRenameRequest(
  request: Pick<HttpRequest, 'params' | 'headers' | 'arrayBuffer'>,
  resources: ReadonlyMap<string, RoutedResource>,
): Promise<RenameRequest> {
  const bytes = await readBody(request, RENAME_BODY_MAX_BYTES);
  const { resource, endpoint } = routeTo(
    request.params['resource'] ?? request.headers.get(RESOURCE_HEADER),
    resources,
  );
  // Letter case does not count in the service's paths.
  const apiVersion = request.params['apiVersion']?.toLowerCase() ?? '';
  if (!API_VERSION.test(apiVersion)) {
    throw new RequestError('not_found', 'The API version must be v3.0 to v3.4, with or without -preview.');
  }
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

/** Throws a `RequestError` that does not reveal which resources exist. */
function routeTo(
  name: string | null,
  resources: ReadonlyMap<string, RoutedResource>,
): { readonly resource: string; readonly endpoint: URL } {
  const chosen = chooseResource(name, resources);
  if (chosen !== null) return chosen;
  throw new RequestError(
    'unknown_resource',
    name === null
      ? 'There is no default resource: name one in the path or in the header Custom-Vision-Resource.'
      : 'There is no resource of this name.',
  );
}
