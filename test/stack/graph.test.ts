import { beforeEach, describe, expect, it } from 'vitest';
import { registerProxy, type RegistrationPlan } from '../../infra/scripts/entra-registration.ts';
import { createGraph, type Graph, GraphError } from '../../infra/scripts/graph.ts';
import { startGraph, type SimulatedGraph } from './graph.ts';

const TOKEN = 'token-of-the-operator';

let far: SimulatedGraph;
let graph: Graph;
beforeEach(async () => {
  far = await startGraph({ token: TOKEN });
  graph = createGraph({ url: far.origin, token: async () => TOKEN, retryMs: 1, tries: 5 });
  return () => far.stop();
});

const planOf = (overrides: Partial<RegistrationPlan> = {}): RegistrationPlan => ({
  name: 'renames',
  callers: [],
  eventGrid: false,
  subscriptionWriters: [],
  consoleUri: null,
  ...overrides,
});
const apiOf = () => far.applications.find(({ uniqueName }) => uniqueName === 'renames');

describe('the simulated Graph refuses', () => {
  let id: string;
  let appId: string;
  beforeEach(async () => {
    appId = (await registerProxy(graph, planOf())).clientId;
    id = String(apiOf()?.['id']);
  });
  it.each([
    {
      case: 'a name that is not verified',
      body: { identifierUris: ['api://custom-vision-renames'] },
      code: 'HostNameNotOnVerifiedDomain',
    },
    {
      case: 'to lose an enabled role',
      body: { appRoles: [] },
      code: 'CannotDeleteOrUpdateEnabledEntitlement',
    },
    { case: 'a property that it does not know', body: { audience: 'x' }, code: 'Request_BadRequest' },
  ])('$case', async ({ body, code }) => {
    await expect(graph.patch(`/applications/${id}`, body)).rejects.toThrow(code);
  });

  it('a scope that shares a role’s value, but not its id', async () => {
    const appRoles = [
      ...JSON.parse(JSON.stringify(apiOf()?.['appRoles'])),
      {
        id: 'r',
        value: 'V',
        displayName: 'd',
        description: 'd',
        isEnabled: true,
        allowedMemberTypes: ['Application'],
      },
    ];
    const scopes = [
      {
        id: 'other',
        value: 'V',
        isEnabled: true,
        type: 'User',
        adminConsentDisplayName: 'd',
        adminConsentDescription: 'd',
      },
    ];
    const body = { appRoles, api: { ...Object(apiOf()?.['api']), oauth2PermissionScopes: scopes } };
    await expect(graph.patch(`/applications/${id}`, body)).rejects.toThrow('Please provide unique value');
  });

  it('the same assignment twice, and a stranger’s token', async () => {
    const principalId = far.addPrincipal('ServicePrincipal');
    await registerProxy(graph, planOf({ callers: [{ principalId, may: 'read' }] }));
    const [given] = far.assignments;
    const service = given?.resourceId ?? '';
    await expect(
      graph.post(`/servicePrincipals/${service}/appRoleAssignedTo`, {
        principalId,
        resourceId: service,
        appRoleId: given?.appRoleId,
      }),
    ).rejects.toThrow('already exists');
    const stranger = createGraph({ url: far.origin, token: async () => 'another' });
    await expect(stranger.get(`/applications/${id}`)).rejects.toThrow(GraphError);
    expect(appId).toBe(apiOf()?.['appId']);
  });
});
