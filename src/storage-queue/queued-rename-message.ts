import { isObject } from '../json/is-object.ts';
import { tryParseJson } from '../json/try-parse-json.ts';
import type { QueuedRename } from '../rename/queued/queued-rename.ts';

/** The version of the message's shape. A message of another version is refused, not misread. */
const VERSION = 1;

/** Formats a queued rename as ASCII JSON, so that no name can break the XML around a queue message. */
export function formatQueuedRename(rename: QueuedRename): string {
  return JSON.stringify({ version: VERSION, ...rename }).replaceAll(
    /[^\x20-\x7E]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Parses an untrusted message; null when `formatQueuedRename` did not write it. */
export function parseQueuedRename(text: string): QueuedRename | null {
  const message = tryParseJson(text);
  if (!isObject(message) || message['version'] !== VERSION) return null;
  const { renameId, request, caller, trigger, requestedAt, traceparent, traceId, requeues } = message;
  if (!isObject(request) || !isObject(caller)) return null;
  const { resource, endpointHost, apiVersion, projectId, iterationId, name } = request;
  const { kind, id, name: callerName } = caller;
  const isValid =
    isText(renameId) &&
    isText(requestedAt) &&
    !Number.isNaN(Date.parse(requestedAt)) &&
    isText(resource) &&
    isText(endpointHost) &&
    isText(apiVersion) &&
    isText(projectId) &&
    isText(iterationId) &&
    isText(name) &&
    isText(id) &&
    (callerName === null || isText(callerName)) &&
    (traceparent === null || isText(traceparent)) &&
    (traceId === null || isText(traceId)) &&
    typeof requeues === 'number' &&
    (trigger === 'webhook' || trigger === 'training') &&
    kind === trigger;
  if (!isValid) return null;
  return {
    renameId,
    request: { resource, endpointHost, apiVersion, projectId, iterationId, name },
    caller: { kind: trigger, id, name: callerName },
    trigger,
    requestedAt,
    traceparent,
    traceId,
    requeues,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
