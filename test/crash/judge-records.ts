import { describeEffect, describeRecord } from './describe.ts';
import type { Begin, Edit, Effect, Evidence } from './evidence.ts';
import { isOf } from './match.ts';
import type { RecordRow, SortedRows } from './rows.ts';
import { type Violation, violation } from './violation.ts';

/** Whether each record tells what became of the iteration. */
export function judgeRecords(evidence: Evidence, { records }: SortedRows): Violation[] {
  return [
    ...effectsWithoutRecord(evidence, records),
    ...records
      .filter(({ status }) => !FINAL.has(status))
      .map((record) => violation('no record stays pending', describeRecord(record))),
    ...records.flatMap((record) =>
      record.status === 'unresolved'
        ? causelessDoubt(record, evidence, records)
        : untrueStatus(record, evidence),
    ),
    ...records.flatMap((record) => untrueNames(record, evidence)),
  ];
}

const FINAL = new Set(['succeeded', 'rejected', 'not_applied', 'unresolved']);

function effectsWithoutRecord({ begins, effects }: Evidence, records: readonly RecordRow[]): Violation[] {
  const begunAt = new Map(begins.toReversed().map(({ renameId, seq }: Begin) => [renameId, seq]));
  return effects
    .filter(
      (effect) =>
        !records.some(
          (record) => isOf(effect, record) && (begunAt.get(record.renameId) ?? Infinity) < effect.seq,
        ),
    )
    .map((effect) => violation('every effect has an earlier record', describeEffect(effect)));
}

function untrueStatus(record: RecordRow, evidence: Evidence): Violation[] {
  const own = evidence.effects.filter((effect) => isOf(effect, record));
  const isSuccess = record.status === 'succeeded';
  if (isSuccess === own.length > 0) return [];
  // Judged by the state, which somebody else had made: the iteration does have the name.
  if (isSuccess && record.evidence === 'state' && namesHad(record, evidence, Infinity).has(record.shown)) {
    return [];
  }
  const found = isSuccess ? 'the name was never taken' : own.map(describeEffect).join(', ');
  return [
    violation('succeeded if and only if the effect took place', `${describeRecord(record)}, but ${found}`),
  ];
}

/**
 * Clocks are read to the second, the service's and the table's: what was changed this short before the begin
 * may be taken for later.
 */
const CLOCK_RESOLUTION_MS = 3000;

/** Somebody else has changed the iteration between begin and end: only then may the outcome stay unknown. */
function causelessDoubt(
  record: RecordRow,
  { begins, ends, edits, effects }: Evidence,
  records: readonly RecordRow[],
): Violation[] {
  const begin = begins.find(({ renameId }) => renameId === record.renameId);
  const end = ends.find(({ renameId }) => renameId === record.renameId)?.seq ?? Infinity;
  if (begin === undefined) return [];
  const sinceMs = begin.atMs - CLOCK_RESOLUTION_MS;
  const isCause = (change: Edit | Effect) =>
    change.iterationId === record.iterationId && change.atMs >= sinceMs && change.seq < end;
  // What a succeeded rename left behind is known from its record, so that the time of its effect does not
  // count.
  const isKnown = (effect: Effect) =>
    effect.seq < begin.seq &&
    records.some(({ status, ...other }) => status === 'succeeded' && isOf(effect, { status, ...other }));
  const hasCause =
    edits.some(isCause) ||
    effects.some((effect) => !isOf(effect, record) && isCause(effect) && !isKnown(effect));
  if (hasCause) return [];
  return [
    violation(
      'unresolved only where somebody else changed the iteration',
      `${describeRecord(record)}, but only its own request has changed the iteration, if any`,
    ),
  ];
}

function untrueNames(record: RecordRow, evidence: Evidence): Violation[] {
  const { previousName, status, shown } = record;
  const own = evidence.effects.find((effect) => isOf(effect, record));
  const had = namesHad(record, evidence, own?.seq ?? Infinity);
  const wasNeverHad = previousName !== null && !had.has(previousName);
  return [
    ...(wasNeverHad
      ? [
          violation(
            'a previous name is one that the iteration had',
            `${describeRecord(record)}, previously "${previousName}"`,
          ),
        ]
      : []),
    ...(status === 'succeeded' && own !== undefined && own.shown !== shown
      ? [
          violation(
            'a record keeps the name as it was taken',
            `${describeRecord(record)} shows "${shown}", but ${describeEffect(own)}`,
          ),
        ]
      : []),
  ];
}

/** All names of the record's iteration before `seq`. */
function namesHad(
  { iterationId }: RecordRow,
  { seeded, edits, effects }: Evidence,
  seq: number,
): Set<string> {
  const isOfIteration = (one: { readonly iterationId: string }) => one.iterationId === iterationId;
  const changes = [...edits, ...effects].filter((change) => isOfIteration(change) && change.seq < seq);
  return new Set([
    ...seeded.filter(isOfIteration).map(({ name }) => name),
    ...changes.map(({ shown }) => shown),
  ]);
}
