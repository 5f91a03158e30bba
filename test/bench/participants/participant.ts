/** What a participant renames on; each uses what it needs. */
export interface Target {
  readonly upstream: string;
  readonly trainingKey: string;
  readonly projectId: string;
  readonly iterationIds: readonly string[];
  /** The function app to call; null to call the upstream itself. */
  readonly front: { readonly url: string; readonly headers: Record<string, string> } | null;
}

/** Renames one iteration; rejects if that fails. */
export type Rename = (iterationId: string, name: string) => Promise<void>;

export interface Participant {
  createRename(target: Target): Promise<Rename>;
}

export function iterationPath(projectId: string, iterationId: string): string {
  return `/customvision/v3.2/training/projects/${projectId}/iterations/${iterationId}`;
}
