import { describeAnswers, describeAsked, describeEffect } from './describe.ts';
import type { Asked, ClaimEnd, Effect, Evidence } from './evidence.ts';
import { groupKey } from './match.ts';
import type { SortedRows } from './rows.ts';
import { type Violation, violation } from './violation.ts';

/** Whether each request was carried out once, with all its repeats. */
export function judgeRequests(evidence: Evidence, sorted: SortedRows): Violation[] {
  return [
    ...repeatedEffects(evidence, sorted),
    ...undoneChanges(evidence, sorted),
    ...hiddenOutcomes(evidence, sorted),
    ...swallowedRequests(evidence),
  ];
}

function repeatedEffects(evidence: Evidence, sorted: SortedRows): Violation[] {
  const groups = Map.groupBy(evidence.asked, groupKey);
  const effects = Map.groupBy(evidence.effects, groupKey);
  return [...groups].flatMap(([key, group]) => {
    const [first] = group;
    const ofGroup = effects.get(key) ?? [];
    if (first === undefined) return [];
    const allowed = group.map((one) => 1 + answersLostAtTheEnd(one, evidence, sorted).length);
    const found = ofGroup.map(describeEffect).join(', ');
    if (ofGroup.length > allowed.reduce((sum, count) => sum + count, 0)) {
      return violation(
        'one request has at most one effect',
        `${describeAsked(first)} (${group.length} of this name): ${found}; answers: ${group.map(describeAnswers).join(' / ')}`,
      );
    }
    return group.flatMap((one, index) => {
      if (effectsOf(one, ofGroup).length <= (allowed[index] ?? 1)) return [];
      return violation('one request has at most one effect', `${describeAsked(one)}: ${found}`);
    });
  });
}

function undoneChanges(evidence: Evidence, sorted: SortedRows): Violation[] {
  return evidence.asked.flatMap((one) => {
    const [first, ...repeated] = effectsOf(one, evidence.effects);
    if (first === undefined || repeated.length <= answersLostAtTheEnd(one, evidence, sorted).length)
      return [];
    return repeated.flatMap((effect) =>
      [...evidence.edits, ...evidence.effects]
        .filter(({ iterationId, seq }) => iterationId === one.iterationId && seq > first.seq)
        .filter((change) => change.seq < effect.seq && !repeated.some(({ seq }) => seq === change.seq))
        .map(({ shown }) =>
          violation(
            'a repeat undoes nothing that others did',
            `${describeAsked(one)}: "${shown}" was undone when ${describeEffect(effect)}`,
          ),
        ),
    );
  });
}

/**
 * The one gap: without a key, the claim of a request ends when its answer leaves, be it the answer to the first
 * request or to a repeat. If the answer is lost, the next repeat is a new request to the product.
 */
export function answersLostAtTheEnd(
  { key, attempts }: Asked,
  { begins, claimEnds }: Pick<Evidence, 'begins' | 'claimEnds'>,
  { records }: Pick<SortedRows, 'records'>,
): Asked['attempts'] {
  if (key !== null) return [];
  const traceIds = new Set<string | null>(attempts.map(({ traceId }) => traceId));
  const own = new Set(records.filter(({ traceId }) => traceIds.has(traceId)).map(({ renameId }) => renameId));
  const isFollowed = (end: ClaimEnd) =>
    begins.some(({ renameId, seq }) => own.has(renameId) && seq > end.seq);
  const ends = claimEnds.filter((end) => own.has(end.renameId) && isFollowed(end));
  return attempts.filter(
    ({ status, startedSeq }) => status === null && ends.some(({ seq }) => seq > startedSeq),
  );
}

/** After a 502 or 504, a 409 that does not name the rename hides what became of it. */
function hiddenOutcomes({ asked }: Evidence, { records }: SortedRows): Violation[] {
  return asked.flatMap((one) => {
    const attempts = one.attempts.toSorted((a, b) => a.startedSeq - b.startedSeq);
    return attempts.flatMap(({ status, renameId, endedSeq }, index) => {
      const next = attempts[index + 1];
      const isOpen =
        (status === 502 || status === 504) &&
        records.some((record) => record.renameId === renameId && record.status !== 'not_applied');
      const isHidden =
        isOpen && next?.status === 409 && next.renameId !== renameId && next.startedSeq > endedSeq;
      if (!isHidden) return [];
      return violation(
        'a repeat learns what became of the first',
        `${describeAsked(one)} was answered ${status} for ${renameId}, then 409`,
      );
    });
  });
}

/** Answered by a rename whose outcome another request had been told before this one was sent. */
function swallowedRequests({ asked }: Evidence): Violation[] {
  const told = asked.flatMap((one) =>
    one.attempts.flatMap(({ status, renameId, endedSeq }) =>
      status === 200 ? { one, renameId, endedSeq } : [],
    ),
  );
  const byRename = Map.groupBy(told, ({ renameId }) => renameId);
  return asked.flatMap((one) => {
    const firstSeq = Math.min(...one.attempts.map(({ startedSeq }) => startedSeq));
    return one.attempts.flatMap(({ status, renameId }) => {
      const earlier = byRename.get(renameId)?.find((other) => other.one !== one && other.endedSeq < firstSeq);
      if (status !== 200 || earlier === undefined) return [];
      return violation(
        'an intended second rename is carried out',
        `${describeAsked(one)} was answered by ${renameId}, which had ended before`,
      );
    });
  });
}

export function effectsOf({ attempts }: Asked, effects: readonly Effect[]): Effect[] {
  const own = new Set(attempts.map(({ traceId }) => traceId));
  return effects.filter(({ traceId }) => traceId !== null && own.has(traceId));
}
