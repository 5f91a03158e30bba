import { describeAsked, describeEffect, describeRecord } from './describe.ts';
import type { Evidence } from './evidence.ts';
import { groupKey } from './match.ts';
import type { SortedRows } from './rows.ts';
import { ANSWER_TIMEOUT_MS } from './settings.ts';
import { type Violation, violation } from './violation.ts';

/** Whether each delivery is answered, and what was accepted is carried out while it is granted. */
export function judgeDeliveries(evidence: Evidence, sorted: SortedRows): Violation[] {
  return [
    ...lostAccepts(evidence, sorted),
    ...unansweredDeliveries(evidence),
    ...ungrantedEffects(evidence),
    ...throttledEnds(evidence, sorted),
  ];
}

function lostAccepts({ asked }: Evidence, { records }: SortedRows): Violation[] {
  return asked.flatMap((one) => {
    const accepted = new Set(
      one.attempts.filter(({ status }) => status === 202).map(({ renameId }) => renameId),
    );
    const unreplaced = [...accepted].filter(
      (acceptedId) => !records.some(({ replaces }) => replaces === acceptedId),
    );
    const several =
      unreplaced.length > 1
        ? [
            violation(
              'an accepted rename ends as a record',
              `${describeAsked(one)} was given several renames: ${unreplaced.join(', ')}`,
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

/**
 * A sender repeats a delivery until it is answered. That each process is killed meanwhile is not the
 * product's fault.
 */
function unansweredDeliveries({ asked }: Evidence): Violation[] {
  return asked
    .filter(
      ({ by, attempts }) =>
        by === 'sender' &&
        attempts.every(({ status }) => status === null) &&
        attempts.some(({ tookMs }) => tookMs >= ANSWER_TIMEOUT_MS),
    )
    .map((one) =>
      violation(
        'a delivery is answered',
        `${describeAsked(one)} got no answer after ${one.attempts.map(({ tookMs }) => tookMs).join(', ')} ms`,
      ),
    );
}

function ungrantedEffects({ asked, effects }: Evidence): Violation[] {
  return asked
    .filter(({ isWithdrawn }) => isWithdrawn)
    .flatMap((one) =>
      effects
        .filter((effect) => groupKey(effect) === groupKey(one))
        .map((effect) =>
          violation(
            'nothing is renamed without a grant',
            `${describeAsked(one)} was withdrawn, but ${describeEffect(effect)}`,
          ),
        ),
    );
}

function throttledEnds({ asked }: Evidence, { records }: SortedRows): Violation[] {
  return asked
    .filter(({ isOnlyThrottled }) => isOnlyThrottled)
    .flatMap((one) =>
      records
        .filter((record) => one.attempts.some(({ renameId }) => renameId === record.renameId))
        .filter(({ status }) => status !== 'succeeded')
        .map((record) => violation('throttling ends no accepted rename', describeRecord(record))),
    );
}
