import type { AppStage, AppStep } from './kill-points.ts';

/** The header that names the instance on each of its requests. Storage does not sign it. */
export const INSTANCE_HEADER = 'crash-instance';

/** Printed by a process that kills itself, to tell it from a failure of the app. */
export const KILLED_ITSELF = 'killed itself at the planned step';

export interface KillStep {
  readonly step: AppStep;
  readonly stage: AppStage;
  readonly after: number;
}
