import { readRenameAnswer as readSoundly } from '../../../src/custom-vision/read-answer.ts';
import type { UpstreamAnswer } from '../../../src/rename/upstream.ts';

export * from '../../../src/custom-vision/read-answer.ts';

/** Broken: takes every 4xx for a refusal, a 408 too. */
export function readRenameAnswer(...answered: Parameters<typeof readSoundly>): UpstreamAnswer {
  const answer = readSoundly(...answered);
  if (answer.kind !== 'faulty' || answer.fault !== 'request_timeout') return answer;
  const { attempts, requestId, status } = answer;
  return { kind: 'refusal_withheld', attempts, requestId, status };
}
