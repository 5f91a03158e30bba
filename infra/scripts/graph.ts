import { setTimeout as sleep } from 'node:timers/promises';

export type GraphObject = { readonly [property: string]: unknown };

/**
 * As much of Microsoft Graph as a registration takes. Every call waits for what was made a moment ago to be
 * seen everywhere.
 */
export interface Graph {
  get(path: string): Promise<GraphObject>;
  /** Null where there is none, or none yet. */
  find(path: string): Promise<GraphObject | null>;
  /** Follows the pages. */
  list(path: string): Promise<readonly GraphObject[]>;
  patch(path: string, body: GraphObject): Promise<void>;
  /** Creates what the path names where it does not exist. */
  upsert(path: string, body: GraphObject): Promise<void>;
  post(path: string, body: GraphObject): Promise<void>;
}

export class GraphError extends Error {
  readonly status: number;

  constructor(status: number, method: string, path: string, message: string) {
    super(`${method} ${path}: ${message}`);
    this.status = status;
  }
}

export function createGraph({
  url,
  token,
  retryMs = 2_000,
  tries = 15,
}: {
  readonly url: string;
  readonly token: () => Promise<string>;
  readonly retryMs?: number;
  readonly tries?: number;
}): Graph {
  const graph: Graph = {
    get: (path) => send('GET', path),
    find: (path) =>
      send('GET', path, undefined, {}, 1).catch((error: unknown) => {
        if (error instanceof GraphError && error.status === 404) return null;
        throw error;
      }),
    async list(path) {
      const found: GraphObject[] = [];
      for (let next: string | null = path; next !== null;) {
        const page: GraphObject = await send('GET', next);
        found.push(...arrayOf(page['value']));
        const link = page['@odata.nextLink'];
        next = typeof link === 'string' ? link.replace(`${url}/v1.0`, '') : null;
      }
      return found;
    },
    async patch(path, body) {
      await send('PATCH', path, body);
    },
    async upsert(path, body) {
      await send('PATCH', path, body, { Prefer: 'create-if-missing' });
    },
    async post(path, body) {
      await send('POST', path, body);
    },
  };
  return graph;

  async function send(
    method: string,
    path: string,
    body?: GraphObject,
    headers: Record<string, string> = {},
    triesIfMissing = tries,
  ): Promise<GraphObject> {
    for (let tryNumber = 1; ; tryNumber += 1) {
      const response = await fetch(`${url}/v1.0${path}`, {
        method,
        redirect: 'error', // the token is for this host only
        headers: {
          authorization: `Bearer ${await token()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await response.text();
      if (response.ok) return text === '' ? {} : JSON.parse(text);
      // Not found: made a moment ago, and not seen everywhere yet. Or never made, which the last try says.
      const mayPass = response.status === 404 || response.status === 429 || response.status >= 500;
      if (!mayPass || tryNumber >= (response.status === 404 ? triesIfMissing : tries))
        throw new GraphError(response.status, method, path, messageIn(text));
      await sleep(waitMs(response.headers.get('retry-after'), retryMs));
    }
  }
}

function waitMs(retryAfter: string | null, otherwiseMs: number): number {
  const seconds = Number(retryAfter);
  return retryAfter !== null && Number.isFinite(seconds) ? Math.min(seconds, 60) * 1_000 : otherwiseMs;
}

function messageIn(text: string): string {
  try {
    const { error }: { error?: { code?: string; message?: string } } = JSON.parse(text);
    return `${error?.code}: ${error?.message}`;
  } catch {
    return text.slice(0, 500);
  }
}

export function arrayOf(value: unknown): readonly GraphObject[] {
  return Array.isArray(value) ? value : [];
}
