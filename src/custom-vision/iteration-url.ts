import type { UpstreamTarget } from '../rename/upstream.ts';

/** The parts of the path were checked when the request was read. Encoded again, no part can change the path. */
export function iterationUrl(endpoint: URL, { apiVersion, projectId, iterationId }: UpstreamTarget): URL {
  const [version, project, iteration] = [apiVersion, projectId, iterationId].map(encodeURIComponent);
  return new URL(`/customvision/${version}/training/projects/${project}/iterations/${iteration}`, endpoint);
}
