import http from 'node:http';
import https from 'node:https';

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
  | { readonly kind: 'not_sent'; readonly cause: unknown }
  | { readonly kind: 'no_answer'; readonly cause: unknown };

export type SendRequest = (request: ExchangeRequest) => Promise<Exchange>;

/** An Iteration is about 1 KiB. No larger than one property of a table entity may be, so that an answer can always be kept. */
const MAX_RESPONSE_BYTES = 32 * 1024;
const USER_AGENT = 'custom-vision-rename-proxy';
const MAX_SOCKETS = 64;
/** Shorter than the idle timeout of any front end in Azure, so that a request hardly ever meets a connection that is being closed. */
const IDLE_SOCKET_TIMEOUT_MS = 20_000;

/**
 * Makes single HTTP exchanges: no redirect is followed, nothing is sent twice, nothing unbounded is read. It is node:http, which
 * shows for sure whether a request has left (a connection that never came up sent nothing) and is in the process anyway: the SDKs load it.
 * Its own reading of a URL and of a signal would be a seventh of an exchange's CPU time.
 */
export function createSendRequest(): SendRequest {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_SOCKET_TIMEOUT_MS };
  const httpAgent = new http.Agent(options);
  const httpsAgent = new https.Agent(options);

  return function sendRequest({ method, url, headers, body, signal }) {
    const { promise, resolve } = Promise.withResolvers<Exchange>();
    const isTls = url.protocol === 'https:';
    const named = { ...headers, 'user-agent': USER_AGENT };
    const target = {
      method,
      hostname: url.hostname.replaceAll(/[[\]]/g, ''), // an IPv6 address stands in brackets there
      port: url.port,
      path: `${url.pathname}${url.search}`,
      agent: isTls ? httpsAgent : httpAgent,
      headers: body === null ? named : { ...named, 'content-length': String(Buffer.byteLength(body)) },
    };
    let mayHaveLeft = false;
    let isAnswered = false;
    const fail = (cause: unknown) => resolve({ kind: mayHaveLeft ? 'no_answer' : 'not_sent', cause });
    if (signal.aborted) {
      fail(signal.reason);
      return promise;
    }
    const request = (isTls ? https : http).request(target, (response) => {
      isAnswered = true;
      readBounded(response, (text) => {
        if (text instanceof Error) fail(text);
        else
          resolve({ kind: 'answered', status: response.statusCode ?? 0, header: headerOf(response), text });
      });
    });
    const abort = () => request.destroy(new Error('given up', { cause: signal.reason }));
    signal.addEventListener('abort', abort);
    request.once('socket', (socket) => {
      if (!socket.connecting) {
        mayHaveLeft = true; // a connection that is used again, and never says so: a listener would stay on it
        return;
      }
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        mayHaveLeft = true;
      });
    });
    request.once('error', fail);
    request.once('close', () => {
      signal.removeEventListener('abort', abort);
      // A 101 that nobody asked for closes the connection without an error.
      if (!isAnswered) fail(new Error('the connection was closed'));
    });
    request.end(body ?? undefined);
    return promise;
  };
}

function headerOf(response: http.IncomingMessage): (name: string) => string | null {
  return (name) => {
    const value = response.headers[name];
    return typeof value === 'string' ? value : null;
  };
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** By events: an iterator over the response takes as long as all the rest of an exchange. */
function readBounded(response: http.IncomingMessage, done: (text: string | null | Error) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length <= MAX_RESPONSE_BYTES) return;
    done(null);
    response.destroy(); // and its socket with it
  });
  response.once('end', () => done(decode(Buffer.concat(chunks))));
  response.once('error', done);
}

function decode(bytes: Buffer): string | null {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return null;
  }
}
