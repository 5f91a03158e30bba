import { parse as parseContentType } from 'content-type';
import { decodeUtf8 } from '../text/decode-utf8.ts';
import { parseFormBody, parseJsonBody, parseXmlBody } from './body-parsers.ts';
import { newNameIn } from './new-name.ts';
import { malformedBody, RequestError } from './request-error.ts';

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
  const parse = parserFor(contentType, contentEncoding);
  const text = decodeUtf8(bytes);
  if (text === null) throw malformedBody('The body is not valid UTF-8.');
  return newNameIn(parse(text));
}

function parserFor(contentType: string | null, contentEncoding: string | null): (text: string) => unknown {
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
      return parseJsonBody;
    case 'application/xml':
    case 'text/xml':
      return parseXmlBody;
    case 'application/x-www-form-urlencoded':
      return parseFormBody;
    default:
      throw new RequestError(
        'unsupported_media_type',
        `The Content-Type must be one of ${RENAME_BODY_MEDIA_TYPES.join(', ')}.`,
      );
  }
}
