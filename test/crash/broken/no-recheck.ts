import type { RecheckRename } from '../../../src/rename/queued/recheck-rename.ts';

/** Broken: does not ask the present access policy about a rename that was accepted before. */
export const createRecheckQueuedRename = (): RecheckRename => () => null;
