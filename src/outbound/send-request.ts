import type { Dispatcher } from 'undici';
import Agent from 'undici/lib/dispatcher/agent.js'; // the rest of undici would take 40 ms of a cold start

export interface ExchangeRequest {
  readonly method: 'GET' | 'PATCH' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

/** What one HTTP exchange came to. Whether anything was sent decides if the other side may have acted. */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      header(name: string): string | null;
      /** Null where it was larger than the bound or not UTF-8. */
      readonly text: string | null;
    }
  | { readonly kind: 'not_sent' }
  | { readonly kind: 'no_answer' };

export type SendRequest = (request: ExchangeRequest) => Promise<Exchange>;

/** An Iteration is about 1 KiB. No larger than one property of a table entity may be, so that an answer can always be kept. */
const MAX_RESPONSE_BYTES = 32 * 1024;
const USER_AGENT = 'custom-vision-rename-proxy';
const MAX_SOCKETS = 64;
/** Shorter than the idle timeout of any front end in Azure, so that a request hardly ever meets a connection that is being closed. */
const IDLE_SOCKET_TIMEOUT_MS = 20_000;

/**
 * Makes single HTTP exchanges: no redirect is followed, nothing is sent twice, nothing unbounded is read. It is undici, which shows
 * for sure whether a request may have left (it starts one when it has a connection to write it to), looks whether an idle connection
 * still stands before it uses it, and takes half to two thirds of the CPU time of node:http.
 */
export function createSendRequest(): SendRequest {
  const agent = new Agent({
    connections: MAX_SOCKETS,
    keepAliveTimeout: IDLE_SOCKET_TIMEOUT_MS,
    keepAliveMaxTimeout: IDLE_SOCKET_TIMEOUT_MS,
    headersTimeout: 0, // the signal bounds all of an exchange
    bodyTimeout: 0,
    allowH2: false, // one request on a connection at a time: what becomes of the one tells nothing of another
  });

  return function sendRequest({ method, url, headers, body, signal }) {
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
    const answer = (text: string | null) =>
      end({ kind: 'answered', status, header: (name) => onlyValue(answered[name]), text });
    const giveUp = () => {
      fail();
      started?.abort(GIVEN_UP);
    };
    if (signal.aborted) {
      giveUp();
      return promise;
    }
    signal.addEventListener('abort', giveUp);
    agent.dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers: { ...headers, 'user-agent': USER_AGENT },
        body,
      },
      {
        onRequestStart(controller) {
          if (signal.aborted) controller.abort(GIVEN_UP); // given up while there was no connection: it must not leave now
          else started = controller;
        },
        onResponseStart(_, statusCode, responseHeaders) {
          status = statusCode;
          answered = responseHeaders;
        },
        onResponseData(controller, chunk) {
          length += chunk.length;
          chunks.push(chunk);
          if (length <= MAX_RESPONSE_BYTES) return;
          answer(null);
          controller.abort(GIVEN_UP); // and its connection with it
        },
        onResponseEnd: () => answer(decode(Buffer.concat(chunks))),
        onResponseError: fail,
      },
    );
    return promise;
  };
}

/** One for all: a stack trace for each would be read by nobody. */
const GIVEN_UP = new Error('given up');
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function onlyValue(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function decode(bytes: Buffer): string | null {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return null;
  }
}
