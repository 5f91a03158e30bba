import { afterEach, describe, expect, it, vi } from 'vitest';
import { judgeState, latestTimeOf, type StateVerdict } from '../../../src/rename/recovery/judge-state.ts';
import type { SeenIteration } from '../../../src/rename/upstream.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');

interface Case {
  case: string;
  shown: { name: string; lastModified?: unknown };
  answeredAtMs?: number | null;
  before?: SeenIteration;
  lastKnown?: SeenIteration;
  verdict: StateVerdict;
}

/** The rename to "v1" was begun at most ten seconds before noon, on the service's clock. */
describe('the state of an iteration', () => {
  it.each<Case>([
    { case: 'shows the name', shown: { name: 'v1' }, verdict: 'applied' },
    {
      case: 'shows another name, and was modified before the begin',
      shown: { name: 'old', lastModified: '2026-01-01T11:59:49.999Z' },
      verdict: 'not_applied',
    },
    {
      case: 'shows another name, and was modified in the moment of the begin',
      shown: { name: 'C', lastModified: '2026-01-01T11:59:50.000Z' },
      verdict: 'modified',
    },
    {
      case: 'shows another name, and was modified after the begin',
      shown: { name: 'C', lastModified: '2026-01-01T11:59:55.000Z' },
      verdict: 'modified',
    },
    {
      case: 'was modified in a second that the begin may lie in, by a service that tells no fractions',
      shown: { name: 'C', lastModified: '2026-01-01T11:59:49Z' },
      verdict: 'not_applied',
    },
    {
      case: 'was modified in that second, of which the begin is a part',
      shown: { name: 'C', lastModified: '2026-01-01T11:59:50Z' },
      verdict: 'modified',
    },
    {
      case: 'tells a time without a zone, which is UTC',
      shown: { name: 'old', lastModified: '2026-01-01T11:59:49.5' },
      verdict: 'not_applied',
    },
    {
      case: 'tells a time in another zone',
      shown: { name: 'C', lastModified: '2026-01-01T20:59:55.000+09:00' },
      verdict: 'modified',
    },
    {
      case: 'was modified within the uncertain time, but is as it was read before',
      shown: { name: 'old', lastModified: '2026-01-01T11:59:55.000Z' },
      before: { name: 'old', lastModified: '2026-01-01T11:59:55.000Z' },
      verdict: 'not_applied',
    },
    {
      case: 'has the name that was read before again, but was modified since',
      shown: { name: 'old', lastModified: '2026-01-01T11:59:58.000Z' },
      before: { name: 'old', lastModified: '2026-01-01T11:59:40.000Z' },
      verdict: 'modified',
    },
    {
      case: 'is as the newest succeeded rename left it',
      shown: { name: 'v0', lastModified: '2026-01-01T11:59:55.000Z' },
      lastKnown: { name: 'v0', lastModified: '2026-01-01T11:59:55.000Z' },
      verdict: 'not_applied',
    },
    {
      case: 'tells no time, and neither did the reading before',
      shown: { name: 'old', lastModified: null },
      before: { name: 'old', lastModified: null },
      verdict: 'unknown',
    },
    {
      case: 'tells no time that can be read',
      shown: { name: 'C', lastModified: 'soon' },
      verdict: 'unknown',
    },
    {
      case: 'comes without the service telling its own time',
      shown: { name: 'old', lastModified: '2026-01-01T11:00:00.000Z' },
      answeredAtMs: null,
      verdict: 'unknown',
    },
    {
      case: 'shows the name in another form, and was modified since',
      shown: { name: ' v1 ', lastModified: '2026-01-01T11:59:55.000Z' },
      verdict: 'applied',
    },
    {
      case: 'showed the other form of the name before',
      shown: { name: ' v1 ', lastModified: '2026-01-01T11:59:40.000Z' },
      verdict: 'not_applied',
    },
  ])('that $case is $verdict', ({ shown, answeredAtMs = NOON, before = null, lastKnown = null, verdict }) => {
    const judged = judgeState(
      { kind: 'iteration', iteration: shown, answeredAtMs },
      { requestedName: 'v1', before, lastKnown, sinceBegunMs: 10_000 },
    );
    expect(judged).toBe(verdict);
  });
});

describe('a time without a zone', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(['Asia/Tokyo', 'America/Los_Angeles'])('is UTC on a machine in %s, too', (zone) => {
    vi.stubEnv('TZ', zone);
    expect(latestTimeOf('2026-01-01T12:00:00.000')).toBe(NOON);
    expect(latestTimeOf('2026-01-01T12:00:00')).toBe(NOON + 999);
    expect(latestTimeOf('2026-01-01T14:00:00.000+02:00')).toBe(NOON);
  });
});
