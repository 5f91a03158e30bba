import { iteration as isIteration } from '#validators';
import { isObject } from '../json/is-object.ts';
import { tryParseJson } from '../json/try-parse-json.ts';
import type { RenamedIteration } from '../rename/upstream.ts';
import type { UpstreamRefusal } from '../rename/rename-error.ts';

const MAX_MESSAGE_LENGTH = 1024;
const CODE = /^[A-Za-z0-9]{1,80}$/;

/**
 * The iteration in a 2xx answer; null where the body is not an Iteration, or not the one that was asked for.
 */
export function parseIteration(text: string | null, iterationId: string): RenamedIteration | null {
  const body = tryParseJson(text ?? '');
  if (!isIteration(body) || body.id.toLowerCase() !== iterationId) return null;
  return body;
}

/**
 * Parses a 4xx answer: the service's `{code, message}`, the gateway's `{error: {code, message}}`, or defaults
 * for its status.
 */
export function parseRefusal(status: number, text: string | null): UpstreamRefusal {
  const body = tryParseJson(text ?? '');
  const words = isObject(body) && isObject(body['error']) ? body['error'] : body;
  const code = isObject(words) ? words['code'] : undefined;
  const message = isObject(words) ? words['message'] : undefined;
  // A gateway's words for "too many requests" are none of the service's codes.
  const isOwnCode =
    typeof code === 'string' && CODE.test(code) && !/^\d+$/.test(code) && !(status === 429 && words !== body);
  return {
    status,
    code: isOwnCode ? code : defaultCode(status),
    message:
      typeof message === 'string' && message !== ''
        ? message.slice(0, MAX_MESSAGE_LENGTH).toWellFormed()
        : `Custom Vision answered with the status ${status} and no explanation.`,
  };
}

/**
 * A gateway in front of the service answers `{error: {code, message}}`, where the service answers `{code,
 * message}`.
 */
export function isGatewayError(text: string | null): boolean {
  const body = tryParseJson(text ?? '');
  return isObject(body) && isObject(body['error']);
}

/** `Retry-After` in milliseconds, from seconds or an HTTP date (RFC 9110, section 10.2.3). */
export function parseRetryAfterMs(value: string | null, nowMs: number): number {
  const seconds = value === null ? Number.NaN : Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value ?? '') - nowMs;
  if (!Number.isFinite(ms)) return DEFAULT_RETRY_AFTER_MS;
  return Math.min(Math.max(ms, DEFAULT_RETRY_AFTER_MS), MAX_RETRY_AFTER_MS);
}

const DEFAULT_RETRY_AFTER_MS = 1000;
/** The service limits calls per second: a longer pause is a mistake, and would stop this instance. */
const MAX_RETRY_AFTER_MS = 5 * 60 * 1000;

function defaultCode(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 409:
      return 'Conflict';
    case 415:
      return 'UnsupportedMediaType';
    case 429:
      return 'ErrorUnknown';
    default:
      return 'BadRequest';
  }
}
