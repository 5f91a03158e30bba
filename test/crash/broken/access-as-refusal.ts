import { readRenameAnswer as readSoundly } from '../../../src/custom-vision/read-answer.ts';
import type { UpstreamAnswer } from '../../../src/rename/upstream.ts';

export * from '../../../src/custom-vision/read-answer.ts';

/** Broken: takes a refusal of the product's own access for a refusal of the rename. */
export function readRenameAnswer(...answered: Parameters<typeof readSoundly>): UpstreamAnswer {
  const answer = readSoundly(...answered);
  return answer.kind === 'access_refused' ? { ...answer, kind: 'refused' } : answer;
}
