import type { AppStage, AppStep } from './kill-points.ts';

/** Says on each request of an instance whose it is. Storage signs no header of this name. */
export const INSTANCE_HEADER = 'crash-instance';

/** The last words of a process that kills itself: it was no failure of the app. */
export const KILLED_ITSELF = 'killed itself at the step that it was told';

export interface StepToDieAt {
  readonly step: AppStep;
  readonly stage: AppStage;
  readonly after: number;
}
