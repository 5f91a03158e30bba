import type { Evidence, Row } from './evidence.ts';

export interface RecordRow extends Pick<Row, 'partitionKey' | 'rowKey'> {
  readonly renameId: string;
  readonly projectId: string;
  readonly iterationId: string;
  readonly requestedName: string;
  readonly status: string;
  readonly trigger: string;
  readonly traceId: string | null;
  readonly evidence: string | null;
  readonly previousName: string | null;
  /** The earlier rename of the same delivery, which was not applied. */
  readonly replaces: string | null;
  /** The rename that it undoes. */
  readonly undoes: string | null;
  /** The name that the iteration has by this record. */
  readonly shown: string;
  readonly row: Row;
}

/** The rows of the table, sorted by the prefix of their keys. */
export interface SortedRows {
  readonly records: readonly RecordRow[];
  readonly copies: ReadonlyMap<string, Row>;
  readonly locks: readonly Row[];
  /** The index of what was accepted and has not begun. */
  readonly accepted: readonly Row[];
  readonly claims: readonly Row[];
}

export function sortRows({ rows }: Pick<Evidence, 'rows'>): SortedRows {
  const beginningWith = (prefix: string) => rows.filter(({ rowKey }) => rowKey.startsWith(prefix));
  return {
    records: beginningWith('rename|').map(recordRow),
    copies: new Map(beginningWith('iteration|').map((row) => [`${row.partitionKey} ${row.rowKey}`, row])),
    locks: beginningWith('lock|'),
    accepted: beginningWith('accepted|'),
    claims: [...beginningWith('idempotency|'), ...beginningWith('delivery|')],
  };
}

function recordRow(row: Row): RecordRow {
  const text = (property: string) => textOrNull(row[property]) ?? '';
  return {
    partitionKey: row.partitionKey,
    rowKey: row.rowKey,
    renameId: row.rowKey.slice('rename|'.length),
    projectId: row.partitionKey,
    iterationId: text('iterationId'),
    requestedName: text('requestedName'),
    status: text('status'),
    trigger: text('trigger'),
    traceId: textOrNull(row['traceId']),
    evidence: textOrNull(row['evidence']),
    previousName: textOrNull(row['previousName']),
    replaces: textOrNull(row['replaces']),
    undoes: textOrNull(row['undoes']),
    shown: textOrNull(row['appliedName']) ?? text('requestedName'),
    row,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
