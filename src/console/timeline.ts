import type { AuditRecord, RenameStatus } from '../rename/audit-record.ts';

export interface TimelineFilter {
  readonly status: RenameStatus | 'any';
  /** A caller's id; empty for everybody. */
  readonly who: string;
  readonly text: string;
}

export interface TimelineDay {
  /** As `toLocaleDateString` writes it. */
  readonly day: string;
  readonly records: readonly AuditRecord[];
}

export const STATUS_WORDS = {
  pending: 'Not known yet',
  succeeded: 'Renamed',
  rejected: 'Refused',
  not_applied: 'Not applied',
  unresolved: 'Unresolved',
} as const satisfies Record<RenameStatus, string>;

/** Keeps the order, which is newest first. */
export function groupByDay(records: readonly AuditRecord[], dayOf: (iso: string) => string): TimelineDay[] {
  const days: { day: string; records: AuditRecord[] }[] = [];
  for (const record of records) {
    const day = dayOf(record.requestedAt);
    const last = days.at(-1);
    if (last?.day === day) last.records.push(record);
    else days.push({ day, records: [record] });
  }
  return days;
}

export function isShown(record: AuditRecord, { status, who, text }: TimelineFilter): boolean {
  if (status !== 'any' && record.status !== status) return false;
  if (who !== '' && record.caller.id !== who) return false;
  const wanted = text.normalize('NFC').trim().toLocaleLowerCase();
  return wanted === '' || searchedIn(record).some((part) => part.toLocaleLowerCase().includes(wanted));
}

function searchedIn(record: AuditRecord): string[] {
  const { requestedName, previousName, appliedName, caller, renameId, iterationId, upstreamMessage } = record;
  return [
    requestedName,
    previousName,
    appliedName,
    caller.id,
    caller.name,
    renameId,
    iterationId,
    upstreamMessage,
  ].filter((part) => part !== null);
}

/** Which record undid which: the undone record's id leads to the undo. */
export function findUndos(records: readonly AuditRecord[]): ReadonlyMap<string, AuditRecord> {
  const undos = records.filter(({ status }) => status === 'succeeded');
  return new Map(undos.flatMap((undo) => (undo.undoes === null ? [] : [[undo.undoes, undo]])));
}

/**
 * The renames that can be undone: of each iteration the newest that succeeded, where the name before is known
 * and it was not undone. The proxy looks at the iteration itself before it undoes one.
 */
export function findUndoable(records: readonly AuditRecord[]): ReadonlySet<string> {
  const undos = findUndos(records);
  const iterations = new Set<string>();
  const undoable = new Set<string>();
  for (const record of records) {
    if (record.status !== 'succeeded' || iterations.has(record.iterationId)) continue;
    iterations.add(record.iterationId);
    if (record.previousName !== null && !undos.has(record.renameId)) undoable.add(record.renameId);
  }
  return undoable;
}

/** The name that a rename gave. */
export function givenName({ appliedName, requestedName }: AuditRecord): string {
  return appliedName ?? requestedName;
}
