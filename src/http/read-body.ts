import type { HttpRequest } from '@azure/functions';
import { RequestError } from './request-error.ts';

/**
 * The only way to a request's body, so that no route acts on one that it has not seen: the Functions host
 * passes a chunked body on as an empty one, and leaves its `Transfer-Encoding`. Throws a `RequestError`.
 */
export async function readBody(
  request: Pick<HttpRequest, 'headers' | 'arrayBuffer'>,
  maxBytes: number,
): Promise<Uint8Array> {
  if (request.headers.has('transfer-encoding')) throw new RequestError('length_required', LENGTH_REQUIRED);
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength > maxBytes) {
    throw new RequestError('body_too_large', `The body is larger than ${maxBytes} bytes.`);
  }
  return bytes;
}

const LENGTH_REQUIRED =
  'The body came in chunks (Transfer-Encoding) and cannot be read: send it with a Content-Length. ' +
  '.NET: build the content yourself and await content.LoadIntoBufferAsync() before sending. ' +
  'Java: BodyPublishers.ofByteArray or ofString. ' +
  'JavaScript: a string or Buffer as the body; with the CloudEvents emitter, the header Content-Length. ' +
  'curl: -d or --data-binary instead of -T.';
