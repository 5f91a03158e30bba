import { judgeState as judgeSoundly, type StateVerdict } from '../../../src/rename/recovery/judge-state.ts';

export * from '../../../src/rename/recovery/judge-state.ts';

/** Broken: takes any other name for a proof that the rename was not applied, no matter who gave it. */
export function judgeState(...looked: Parameters<typeof judgeSoundly>): StateVerdict {
  const verdict = judgeSoundly(...looked);
  return verdict === 'modified' ? 'not_applied' : verdict;
}
