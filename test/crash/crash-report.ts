import type { Evidence } from './evidence.ts';
import { answersLostAtTheEnd, effectsOf } from './judge-requests.ts';
import { sortRows } from './rows.ts';
import type { Violation } from './violation.ts';

/** The figures of one run. */
export interface CrashReport {
  readonly seed: number;
  readonly tookMs: number;
  readonly kills: number;
  readonly killsByPoint: Readonly<Record<string, number>>;
  readonly recordsByStatus: Readonly<Record<string, number>>;
  readonly recordsByTrigger: Readonly<Record<string, number>>;
  readonly undosByStatus: Readonly<Record<string, number>>;
  /** Records completed by a later look at the iteration, not by the answer. */
  readonly settledByState: number;
  readonly answersByStatus: Readonly<Record<string, number>>;
  readonly effects: number;
  /** Changes that people made in the portal. */
  readonly edits: number;
  /**
   * Requests without a key whose claim had ended, but whose answer was never sent: see `answersLostAtTheEnd`.
   */
  readonly answersLostAtTheEnd: number;
  /** Effects of their repeats. */
  readonly secondEffects: number;
  readonly violations: readonly Violation[];
}

export function createReport({
  seed,
  evidence,
  kills,
  violations,
  tookMs,
}: {
  readonly seed: number;
  readonly evidence: Evidence;
  /** By the point where the process was killed. */
  readonly kills: ReadonlyMap<string, number>;
  readonly violations: readonly Violation[];
  readonly tookMs: number;
}): CrashReport {
  const sorted = sortRows(evidence);
  const { records } = sorted;
  const lost = evidence.asked.map((one) => answersLostAtTheEnd(one, evidence, sorted).length);
  const effects = evidence.asked.map((one) => effectsOf(one, evidence.effects).length);
  const attempts = evidence.asked.flatMap((one) => one.attempts);
  const killsByPoint = Object.fromEntries([...kills].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return {
    seed,
    tookMs,
    kills: sum(Object.values(killsByPoint)),
    killsByPoint,
    recordsByStatus: count(records.map(({ status }) => status)),
    recordsByTrigger: count(records.map(({ trigger }) => trigger)),
    undosByStatus: count(records.filter(({ undoes }) => undoes !== null).map(({ status }) => status)),
    settledByState: records.filter(({ evidence: by }) => by === 'state').length,
    answersByStatus: count(attempts.map(({ status }) => (status === null ? 'none' : String(status)))),
    effects: evidence.effects.length,
    edits: evidence.edits.length,
    answersLostAtTheEnd: sum(lost),
    secondEffects: sum(effects.map((ofOne) => Math.max(0, ofOne - 1))),
    violations,
  };
}

function count(values: readonly string[]): Record<string, number> {
  const groups = Object.groupBy(values.toSorted(), (value) => value);
  return Object.fromEntries(Object.entries(groups).map(([value, all]) => [value, all?.length ?? 0]));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
