/**
 * Where the audit record of a rename is read: a reference relative to the request's own path (RFC 3986,
 * section 5), which a gateway that puts the app under a prefix of its own leaves true.
 */
export function recordLocation(requestUrl: string, projectId: string, renameId: string): string {
  const folders = new URL(requestUrl).pathname.split('/').length - 2;
  return `${'../'.repeat(folders)}projects/${projectId}/renames/${renameId}`;
}
