import type { UpstreamTarget } from '../rename/upstream.ts';

/** Each part was checked when the request was parsed. Encoding ensures that none can change the path. */
export function iterationUrl(endpoint: URL, { apiVersion, projectId, iterationId }: UpstreamTarget): URL {
  const [version, project, iteration] = [apiVersion, projectId, iterationId].map(encodeURIComponent);
  return new URL(`/customvision/${version}/training/projects/${project}/iterations/${iteration}`, endpoint);
}
