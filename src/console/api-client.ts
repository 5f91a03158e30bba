import type { AuditRecord } from '../rename/audit-record.ts';
import { type ApiAnswer, ApiError, NoAnswer, retryAfterOf } from './api-answer.ts';
import {
  type ListedIteration,
  type ListedProject,
  parseIterations,
  parseProjects,
  parseRecord,
  parseRecords,
  parseResources,
  type RecordsPage,
} from './api-shapes.ts';
import type { Credential } from './credential.ts';
import { iterationPath, projectsPath, type Place } from './api-paths.ts';

/** Above the proxy's own bounds, a cold start included. */
const ANSWER_TIMEOUT_MS = 60_000;

export interface RecordsQuery {
  readonly projectId: string;
  readonly iterationId: string | null;
  readonly continuation: string | null;
  readonly limit: number;
}

export interface RenameCall extends Place {
  readonly name: string;
  readonly idempotencyKey: string;
  readonly accept: string;
}

export interface ApiClient {
  resources(): Promise<string[]>;
  projects(resource: string | null, signal: AbortSignal): Promise<ListedProject[]>;
  iterations(place: Omit<Place, 'iterationId'>, signal: AbortSignal): Promise<ListedIteration[]>;
  records(query: RecordsQuery, signal: AbortSignal): Promise<RecordsPage>;
  recordsCsv(query: RecordsQuery): Promise<ApiAnswer>;
  /** Of a record whose rename was answered: where `Location` leads, if that is this proxy. */
  record(
    ref: { projectId: string; renameId: string; location: string | null },
    signal: AbortSignal,
  ): Promise<{ record: AuditRecord; retryAfterSeconds: number | null }>;
  /** These two answer whatever comes. */
  rename(call: RenameCall): Promise<ApiAnswer>;
  undo(ref: { projectId: string; renameId: string }): Promise<ApiAnswer>;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** `base`: the folder of the page's own address, so that a gateway's prefix stays in front of each path. */
export function createApiClient({
  base,
  credential,
  onSignInNeeded,
  fetch = globalThis.fetch.bind(globalThis),
}: {
  readonly base: string;
  readonly credential: () => Credential;
  readonly onSignInNeeded: () => void;
  readonly fetch?: typeof globalThis.fetch;
}): ApiClient {
  const sendOnce = async (path: string, sent: Sent, isRenewed: boolean): Promise<ApiAnswer> => {
    const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const shown = await credential().headers({ isRenewed });
    try {
      const response = await fetch(new URL(path, base), {
        method: sent.method ?? 'GET',
        headers: { Accept: 'application/json', ...sent.headers, ...shown },
        ...(sent.body === undefined ? {} : { body: sent.body }),
        signal: sent.signal === undefined ? timeout : AbortSignal.any([timeout, sent.signal]),
        cache: 'no-store',
        redirect: 'error', // a redirect would take the key to another address
      });
      const { status, headers, url } = response;
      return { status, headers, url, body: await response.text() };
    } catch (error) {
      if (sent.signal?.aborted === true) throw error;
      throw new NoAnswer('No answer came.', { cause: error });
    }
  };

  const send = async (path: string, sent: Sent = {}): Promise<ApiAnswer> => {
    try {
      let answer = await sendOnce(path, sent, false);
      // A token that the proxy's clock holds for expired: a new one, once.
      if (answer.status === 401 && credential().method === 'entra') answer = await sendOnce(path, sent, true);
      if (answer.status === 401) onSignInNeeded();
      return answer;
    } catch (error) {
      if (error instanceof Error && error.name === 'SignInNeeded') onSignInNeeded();
      throw error;
    }
  };

  const read = async (path: string, sent: Sent = {}): Promise<ApiAnswer> => {
    const answer = await send(path, sent);
    if (answer.status !== 200) throw new ApiError(answer);
    return answer;
  };

  return {
    resources: async () => parseResources(await read('resources')),
    projects: async (resource, signal) => parseProjects(await read(projectsPath(resource), { signal })),
    iterations: async ({ resource, projectId }, signal) =>
      parseIterations(await read(`${projectsPath(resource)}/${projectId}/iterations`, { signal })),
    records: async (query, signal) => parseRecords(await read(recordsPath(query), { signal })),
    recordsCsv: (query) => read(recordsPath(query), { headers: { Accept: 'text/csv' } }),
    async record({ projectId, renameId, location }, signal) {
      const path = `projects/${projectId}/renames/${renameId}`;
      const answer = await read(location?.startsWith(base) === true ? location : path, { signal });
      return { record: parseRecord(answer), retryAfterSeconds: retryAfterOf(answer) };
    },
    rename: ({ name, idempotencyKey, accept, ...place }) =>
      send(iterationPath(place), {
        method: 'PATCH',
        headers: {
          Accept: accept,
          'Content-Type': 'application/json',
          'Idempotency-Key': `"${idempotencyKey}"`,
        },
        body: JSON.stringify({ name }),
      }),
    undo: ({ projectId, renameId }) =>
      send(`projects/${projectId}/renames/${renameId}/undo`, { method: 'POST' }),
  };
}

function recordsPath({ projectId, iterationId, continuation, limit }: RecordsQuery): string {
  const parameters = new URLSearchParams({
    ...(iterationId === null ? {} : { iterationId }),
    limit: String(limit),
    ...(continuation === null ? {} : { continuation }),
  });
  return `projects/${projectId}/renames?${parameters.toString()}`;
}
