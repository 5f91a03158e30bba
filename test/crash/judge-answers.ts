import { describeAsked, describeEffect, describeRecord } from './describe.ts';
import type { Attempt, Effect, Evidence } from './evidence.ts';
import { isOf } from './match.ts';
import type { SortedRows } from './rows.ts';
import { type Violation, violation } from './violation.ts';

/** Whether what the clients were told is true. */
export function judgeAnswers(evidence: Evidence, sorted: SortedRows): Violation[] {
  return [
    ...unforeseenAnswers(evidence),
    ...untrueAnswers(evidence, sorted),
    ...refusedEffects(evidence),
    ...unknownOutcomes(evidence),
  ];
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

function untrueAnswers({ asked, effects }: Evidence, { records }: SortedRows): Violation[] {
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
      // A record that could not be completed may end unresolved, though its caller was told the truth.
      const isTrue =
        record?.status === 'succeeded' ||
        (record?.status === 'unresolved' && effects.some((effect) => isOf(effect, record)));
      const agrees =
        isTrue &&
        record.requestedName === one.name &&
        record.iterationId === one.iterationId &&
        (attempt.name === record.shown || record.status === 'unresolved');
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

/** Of callers only: a sender's 503 may follow a transaction whose answer was lost, and says so. */
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

/** Of callers whose rename has taken place, and who were told that it is not known. */
function unknownOutcomes(evidence: Evidence): Violation[] {
  const { asked, effects, reads, shortestTimeoutMs } = evidence;
  return asked
    .filter(({ by }) => by === 'caller')
    .flatMap((one) =>
      one.attempts.flatMap((attempt) => {
        const effect = effects.find(({ traceId }) => traceId === attempt.traceId);
        if (effect === undefined || (attempt.status !== 502 && attempt.status !== 504)) return [];
        const found = `${describeAsked(one)} was answered ${attempt.status}, but ${describeEffect(effect)}`;
        return [
          ...(attempt.renameId === null ? [violation('an unknown outcome has an address', found)] : []),
          ...(attempt.tookMs < SHARE_OF_TIMEOUT * shortestTimeoutMs &&
          couldLook(attempt, effect.seq, reads) &&
          isNewName(effect, evidence)
            ? [violation('an unknown outcome is told after a look only', found)]
            : []),
        ];
      }),
    );
}

/** An answer in less time has left time for a look. */
const SHARE_OF_TIMEOUT = 0.9;

/** It had seen the name before, and it did not look again. */
function couldLook({ traceId }: Attempt, effectSeq: number, reads: Evidence['reads']): boolean {
  const own = reads.filter((read) => read.traceId === traceId);
  const before = own.findLast(({ seq }) => seq < effectSeq);
  const hasSeenBefore = before?.answered?.status === 200 && before.answered.seq < effectSeq;
  return hasSeenBefore && own.every(({ seq }) => seq < effectSeq);
}

/** A look proves nothing where the iteration had the name before. */
function isNewName({ iterationId, seq, shown }: Effect, { seeded, edits, effects }: Evidence): boolean {
  const before = [...edits, ...effects]
    .filter((change) => change.iterationId === iterationId && change.seq < seq)
    .toSorted((a, b) => a.seq - b.seq)
    .at(-1);
  const name = before?.shown ?? seeded.find((one) => one.iterationId === iterationId)?.name;
  return name !== shown;
}
