import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpData, TypedData } from './core-api.ts';
import type { HostJson } from './host-json.ts';
import type { Invocations } from './invocation.ts';
import type { IsAuthorized } from './keys.ts';
import type { RouteMatch, Router } from './routes.ts';
import { createThrottle } from './throttle.ts';

export interface HttpServerOptions {
  router: Router;
  isAuthorized: IsAuthorized;
  invocations: Invocations;
  limits: HostJson['http'];
  /** Answers what belongs to the host itself (`/admin/...`); false when the path is none of its. */
  admin: (request: IncomingMessage, url: URL, body: Buffer, response: ServerResponse) => boolean;
  isDraining: () => boolean;
}

/** The real host's default `maxRequestBodySize`; it answers a larger body with 500. */
const MAX_BODY_BYTES = 104_857_600;

/** The HTTP side of the host: authorises, routes, and drives each request through the library as the real worker does. */
export function createHttpServer(options: HttpServerOptions): Server {
  const throttle = createThrottle(options.limits);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = parseUrl(request);
    if (url === null) return answer(response, 400);
    if (options.isDraining()) return answer(response, 503, { connection: 'close' });
    const body = await readBody(request);
    if (body === null) return answer(response, 500);
    if (options.admin(request, url, body, response)) return;

    const match = options.router(request.method ?? 'GET', url.pathname);
    if (match === null) return answer(response, 404);
    // The host compares an absent level as `function`; the library always states one.
    if (!options.isAuthorized(request, url, match.function.trigger.authLevel ?? 'function'))
      return answer(response, 401);

    const release = await throttle.enter();
    if (release === null) return answer(response, 429);
    try {
      const result = await options.invocations.invoke({
        function: match.function,
        reason: 'This function was programmatically called via the host APIs.',
        data: { http: requestData({ request, url, body, match }) },
        ...traceContext(request),
      });
      respond(response, result);
    } catch {
      answer(response, 500);
    } finally {
      release();
    }
  };

  const server = createServer({ maxHeaderSize: 32_768, keepAliveTimeout: 130_000 }, (request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  return server;
}

function requestData({
  request,
  url,
  body,
  match,
}: {
  request: IncomingMessage;
  url: URL;
  body: Buffer;
  match: RouteMatch;
}): HttpData {
  const query: Record<string, { value: string }> = {};
  if (url.search !== '')
    for (const name of new Set(url.searchParams.keys()))
      query[name] = { value: url.searchParams.getAll(name).join(',') };
  const headers: Record<string, { value: string }> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = { value: Array.isArray(value) ? value.join(',') : (value ?? '') };
  }
  const params: Record<string, { value: string }> = {};
  for (const [name, value] of Object.entries(match.params)) params[name] = { value };
  // Without a Content-Length (a chunked request) the real host passes no body on.
  const hasBody = Number(request.headers['content-length'] ?? 0) > 0;
  return {
    method: request.method ?? 'GET',
    url: url.href,
    nullableHeaders: headers,
    nullableQuery: query,
    nullableParams: params,
    body: hasBody ? { bytes: body } : null,
  };
}

function respond(response: ServerResponse, result: TypedData | null | undefined): void {
  const http = result?.http;
  if (http === undefined) return answer(response, 204);
  const cookies = (http.cookies ?? []).map(({ name, value }) => `${name}=${encodeURIComponent(value)}`);
  const headers = { ...http.headers, ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) };
  answer(
    response,
    Number(http.statusCode ?? 200),
    headers,
    Buffer.from(http.body?.bytes ?? http.body?.string ?? ''),
  );
}

/** In one piece, and with its length where there may be a body. */
function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | string[]> = {},
  body = Buffer.alloc(0),
): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('server', 'Kestrel').end(body);
}

function parseUrl(request: IncomingMessage): URL | null {
  // A target that starts with two slashes would be read as another host.
  const target = (request.url ?? '/').replace(/^\/+/, '/');
  const base = `http://${request.headers.host ?? '127.0.0.1'}`;
  return URL.parse(target, base);
}

/** Null when it is larger than the host takes. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>();
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.once('end', () => resolve(length > MAX_BODY_BYTES ? null : Buffer.concat(chunks)));
  request.once('error', reject);
  return promise;
}

/** The caller's trace goes on in a span of the host's own. */
function traceContext(request: IncomingMessage): { traceParent?: string; traceState?: string } {
  const header = request.headers['traceparent'];
  const [, traceId, flags] =
    /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/.exec(typeof header === 'string' ? header : '') ?? [];
  if (traceId === undefined || flags === undefined || /^0+$/.test(traceId)) return {};
  const state = request.headers['tracestate'];
  return {
    traceParent: `00-${traceId}-${randomBytes(8).toString('hex')}-${flags}`,
    ...(typeof state === 'string' ? { traceState: state } : {}),
  };
}
