import { isObject } from '../json/is-object.ts';

const TYPE_PROPERTIES = ['type', 'eventType', 'event_type', 'event', 'entity'];
const MAX_LENGTH = 100;

/**
 * What a sender calls the event of a delivery, for the log; null where it is nowhere that senders write it.
 */
export function eventTypeOf(payload: unknown, header: (name: string) => string | null): string | null {
  const parts = isObject(payload) ? payload : {};
  const type =
    header('x-github-event') ?? TYPE_PROPERTIES.map((name) => parts[name]).find((value) => isText(value));
  if (!isText(type)) return null;
  const action = parts['action'];
  return (isText(action) ? `${type}.${action}` : type).slice(0, MAX_LENGTH).toWellFormed();
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
