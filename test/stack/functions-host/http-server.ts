import { createServer, type Server } from 'node:net';
import type { Admin } from './admin.ts';
import type { HttpData, TypedData } from './core-api.ts';
import type { HostJson } from './host-json.ts';
import type { HttpAnswer } from './http1/http-answer.ts';
import type { RequestBody } from './http1/request-body.ts';
import type { RequestHead } from './http1/request-head.ts';
import { KESTREL_DEADLINES, serveConnection, type Connection } from './http1/serve-connection.ts';
import type { Invocations } from './invocation.ts';
import { findKey, type KeyRing } from './keys.ts';
import { parseQuery, type Query } from './query.ts';
import type { RouteMatch, Router } from './routes.ts';
import { createThrottle } from './throttle.ts';

export interface HttpServerOptions {
  router: Router;
  keys: KeyRing;
  invocations: Invocations;
  limits: HostJson['http'];
  admin: Admin;
  /** `AzureWebJobsDisableHomepage`. */
  hasHomepage: boolean;
}

export interface HttpServer {
  server: Server;
  /** Takes no more connections and requests; those that run are answered. */
  drain(): void;
}

const HOMEPAGE = '<!DOCTYPE html><html><body>Your Functions 4.0 app is up and running</body></html>';

/**
 * The HTTP side of the host: authorises, routes, and drives each request through the library as the real
 * worker does.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { router, keys, invocations, admin, hasHomepage } = options;
  const throttle = createThrottle(options.limits);
  const connections = new Set<Connection>();
  let isDraining = false;

  const handle = async (head: RequestHead, body: RequestBody): Promise<HttpAnswer> => {
    if (isDraining) return { status: 503 };
    if (head.host === '') return { status: 500 };
    const query = parseQuery(head.search);
    const own = await admin({ head, body, key: findKey(head, query) });
    if (own !== null) return own;

    // The host queues a request before it knows whose it is.
    const release = /^\/admin(?:\/|$)/i.test(head.path) ? () => {} : await throttle.enter();
    if (release === null) return { status: 429, headers: { 'x-function-scaleout': '1' } };
    try {
      return await answerByFunction({ head, body, query });
    } finally {
      release();
    }
  };

  const answerByFunction = async ({
    head,
    body,
    query,
  }: {
    head: RequestHead;
    body: RequestBody;
    query: Query;
  }): Promise<HttpAnswer> => {
    const match = router(head.method, head.path);
    if (match === null) return head.path === '/' ? homepage() : { status: 404 };
    // The host compares an absent level as `function`; the library always states one.
    const { authLevel = 'function' } = match.function.trigger;
    const given = { key: findKey(head, query), functionName: match.function.name };
    if (!keys.opens(given, authLevel)) return { status: 401 };

    const result = await invocations.invoke({
      function: match.function,
      reason: 'This function was programmatically called via the host APIs.',
      data: { http: await requestData({ head, body, query, match }) },
    });
    return answerOf(result);
  };

  const homepage = (): HttpAnswer =>
    hasHomepage
      ? { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from(HOMEPAGE) }
      : { status: 204 };

  const server = createServer({ noDelay: true }, (socket) => {
    const connection = serveConnection(socket, { handle, deadlines: KESTREL_DEADLINES });
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  });
  return {
    server,
    drain() {
      isDraining = true;
      server.close();
      for (const connection of connections) connection.close();
    },
  };
}

async function requestData({
  head,
  body,
  query,
  match,
}: {
  head: RequestHead;
  body: RequestBody;
  query: Query;
  match: RouteMatch;
}): Promise<HttpData> {
  // Of a chunked request the host passes no body on.
  const bytes = head.body !== 'chunked' && head.body.length > 0 ? await body.read() : null;
  return {
    method: head.method,
    url: `http://${head.host}${head.escapedPath}${head.search}`,
    nullableHeaders: nullable([...head.headers].map(([name, values]) => [name, values.join(',')])),
    nullableQuery: nullable(query.map(({ name, values }) => [name, values.join(',')])),
    nullableParams: nullable(Object.entries(match.params)),
    body: bytes === null ? null : { bytes },
  };
}

function nullable(entries: [string, string][]): Record<string, { value: string }> {
  return Object.fromEntries(entries.map(([name, value]) => [name, { value }]));
}

function answerOf(result: TypedData | null | undefined): HttpAnswer {
  const http = result?.http;
  if (http === undefined) return { status: 204 };
  const cookies = (http.cookies ?? []).map(({ name, value }) => `${name}=${encodeURIComponent(value)}`);
  return {
    status: Number(http.statusCode ?? 200),
    headers: { ...http.headers, ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) },
    body: Buffer.from(http.body?.bytes ?? http.body?.string ?? ''),
  };
}
