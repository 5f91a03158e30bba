import type { Caller } from '../rename/audit-record.ts';
import type { AccessPolicy } from './access-policy.ts';
import type { AuthenticatedCaller, Permission } from './authenticate.ts';
import { type Action, CallerError } from './caller-error.ts';

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
  { may, projectId }: { readonly may: Action; readonly projectId: string | null },
): void {
  const sufficient = may === 'look-up' ? permissions : new Set([may].filter((one) => permissions.has(one)));
  if (policy.allowsAnything(ids, sufficient)) return;
  throw new CallerError('forbidden', 'no_grant', {
    denial: { callerId: caller.id, may, projectId, resource: null },
  });
}

/**
 * Throws a `CallerError` unless the caller may look this project up; without a project, unless it may look up
 * any on the resource. The same whether or not project and resource exist.
 */
export function authoriseLookUp(
  policy: AccessPolicy,
  caller: AuthenticatedCaller,
  { projectId, resource }: { readonly projectId: string | null; readonly resource: string },
): void {
  if (mayLookUp(policy, caller, { projectId, resource })) return;
  throw new CallerError('forbidden', 'not_granted', {
    denial: { callerId: caller.caller.id, may: 'look-up', projectId, resource },
  });
}

export function mayLookUp(
  policy: AccessPolicy,
  { ids, permissions }: AuthenticatedCaller,
  lookUp: { readonly projectId: string | null; readonly resource: string },
): boolean {
  return policy.allowsLookUp(ids, permissions, lookUp);
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
