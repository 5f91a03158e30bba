import { describeEffect, describeRecord } from './describe.ts';
import type { Effect, Evidence } from './evidence.ts';
import { isOf } from './match.ts';
import type { RecordRow, SortedRows } from './rows.ts';
import { type Violation, violation } from './violation.ts';

/** Whether each undo gave the right name back, once, and in place of no other name. */
export function judgeUndos(evidence: Evidence, { records }: SortedRows): Violation[] {
  const undos = records.flatMap((record) => (record.undoes === null ? [] : { record, of: record.undoes }));
  const byUndone = Map.groupBy(undos, ({ of }) => of);
  return [...byUndone].flatMap(([renameId, group]) => {
    const undone = records.find((record) => record.renameId === renameId);
    const made = group.flatMap(({ record }) => evidence.effects.filter((effect) => isOf(effect, record)));
    return [
      ...group.flatMap(({ record }) => untrueUndo(record, undone)),
      ...(made.length > 1
        ? [violation('a rename is undone once', `${renameId}: ${made.map(describeEffect).join(', ')}`)]
        : []),
      ...made.flatMap((effect) => takenNames(effect, undone, evidence)),
    ];
  });
}

function untrueUndo(record: RecordRow, undone: RecordRow | undefined): Violation[] {
  const isTrue =
    undone?.status === 'succeeded' &&
    undone.iterationId === record.iterationId &&
    undone.previousName === record.requestedName;
  if (isTrue) return [];
  const found =
    undone === undefined ? 'no record' : `${describeRecord(undone)}, "${undone.previousName}" before`;
  return [violation('an undo gives back what the record tells', `${describeRecord(record)} undoes ${found}`)];
}

/**
 * Its last reading before it was sent must have shown the name. Between that and the effect, a person may have
 * changed the iteration: nobody can see that. Another rename of the product may not, because of the lease.
 */
function takenNames(effect: Effect, undone: RecordRow | undefined, evidence: Evidence): Violation[] {
  const look = evidence.reads.findLast(
    ({ traceId, seq, answered }) =>
      traceId === effect.traceId && seq < effect.seq && (answered === null || answered.status === 200),
  );
  const answeredSeq = Math.min(look?.answered?.seq ?? Infinity, effect.seq);
  const isSeen =
    look !== undefined &&
    undone !== undefined &&
    namesBetween(effect, look.seq, answeredSeq, evidence).includes(undone.shown);
  const others = evidence.effects.filter(
    ({ iterationId, seq }) => iterationId === effect.iterationId && seq > answeredSeq && seq < effect.seq,
  );
  if (isSeen && others.length === 0) return [];
  const found = isSeen
    ? others.map(describeEffect).join(', ')
    : `its reading did not show "${undone?.shown}"`;
  return [
    violation(
      'an undo takes back only the name that it undoes',
      `${describeEffect(effect)}, an undo, but ${found}`,
    ),
  ];
}

/** The names that a reading can have shown. */
function namesBetween(
  { iterationId }: Effect,
  fromSeq: number,
  untilSeq: number,
  { seeded, edits, effects }: Evidence,
): string[] {
  const changes = [...edits, ...effects]
    .filter((change) => change.iterationId === iterationId && change.seq < untilSeq)
    .toSorted((a, b) => a.seq - b.seq);
  const before = changes.findLast(({ seq }) => seq < fromSeq);
  const nameBefore = before?.shown ?? seeded.find((one) => one.iterationId === iterationId)?.name;
  const names = changes.filter(({ seq }) => seq > fromSeq).map(({ shown }) => shown);
  return nameBefore === undefined ? names : [nameBefore, ...names];
}
