import { arrayOf, type GraphObject } from './graph.ts';

/**
 * What a token of the proxy can hold: as a role of an application or a person, and as a scope of a client
 * that people use.
 */
export interface Permission {
  readonly id: string;
  readonly value: string;
  readonly name: string;
  readonly description: string;
  readonly isScope: boolean;
}

const RENAME: Permission = {
  id: 'b0b0a2a5-7d4c-4f0e-9b8d-2f5d8c0f3a10',
  value: 'Iterations.Rename',
  name: 'Rename iterations',
  description:
    'Rename Custom Vision iterations, and read the records of it, as far as the access policy grants it.',
  isScope: true,
};
const READ: Permission = {
  id: '5a0c7e8e-3d5e-4c53-8a55-0f8f3d2f6c11',
  value: 'Iterations.Read',
  name: 'Look up iterations and read records of renames',
  description:
    'Look up projects and iterations, and read the records of renames, as far as the access policy grants it.',
  isScope: true,
};
/** By this name Event Grid knows who may have events delivered to an application; it looks for no other. */
const SUBSCRIBER: Permission = {
  id: '0d3e2f5c-9a41-4f6b-8f0a-6f7c1b9e4d12',
  value: 'AzureEventGridSecureWebhookSubscriber',
  name: 'Event Grid subscriber',
  description: 'Have Event Grid deliver events to this application.',
  isScope: false,
};
export const PERMISSIONS = { rename: RENAME, read: READ, subscriber: SUBSCRIBER } as const;
export type PermissionName = keyof typeof PERMISSIONS;

/**
 * Roles and scopes of an application, with ours among them. What is there stays as it is: Entra lets no
 * enabled one be changed.
 */
export function withPermissions(application: GraphObject): {
  readonly appRoles: readonly GraphObject[];
  readonly scopes: readonly GraphObject[];
} {
  const roles = [...arrayOf(application['appRoles'])];
  const scopes = [...scopesOf(application)];
  for (const permission of Object.values(PERMISSIONS)) {
    const role = roles.find(({ value }) => value === permission.value);
    const scope = scopes.find(({ value }) => value === permission.value);
    // A role and a scope of one value must have one id, one name and one description.
    const id = role?.['id'] ?? scope?.['id'] ?? permission.id;
    const displayName = role?.['displayName'] ?? scope?.['adminConsentDisplayName'] ?? permission.name;
    const description = role?.['description'] ?? scope?.['adminConsentDescription'] ?? permission.description;
    if (role === undefined) roles.push(roleOf(permission.value, { id, displayName, description }));
    if (scope === undefined && permission.isScope)
      scopes.push(scopeOf(permission.value, { id, displayName, description }));
  }
  return { appRoles: roles, scopes };
}

export function scopesOf(application: GraphObject): readonly GraphObject[] {
  const { api } = application;
  return typeof api === 'object' && api !== null && 'oauth2PermissionScopes' in api
    ? arrayOf(api.oauth2PermissionScopes)
    : [];
}

function roleOf(value: string, texts: GraphObject): GraphObject {
  return { ...texts, value, isEnabled: true, allowedMemberTypes: ['Application', 'User'] };
}

function scopeOf(value: string, { id, displayName, description }: GraphObject): GraphObject {
  return {
    id,
    value,
    isEnabled: true,
    type: 'User',
    adminConsentDisplayName: displayName,
    adminConsentDescription: description,
    userConsentDisplayName: displayName,
    userConsentDescription: description,
  };
}
