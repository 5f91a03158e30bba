import { randomUUID } from 'node:crypto';
import { type GraphApplication, refusalOfApplication } from './graph-rules.ts';
import type { ReceivedRequest } from './received-request.ts';
import { startSimulatorServer, type Simulator, type SimulatorAnswer } from './simulator-server.ts';

interface Principal {
  readonly id: string;
  readonly appId: string | null;
  readonly type: 'ServicePrincipal' | 'User';
}
interface Assignment {
  readonly id: string;
  readonly principalId: string;
  readonly resourceId: string;
  readonly appRoleId: string;
}

export interface SimulatedGraph extends Simulator {
  readonly tenantId: string;
  readonly applications: GraphApplication[];
  readonly principals: Principal[];
  readonly assignments: Assignment[];
  /** Somebody who was there before. */
  addPrincipal(type: Principal['type']): string;
}

/** How often something new is not found yet, since another replica was asked. */
const LAGS = 2;
const PAGE = 2;

/**
 * As much of Microsoft Graph as keeps applications, their service principals and who has which role. It refuses what the real one refuses:
 * `graph-rules.ts` has the sources. What was made a moment ago is not found everywhere at once, and lists come in pages.
 */
export async function startGraph({ token }: { readonly token: string }): Promise<SimulatedGraph> {
  const tenantId = randomUUID();
  const applications: GraphApplication[] = [];
  const principals: Principal[] = [];
  const assignments: Assignment[] = [];
  const lags = new Map<string, number>();

  function act({ method, path, headers, body }: ReceivedRequest): SimulatorAnswer {
    if (headers['authorization'] !== `Bearer ${token}`)
      return refuse(401, 'InvalidAuthenticationToken', 'Access token is empty.');
    const { pathname, searchParams } = new URL(path, 'http://graph');
    const route = decodeURIComponent(pathname.replace(/^\/v1\.0/, ''));
    const filter = /^(\w+) eq '([^']*)'$/.exec(searchParams.get('$filter') ?? '');
    const sent: GraphApplication = body === '' ? {} : JSON.parse(body);

    if (method === 'GET' && route === '/organization') return json(200, { value: [{ id: tenantId }] });
    if (method === 'GET' && route === '/applications') return page(seen(applications), filter, path);
    if (method === 'GET' && route === '/servicePrincipals') return page(seen(principals), filter, path);

    const named = /^\/applications\(uniqueName='([^']+)'\)$/.exec(route)?.[1];
    if (named !== undefined)
      return onApplication(
        method,
        applications.find(({ uniqueName }) => uniqueName === named),
        sent,
        { uniqueName: named, create: headers['prefer'] === 'create-if-missing' },
      );
    const applicationId = /^\/applications\/([^/]+)$/.exec(route)?.[1];
    if (applicationId !== undefined)
      return onApplication(
        method,
        applications.find(({ id }) => id === applicationId),
        sent,
        null,
      );

    const appId = /^\/servicePrincipals\(appId='([^']+)'\)$/.exec(route)?.[1];
    if (appId !== undefined) return onPrincipal(method, appId, headers['prefer'] === 'create-if-missing');
    const resourceId = /^\/servicePrincipals\/([^/]+)\/appRoleAssignedTo$/.exec(route)?.[1];
    if (resourceId !== undefined) return onAssignments(method, resourceId, sent, path);
    return refuse(400, 'Request_BadRequest', `Resource not found for the segment '${route}'.`);
  }

  function onApplication(
    method: string,
    found: GraphApplication | undefined,
    sent: GraphApplication,
    upsert: { uniqueName: string; create: boolean } | null,
  ): SimulatorAnswer {
    if (found === undefined) {
      if (method !== 'PATCH' || upsert?.create !== true) return notFound();
      if (typeof sent['displayName'] !== 'string')
        return refuse(
          400,
          'Request_BadRequest',
          "A value is required for property 'displayName' of resource 'Application'.",
        );
      const made = {
        id: randomUUID(),
        appId: randomUUID(),
        uniqueName: upsert.uniqueName,
        appRoles: [],
        identifierUris: [],
        api: { requestedAccessTokenVersion: null, oauth2PermissionScopes: [], preAuthorizedApplications: [] },
        spa: { redirectUris: [] },
      };
      const refusal = refusalOfApplication(made, sent, applications);
      if (refusal !== null) return refuse(400, refusal.code, refusal.message);
      applications.push({ ...made, ...sent });
      lags.set(made.id, LAGS);
      return json(201, { ...made, ...sent });
    }
    if (isUnseen(String(found['id']))) return notFound();
    if (method === 'GET') return json(200, found);
    const refusal = refusalOfApplication(found, sent, applications);
    if (refusal !== null) return refuse(400, refusal.code, refusal.message);
    Object.assign(found, sent);
    return { status: 204 };
  }

  function onPrincipal(method: string, appId: string, create: boolean): SimulatorAnswer {
    const found = principals.find((principal) => principal.appId === appId);
    if (found !== undefined) {
      if (isUnseen(found.id)) return notFound();
      return method === 'GET' ? json(200, found) : { status: 204 };
    }
    if (method !== 'PATCH' || !create) return notFound();
    const made: Principal = { id: randomUUID(), appId, type: 'ServicePrincipal' };
    principals.push(made);
    lags.set(made.id, LAGS);
    return json(201, made);
  }

  function onAssignments(
    method: string,
    resourceId: string,
    sent: GraphApplication,
    path: string,
  ): SimulatorAnswer {
    const service = principals.find(({ id }) => id === resourceId);
    if (service === undefined || isUnseen(resourceId)) return notFound();
    const given = assignments.filter((one) => one.resourceId === resourceId);
    if (method === 'GET') return page(given, null, path);
    const { principalId, appRoleId } = sent;
    const principal = principals.find(({ id }) => id === principalId);
    if (sent['resourceId'] !== resourceId || typeof appRoleId !== 'string' || typeof principalId !== 'string')
      return refuse(
        400,
        'Request_BadRequest',
        'Invalid value specified for property of resource AppRoleAssignment.',
      );
    if (principal === undefined || isUnseen(principalId)) return notFound();
    const roles = applications.find((application) => application['appId'] === service.appId)?.['appRoles'];
    const role = Array.isArray(roles) ? roles.find(({ id }) => id === appRoleId) : undefined;
    if (role === undefined)
      return refuse(400, 'Request_BadRequest', 'Permission being assigned was not found on application');
    if (!role.allowedMemberTypes.includes(principal.type === 'User' ? 'User' : 'Application'))
      return refuse(400, 'Request_BadRequest', 'Invalid member type for the role.');
    if (given.some((one) => one.principalId === principalId && one.appRoleId === appRoleId))
      return refuse(400, 'Request_BadRequest', 'Permission being assigned already exists on the object');
    const made = { id: randomUUID(), principalId, resourceId, appRoleId };
    assignments.push(made);
    return json(201, made);
  }

  function page(all: readonly object[], filter: RegExpExecArray | null, path: string): SimulatorAnswer {
    const [, property = '', value] = filter ?? [];
    const found = filter === null ? all : all.filter((one) => Reflect.get(one, property) === value);
    const skip = Number(new URL(path, 'http://graph').searchParams.get('$skiptoken') ?? 0);
    const rest = found.length > skip + PAGE;
    const next = new URL(path, simulator.origin);
    next.searchParams.set('$skiptoken', String(skip + PAGE));
    return json(200, {
      value: found.slice(skip, skip + PAGE),
      ...(rest ? { '@odata.nextLink': next.href } : {}),
    });
  }

  function seen<T extends object>(all: readonly T[]): T[] {
    return all.filter((one) => (lags.get(String(Reflect.get(one, 'id'))) ?? 0) === 0);
  }

  function isUnseen(id: string): boolean {
    const left = lags.get(id) ?? 0;
    if (left > 0) lags.set(id, left - 1);
    return left > 0;
  }

  const simulator = await startSimulatorServer({ act });
  return Object.assign(simulator, {
    tenantId,
    applications,
    principals,
    assignments,
    addPrincipal(type: Principal['type']) {
      const id = randomUUID();
      principals.push({ id, appId: type === 'User' ? null : randomUUID(), type });
      return id;
    },
  });
}

function json(status: number, body: object): SimulatorAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function refuse(status: number, code: string, message: string): SimulatorAnswer {
  return json(status, { error: { code, message } });
}

function notFound(): SimulatorAnswer {
  return refuse(
    404,
    'Request_ResourceNotFound',
    'Resource does not exist or one of its queried reference-property objects are not present.',
  );
}
