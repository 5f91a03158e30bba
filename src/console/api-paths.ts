/** One iteration. `resource` is null where the proxy named none: then it means its only one. */
export interface Place {
  readonly resource: string | null;
  readonly projectId: string;
  readonly iterationId: string;
}

const API_VERSION = 'v3.4-preview';

/** Relative to the folder of the page. */
export function projectsPath(resource: string | null): string {
  const prefix = resource === null ? '' : `${encodeURIComponent(resource)}/`;
  return `${prefix}customvision/${API_VERSION}/training/projects`;
}

export function iterationPath({ resource, projectId, iterationId }: Place): string {
  return `${projectsPath(resource)}/${projectId}/iterations/${iterationId}`;
}

/** The folder of the page's own address, with or without a slash at the page's end. */
export function folderOf(pageAddress: string): string {
  const url = new URL(pageAddress);
  return new URL('.', `${url.origin}${url.pathname.replace(/\/+$/, '')}`).href;
}
