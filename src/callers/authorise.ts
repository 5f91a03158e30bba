import type { Caller } from '../rename/audit-record.ts';
import type { AccessPolicy } from './access-policy.ts';
import type { AuthenticatedCaller, Permission } from './authenticate.ts';
import { CallerError } from './caller-error.ts';

/** What a caller asks to do in a project: rename one iteration, or anything that a permission allows. */
export type Access =
  | {
      readonly may: 'rename';
      readonly projectId: string;
      readonly resource: string;
      readonly name: string;
    }
  | { readonly may: Permission; readonly projectId: string };

/**
 * The resources on which the caller has this access: one or more. Throws a `CallerError` with the denial,
 * whether or not the project exists.
 */
export function authorise(
  policy: AccessPolicy,
  { caller, ids, permissions }: AuthenticatedCaller,
  access: Access,
): 'all' | readonly string[] {
  const resources = permissions.has(access.may) ? grantedResources(policy, ids, access) : [];
  if (resources.length > 0) return resources;
  const { may, projectId } = access;
  const resource = 'resource' in access ? access.resource : null;
  throw new CallerError('forbidden', 'not_granted', {
    denial: { callerId: caller.id, may, projectId, resource },
  });
}

/**
 * Before anything of a request is looked at: a caller without any grant learns nothing from the answer, not
 * even which resources exist.
 */
export function requireAnyGrant(
  policy: AccessPolicy,
  { caller, ids, permissions }: AuthenticatedCaller,
  { may, projectId }: { readonly may: Permission; readonly projectId: string | null },
): void {
  if (permissions.has(may) && policy.allowsAnything(ids, may)) return;
  throw new CallerError('forbidden', 'no_grant', {
    denial: { callerId: caller.id, may, projectId, resource: null },
  });
}

/** A webhook source or the training notifications of a resource as a caller. No token narrows its grants. */
export function callerWithoutToken(caller: Caller): AuthenticatedCaller {
  return { caller, ids: [caller.id], permissions: new Set(['rename'] as const) };
}

function grantedResources(
  policy: AccessPolicy,
  ids: readonly string[],
  access: Access,
): 'all' | readonly string[] {
  if (!('resource' in access)) return policy.resourcesFor(ids, access.may, access.projectId);
  return policy.allowsRename(ids, access) ? [access.resource] : [];
}
