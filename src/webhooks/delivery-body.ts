import { createHash } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { readBody } from '../http/read-body.ts';
import { RequestError } from '../http/request-error.ts';
import { tryParseJson } from '../json/try-parse-json.ts';
import { decodeUtf8 } from '../text/decode-utf8.ts';

/** A GitHub release with 1,000 assets has 1.35 MB, a batch of Event Grid 1 MB. */
export const DELIVERY_MAX_BYTES = 4 * 1024 * 1024;

/**
 * The body as text, exactly as signed: a byte order mark stays. Null when it is not UTF-8: a repaired body
 * would be a different body under the same signature.
 */
export async function readDelivery(
  request: Pick<HttpRequest, 'headers' | 'arrayBuffer'>,
): Promise<string | null> {
  return decodeUtf8(await readBody(request, DELIVERY_MAX_BYTES), { keepBom: true });
}

/** Identifies a delivery whose sender gives it no id. */
export function bodyIdentity(text: string): string {
  return `body ${createHash('sha256').update(text).digest('base64url')}`;
}

export function parseDeliveryJson(text: string, contentType: string | null): unknown {
  if (contentType?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true) {
    throw new RequestError(
      'unsupported_media_type',
      'Deliveries must be JSON: set the content type application/json in the settings of the webhook.',
    );
  }
  const value = tryParseJson(text);
  if (value === undefined) throw new RequestError('malformed_body', 'The body is not valid JSON.');
  return value;
}
