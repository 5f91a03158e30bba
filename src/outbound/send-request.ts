import type { Dispatcher } from 'undici';
import Agent from 'undici/lib/dispatcher/agent.js'; // the rest of undici would take 40 ms of a cold start
import { decodeUtf8 } from '../text/decode-utf8.ts';
import { USER_AGENT } from './user-agent.ts';

export interface ExchangeRequest {
  readonly method: 'GET' | 'PATCH' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal;
  /** More than this of an answer's body is not read. Default: enough for one Iteration. */
  readonly maxResponseBytes?: number;
}

/** The outcome of one HTTP exchange. Unless it is `not_sent`, the other side may have acted. */
export type Exchange = AnsweredExchange | { readonly kind: 'not_sent' } | { readonly kind: 'no_answer' };

export interface AnsweredExchange {
  readonly kind: 'answered';
  readonly status: number;
  header(name: string): string | null;
  /** Null where it is too large or not UTF-8. */
  readonly text: string | null;
  readonly isTooLarge: boolean;
}

export type SendRequest = (request: ExchangeRequest) => Promise<Exchange>;

/** An Iteration takes about 1 KiB. One property of a table entity can store an answer of this size. */
const DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024;
/** For readings and for renames, each. */
const MAX_SOCKETS = 64;
/**
 * Shorter than the idle timeout of front ends in Azure, so that requests rarely meet a closing connection.
 */
const IDLE_SOCKET_TIMEOUT_MS = 20_000;

/**
 * Makes single HTTP exchanges: follows no redirect, sends nothing twice, bounds what it reads. Uses undici,
 * which shows whether a request may have been sent (`onRequestStart` comes once a connection is ready for
 * it), checks an idle connection before it reuses it, and takes half to two thirds of the CPU time of
 * node:http.
 */
export function createSendRequest(): SendRequest {
  // Connections of their own: readings that hang never keep a rename from being sent.
  const reading = createAgent();
  const renaming = createAgent();

  return function sendRequest({ maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES, ...request }) {
    const { method, url, headers, body, signal } = request;
    const { promise, resolve } = Promise.withResolvers<Exchange>();
    let started: Dispatcher.DispatchController | null = null;
    let status = 0;
    let answered: Readonly<Record<string, string | string[] | undefined>> = {};
    const chunks: Buffer[] = [];
    let length = 0;

    const end = (exchange: Exchange) => {
      signal.removeEventListener('abort', giveUp);
      resolve(exchange);
    };
    const fail = () => end({ kind: started === null ? 'not_sent' : 'no_answer' });
    const answer = (text: string | null, isTooLarge = false) =>
      end({ kind: 'answered', status, header: (name) => onlyValue(answered[name]), text, isTooLarge });
    const giveUp = () => {
      fail();
      started?.abort(GIVEN_UP);
    };
    if (signal.aborted) {
      giveUp();
      return promise;
    }
    signal.addEventListener('abort', giveUp);
    (method === 'GET' ? reading : renaming).dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers: { ...headers, 'user-agent': USER_AGENT },
        body,
      },
      {
        onRequestStart(controller) {
          // Aborted while it waited for a connection: it must not be sent now.
          if (signal.aborted) controller.abort(GIVEN_UP);
          else started = controller;
        },
        onResponseStart(_, statusCode, responseHeaders) {
          status = statusCode;
          answered = responseHeaders;
        },
        onResponseData(controller, chunk) {
          length += chunk.length;
          chunks.push(chunk);
          if (length <= maxResponseBytes) return;
          answer(null, true);
          controller.abort(GIVEN_UP); // closes the connection
        },
        onResponseEnd: () => answer(decodeUtf8(Buffer.concat(chunks))),
        onResponseError: fail,
      },
    );
    return promise;
  };
}

function createAgent(): Agent {
  return new Agent({
    connections: MAX_SOCKETS,
    keepAliveTimeout: IDLE_SOCKET_TIMEOUT_MS,
    keepAliveMaxTimeout: IDLE_SOCKET_TIMEOUT_MS,
    headersTimeout: 0, // the signal bounds the whole exchange
    bodyTimeout: 0,
    allowH2: false, // one request per connection: a failing connection affects no other request
  });
}

/** Shared: a new error for each exchange would cost a stack trace. */
const GIVEN_UP = new Error('given up');

function onlyValue(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
