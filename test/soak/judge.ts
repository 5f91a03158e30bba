import type { RenameEffect } from '../stack/custom-vision.ts';
import type { Asked } from './clients.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Evidence {
  /** All rows of all projects, after everything has ended. */
  readonly rows: readonly Row[];
  /** What the upstream did, from its journal. */
  readonly effects: readonly (RenameEffect & { readonly atMs: number })[];
  readonly asked: readonly Asked[];
}

/** A request with one of these answers renamed nothing: refused, busy, or not recorded. */
const WITHOUT_EFFECT = new Set([400, 409, 422, 429, 503]);

/**
 * Every contradiction of the three promises, in words. It knows nothing of the app; each name is unique to
 * one client.
 */
export function judge({ rows, effects, asked }: Evidence): string[] {
  const records = rows.filter((row) => keyOf(row).startsWith('rename|'));
  const byId = new Map(records.map((record) => [String(record['renameId']), record]));
  const faults = [...judgeRows(rows, records)];

  const recordsOf = grouped(records, (record) => String(record['requestedName']));
  const effectsOf = grouped(effects, ({ to }) => to);
  for (const name of new Set([...recordsOf.keys(), ...effectsOf.keys()])) {
    const taken = effectsOf.get(name) ?? [];
    const recorded = recordsOf.get(name) ?? [];
    const succeeded = recorded.filter(({ status }) => status === 'succeeded');
    if (taken.length > 1) faults.push(`${name}: ${taken.length} effects`);
    if (succeeded.length !== Math.min(1, taken.length))
      faults.push(`${name}: ${taken.length} effects and ${succeeded.length} records of success`);
    const begunAtMs = Math.min(...recorded.map(({ requestedAt }) => timeOf(requestedAt)));
    if (taken.some(({ atMs }) => atMs < begunAtMs)) faults.push(`${name}: an effect before any record`);
  }
  for (const one of asked) faults.push(...judgeAnswers(one, byId, effectsOf.get(one.name)?.length ?? 0));
  return faults;
}

function judgeRows(rows: readonly Row[], records: readonly Row[]): string[] {
  const faults: string[] = [];
  const copies = new Map(
    rows
      .filter((row) => keyOf(row).startsWith('iteration|'))
      .map((copy) => [String(copy['renameId']), contentOf(copy)]),
  );
  for (const row of rows) if (keyOf(row).startsWith('lock|')) faults.push(`a lock is left: ${keyOf(row)}`);
  for (const record of records) {
    const { renameId, status } = record;
    if (status === 'pending' || status === 'unresolved') faults.push(`${String(renameId)} is ${status}`);
    if (copies.get(String(renameId)) !== contentOf(record))
      faults.push(`${String(renameId)} and its copy differ`);
  }
  return faults;
}

function* judgeAnswers(
  { name, answers }: Asked,
  byId: ReadonlyMap<string, Row>,
  effects: number,
): Iterable<string> {
  const renamed = answers.filter(({ status }) => status === 200);
  const told = new Set(
    answers.filter(({ status }) => status === 200 || status === 202).map((one) => one.renameId),
  );
  if (told.size > 1) yield `${name}: answers that do not agree: ${[...told].join(', ')}`;
  for (const { renameId } of renamed) {
    const record = byId.get(renameId ?? '');
    if (record?.['status'] !== 'succeeded' || record['requestedName'] !== name)
      yield `${name}: a 200 whose record is ${String(record?.['status'])}`;
  }
  for (const { status, renameId } of answers) {
    if (status === 500 || status === 401 || status === 404) yield `${name}: a ${status}`;
    if (renameId !== null && !byId.has(renameId)) yield `${name}: a ${status} with an id that has no record`;
  }
  if (answers.every(({ status }) => WITHOUT_EFFECT.has(status)) && effects > 0)
    yield `${name}: an effect, though the client only got ${answers.map(({ status }) => status).join(', ')}`;
}

const keyOf = (row: Row): string => String(row['rowKey']);

/** The properties that must be equal in both copies. */
/** Rows of earlier versions have their times as text. */
function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : Date.parse(String(value));
}

function contentOf({ rowKey: _key, etag: _etag, timestamp: _at, ...content }: Row): string {
  const named = Object.entries(content).map(([property, value]): [string, unknown] => [
    property === 'copiedStatus' ? 'status' : property,
    typeof value === 'bigint' ? Number(value) : value,
  ]);
  return JSON.stringify(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function grouped<T>(list: readonly T[], keyFor: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const key = keyFor(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
