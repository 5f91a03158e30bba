import type { FarEndStep } from './far-end-steps.ts';
import type { Random } from '../random.ts';

/** The steps that a process itself can see. */
export type AppStep =
  | 'request'
  | 'table transaction'
  | 'table read'
  | 'GET'
  | 'PATCH'
  | 'enqueue'
  | 'message deletion';

/**
 * A request that the app makes: not sent yet, handed to the system, answered but not read. A request that it
 * gets: received, answered.
 */
export type AppStage = 'before' | 'sent' | 'answered';

/**
 * The process is killed: `lost`, as its request arrives, which then has no effect; `late`, as it arrives, but
 * it has its effect; `done`, after the effect, before the answer; `answered`, after the answer.
 */
export type FarEndStage = 'lost' | 'late' | 'done' | 'answered';

/** Where a process is killed. */
export type KillPoint =
  | { readonly at: 'app'; readonly step: AppStep; readonly stage: AppStage }
  | { readonly at: 'far end'; readonly step: FarEndStep; readonly stage: FarEndStage }
  | { readonly at: 'random moment' };

export interface PlannedKill {
  readonly point: KillPoint;
  /** How often the process passes the point before it is killed there. */
  readonly after: number;
  /** Whether it has a training key before its first request. */
  readonly isWarm: boolean;
}

const APP_STEPS = ['table transaction', 'table read', 'GET', 'PATCH', 'enqueue', 'message deletion'] as const;
const FAR_END_STEPS = [
  'begin',
  'complete',
  'renewLease',
  'accept',
  'forget',
  'read',
  'touch',
  'enqueue',
  'message deletion',
  'GET',
  'PATCH',
] as const;
const MOMENTS = 6;
const MAX_PASSES_BEFORE = 3;
/** The others get their first requests, and may be killed, before they have a training key. */
const SHARE_OF_WARM = 0.75;

export const KILL_POINTS: readonly KillPoint[] = [
  { at: 'app', step: 'request', stage: 'before' },
  { at: 'app', step: 'request', stage: 'answered' },
  ...APP_STEPS.flatMap((step) =>
    (['before', 'sent', 'answered'] as const).map((stage) => ({ at: 'app' as const, step, stage })),
  ),
  ...FAR_END_STEPS.flatMap((step) =>
    (['lost', 'late', 'done', 'answered'] as const).map((stage) => ({
      at: 'far end' as const,
      step,
      stage,
    })),
  ),
  { at: 'far end', step: 'dequeue', stage: 'done' },
  ...Array.from({ length: MOMENTS }, () => ({ at: 'random moment' as const })),
];

export function nameOfPoint(point: KillPoint): string {
  if (point.at === 'random moment') return point.at;
  return `${point.at}: ${point.step} ${point.stage}`;
}

/** Draws the points like cards from a deck: a long run visits all of them equally often. */
export function createKillPlan(random: Random, points = KILL_POINTS): () => PlannedKill {
  let deck: KillPoint[] = [];
  return () => {
    if (deck.length === 0) deck = random.shuffled(points);
    const point = deck.pop() ?? { at: 'random moment' };
    return { point, after: random.below(MAX_PASSES_BEFORE), isWarm: random.chance(SHARE_OF_WARM) };
  };
}
