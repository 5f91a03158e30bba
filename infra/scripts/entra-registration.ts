import { isDeepStrictEqual } from 'node:util';
import { type PermissionName, PERMISSIONS, scopesOf, withPermissions } from './entra-permissions.ts';
import { arrayOf, type Graph, type GraphObject } from './graph.ts';

/** Event Grid's own application, the same in every tenant of the public cloud. */
const EVENT_GRID = '4962773b-9cdb-44cf-a8bf-237846a00ab7';

export interface RegistrationPlan {
  /** Also what finds the registration again, the next time. */
  readonly name: string;
  readonly callers: readonly { readonly principalId: string; readonly may: 'rename' | 'read' }[];
  readonly eventGrid: boolean;
  /** Who creates the event subscription, by object id, where that is not the owner of the registration. */
  readonly subscriptionWriters: readonly string[];
  /** Address of the console page, where people sign in. */
  readonly consoleUri: string | null;
}

export interface Registration {
  readonly tenantId: string;
  /** Of the tokens: `audience` in the parameter file. */
  readonly clientId: string;
  readonly consoleClientId: string | null;
  readonly eventGridPrincipalId: string | null;
  /** What this run did, a line each; none where everything was there. */
  readonly changes: readonly string[];
}

/**
 * Makes the registration what the plan says, whatever of it is there already; a second run changes nothing.
 */
export async function registerProxy(graph: Graph, plan: RegistrationPlan): Promise<Registration> {
  const changes: string[] = [];
  const api = await ensureApplication(graph, plan.name, changes);
  await ensureApi(graph, api, changes);
  const service = await ensurePrincipal(graph, api.appId, changes);
  const eventGrid = plan.eventGrid ? await ensurePrincipal(graph, EVENT_GRID, changes) : null;

  const wanted: Wanted[] = plan.callers.map(({ principalId, may }) => ({ principalId, permission: may }));
  if (eventGrid !== null) {
    wanted.push({ principalId: eventGrid, permission: 'rename' });
    wanted.push({ principalId: eventGrid, permission: 'subscriber' });
  }
  for (const principalId of plan.subscriptionWriters) wanted.push({ principalId, permission: 'subscriber' });
  await assign(graph, { service, applicationId: api.id, wanted, changes });

  const consoleClientId =
    plan.consoleUri === null
      ? null
      : await ensureConsole(graph, { api, plan, uri: plan.consoleUri, changes });
  const [tenant] = await graph.list('/organization?$select=id');
  return {
    tenantId: String(tenant?.['id']),
    clientId: api.appId,
    consoleClientId,
    eventGridPrincipalId: eventGrid,
    changes,
  };
}

interface Wanted {
  readonly principalId: string;
  readonly permission: PermissionName;
}

interface Application {
  readonly id: string;
  readonly appId: string;
}

async function ensureApplication(graph: Graph, name: string, changes: string[]): Promise<Application> {
  const path = `/applications(uniqueName='${name}')`;
  if ((await graph.find(`${path}?$select=id`)) === null) {
    await graph.upsert(path, { displayName: name, signInAudience: 'AzureADMyOrg' });
    changes.push(`registered ${name}`);
  }
  const { id, appId } = await graph.get(`${path}?$select=id,appId`);
  return { id: String(id), appId: String(appId) };
}

/** Version 2 of the tokens, whose audience is the client id; and no name that Entra has not verified. */
async function ensureApi(graph: Graph, { id, appId }: Application, changes: string[]): Promise<void> {
  const application = await graph.get(`/applications/${id}`);
  const { appRoles, scopes } = withPermissions(application);
  const uris = Array.isArray(application['identifierUris']) ? application['identifierUris'] : [];
  const body = {
    appRoles,
    identifierUris: uris.includes(`api://${appId}`) ? uris : [...uris, `api://${appId}`],
    api: { ...apiOf(application), requestedAccessTokenVersion: 2, oauth2PermissionScopes: scopes },
  };
  const before = { appRoles: application['appRoles'], identifierUris: uris, api: apiOf(application) };
  if (isDeepStrictEqual(body, before)) return;
  await graph.patch(`/applications/${id}`, body);
  changes.push('set its roles, scopes and version of tokens');
}

function apiOf({ api }: GraphObject): GraphObject {
  return typeof api === 'object' && api !== null ? { ...api } : {};
}

/** An application is unknown in a tenant until it has a service principal there. */
async function ensurePrincipal(graph: Graph, appId: string, changes: string[]): Promise<string> {
  const path = `/servicePrincipals(appId='${appId}')`;
  if ((await graph.find(`${path}?$select=id`)) === null) {
    await graph.upsert(path, {});
    changes.push(`made the service principal of ${appId}`);
  }
  const { id } = await graph.get(`${path}?$select=id`);
  return String(id);
}

async function assign(
  graph: Graph,
  {
    service,
    applicationId,
    wanted,
    changes,
  }: { service: string; applicationId: string; wanted: readonly Wanted[]; changes: string[] },
): Promise<void> {
  const roles = arrayOf((await graph.get(`/applications/${applicationId}`))['appRoles']);
  const given = await graph.list(`/servicePrincipals/${service}/appRoleAssignedTo`);
  for (const { principalId, permission } of wanted) {
    const { value } = PERMISSIONS[permission];
    const appRoleId = roles.find((role) => role['value'] === value)?.['id'];
    if (given.some((one) => one['principalId'] === principalId && one['appRoleId'] === appRoleId)) continue;
    await graph.post(`/servicePrincipals/${service}/appRoleAssignedTo`, {
      principalId,
      resourceId: service,
      appRoleId,
    });
    changes.push(`gave ${principalId} the role ${value}`);
  }
}

/**
 * A public client: it has no secret, and its people consent to nothing, since the proxy trusts it beforehand.
 */
async function ensureConsole(
  graph: Graph,
  { api, plan, uri, changes }: { api: Application; plan: RegistrationPlan; uri: string; changes: string[] },
): Promise<string> {
  const client = await ensureApplication(graph, `${plan.name}-console`, changes);
  const application = await graph.get(`/applications/${api.id}`);
  const permissionIds = scopesOf(application)
    .filter(({ value }) => value === PERMISSIONS.rename.value || value === PERMISSIONS.read.value)
    .map(({ id }) => String(id));
  const { spa } = await graph.get(`/applications/${client.id}`);
  const redirectUris: readonly unknown[] =
    typeof spa === 'object' && spa !== null && 'redirectUris' in spa && Array.isArray(spa.redirectUris)
      ? spa.redirectUris
      : [];
  if (!redirectUris.includes(uri)) {
    await graph.patch(`/applications/${client.id}`, {
      spa: { redirectUris: [...redirectUris, uri] },
      requiredResourceAccess: [
        { resourceAppId: api.appId, resourceAccess: permissionIds.map((id) => ({ id, type: 'Scope' })) },
      ],
    });
    changes.push(`let the console sign in at ${uri}`);
  }
  await ensurePrincipal(graph, client.appId, changes);

  const trusted = arrayOf(apiOf(application)['preAuthorizedApplications']);
  if (!trusted.some(({ appId }) => appId === client.appId)) {
    const entry = { appId: client.appId, delegatedPermissionIds: permissionIds };
    await graph.patch(`/applications/${api.id}`, {
      api: { ...apiOf(application), preAuthorizedApplications: [...trusted, entry] },
    });
    changes.push('trusted the console beforehand');
  }
  return client.appId;
}
