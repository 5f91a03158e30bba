import { randomUUID } from 'node:crypto';
import { type GraphApplication, refusalOfApplication } from './graph-rules.ts';
import type { SimulatorAnswer } from './simulator-server.ts';

export interface Principal {
  readonly id: string;
  readonly appId: string | null;
  readonly type: 'ServicePrincipal' | 'User';
}
export interface Assignment {
  readonly id: string;
  readonly principalId: string;
  readonly resourceId: string;
  readonly appRoleId: string;
}

/** What a tenant holds. Something new is not found at once: `lags` says how many more times. */
export interface Directory {
  readonly applications: GraphApplication[];
  readonly principals: Principal[];
  readonly assignments: Assignment[];
  readonly lags: Map<string, number>;
}

/** How often something new is not found yet, since another replica was asked. */
const LAGS = 2;
const NO_API = {
  requestedAccessTokenVersion: null,
  oauth2PermissionScopes: [],
  preAuthorizedApplications: [],
};

export function answerOnApplication(
  { applications, lags }: Directory,
  method: string,
  found: GraphApplication | undefined,
  sent: GraphApplication,
  upsert: { readonly uniqueName: string; readonly create: boolean } | null,
): SimulatorAnswer {
  const isMissing = found === undefined;
  if (isMissing && (method !== 'PATCH' || upsert?.create !== true)) return notFound();
  if (!isMissing && isUnseen(lags, String(found['id']))) return notFound();
  if (isMissing && typeof sent['displayName'] !== 'string')
    return refuse("A value is required for property 'displayName' of resource 'Application'.");
  if (!isMissing && method === 'GET') return json(200, found);

  const before = found ?? {
    id: randomUUID(),
    appId: randomUUID(),
    uniqueName: upsert?.uniqueName,
    appRoles: [],
    identifierUris: [],
    api: NO_API,
    spa: { redirectUris: [] },
  };
  const refusal = refusalOfApplication(before, sent, applications);
  if (refusal !== null) return json(400, { error: refusal });
  if (!isMissing) {
    Object.assign(found, sent);
    return { status: 204 };
  }
  applications.push({ ...before, ...sent });
  lags.set(String(before['id']), LAGS);
  return json(201, { ...before, ...sent });
}

export function answerOnPrincipal(
  { principals, lags }: Directory,
  method: string,
  appId: string,
  create: boolean,
): SimulatorAnswer {
  const found = principals.find((principal) => principal.appId === appId);
  if (found !== undefined) {
    if (isUnseen(lags, found.id)) return notFound();
    return method === 'GET' ? json(200, found) : { status: 204 };
  }
  if (method !== 'PATCH' || !create) return notFound();
  const made: Principal = { id: randomUUID(), appId, type: 'ServicePrincipal' };
  principals.push(made);
  lags.set(made.id, LAGS);
  return json(201, made);
}

export function answerOnAssignment(
  { applications, principals, assignments, lags }: Directory,
  service: Principal,
  sent: GraphApplication,
): SimulatorAnswer {
  const { principalId, appRoleId, resourceId } = sent;
  if (resourceId !== service.id || typeof appRoleId !== 'string' || typeof principalId !== 'string')
    return refuse('Invalid value specified for property of resource AppRoleAssignment.');
  const principal = principals.find(({ id }) => id === principalId);
  if (principal === undefined || isUnseen(lags, principalId)) return notFound();
  const roles = applications.find((application) => application['appId'] === service.appId)?.['appRoles'];
  const role = Array.isArray(roles) ? roles.find(({ id }) => id === appRoleId) : undefined;
  if (role === undefined) return refuse('Permission being assigned was not found on application');
  if (!role.allowedMemberTypes.includes(principal.type === 'User' ? 'User' : 'Application'))
    return refuse('Invalid member type for the role.');
  const isGiven = assignments.some(
    (one) => one.resourceId === service.id && one.principalId === principalId && one.appRoleId === appRoleId,
  );
  if (isGiven) return refuse('Permission being assigned already exists on the object');
  const made = { id: randomUUID(), principalId, resourceId: service.id, appRoleId };
  assignments.push(made);
  return json(201, made);
}

export function isUnseen(lags: Map<string, number>, id: string): boolean {
  const left = lags.get(id) ?? 0;
  if (left > 0) lags.set(id, left - 1);
  return left > 0;
}

export function json(status: number, body: object): SimulatorAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export function refuse(message: string): SimulatorAnswer {
  return json(400, { error: { code: 'Request_BadRequest', message } });
}

export function notFound(): SimulatorAnswer {
  const message = 'Resource does not exist or one of its queried reference-property objects are not present.';
  return json(404, { error: { code: 'Request_ResourceNotFound', message } });
}
