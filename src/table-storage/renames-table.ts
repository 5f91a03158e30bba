import {
  RestError,
  type TableClient,
  type TableEntityResult,
  type TransactionAction,
} from '@azure/data-tables';
import type { SendRequest } from '../outbound/send-request.ts';
import { createSendTransaction } from './send-transaction.ts';
import { withDeadline } from './with-deadline.ts';

/** Per step, retries included. */
const TIMEOUT_MS = 5000;

export type Row = TableEntityResult<Record<string, unknown>>;

/** The version of each row that a transaction wrote, by row key. */
export type WrittenVersions = ReadonlyMap<string, string>;

/** The steps that the audit log takes on its table, each bounded in time. */
export interface RenamesTable {
  /** All actions or none. Throws `TableConflict` where a row is not as the actions expect it. */
  transact(actions: TransactionAction[]): Promise<WrittenVersions>;
  find(partitionKey: string, rowKey: string): Promise<Row | null>;
  /** One page, one storage request. */
  page(
    filter: string,
    options: { limit: number; continuation?: string },
  ): Promise<{ rows: Row[]; continuation: string | null }>;
  upsert(partitionKey: string, rowKey: string): Promise<void>;
  create(): Promise<void>;
}

/** A row exists already, is gone, or has changed since it was read. */
export class TableConflict extends Error {
  override readonly name = 'TableConflict';
}

export class TableMissing extends Error {
  override readonly name = 'TableMissing';
}

export function createRenamesTable(client: TableClient, sendRequest: SendRequest): RenamesTable {
  const sendTransaction = createSendTransaction(client, sendRequest);
  return {
    async transact(actions) {
      try {
        const etags = await bounded(({ abortSignal }) => sendTransaction(actions, abortSignal));
        return new Map(actions.map(([, { rowKey }], index) => [rowKey, etags[index] ?? '']));
      } catch (error) {
        throw classified(error);
      }
    },
    async find(partitionKey, rowKey) {
      try {
        return await bounded((options) => client.getEntity(partitionKey, rowKey, options));
      } catch (error) {
        if (isNotFound(error)) return null;
        throw classified(error);
      }
    },
    async page(filter, { limit, continuation }) {
      const settings = {
        maxPageSize: limit,
        ...(continuation === undefined ? {} : { continuationToken: continuation }),
      };
      try {
        return await bounded(async (options) => {
          const pages = client.listEntities({ ...options, queryOptions: { filter } }).byPage(settings);
          for await (const page of pages) return { rows: page, continuation: page.continuationToken ?? null };
          return NOTHING;
        });
      } catch (error) {
        if (isNotFound(error)) return NOTHING; // a table that is missing yet holds nothing
        throw error;
      }
    },
    async upsert(partitionKey, rowKey) {
      try {
        await bounded((options) => client.upsertEntity({ partitionKey, rowKey }, 'Merge', options));
      } catch (error) {
        throw classified(error);
      }
    },
    async create() {
      await bounded((options) => client.createTable(options)); // no error where it exists
    },
  };
}

const NOTHING = { rows: [], continuation: null };

function bounded<T>(step: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
  return withDeadline(TIMEOUT_MS, (abortSignal) => step({ abortSignal }));
}

const CONFLICTS = new Set([
  'EntityAlreadyExists',
  'UpdateConditionNotSatisfied',
  'ResourceNotFound',
  'EntityNotFound',
]);

/** Tells the outcomes that a step can act on from those that it cannot. */
function classified(error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'TableNotFound') return new TableMissing('the table renames is missing', { cause: error });
  if (code !== null && CONFLICTS.has(code)) return new TableConflict(code, { cause: error });
  return error;
}

function isNotFound(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 404;
}

/** Transactions carry the service's code in `code`, single operations in `details`. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof RestError)) return null;
  const details: unknown = error.details;
  if (typeof details === 'object' && details !== null && 'odataError' in details) {
    const { odataError } = details;
    if (typeof odataError === 'object' && odataError !== null && 'code' in odataError)
      return String(odataError.code);
  }
  return error.code ?? null;
}
