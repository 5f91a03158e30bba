import { CONSEQUENCES as SOUND } from '../../../src/rename/queued/rename-consequence.ts';

export type { Consequence } from '../../../src/rename/queued/rename-consequence.ts';

/** Broken: a throttled attempt of a queued rename counts. */
export const CONSEQUENCES = { ...SOUND, throttled: 'retry', upstream_throttled: 'retry' } as const;
