import type { UpstreamTarget } from '../rename/upstream.ts';

/** Null for a part that would change the path. */
export function iterationUrl(
  endpoint: URL,
  { apiVersion, projectId, iterationId }: UpstreamTarget,
): URL | null {
  return projectsUrl(endpoint, apiVersion, [projectId, 'iterations', iterationId]);
}

/**
 * The address of a resource's projects, or of something below them. Null for a part that would change the
 * path: encoding keeps a part from adding segments, but leaves `.` and `..` as they are, which a URL
 * resolves. With the training key, the project's own address is UpdateProject.
 */
export function projectsUrl(endpoint: URL, apiVersion: string, below: readonly string[]): URL | null {
  const parts = [apiVersion, ...below];
  if (parts.some((part) => /^\.{0,2}$/.test(part))) return null;
  const [version, ...segments] = parts.map(encodeURIComponent);
  return new URL(`/customvision/${version}/training/${['projects', ...segments].join('/')}`, endpoint);
}
