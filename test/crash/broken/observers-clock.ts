import type { startTableClock as startSoundClock } from '../../../src/table-storage/table-clock.ts';

/** Broken: reads the age of a row from the clock of the instance that reads it. */
export function startTableClock(monotonic: () => number): ReturnType<typeof startSoundClock> {
  return {
    listener: {},
    timesOf: ({ timestamp = '' }) => {
      const writtenAtMs = monotonic() - (Date.now() - Date.parse(timestamp));
      return { writtenAfterMs: writtenAtMs, writtenBeforeMs: writtenAtMs, tableTimeMs: Date.now() };
    },
  };
}
