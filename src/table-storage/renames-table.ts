import {
  RestError,
  type TableClient,
  type TableEntityResult,
  type TransactionAction,
} from '@azure/data-tables';
import { createSendTransaction } from './send-transaction.ts';

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

export function createRenamesTable(client: TableClient): RenamesTable {
  const sendTransaction = createSendTransaction(client);
  return {
    async transact(actions) {
      try {
        const etags = await sendTransaction(actions, bounded().abortSignal);
        return new Map(actions.map(([, { rowKey }], index) => [rowKey, etags[index] ?? '']));
      } catch (error) {
        throw classified(error);
      }
    },
    async find(partitionKey, rowKey) {
      try {
        return await client.getEntity(partitionKey, rowKey, bounded());
      } catch (error) {
        if (isNotFound(error)) return null;
        throw classified(error);
      }
    },
    async page(filter, { limit, continuation }) {
      const pages = client.listEntities({ ...bounded(), queryOptions: { filter } }).byPage({
        maxPageSize: limit,
        ...(continuation === undefined ? {} : { continuationToken: continuation }),
      });
      try {
        for await (const page of pages) return { rows: page, continuation: page.continuationToken ?? null };
      } catch (error) {
        if (!isNotFound(error)) throw error; // a table that is missing yet holds nothing
      }
      return { rows: [], continuation: null };
    },
    async upsert(partitionKey, rowKey) {
      try {
        await client.upsertEntity({ partitionKey, rowKey }, 'Merge', bounded());
      } catch (error) {
        throw classified(error);
      }
    },
    async create() {
      await client.createTable(bounded()); // no error where it exists
    },
  };
}

function bounded() {
  return { abortSignal: AbortSignal.timeout(TIMEOUT_MS) };
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
