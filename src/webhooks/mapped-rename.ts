import { type Fault, RequestError } from '../http/request-error.ts';
import { iterationNameFaults } from '../rename/iteration-name.ts';
import type { RenameRequest } from '../rename/rename-request.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Of the renames that no caller's path names one for. */
const API_VERSION = 'v3.2';
const PROPERTIES = new Set(['projectId', 'iterationId', 'name', 'resource']);

/** The rename that a mapping's result asks for, or null where it asks for none. Throws a `RequestError` that lists every fault, each path beginning with `at`. */
export function parseMappedRename(
  result: unknown,
  resources: ReadonlyMap<string, { readonly endpoint: URL }>,
  at = '',
): RenameRequest | null {
  if (result === undefined || result === null) return null;
  if (!isObject(result))
    throw notARename([{ path: at, message: `must be an object, and is ${kindOf(result)}` }]);
  const faults: Fault[] = [];
  const complain = (property: string, message: string) =>
    void faults.push({ path: `${at}/${property}`, message });

  const text = (property: string): string | null => {
    const value = result[property];
    if (typeof value === 'string') return value;
    complain(
      property,
      value === undefined || value === null ? 'is missing' : `must be a string, and is ${kindOf(value)}`,
    );
    return null;
  };
  const id = (property: string): string => {
    const value = text(property)?.toLowerCase() ?? null;
    if (value !== null && !UUID.test(value)) complain(property, 'must be a UUID');
    return value ?? '';
  };

  const projectId = id('projectId');
  const iterationId = id('iterationId');
  const name = text('name');
  for (const message of name === null ? [] : iterationNameFaults(name)) complain('name', message);
  const named = result['resource'] === undefined || result['resource'] === null ? null : text('resource');
  const resource =
    named?.toLowerCase() ?? (resources.size === 1 ? [...resources.keys()][0] : 'default') ?? '';
  const endpoint = resources.get(resource)?.endpoint;
  if (endpoint === undefined) {
    complain('resource', named === null ? 'is missing, and there is no default one' : 'is not known here');
  }
  for (const property of Object.keys(result)) {
    if (!PROPERTIES.has(property)) complain(property.slice(0, 100).toWellFormed(), 'is not known');
  }
  if (faults.length > 0 || name === null || endpoint === undefined) throw notARename(faults);
  return { resource, endpointHost: endpoint.host, apiVersion: API_VERSION, projectId, iterationId, name };
}

function notARename(faults: readonly Fault[]): RequestError {
  return new RequestError(
    'invalid_request',
    `The delivery maps to no rename: ${faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')}.`,
    faults,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
