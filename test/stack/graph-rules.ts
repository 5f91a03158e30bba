import { isDeepStrictEqual } from 'node:util';

export type GraphApplication = { [property: string]: unknown };

interface Refusal {
  readonly code: string;
  readonly message: string;
}

const WRITABLE = new Set([
  'displayName',
  'signInAudience',
  'appRoles',
  'identifierUris',
  'api',
  'spa',
  'requiredResourceAccess',
]);

/** Why Microsoft Graph refuses a change of an application; null where it does not. */
export function refusalOfApplication(
  before: GraphApplication,
  change: GraphApplication,
  all: readonly GraphApplication[],
): Refusal | null {
  const unknown = Object.keys(change).find((property) => !WRITABLE.has(property));
  if (unknown !== undefined)
    return { code: 'Request_BadRequest', message: `Property '${unknown}' does not exist or is read-only.` };
  const after = { ...before, ...change };
  return (
    uriRefusal(after) ??
    sharedValueRefusal(after) ??
    enabledRefusal(listOf(before['appRoles']), listOf(after['appRoles'])) ??
    enabledRefusal(scopesOf(before), scopesOf(after)) ??
    preAuthorisedRefusal(after, all)
  );
}

/**
 * Azure/Cloud-Katana#2, hashicorp/terraform-provider-azuread#635: from October 2021 on, api://{appId} or a
 * verified domain.
 */
function uriRefusal({ appId, identifierUris }: GraphApplication): Refusal | null {
  const uris: unknown[] = Array.isArray(identifierUris) ? identifierUris : [];
  const own = `api://${textOf(appId)}`;
  const wrong = uris.map(textOf).find((uri) => uri !== own && !uri.startsWith(`${own}/`));
  if (wrong === undefined) return null;
  return {
    code: 'HostNameNotOnVerifiedDomain',
    message: `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${wrong}'`,
  };
}

/**
 * terraform-provider-azuread, applicationValidateRolesScopes: a role and a scope of one value are one
 * permission, told twice.
 */
function sharedValueRefusal(application: GraphApplication): Refusal | null {
  const told = [
    ...listOf(application['appRoles']).map(({ id, value, displayName, description, isEnabled }) => ({
      id,
      value,
      displayName,
      description,
      isEnabled,
    })),
    ...scopesOf(application).map(
      ({ id, value, adminConsentDisplayName, adminConsentDescription, isEnabled }) => ({
        id,
        value,
        displayName: adminConsentDisplayName,
        description: adminConsentDescription,
        isEnabled,
      }),
    ),
  ];
  for (const one of told) {
    for (const other of told) {
      if ((one.id === other.id) !== (one.value === other.value))
        return {
          code: 'InvalidValue',
          message: `Property appRoles.value or id has a duplicate: '${textOf(one.value)}'. Please provide unique value.`,
        };
      if (one.id === other.id && !isDeepStrictEqual(one, other))
        return {
          code: 'Request_BadRequest',
          message: `The following values must match for the 'oauth2Permissions' and 'appRoles' properties with identifier '${textOf(one.id)}': (description, adminConsentDescription), (displayName, adminConsentDisplayName), (isEnabled, isEnabled), (value, value).`,
        };
    }
  }
  return null;
}

/**
 * The message that every script meets which replaces the list: an enabled permission must be disabled before
 * it is changed or left out.
 */
function enabledRefusal(
  before: readonly GraphApplication[],
  after: readonly GraphApplication[],
): Refusal | null {
  const touched = before.find(
    (permission) =>
      permission['isEnabled'] === true &&
      !isDeepStrictEqual(
        permission,
        after.find(({ id }) => id === permission['id']),
      ),
  );
  if (touched === undefined) return null;
  return {
    code: 'CannotDeleteOrUpdateEnabledEntitlement',
    message: 'Permission (scope or role) cannot be deleted or updated unless disabled first.',
  };
}

function preAuthorisedRefusal(
  application: GraphApplication,
  all: readonly GraphApplication[],
): Refusal | null {
  const ids = new Set(scopesOf(application).map(({ id }) => id));
  const { api } = application;
  const trusted = listOf(Object(api).preAuthorizedApplications);
  for (const { appId, delegatedPermissionIds } of trusted) {
    const wanted: unknown[] = Array.isArray(delegatedPermissionIds) ? delegatedPermissionIds : [];
    if (!wanted.every((id) => ids.has(id)))
      return {
        code: 'InvalidPermissionId',
        message: 'A pre-authorized permission id is not a scope of the application.',
      };
    if (!all.some((one) => one['appId'] === appId))
      return {
        code: 'InvalidAppId',
        message: `The pre-authorized application '${textOf(appId)}' does not exist.`,
      };
  }
  return null;
}

function scopesOf({ api }: GraphApplication): readonly GraphApplication[] {
  return listOf(Object(api).oauth2PermissionScopes);
}

function listOf(value: unknown): readonly GraphApplication[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
