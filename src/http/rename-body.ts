import { renameBody as isRenameBody } from '#validators';
import { parse as parseContentType } from 'content-type';
import { findDuplicateKeys } from './json-duplicate-keys.ts';
import { parseIterationXml } from '../custom-vision/iteration-xml.ts';
import { iterationNameFaults } from '../rename/iteration-name.ts';
import { type Fault, RequestError } from './request-error.ts';

export const RENAME_BODY_MAX_BYTES = 8 * 1024;
export const RENAME_BODY_MEDIA_TYPES = [
  'application/json',
  'application/xml',
  'text/xml',
  'application/x-www-form-urlencoded',
] as const;

/** The new name that a rename request's body asks for. Throws a `RequestError` that lists every fault. */
export function parseRenameBody(
  bytes: Uint8Array,
  contentType: string | null,
  contentEncoding: string | null,
): string {
  if (bytes.byteLength > RENAME_BODY_MAX_BYTES) {
    throw new RequestError('body_too_large', `The body is larger than ${RENAME_BODY_MAX_BYTES} bytes.`);
  }
  const parse = parserFor(contentType, contentEncoding);
  return nameIn(parse(decode(bytes)));
}

type ParseText = (text: string) => unknown;

function parserFor(contentType: string | null, contentEncoding: string | null): ParseText {
  if (contentEncoding !== null && contentEncoding.trim().toLowerCase() !== 'identity') {
    throw new RequestError('unsupported_media_type', 'The body must not have a Content-Encoding.');
  }
  const { type, parameters } = parseContentType(contentType ?? '');
  const charset = parameters['charset']?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw new RequestError('unsupported_media_type', 'The charset must be utf-8.');
  }
  switch (type.toLowerCase()) {
    case 'application/json':
      return parseJson;
    case 'application/xml':
    case 'text/xml':
      return parseXml;
    case 'application/x-www-form-urlencoded':
      return parseForm;
    default:
      throw new RequestError(
        'unsupported_media_type',
        `The Content-Type must be one of ${RENAME_BODY_MEDIA_TYPES.join(', ')}.`,
      );
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw malformed('The body is not valid UTF-8.');
  }
}

function parseJson(text: string): unknown {
  refuseEmpty(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('The body is not valid JSON.');
  }
  const duplicates = findDuplicateKeys(text);
  if (duplicates.length > 0) {
    throw malformed(
      'The body names a property more than once.',
      duplicates.map((path) => ({ path, message: 'occurs more than once' })),
    );
  }
  return value;
}

function parseXml(text: string): unknown {
  refuseEmpty(text);
  try {
    return parseIterationXml(text);
  } catch (error) {
    throw malformed(`The body is not a valid XML Iteration: ${error instanceof Error ? error.message : ''}`);
  }
}

/** The Functions host passes the body of a chunked request on as none. */
function refuseEmpty(text: string): void {
  if (text === '')
    throw malformed('The body is empty. A chunked one does not arrive here: send a Content-Length.');
}

function parseForm(text: string): unknown {
  try {
    for (const [bytes] of text.matchAll(/(?:%[0-9a-f]{2})+/gi)) decodeURIComponent(bytes);
  } catch {
    throw malformed('The form is not valid UTF-8.'); // URLSearchParams would put U+FFFD in its place
  }
  const entries = [...new URLSearchParams(text)];
  const seen = new Set<string>();
  const duplicates: Fault[] = [];
  for (const [key] of entries) {
    if (seen.has(key)) duplicates.push({ path: pointer(key), message: 'occurs more than once' });
    seen.add(key);
  }
  if (duplicates.length > 0) throw malformed('The body names a property more than once.', duplicates);
  return Object.fromEntries(entries);
}

function nameIn(body: unknown): string {
  const faults: Fault[] = [];
  let shapeIsWrong = false;
  let nameIsMissing = false;
  if (!isRenameBody(body)) {
    for (const error of isRenameBody.errors ?? []) {
      const isName = error.instancePath === '/name' || error.params['missingProperty'] === 'name';
      const isNull = isName && (error.keyword === 'required' || isNullName(body));
      nameIsMissing ||= isNull;
      shapeIsWrong ||= !isName;
      faults.push(isNull ? { path: '/name', message: 'is required' } : faultOf(error));
    }
  }
  const name = nameProperty(body);
  const nameFaults = typeof name === 'string' ? iterationNameFaults(name) : [];
  faults.push(...nameFaults.map((message) => ({ path: '/name', message })));
  if (faults.length === 0 && typeof name === 'string') return name;
  if (shapeIsWrong) throw malformed('The body is not an Iteration with a new name.', faults);
  if (nameIsMissing) throw new RequestError('name_missing', 'The property name is required.', faults);
  throw new RequestError('name_not_acceptable', `The name is not acceptable: ${faults[0]?.message}.`, faults);
}

function nameProperty(body: unknown): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, 'name') && 'name' in body
    ? body.name
    : undefined;
}

function isNullName(body: unknown): boolean {
  return nameProperty(body) === null;
}

function faultOf(error: {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
  message?: string;
}): Fault {
  if (error.keyword === 'additionalProperties') {
    const property = String(error.params['additionalProperty']).slice(0, 100).toWellFormed();
    return {
      path: `${error.instancePath}${pointer(property)}`,
      message: 'is not a property of an Iteration',
    };
  }
  return { path: error.instancePath, message: error.message ?? 'is not valid' };
}

function pointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function malformed(message: string, details: readonly Fault[] = []): RequestError {
  return new RequestError('malformed_body', message, details);
}
