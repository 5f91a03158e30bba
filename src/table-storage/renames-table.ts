import {
  RestError,
  type TableClient,
  type TableEntityResult,
  type TransactionAction,
} from '@azure/data-tables';
import type { RowProperties } from './record-row.ts';
import { type RowTimes, startTableClock } from './table-clock.ts';
import { withDeadline } from './with-deadline.ts';

/** Per step, retries included. */
const TIMEOUT_MS = 5000;

/** What was read. Its times compare with the reader's monotonic clock, and come from the table's own. */
export type Row = TableEntityResult<Record<string, unknown>> & RowTimes;

/** A row as it was read. */
export interface RowVersion {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly etag: string;
}

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
  upsert(partitionKey: string, rowKey: string, properties: Readonly<Record<string, string>>): Promise<void>;
  /** Changes one row if it is as it was read. Throws `TableConflict` where it is not. */
  merge(row: RowVersion, properties: Readonly<RowProperties>): Promise<void>;
  /** Deletes one row if it is as it was read. Throws `TableConflict` where it is not. */
  remove(row: RowVersion): Promise<void>;
  create(): Promise<void>;
}

/** A row exists already, is gone, or has changed since it was read. */
export class TableConflict extends Error {
  override readonly name = 'TableConflict';
}

export class TableMissing extends Error {
  override readonly name = 'TableMissing';
}

export function createRenamesTable(client: TableClient, monotonic: () => number): RenamesTable {
  return {
    async transact(actions) {
      refuseUnknownVersions(actions);
      const { subResponses } = await write((options) => client.submitTransaction(actions, options));
      return new Map(
        actions.map(([, { rowKey }], index) => [rowKey, subResponses[index]?.etag?.trim() ?? '']),
      );
    },
    async find(partitionKey, rowKey) {
      try {
        const clock = startTableClock(monotonic);
        const row = await bounded((options) =>
          client.getEntity(partitionKey, rowKey, { ...options, ...clock.listener }),
        );
        return { ...row, ...clock.timesOf(row) };
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
          const clock = startTableClock(monotonic);
          const pages = client
            .listEntities({
              ...options,
              ...clock.listener,
              queryOptions: { filter },
            })
            .byPage(settings);
          for await (const page of pages) {
            const rows = page.map((row) => ({ ...row, ...clock.timesOf(row) }));
            return { rows, continuation: page.continuationToken ?? null };
          }
          return NOTHING;
        });
      } catch (error) {
        if (isNotFound(error)) return NOTHING; // a missing table has no rows
        throw error;
      }
    },
    async upsert(partitionKey, rowKey, properties) {
      await write((options) =>
        client.upsertEntity({ partitionKey, rowKey, ...properties }, 'Merge', options),
      );
    },
    async merge({ partitionKey, rowKey, etag }, properties) {
      await write((options) =>
        client.updateEntity({ partitionKey, rowKey, ...properties }, 'Merge', { ...options, etag }),
      );
    },
    async remove({ partitionKey, rowKey, etag }) {
      await write((options) => client.deleteEntity(partitionKey, rowKey, { ...options, etag }));
    },
    async create() {
      await bounded((options) => client.createTable(options)); // no error where it exists
    },
  };
}

/** `If-Match` with an empty value would match any version. */
function refuseUnknownVersions(actions: readonly TransactionAction[]): void {
  if (actions.some(([, , , options]) => options?.etag === ''))
    throw new TypeError('the version that a row is expected to have is not known');
}

const NOTHING = { rows: [], continuation: null };

type Step<T> = (options: { abortSignal: AbortSignal }) => Promise<T>;

function bounded<T>(step: Step<T>): Promise<T> {
  return withDeadline(TIMEOUT_MS, (abortSignal) => step({ abortSignal }));
}

async function write<T>(step: Step<T>): Promise<T> {
  try {
    return await bounded(step);
  } catch (error) {
    throw classified(error);
  }
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
