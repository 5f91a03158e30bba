import type { HttpRequest } from '@azure/functions';
import type { RenameRequest } from '../rename/rename-request.ts';
import { parseRenameBody } from './rename-body.ts';
import { type Fault, RequestError } from './request-error.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const API_VERSION = /^v3\.[0-4](-preview)?$/;
const RESOURCE_HEADER = 'custom-vision-resource';

/** Where a resource's requests go; the name is from the settings. */
export interface RoutedResource {
  readonly endpoint: URL;
}

/** What a rename request asks for, checked. Throws a `RequestError`. */
export async function parseRenameRequest(
  request: Pick<HttpRequest, 'params' | 'headers' | 'arrayBuffer'>,
  resources: ReadonlyMap<string, RoutedResource>,
): Promise<RenameRequest> {
  const { resource, endpoint } = routeTo(
    request.params['resource'] ?? request.headers.get(RESOURCE_HEADER),
    resources,
  );
  const apiVersion = request.params['apiVersion'] ?? '';
  if (!API_VERSION.test(apiVersion)) {
    throw new RequestError('not_found', 'The API version must be v3.0 to v3.4, with or without -preview.');
  }
  const { projectId, iterationId } = parseIds({
    projectId: request.params['projectId'],
    iterationId: request.params['iterationId'],
  });
  const name = parseRenameBody(
    new Uint8Array(await request.arrayBuffer()),
    request.headers.get('content-type'),
    request.headers.get('content-encoding'),
  );
  return { resource, endpointHost: endpoint.host, apiVersion, projectId, iterationId, name };
}

/** Checks that each id is a UUID, lists all that are not, and gives them in lower case. */
export function parseIds<K extends string>(ids: Readonly<Record<K, string | undefined>>): Record<K, string> {
  const faults: Fault[] = [];
  const parsed: Record<string, string> = {};
  for (const [path, id] of Object.entries<string | undefined>(ids)) {
    const lowerCase = id?.toLowerCase() ?? '';
    if (!UUID.test(lowerCase)) faults.push({ path, message: 'must be a UUID' });
    parsed[path] = lowerCase;
  }
  if (faults.length > 0) {
    throw new RequestError(
      'invalid_ids',
      `Not a UUID: ${faults.map(({ path }) => path).join(', ')}.`,
      faults,
    );
  }
  return parsed;
}

/** The named resource, or the only one, or the one called default. The error names none of those that exist. */
function routeTo(
  name: string | null,
  resources: ReadonlyMap<string, RoutedResource>,
): { readonly resource: string; readonly endpoint: URL } {
  const resource = name?.toLowerCase() ?? (resources.size === 1 ? [...resources.keys()][0] : 'default') ?? '';
  const found = resources.get(resource);
  if (found !== undefined) return { resource, endpoint: found.endpoint };
  throw new RequestError(
    'unknown_resource',
    name === null
      ? 'There is no default resource: name one in the path or in the header Custom-Vision-Resource.'
      : 'There is no resource of this name.',
  );
}
