import type { HttpRequest } from '@azure/functions';
import { RequestError } from '../http/request-error.ts';

/** A DNS name, with which the sender names itself. */
const ORIGIN = /^[a-z0-9.-]{1,253}$/i;

/** What a sender asks before it delivers: CloudEvents "HTTP 1.1 Web Hooks for Event Delivery", section 4. */
export interface Handshake {
  readonly source: string;
  readonly origin: string;
  readonly asksForRate: boolean;
}

/** Throws a `RequestError` for a source that delivers no events, or an origin that is not a host name. */
export function parseHandshake(
  { params, headers }: Pick<HttpRequest, 'params' | 'headers'>,
  sources: { has(source: string): boolean },
): Handshake {
  const source = params['source']?.toLowerCase() ?? '';
  if (!sources.has(source)) throw new RequestError('not_found', 'There is no source of events of this name.');
  const origin = headers.get('webhook-request-origin');
  if (origin === null || !ORIGIN.test(origin)) {
    throw new RequestError('invalid_request', 'WebHook-Request-Origin must name the system that delivers.');
  }
  return { source, origin, asksForRate: headers.has('webhook-request-rate') };
}
