import type { DeliveryClaims } from '../../../src/rename/queued/accept-rename.ts';

/** Broken: takes a duplicate delivery for a new one. */
export function createDeliveryClaims(): DeliveryClaims {
  return {
    claim: async (_delivery, { renameId, requestedAt }) => ({ renameId, requestedAt, samePayload: true }),
  };
}
