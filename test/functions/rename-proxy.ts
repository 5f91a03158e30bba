import { randomUUID } from 'node:crypto';
import { RestError, TableClient, type TableEntityResult } from '@azure/data-tables';
import type { JournalEntry } from '../stack/simulator-server.ts';
import { startStack, type Stack, type StackOptions } from '../stack/stack.ts';
import type { FunctionApp } from '../stack/function-app.ts';

export interface Answer {
  status: number;
  /** The status line, the headers and the body, as one string. */
  raw: string;
  /** With `location` as a client resolves it. */
  headers: Headers;
  text: string;
  /** The body if it is a JSON object, else `{}`. */
  json: Readonly<Record<string, unknown>>;
}

export interface SeededIteration {
  projectId: string;
  iterationId: string;
  /** The path of the rename operation on the default resource. */
  path: string;
}

export interface RenameRequestOptions {
  name?: string;
  /** Instead of `{"name": ...}`. */
  body?: string | Uint8Array;
  path?: string;
  headers?: Record<string, string>;
  /** An instance other than the first. */
  app?: FunctionApp;
}

export interface UndoOptions extends Pick<RenameRequestOptions, 'headers' | 'app'> {
  /** None by default. */
  body?: string;
}

export type RecordRow = TableEntityResult<Record<string, unknown>>;

/** The app on its own stack, with functions to send a rename and to inspect its effects. */
export interface RenameProxy {
  stack: Stack;
  app: FunctionApp;
  /** Adds an iteration in its own project, so that tests are independent. */
  seed(name?: string, resource?: string): SeededIteration;
  rename(iteration: SeededIteration, request: RenameRequestOptions): Promise<Answer>;
  /** Asks for the undo of the rename that an answer is about. */
  undo(
    iteration: Pick<SeededIteration, 'projectId'>,
    of: Pick<Answer, 'headers'>,
    request?: UndoOptions,
  ): Promise<Answer>;
  /** All rows of a partition, read directly from Azurite: the journal does not count it. */
  rows(partitionKey: string): Promise<RecordRow[]>;
  /** The audit records of a project, newest first. */
  records(projectId: string): Promise<RecordRow[]>;
  /** The requests for one iteration that a Custom Vision simulator received. */
  upstreamRequests(iteration: SeededIteration, resource?: string): JournalEntry<unknown>[];
  clearFaults(): Promise<void>;
  stop(): Promise<void>;
}

/** For an app that accepts renames for later. */
export const WITH_QUEUE = {
  'AzureWebJobs.carry-out-rename.Disabled': 'false',
  'AzureWebJobs.settle-poisoned-rename.Disabled': 'false',
};

export async function startRenameProxy({
  beforeStart = () => {},
  ...options
}: StackOptions & {
  /** Runs before the app starts: injects faults into its warm-up. */
  beforeStart?: (stack: Stack) => unknown;
} = {}): Promise<RenameProxy> {
  const stack = await startStack({
    ...options,
    settings: {
      UPSTREAM_MAX_RENAMES_PER_SECOND: '1000',
      // Tests would count their requests, and those of the host's listeners, as those of a rename.
      'AzureWebJobs.sweep-renames.Disabled': 'true',
      'AzureWebJobs.carry-out-rename.Disabled': 'true',
      'AzureWebJobs.settle-poisoned-rename.Disabled': 'true',
      ...options.settings,
    },
  });
  await beforeStart(stack);
  const app = await stack.startApp();
  const table = TableClient.fromConnectionString(stack.azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });

  const customVision = (resource = 'default') => {
    const found = stack.customVisions[resource];
    if (found === undefined) throw new Error(`the stack has no resource ${resource}`);
    return found;
  };

  const rows = async (partitionKey: string): Promise<RecordRow[]> => {
    const found: RecordRow[] = [];
    const filter = `PartitionKey eq '${partitionKey}'`;
    try {
      for await (const row of table.listEntities({ queryOptions: { filter } })) found.push(row);
    } catch (error) {
      if (error instanceof RestError && error.statusCode === 404) return []; // the table is not created yet
      throw error;
    }
    return found;
  };

  return {
    stack,
    app,
    rows,
    seed(name = 'Iteration 1', resource = 'default') {
      const iterationId = randomUUID();
      const projectId = customVision(resource).addProject({ iterations: [{ id: iterationId, name }] });
      return { projectId, iterationId, path: iterationPath(projectId, iterationId) };
    },
    rename(iteration, { name = 'renamed', body, path = iteration.path, headers = {}, app: instance = app }) {
      return send(instance, path, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', ...headers },
        body: body === undefined ? JSON.stringify({ name }) : Buffer.from(body),
      });
    },
    undo({ projectId }, of, { body, headers = {}, app: instance = app } = {}) {
      const path = `/projects/${projectId}/renames/${of.headers.get('rename-id')}/undo`;
      return send(instance, path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
    },
    records: async (projectId) =>
      (await rows(projectId)).filter(({ rowKey }) => rowKey?.startsWith('rename|') === true),
    upstreamRequests: ({ iterationId }, resource) =>
      customVision(resource).journal.filter(({ path }) => path.includes(iterationId)),
    async clearFaults() {
      const { identity, keyVault, tables, queues, customVisions } = stack;
      const ends = [identity, keyVault, tables, queues, ...Object.values(customVisions)];
      await Promise.all(ends.map(({ faults }) => faults.clear()));
    },
    stop: () => stack.stop(),
  };
}

async function send(
  { url, functionKey }: FunctionApp,
  path: string,
  { headers, ...request }: Omit<RequestInit, 'headers'> & { headers: Record<string, string> },
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    redirect: 'manual',
    headers: { accept: 'application/json', 'x-functions-key': functionKey, ...headers },
    ...request,
  });
  const text = await response.text();
  const lines = [...response.headers].map(([header, value]) => `${header}: ${value}`);
  return {
    status: response.status,
    headers: resolved(response),
    text,
    json: parseObject(text),
    raw: [`${response.status} ${response.statusText}`, ...lines, '', text].join('\n'),
  };
}

export function iterationPath(projectId: string, iterationId: string, apiVersion = 'v3.2'): string {
  return `/customvision/${apiVersion}/training/projects/${projectId}/iterations/${iterationId}`;
}

/** Everything in the rows; JSON has no 64-bit numbers. */
export function textOfRows(rows: readonly RecordRow[]): string {
  return JSON.stringify(rows, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

/** Copies the headers, with the path that `location` leads to. */
export function resolved({ headers, url }: Response): Headers {
  const copied = new Headers(headers);
  const location = headers.get('location');
  if (location !== null) copied.set('location', new URL(location, url).pathname);
  return copied;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
