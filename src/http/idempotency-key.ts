import { RequestError } from './request-error.ts';

/** Printable ASCII, 1 to 255 characters. */
const KEY = /^[\x20-\x7E]{1,255}$/;
/**
 * A structured-field string (RFC 8941, section 3.3.3): quoted, with backslashes before quotes and backslashes
 * only.
 */
const QUOTED = /^"((?:[\x20\x21\x23-\x5B\x5D-\x7E]|\\["\\])*)"$/;

/**
 * Parses `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a quoted string, or a bare one, as
 * many clients send it.
 */
export function parseIdempotencyKey(header: string | null): string | null {
  if (header === null) return null;
  const quoted = QUOTED.exec(header.trim())?.[1]?.replaceAll(/\\(["\\])/g, '$1');
  const key = quoted ?? header.trim();
  if (!KEY.test(key) || (quoted === undefined && key.includes('"'))) {
    throw new RequestError(
      'invalid_request',
      'The Idempotency-Key must be a string of 1 to 255 printable ASCII characters.',
      [
        {
          path: 'Idempotency-Key',
          message: 'must be 1 to 255 printable ASCII characters, in quotes or bare without any quote',
        },
      ],
    );
  }
  return key;
}
