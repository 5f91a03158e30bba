import type { AcceptedLog } from '../../../src/rename/queued/accepted-log.ts';
import { createAcceptedSteps as createSoundSteps } from '../../../src/table-storage/accepted-steps.ts';

/** Broken: takes a duplicate delivery for a new one. */
export function createAcceptedSteps(options: Parameters<typeof createSoundSteps>[0]): AcceptedLog {
  const steps = createSoundSteps(options);
  return { ...steps, accept: (intent, parties) => steps.accept(intent, parties, null, null) };
}
