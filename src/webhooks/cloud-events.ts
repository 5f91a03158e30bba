import { CloudEvent, HTTP } from 'cloudevents';
import { RequestError } from '../http/request-error.ts';

export interface ReceivedEvent {
  /** Identifies the event, not the request: a duplicate may arrive alone or in another batch. */
  readonly deliveryId: string;
  /** In the structured form, with the event's data under `data`. */
  readonly event: unknown;
}

/** Bounds the work of one request; Event Grid itself bounds a batch at 1 MB only. */
const MAX_EVENTS = 100;

/**
 * Parses CloudEvents 1.0, structured, binary or batched (HTTP protocol binding, section 3). Throws a
 * `RequestError`.
 */
export function parseCloudEvents(
  headers: Iterable<[string, string]>,
  body: string,
): readonly ReceivedEvent[] {
  const events = parse(headers, body);
  if (events.length > MAX_EVENTS) throw malformed(`more than ${MAX_EVENTS} events`);
  return events.map((event) => ({
    deliveryId: JSON.stringify([event.source, event.id]),
    event: event.toJSON(),
  }));
}

function parse(headers: Iterable<[string, string]>, body: string) {
  try {
    const bare = withBareContentType(headers);
    const parsed = HTTP.toEvent({ headers: bare, body });
    if (!asSent(bare, body).every(isIdentified)) throw malformed('an event needs an id, and specversion 1.0');
    return (Array.isArray(parsed) ? parsed : [parsed]).map((event) => new CloudEvent(event)); // validates
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw malformed(error instanceof Error ? error.message : 'not an event');
  }
}

/**
 * The events before the library reads them: it invents a missing id, a new one each time, and accepts any
 * version.
 */
function asSent(headers: Readonly<Record<string, string>>, body: string): readonly unknown[] {
  if (headers['content-type']?.startsWith('application/cloudevents') !== true) {
    return [{ id: headers['ce-id'], specversion: headers['ce-specversion'] }];
  }
  const sent: unknown = JSON.parse(body);
  return Array.isArray(sent) ? sent : [sent];
}

function isIdentified(event: unknown): boolean {
  if (typeof event !== 'object' || event === null) return false;
  if (!('id' in event && 'specversion' in event)) return false;
  return typeof event.id === 'string' && event.id !== '' && event.specversion === '1.0';
}

/** The library recognises a media type only without parameters. */
function withBareContentType(headers: Iterable<[string, string]>): Record<string, string> {
  const bare: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    bare[key] = key === 'content-type' ? (value.split(';')[0] ?? '').trim().toLowerCase() : value;
  }
  return bare;
}

function malformed(reason: string): RequestError {
  return new RequestError(
    'malformed_body',
    `The body is not CloudEvents 1.0: ${reason.slice(0, 200).toWellFormed()}.`,
  );
}
