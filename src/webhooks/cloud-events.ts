import { CloudEvent, HTTP } from 'cloudevents';
import { type Fault, RequestError } from '../http/request-error.ts';
import { isObject } from '../json/is-object.ts';
import { tryParseJson } from '../json/try-parse-json.ts';
import { decodeHeaderValue } from './header-value.ts';

export interface ReceivedEvent {
  /** Identifies the event, not the request: a duplicate may arrive alone or in another batch. */
  readonly deliveryId: string;
  /** In the structured form, with the event's data under `data`. */
  readonly event: unknown;
}

/** As many as Event Grid puts into a batch. */
const MAX_EVENTS = 5000;
const STRUCTURED = 'application/cloudevents+json';
const BATCHED = 'application/cloudevents-batch+json';
const MAX_FAULTS = 20;

/**
 * Parses CloudEvents 1.0, structured, binary or batched (HTTP protocol binding, section 3). Throws a
 * `RequestError` that names each event which is none.
 */
export function parseCloudEvents(
  headers: Iterable<[string, string]>,
  body: string,
): readonly ReceivedEvent[] {
  return parse(decoded(headers), body).map((event) => ({
    deliveryId: JSON.stringify([event.source, event.id]),
    event: event.toJSON(),
  }));
}

function parse(headers: Readonly<Record<string, string>>, body: string): readonly CloudEvent<unknown>[] {
  const mode = headers['content-type'];
  if (mode === STRUCTURED) return eventsIn([tryParseJson(body)], () => '');
  if (mode !== BATCHED) return [binaryEvent(headers, body)];
  const batch = tryParseJson(body);
  if (!Array.isArray(batch)) throw malformed('a batch is a list of events');
  if (batch.length > MAX_EVENTS) throw malformed(`more than ${MAX_EVENTS} events`);
  return eventsIn(batch, (index) => `/${index}`);
}

/** Each of them, or none with the faults of all. */
function eventsIn(
  sent: readonly unknown[],
  pathOf: (index: number) => string,
): readonly CloudEvent<unknown>[] {
  const events: CloudEvent<unknown>[] = [];
  const faults: Fault[] = [];
  for (const [index, one] of sent.entries()) {
    try {
      if (!isObject(one)) throw new TypeError('an event is an object');
      events.push(validated(withJsonData(one)));
    } catch (error) {
      faults.push({ path: pathOf(index), message: reasonOf(error) });
    }
  }
  if (faults.length === 0) return events;
  const named = faults.slice(0, MAX_FAULTS);
  throw malformed(named.map(({ path, message }) => `${path} ${message}`.trim()).join('; '), named);
}

function binaryEvent(headers: Readonly<Record<string, string>>, body: string): CloudEvent<unknown> {
  if ('aeg-event-type' in headers) throw malformed(EVENT_GRID_SCHEMA);
  const { 'ce-id': id, 'ce-specversion': specversion } = headers;
  try {
    assertIdentified({ id, specversion });
    const event = HTTP.toEvent({ headers, body });
    if (Array.isArray(event)) throw new TypeError('one event has no list of them');
    return new CloudEvent(event); // validates
  } catch (error) {
    throw malformed(reasonOf(error));
  }
}

const EVENT_GRID_SCHEMA =
  "it is in Event Grid's own schema. Create the subscription anew with --event-delivery-schema cloudeventschemav1_0";

function validated(event: Readonly<Record<string, unknown>>): CloudEvent<unknown> {
  assertIdentified(event);
  return new CloudEvent(event);
}

/** The library invents a missing id, a new one each time, and accepts any version. */
function assertIdentified({
  id,
  specversion,
}: {
  readonly id?: unknown;
  readonly specversion?: unknown;
}): void {
  const isIdentified = typeof id === 'string' && id !== '' && specversion === '1.0';
  if (!isIdentified) throw new TypeError('an event needs an id, and specversion 1.0');
}

/** Several SDKs put JSON into `data_base64`: where it is JSON, it becomes the event's `data`. */
function withJsonData(event: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { data_base64: encoded, ...others } = event;
  const type = others['datacontenttype'] ?? 'application/json';
  if (typeof encoded !== 'string' || typeof type !== 'string' || !JSON_TYPE.test(type)) return event;
  const data = tryParseJson(Buffer.from(encoded, 'base64').toString('utf8'));
  return data === undefined ? event : { ...others, data };
}

const JSON_TYPE = /^[\w.-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/**
 * Names in lower case; the attributes as their sender had them. The library recognises a media type only
 * without parameters, and parses no other JSON than `application/json`.
 */
function decoded(headers: Iterable<[string, string]>): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    read[key] = key.startsWith('ce-') ? decodeHeaderValue(value) : value;
  }
  const type = (read['content-type']?.split(';')[0] ?? '').trim().toLowerCase();
  const isEvent = type.startsWith('application/cloudevents');
  return { ...read, 'content-type': !isEvent && JSON_TYPE.test(type) ? 'application/json' : type };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200).toWellFormed() : 'not an event';
}

function malformed(reason: string, details: readonly Fault[] = []): RequestError {
  return new RequestError('malformed_body', `The body is not CloudEvents 1.0: ${reason}.`, details);
}
