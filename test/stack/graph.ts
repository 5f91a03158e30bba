import { randomUUID } from 'node:crypto';
import {
  answerOnApplication,
  answerOnAssignment,
  answerOnPrincipal,
  type Directory,
  isUnseen,
  json,
  notFound,
  type Principal,
  refuse,
} from './graph-directory.ts';
import type { GraphApplication } from './graph-rules.ts';
import type { ReceivedRequest } from './received-request.ts';
import { startSimulatorServer, type Simulator, type SimulatorAnswer } from './simulator-server.ts';

export interface SimulatedGraph extends Simulator, Directory {
  readonly tenantId: string;
  /** Somebody who was there before. */
  addPrincipal(type: Principal['type']): string;
}

const PAGE = 2;

/**
 * As much of Microsoft Graph as keeps applications, their service principals and who has which role. It
 * refuses what the real one refuses: `graph-rules.ts` has the sources. What was made a moment ago is not
 * found everywhere at once, and lists come in pages.
 */
export async function startGraph({ token }: { readonly token: string }): Promise<SimulatedGraph> {
  const tenantId = randomUUID();
  const directory: Directory = { applications: [], principals: [], assignments: [], lags: new Map() };
  const simulator: Simulator = await startSimulatorServer({
    act(request): SimulatorAnswer {
      if (request.headers['authorization'] !== `Bearer ${token}`)
        return json(401, {
          error: { code: 'InvalidAuthenticationToken', message: 'Access token is empty.' },
        });
      if (request.path.startsWith('/v1.0/organization')) return json(200, { value: [{ id: tenantId }] });
      return answer(directory, request, simulator.origin);
    },
  });
  return Object.assign(simulator, directory, {
    tenantId,
    addPrincipal(type: Principal['type']) {
      const id = randomUUID();
      directory.principals.push({ id, appId: type === 'User' ? null : randomUUID(), type });
      return id;
    },
  });
}

function answer(directory: Directory, request: ReceivedRequest, origin: string): SimulatorAnswer {
  const { method, path, headers, body } = request;
  const route = decodeURIComponent(new URL(path, origin).pathname.replace(/^\/v1\.0/, ''));
  const create = headers['prefer'] === 'create-if-missing';
  const sent: GraphApplication = body === '' ? {} : JSON.parse(body);

  const [, uniqueName] = /^\/applications\(uniqueName='([^']+)'\)$/.exec(route) ?? [];
  if (uniqueName !== undefined) {
    const found = directory.applications.find((application) => application['uniqueName'] === uniqueName);
    return answerOnApplication(directory, method, found, sent, { uniqueName, create });
  }
  const [, applicationId] = /^\/applications\/([^/]+)$/.exec(route) ?? [];
  if (applicationId !== undefined) {
    const found = directory.applications.find(({ id }) => id === applicationId);
    return answerOnApplication(directory, method, found, sent, null);
  }
  const [, appId] = /^\/servicePrincipals\(appId='([^']+)'\)$/.exec(route) ?? [];
  if (appId !== undefined) return answerOnPrincipal(directory, method, appId, create);
  const [, resourceId] = /^\/servicePrincipals\/([^/]+)\/appRoleAssignedTo$/.exec(route) ?? [];
  if (resourceId !== undefined) {
    const service = directory.principals.find(({ id }) => id === resourceId);
    if (service === undefined || isUnseen(directory.lags, resourceId)) return notFound();
    if (method === 'POST') return answerOnAssignment(directory, service, sent);
    return page(
      directory.assignments.filter((one) => one.resourceId === resourceId),
      new URL(path, origin),
    );
  }
  return refuse(`Resource not found for the segment '${route}'.`);
}

function page(found: readonly object[], url: URL): SimulatorAnswer {
  const skip = Number(url.searchParams.get('$skiptoken') ?? 0);
  url.searchParams.set('$skiptoken', String(skip + PAGE));
  const next = found.length > skip + PAGE ? { '@odata.nextLink': url.href } : {};
  return json(200, { value: found.slice(skip, skip + PAGE), ...next });
}
