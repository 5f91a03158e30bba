import type { RenamesTable } from './renames-table.ts';
import { PROJECTS_PARTITION } from './row-keys.ts';

/**
 * How many projects an instance remembers to have listed; past it, one more request lists a project again.
 */
const MAX_LISTED = 10_000;

/** Lists projects for the sweep, each with the day it was last active. */
export interface ProjectList {
  /** One request on a project's first rename of the day, and none after that. */
  add(projectId: string): Promise<void>;
  forget(): void;
}

export function createProjectList({
  table,
  now,
}: {
  readonly table: Pick<RenamesTable, 'upsert'>;
  readonly now: () => number;
}): ProjectList {
  const listed = new Set<string>();
  return {
    async add(projectId) {
      const activeOn = dayOf(now());
      const key = `${projectId} ${activeOn}`;
      if (listed.has(key)) return;
      await table.upsert(PROJECTS_PARTITION, projectId, { activeOn });
      if (listed.size >= MAX_LISTED) listed.clear();
      listed.add(key);
    },
    forget: () => listed.clear(),
  };
}

/** `2026-11-26`, in UTC: days compare as texts. */
export function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}
