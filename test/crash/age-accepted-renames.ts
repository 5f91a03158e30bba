import type { JournalEntry, SimulatorAnswer } from '../stack/simulator-server.ts';
import { storageOperation } from '../stack/storage-operation.ts';

/** Longer than the sweep leaves an accepted rename to its message. */
const AGE_MS = 3 * 60_000;

/**
 * Lets the table's clock read later in a list of accepted renames, and nowhere else: the sweep takes their
 * messages for lost, but no lease expires early.
 */
export function ageAcceptedRenames(entry: JournalEntry, answer: SimulatorAnswer): void {
  const isList = storageOperation(entry).operation === 'query' && /accepted(?:\||%7C)/i.test(entry.path);
  const date = Date.parse(String(answer.headers?.['date']));
  if (!isList || Number.isNaN(date)) return;
  answer.headers = { ...answer.headers, date: new Date(date + AGE_MS).toUTCString() };
}
