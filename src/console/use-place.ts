import { useEffect, useState } from 'preact/hooks';
import type { ApiClient } from './api-client.ts';
import type { ListedIteration, ListedProject } from './api-shapes.ts';
import { type Loading, useLoading } from './use-loading.ts';

/** Which iteration a person has found so far, and the lists to find it in. */
export interface PlaceInHand {
  readonly resource: string | null;
  readonly projectId: string | null;
  readonly iterationId: string | null;
  readonly projects: Loading<ListedProject[]>;
  readonly iterations: Loading<ListedIteration[]>;
  readonly chooseResource: (name: string) => void;
  readonly choose: (ids: { projectId: string; iterationId: string | null }) => void;
}

/** `who`: for somebody else the lists are others. */
export function usePlace({
  api,
  who,
  resources,
}: {
  readonly api: ApiClient;
  readonly who: string;
  readonly resources: readonly string[] | null;
}): PlaceInHand {
  const [resource, setResource] = useState(resources?.[0] ?? null);
  const [projectId, setProjectId] = useState<string | null>(null);
  const [iterationId, setIterationId] = useState<string | null>(null);

  const projects = useLoading(JSON.stringify([who, resource]), (signal) => api.projects(resource, signal));
  const place = projectId === null ? null : { resource, projectId };
  const iterations = useLoading(place === null ? null : JSON.stringify([who, place]), (signal) =>
    place === null ? Promise.resolve([]) : api.iterations(place, signal),
  );

  const choose: PlaceInHand['choose'] = (ids) => {
    setProjectId(ids.projectId);
    setIterationId(ids.iterationId);
  };
  const chooseResource = (name: string): void => {
    setResource(name);
    setProjectId(null);
    setIterationId(null);
  };
  const listed = projects.value;
  useEffect(() => {
    const only = listed?.length === 1 ? listed[0] : undefined;
    if (projectId === null && only !== undefined) choose({ projectId: only.id, iterationId: null });
  }, [listed]);

  return { resource, projectId, iterationId, projects, iterations, chooseResource, choose };
}
