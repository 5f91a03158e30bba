import { beforeEach, describe, expect, it } from 'vitest';
import { registerProxy, type RegistrationPlan } from '../../infra/scripts/entra-registration.ts';
import { createGraph, type Graph } from '../../infra/scripts/graph.ts';
import { startGraph, type SimulatedGraph } from '../stack/graph.ts';

const TOKEN = 'token-of-the-operator';
const EVENT_GRID = '4962773b-9cdb-44cf-a8bf-237846a00ab7';

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
const apiOf = (name = 'renames') => far.applications.find(({ uniqueName }) => uniqueName === name);
/** Who has which role, by its value. */
const rolesGiven = (): string[] => {
  const roles: { id: string; value: string }[] = JSON.parse(JSON.stringify(apiOf()?.['appRoles']));
  return far.assignments.map(
    ({ principalId, appRoleId }) => `${principalId}: ${roles.find(({ id }) => id === appRoleId)?.value}`,
  );
};

describe('the registration', () => {
  it('has roles and scopes of the names that the app reads, and tokens whose audience is the client id', async () => {
    const { clientId, tenantId } = await registerProxy(graph, planOf());
    expect(tenantId).toBe(far.tenantId);
    expect(apiOf()).toMatchObject({
      appId: clientId,
      signInAudience: 'AzureADMyOrg',
      identifierUris: [`api://${clientId}`],
      api: {
        requestedAccessTokenVersion: 2,
        oauth2PermissionScopes: [{ value: 'Iterations.Rename' }, { value: 'Iterations.Read' }],
      },
      appRoles: [
        { value: 'Iterations.Rename' },
        { value: 'Iterations.Read' },
        { value: 'AzureEventGridSecureWebhookSubscriber' },
      ],
    });
    expect(far.principals.map(({ appId }) => appId)).toEqual([clientId]);
  });

  it('gives each caller its role, an application or a person', async () => {
    const [pipeline, auditor] = [far.addPrincipal('ServicePrincipal'), far.addPrincipal('User')];
    await registerProxy(
      graph,
      planOf({
        callers: [
          { principalId: pipeline, may: 'rename' },
          { principalId: auditor, may: 'read' },
        ],
      }),
    );
    expect(rolesGiven()).toEqual([`${pipeline}: Iterations.Rename`, `${auditor}: Iterations.Read`]);
  });

  it('lets Event Grid deliver, and its subscriber subscribe', async () => {
    const writer = far.addPrincipal('User');
    const { eventGridPrincipalId } = await registerProxy(
      graph,
      planOf({ eventGrid: true, subscriptionWriters: [writer] }),
    );
    expect(far.principals.find(({ appId }) => appId === EVENT_GRID)?.id).toBe(eventGridPrincipalId);
    expect(rolesGiven()).toEqual([
      `${eventGridPrincipalId}: Iterations.Rename`,
      `${eventGridPrincipalId}: AzureEventGridSecureWebhookSubscriber`,
      `${writer}: AzureEventGridSecureWebhookSubscriber`,
    ]);
  });

  it('has a public client for the console, which needs no consent', async () => {
    const { clientId, consoleClientId } = await registerProxy(
      graph,
      planOf({ consoleUri: 'https://app/console' }),
    );
    expect(apiOf('renames-console')).toMatchObject({
      appId: consoleClientId,
      spa: { redirectUris: ['https://app/console'] },
      requiredResourceAccess: [
        { resourceAppId: clientId, resourceAccess: [{ type: 'Scope' }, { type: 'Scope' }] },
      ],
    });
    expect(apiOf()).toMatchObject({
      api: {
        requestedAccessTokenVersion: 2,
        preAuthorizedApplications: [
          { appId: consoleClientId, delegatedPermissionIds: [expect.any(String), expect.any(String)] },
        ],
      },
    });
    expect(JSON.stringify(far.applications)).not.toContain('passwordCredentials');
  });

  it('changes nothing the second time', async () => {
    const callers = [1, 2, 3].map(() => ({
      principalId: far.addPrincipal('ServicePrincipal'),
      may: 'rename' as const,
    }));
    const plan = planOf({ callers, eventGrid: true, consoleUri: 'https://app/console' });
    const first = await registerProxy(graph, plan);
    expect(first.changes.length).toBeGreaterThan(8);
    const sent = far.journal.length;
    const second = await registerProxy(graph, plan);
    expect(second).toEqual({ ...first, changes: [] });
    expect(far.journal.slice(sent).filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('leaves what others added, and takes over a permission that was made by hand', async () => {
    await registerProxy(graph, planOf());
    const application = apiOf();
    if (application === undefined) throw new Error('there is no registration');
    const byHand = {
      id: 'by-hand',
      displayName: 'Rename',
      description: 'By hand',
      value: 'Iterations.Rename',
      isEnabled: true,
      allowedMemberTypes: ['Application'],
    };
    const foreign = { ...byHand, id: 'foreign', value: 'Something.Else' };
    application['appRoles'] = [byHand, foreign];
    application['api'] = {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: [],
      preAuthorizedApplications: [],
    };

    const pipeline = far.addPrincipal('ServicePrincipal');
    await registerProxy(graph, planOf({ callers: [{ principalId: pipeline, may: 'rename' }] }));
    expect(apiOf()).toMatchObject({
      appRoles: [byHand, foreign, { value: 'Iterations.Read' }, {}],
      api: {
        oauth2PermissionScopes: [
          { id: 'by-hand', adminConsentDescription: 'By hand' },
          { value: 'Iterations.Read' },
        ],
      },
    });
    expect(far.assignments.map(({ appRoleId }) => appRoleId)).toEqual(['by-hand']);
  });

  it('goes on where Graph is busy', async () => {
    far.faults.inject({
      kind: 'status',
      status: 429,
      times: 2,
      when: 'PATCH',
      headers: { 'retry-after': '0' },
    });
    expect((await registerProxy(graph, planOf())).changes).toContain('registered renames');
  });

  it('says who cannot be found', async () => {
    const callers = [{ principalId: '11111111-1111-1111-1111-111111111111', may: 'read' as const }];
    await expect(registerProxy(graph, planOf({ callers }))).rejects.toThrow(
      /appRoleAssignedTo: Request_ResourceNotFound/,
    );
  });
});
