import { describeAsked, describeEffect, describeRecord } from './describe.ts';
import type { Begin, Evidence, Row } from './evidence.ts';
import { groupKey, isOf, isOfSameName } from './match.ts';
import { type SortedRows, sortRows } from './rows.ts';

/** What must hold after any number of crashes, once everything is settled. */
export type Invariant =
  | 'every effect has an earlier record'
  | 'no record stays pending'
  | 'succeeded if and only if the effect took place'
  | 'one request has at most one effect'
  | 'both copies of a record are equal'
  | 'no lock is left'
  | 'a claim points to a record'
  | 'every record was asked for'
  | 'every answer is one of the contract'
  | 'a 200 agrees with its record'
  | 'a refusal had no effect'
  | 'an accepted rename ends as a record';

export interface Violation {
  readonly invariant: Invariant;
  /** In words, with the ids that lead to it. */
  readonly found: string;
}

/** Judges by the evidence alone: it knows nothing of the app or of the kills. */
export function checkInvariants(evidence: Evidence): Violation[] {
  const sorted = sortRows(evidence);
  return [
    ...effectsWithoutRecord(evidence, sorted),
    ...unfinishedRecords(sorted),
    ...untrueRecords(evidence, sorted),
    ...repeatedEffects(evidence),
    ...differingCopies(sorted),
    ...sorted.locks.map(({ rowKey, renameId }) =>
      violation('no lock is left', `${rowKey}, leased by the rename ${String(renameId)}`),
    ),
    ...danglingClaims(sorted),
    ...unaskedRecords(evidence, sorted),
    ...unforeseenAnswers(evidence),
    ...untrueAnswers(evidence, sorted),
    ...refusedEffects(evidence),
    ...lostAccepts(evidence, sorted),
  ];
}

function effectsWithoutRecord({ begins, effects }: Evidence, { records }: SortedRows): Violation[] {
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

function unfinishedRecords({ records }: SortedRows): Violation[] {
  return records
    .filter(({ status }) => !['succeeded', 'rejected', 'not_applied'].includes(status))
    .map((record) => violation('no record stays pending', describeRecord(record)));
}

function untrueRecords({ effects }: Evidence, { records }: SortedRows): Violation[] {
  return records.flatMap((record) => {
    const own = effects.filter((effect) => isOf(effect, record));
    if (record.status !== 'succeeded' && own.length > 0) {
      return violation(
        'succeeded if and only if the effect took place',
        `${describeRecord(record)}, but ${own.map(describeEffect).join(', ')}`,
      );
    }
    if (record.status !== 'succeeded' || own.length > 0) return [];
    // Judged by the state, which an earlier rename to the same name had made: the iteration does have the
    // name.
    const isOfState = record.evidence === 'state' && effects.some((effect) => isOfSameName(effect, record));
    if (isOfState) return [];
    return violation(
      'succeeded if and only if the effect took place',
      `${describeRecord(record)}, but the name was never taken`,
    );
  });
}

function repeatedEffects({ effects, asked }: Evidence): Violation[] {
  const groups = Map.groupBy(asked, groupKey);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const ofGroup = effects.filter((effect) => groupKey(effect) === groupKey(first));
    const found = ofGroup.map(describeEffect).join(', ');
    if (ofGroup.length > group.length) {
      return violation(
        'one request has at most one effect',
        `${describeAsked(first)} (${group.length} of this name): ${found}`,
      );
    }
    return group.flatMap((one) => {
      const own = ofGroup.filter(({ traceId }) =>
        one.attempts.some((attempt) => attempt.traceId === traceId),
      );
      if (own.length <= 1) return [];
      return violation('one request has at most one effect', `${describeAsked(one)}: ${found}`);
    });
  });
}

function differingCopies({ records, copies }: SortedRows): Violation[] {
  const keys = new Set(
    records.map(({ projectId, iterationId, renameId }) => copyKey(projectId, iterationId, renameId)),
  );
  const orphans = [...copies.keys()].filter((key) => !keys.has(key));
  return [
    ...orphans.map((key) => violation('both copies of a record are equal', `${key} has no record`)),
    ...records.flatMap((record) => {
      const copy = copies.get(copyKey(record.projectId, record.iterationId, record.renameId));
      if (copy === undefined)
        return violation('both copies of a record are equal', `${describeRecord(record)} has no copy`);
      const [ours, theirs] = [contentOf(record.row), contentOf(copy)];
      const differing = [...new Set([...ours.keys(), ...theirs.keys()])].filter(
        (property) => ours.get(property) !== theirs.get(property),
      );
      if (differing.length === 0) return [];
      return violation(
        'both copies of a record are equal',
        `${describeRecord(record)} differs in ${differing.join(', ')}`,
      );
    }),
  ];
}

