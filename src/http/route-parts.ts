import type { HttpRequest } from '@azure/functions';
import { API_VERSION_PATTERN } from '../custom-vision/api-version.ts';
import { chooseResource, type RoutedResource } from '../custom-vision/choose-resource.ts';
import { RequestError } from './request-error.ts';

const API_VERSION = new RegExp(API_VERSION_PATTERN);
const RESOURCE_HEADER = 'custom-vision-resource';

/** The resource that a request names, in its path or in a header; null where it names none. */
export function namedResource(request: Pick<HttpRequest, 'params' | 'headers'>): string | null {
  return request.params['resource'] ?? request.headers.get(RESOURCE_HEADER);
}

/** Letter case does not count in the service's paths. Throws a `RequestError`. */
export function parseApiVersion(request: Pick<HttpRequest, 'params'>): string {
  const apiVersion = request.params['apiVersion']?.toLowerCase() ?? '';
  if (API_VERSION.test(apiVersion)) return apiVersion;
  throw new RequestError('not_found', 'The API version must be v3.0 to v3.4, with or without -preview.');
}

/** Throws a `RequestError` that does not reveal which resources exist. */
export function routeTo(
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
