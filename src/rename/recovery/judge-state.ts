import { isSameName } from '../same-name.ts';
import { type SeenIteration, seen, type UpstreamReading } from '../upstream.ts';

/**
 * What the iteration's state proves about a rename whose answer is missing. `applied`: it has the name.
 * `not_applied`: it has another one and was not modified since the rename was begun. `modified`: it has
 * another one, and something has changed it since. `unknown`: the service does not say when it was modified.
 */
export type StateVerdict = 'applied' | 'not_applied' | 'modified' | 'unknown';

export interface RenameToJudge {
  readonly requestedName: string;
  /** As it was read before the rename was sent. */
  readonly before: SeenIteration | null;
  /** What the newest succeeded rename left behind. */
  readonly lastKnown: SeenIteration | null;
  /** The longest time that can have passed between the begin of the rename and the reading. */
  readonly sinceBegunMs: number;
}

type ReadIteration = Extract<UpstreamReading, { kind: 'iteration' }>;

export function judgeState(
  { iteration, answeredAtMs }: ReadIteration,
  { requestedName, before, lastKnown, sinceBegunMs }: RenameToJudge,
): StateVerdict {
  const shown = seen(iteration);
  if (shown.name === requestedName) return 'applied';
  // Each change gives a new time, so equal times mean the same state, whatever any clock says.
  if (isSame(shown, before) || isSame(shown, lastKnown)) return 'not_applied';
  const modifiedAtMs = latestTimeOf(shown.lastModified);
  if (modifiedAtMs === null || answeredAtMs === null) return 'unknown';
  if (modifiedAtMs < answeredAtMs - sinceBegunMs) return 'not_applied';
  return isSameName(shown.name, requestedName) ? 'applied' : 'modified';
}

function isSame(shown: SeenIteration, known: SeenIteration | null): boolean {
  return known !== null && shown.lastModified !== null && shown.lastModified === known.lastModified;
}

/**
 * A time without fractions of a second stands for that whole second; one without a zone is UTC, as the
 * service means it.
 */
export function latestTimeOf(text: string | null): number | null {
  if (text === null) return null;
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
  const ms = Date.parse(hasZone ? text : `${text}Z`);
  if (Number.isNaN(ms)) return null;
  return /\.\d/.test(text) ? ms : ms + 999;
}
