import { DEFAULT_API_VERSION } from '../custom-vision/api-version.ts';
import { chooseResource, type RoutedResource } from '../custom-vision/choose-resource.ts';
import { type Fault, RequestError } from '../http/request-error.ts';
import { isObject } from '../json/is-object.ts';
import { composedName, iterationNameFaults } from '../rename/iteration-name.ts';
import type { RenameRequest } from '../rename/rename-request.ts';
import { isUuid } from '../text/uuid.ts';

const PROPERTIES = new Set(['projectId', 'iterationId', 'name', 'resource']);

/**
 * The rename in the result of a mapping; null when it asks for none. Throws a `RequestError` that lists every
 * fault, with `at` as the prefix of each path.
 */
export function parseMappedRename(
  result: unknown,
  resources: ReadonlyMap<string, RoutedResource>,
  at = '',
): RenameRequest | null {
  if (result === undefined || result === null) return null;
  if (!isObject(result))
    throw notARename([{ path: at, message: `must be an object, but is ${kindOf(result)}` }]);
  const faults: Fault[] = [];
  const complain = (property: string, message: string) =>
    void faults.push({ path: `${at}/${property}`, message });

  const text = (property: string): string | null => {
    const value = result[property];
    if (typeof value === 'string') return value;
    complain(
      property,
      value === undefined || value === null ? 'is missing' : `must be a string, but is ${kindOf(value)}`,
    );
    return null;
  };
  const id = (property: string): string => {
    const value = text(property)?.toLowerCase() ?? null;
    if (value !== null && !isUuid(value)) complain(property, 'must be a UUID');
    return value ?? '';
  };

  const projectId = id('projectId');
  const iterationId = id('iterationId');
  const sentName = text('name');
  const name = sentName === null ? null : composedName(sentName);
  for (const message of name === null ? [] : iterationNameFaults(name)) complain('name', message);
  const named = result['resource'] === undefined || result['resource'] === null ? null : text('resource');
  const chosen = chooseResource(named, resources);
  if (chosen === null) {
    complain(
      'resource',
      named === null ? 'is missing, and there is no default resource' : 'is not known here',
    );
  }
  for (const property of Object.keys(result)) {
    if (!PROPERTIES.has(property)) complain(property.slice(0, 100).toWellFormed(), 'is not known');
  }
  if (faults.length > 0 || name === null || chosen === null) throw notARename(faults);
  const { resource, endpoint } = chosen;
  return {
    resource,
    endpointHost: endpoint.host,
    apiVersion: DEFAULT_API_VERSION,
    projectId,
    iterationId,
    name,
  };
}

function notARename(faults: readonly Fault[]): RequestError {
  const listed = faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
  return new RequestError(
    'invalid_request',
    `The delivery does not map to a valid rename: ${listed}.`,
    faults,
  );
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
