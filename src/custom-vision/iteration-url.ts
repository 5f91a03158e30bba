import type { UpstreamTarget } from '../rename/upstream.ts';

/**
 * Null for a part that would change the path: encoding keeps a part from adding segments, but leaves `.` and
 * `..` as they are, which a URL resolves. With the training key, the project's own address is UpdateProject.
 */
export function iterationUrl(
  endpoint: URL,
  { apiVersion, projectId, iterationId }: UpstreamTarget,
): URL | null {
  const parts = [apiVersion, projectId, iterationId];
  if (parts.some((part) => /^\.{0,2}$/.test(part))) return null;
  const [version, project, iteration] = parts.map(encodeURIComponent);
  return new URL(`/customvision/${version}/training/projects/${project}/iterations/${iteration}`, endpoint);
}