function danglingClaims({ claims, records }: SortedRows): Violation[] {
  return claims
    .filter((claim) => !records.some(({ renameId }) => renameId === claim['renameId']))
    .map(({ rowKey, renameId }) =>
      violation('a claim points to a record', `${rowKey} points to ${String(renameId)}`),
    );
}

function unaskedRecords({ asked }: Evidence, { records }: SortedRows): Violation[] {
  const wanted = new Set(asked.map(groupKey));
  return records
    .filter(({ requestedName, ...record }) => !wanted.has(groupKey({ ...record, name: requestedName })))
    .map((record) => violation('every record was asked for', describeRecord(record)));
}

function unforeseenAnswers({ asked }: Evidence): Violation[] {
  return asked.flatMap((one) =>
    one.attempts
      .filter(({ status }) => status !== null && !ANSWERS.has(status))
      .map(({ status }) =>
        violation('every answer is one of the contract', `${describeAsked(one)} was answered ${status}`),
      ),
  );
}

const ANSWERS = new Set([200, 202, 400, 409, 422, 429, 502, 503, 504]);

function untrueAnswers({ asked }: Evidence, { records }: SortedRows): Violation[] {
  return asked.flatMap((one) => {
    const answers = one.attempts.filter(({ status }) => status === 200);
    const renameIds = new Set(answers.map(({ renameId }) => renameId));
    const disagree =
      one.key !== null && renameIds.size > 1
        ? [
            violation(
              'a 200 agrees with its record',
              `${describeAsked(one)} was answered by several renames: ${[...renameIds].join(', ')}`,
            ),
          ]
        : [];
    const untrue = answers.flatMap((attempt) => {
      const record = records.find(({ renameId }) => renameId === attempt.renameId);
      const agrees =
        record?.status === 'succeeded' &&
        record.requestedName === one.name &&
        record.iterationId === one.iterationId &&
        attempt.name === one.name;
      if (agrees) return [];
      const found = record === undefined ? 'has no record' : `has ${describeRecord(record)}`;
      return violation(
        'a 200 agrees with its record',
        `${describeAsked(one)}: ${attempt.renameId} (${attempt.name}) ${found}`,
      );
    });
    return [...disagree, ...untrue];
  });
}

/**
 * Of callers only: a sender's 503 may follow an enqueue whose answer was lost, so that the rename may still
 * happen.
 */
function refusedEffects({ asked, effects }: Evidence): Violation[] {
  return asked
    .filter(({ by }) => by === 'caller')
    .flatMap((one) =>
      one.attempts
        .filter(({ status }) => status !== null && REFUSALS.has(status))
        .flatMap(({ status, traceId }) =>
          effects
            .filter((effect) => effect.traceId === traceId)
            .map((effect) =>
              violation(
                'a refusal had no effect',
                `${describeAsked(one)} was answered ${status}, but ${describeEffect(effect)}`,
              ),
            ),
        ),
    );
}

const REFUSALS = new Set([400, 409, 422, 429, 503]);

function lostAccepts({ asked }: Evidence, { records }: SortedRows): Violation[] {
  return asked.flatMap((one) => {
    const accepted = new Set(
      one.attempts.filter(({ status }) => status === 202).map(({ renameId }) => renameId),
    );
    const several =
      accepted.size > 1
        ? [
            violation(
              'an accepted rename ends as a record',
              `${describeAsked(one)} was given several renames: ${[...accepted].join(', ')}`,
            ),
          ]
        : [];
    const broken = [...accepted]
      .filter(
        (acceptedId) =>
          !records.some(
            ({ renameId, requestedName }) => renameId === acceptedId && requestedName === one.name,
          ),
      )
      .map((acceptedId) =>
        violation(
          'an accepted rename ends as a record',
          `${describeAsked(one)}: ${acceptedId} has no record`,
        ),
      );
    return [...several, ...broken];
  });
}

function copyKey(projectId: string, iterationId: string, renameId: string): string {
  return `${projectId} iteration|${iterationId}|${renameId}`;
}

/** A row's properties, without its key and the table's own. */
function contentOf(row: Row): Map<string, unknown> {
  return new Map(
    Object.entries(row)
      .filter(([property]) => !['rowKey', 'etag', 'timestamp'].includes(property))
      .map(([property, value]) => [
        property === 'copiedStatus' ? 'status' : property,
        value instanceof Date ? value.getTime() : value,
      ]),
  );
}

function violation(invariant: Invariant, found: string): Violation {
  return { invariant, found };
}
