import {
  createFindOutcome as createSoundly,
  type FindOutcome,
} from '../../../src/rename/recovery/find-outcome.ts';

export * from '../../../src/rename/recovery/find-outcome.ts';

/** Broken: gives up where one look has failed. */
export function createFindOutcome(outside: Parameters<typeof createSoundly>[0]): FindOutcome {
  const findOutcome = createSoundly(outside);
  return async (...pending) => {
    const found = await findOutcome(...pending);
    return found.status === 'unreadable'
      ? { status: 'unresolved', iteration: null, previousName: null }
      : found;
  };
}
