import type { AuditRecord } from './audit-record.ts';

export interface HistoryQuery {
  readonly projectId: string;
  /** Null for all iterations of the project. */
  readonly iterationId: string | null;
  /** The resources whose records may be shown. */
  readonly resources: 'all' | readonly string[];
  /** How many records to look at; fewer are shown where some are of other resources. */
  readonly limit: number;
  /** The last `renameId` of the page before. */
  readonly after: string | null;
}

export interface HistoryPage {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** The `renameId` that the next page starts after; null at the end. */
  readonly next: string | null;
}

/** The audit records, for reading. Both throw `HistoryUnavailable` where the table cannot be read. */
export interface RenameHistory {
  page(query: HistoryQuery): Promise<HistoryPage>;
  find(projectId: string, renameId: string): Promise<AuditRecord | null>;
}

export class HistoryUnavailable extends Error {
  override readonly name = 'HistoryUnavailable';
}
