import { randomUUID } from 'node:crypto';
import { RestError, TableClient, type TableEntityResult } from '@azure/data-tables';
import type { JournalEntry } from '../stack/simulator-server.ts';
import { startStack, type Stack, type StackOptions } from '../stack/stack.ts';
import type { FunctionApp } from '../stack/function-app.ts';

export interface Answer {
  status: number;
  /** The status line, the headers and the body, as one text. */
  raw: string;
  headers: Headers;
  text: string;
  /** The body, where it is a JSON object, else an empty one. */
  json: Readonly<Record<string, unknown>>;
}

export interface SeededIteration {
  projectId: string;
  iterationId: string;
  /** Of the rename operation, on the default resource. */
  path: string;
}

export interface RenameRequestOptions {
  name?: string;
  /** In place of `{"name": ...}`. */
  body?: string | Uint8Array;
  path?: string;
  headers?: Record<string, string>;
  /** Another instance than the first. */
  app?: FunctionApp;
}

export type RecordRow = TableEntityResult<Record<string, unknown>>;

/** The app on a stack of its own, with the means to ask it for a rename and to look at what that did. */
export interface RenameProxy {
  stack: Stack;
  app: FunctionApp;
  /** An iteration in a project of its own: no test sees what another left. */
  seed(name?: string, resource?: string): SeededIteration;
  rename(iteration: SeededIteration, request: RenameRequestOptions): Promise<Answer>;
  /** All rows of a partition, read past the app and its counter. */
  rows(partitionKey: string): Promise<RecordRow[]>;
  /** The project's audit records, the newest first. */
  records(projectId: string): Promise<RecordRow[]>;
  /** The requests of one iteration that a Custom Vision simulator saw. */
  upstreamRequests(iteration: SeededIteration, resource?: string): JournalEntry<unknown>[];
  clearFaults(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRenameProxy({
  beforeStart = () => {},
  ...options
}: StackOptions & {
  /** What goes wrong already when the app starts, and fetches what a rename needs. */
  beforeStart?: (stack: Stack) => unknown;
} = {}): Promise<RenameProxy> {
  const stack = await startStack({
    ...options,
    settings: {
      UPSTREAM_MAX_RENAMES_PER_SECOND: '1000',
      'AzureWebJobs.sweep-renames.Disabled': 'true', // its requests would be counted as a rename's
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
      if (error instanceof RestError && error.statusCode === 404) return []; // no rename has made the table yet
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
    async rename(iteration, request) {
      const { name = 'renamed', body, path = iteration.path, headers = {}, app: instance = app } = request;
      const response = await fetch(`${instance.url}${path}`, {
        method: 'PATCH',
        redirect: 'manual',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          'x-functions-key': instance.functionKey,
          ...headers,
        },
        body: body === undefined ? JSON.stringify({ name }) : Buffer.from(body),
      });
      const text = await response.text();
      const lines = [...response.headers].map(([header, value]) => `${header}: ${value}`);
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: parseObject(text),
        raw: [`${response.status} ${response.statusText}`, ...lines, '', text].join('\n'),
      };
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

export function iterationPath(projectId: string, iterationId: string, apiVersion = 'v3.2'): string {
  return `/customvision/${apiVersion}/training/projects/${projectId}/iterations/${iterationId}`;
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
