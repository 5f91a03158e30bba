import { stringify } from 'csv-stringify/sync';
import type { AuditRecord } from '../rename/audit-record.ts';

/** The columns in order. Add new ones at the end: existing spreadsheets count columns. */
export const CSV_COLUMNS = [
  'renameId',
  'status',
  'requestedAt',
  'resource',
  'endpointHost',
  'apiVersion',
  'projectId',
  'iterationId',
  'requestedName',
  'previousName',
  'callerKind',
  'callerId',
  'callerName',
  'trigger',
  'traceId',
  'completedAt',
  'durationMs',
  'attempts',
  'upstreamStatus',
  'upstreamCode',
  'upstreamMessage',
  'upstreamRequestId',
  'evidence',
  'replaces',
  'appliedName',
  'undoes',
] as const satisfies readonly (keyof CsvRow)[];

type CsvRow = Omit<AuditRecord, 'caller'> & Record<'callerKind' | 'callerId' | 'callerName', string | null>;

/**
 * Records as CSV (RFC 4180) in UTF-8 with a byte order mark: Excel takes a file without one for the code page
 * of its machine. An apostrophe precedes each cell that a spreadsheet would evaluate as a formula.
 */
export function formatRecordsCsv(records: readonly AuditRecord[]): string {
  const rows: CsvRow[] = records.map(({ caller, ...record }) => ({
    ...record,
    callerKind: caller.kind,
    callerId: caller.id,
    callerName: caller.name,
  }));
  return stringify(rows, {
    header: true,
    columns: CSV_COLUMNS,
    record_delimiter: 'windows',
    escape_formulas: true,
    bom: true,
  });
}
