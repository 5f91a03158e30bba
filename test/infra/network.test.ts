import { expect, it } from 'vitest';
import { describeCompiled, readResources, type Resource } from './compiled.ts';

const NETWORK = '/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/hub';
const ACCOUNTS = '/resourceGroups/rg-vision/providers/Microsoft.CognitiveServices/accounts';

function ofType(scenario: string, type: string): Resource[] {
  return readResources(scenario).filter((resource) => resource.type === type);
}
/** The secrets that the deployment copies from an account. */
function keysOf(scenario: string): Resource[] {
  return ofType(scenario, 'Microsoft.KeyVault/vaults/secrets').filter(({ properties }) =>
    String(properties['value']).includes('listKeys'),
  );
}
const typesOf = (scenario: string): Set<string> => new Set(readResources(scenario).map(({ type }) => type));

describeCompiled('a network of the deployment’s own', () => {
  it.each(['production', 'private-stores', 'zones-elsewhere'])(
    'leaves the subnets alone that others add: %s',
    (scenario) => {
      const networks = ofType(scenario, 'Microsoft.Network/virtualNetworks');
      expect(networks).toHaveLength(1);
      // A list here is the whole list. Without one, subnets stay: bicep-types-az#1687, from API version
      // 2023-11-01 on.
      for (const { properties, apiVersion } of networks) {
        expect(properties).not.toHaveProperty('subnets');
        expect(String(apiVersion) >= '2023-11-01').toBe(true);
      }
      const subnets = ofType(scenario, 'Microsoft.Network/virtualNetworks/subnets').map(({ name }) => name);
      expect(subnets.map((name) => name.split('/').at(-1))).toEqual(['app', 'endpoints']);
    },
  );
});

describeCompiled('a public app with private stores', () => {
  it.each(['private-stores', 'landing-zone'])('is reached from anywhere: %s', (scenario) => {
    const [app] = ofType(scenario, 'Microsoft.Web/sites');
    expect(app?.properties['publicNetworkAccess']).toBe('Enabled');
    const endpoints = ofType(scenario, 'Microsoft.Network/privateEndpoints').map(({ name }) => name);
    expect(endpoints.filter((name) => name.endsWith('-sites'))).toEqual([]);
    expect(endpoints.filter((name) => /-(blob|queue|table|vault)$/.test(name))).toHaveLength(4);
  });
});

describeCompiled('what a landing zone gives', () => {
  it('is used, and nothing of it is made again', () => {
    const types = typesOf('landing-zone');
    for (const made of [
      'Microsoft.Network/virtualNetworks',
      'Microsoft.Network/natGateways',
      'Microsoft.Network/privateDnsZones',
      'Microsoft.OperationalInsights/workspaces',
      'Microsoft.Insights/actionGroups',
    ])
      expect(types).not.toContain(made);

    const [app] = ofType('landing-zone', 'Microsoft.Web/sites');
    expect(app?.properties['virtualNetworkSubnetId']).toMatch(new RegExp(`${NETWORK}/subnets/renames-app$`));
    for (const { properties } of ofType('landing-zone', 'Microsoft.Network/privateEndpoints'))
      expect(properties['subnet']).toEqual({
        id: expect.stringMatching(new RegExp(`${NETWORK}/subnets/renames-endpoints$`)),
      });
    const zones = ofType('landing-zone', 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups');
    expect(zones).toHaveLength(5);
    for (const { properties } of zones) expect(JSON.stringify(properties)).toContain("'rg-dns'");
    for (const { properties } of ofType('landing-zone', 'Microsoft.Insights/diagnosticSettings'))
      expect(properties['workspaceId']).toMatch(
        /outputs\.workspaceId\.value\]$|\/rg-logs\/.*\/workspaces\/shared$/,
      );
  });

  it('leads to the Custom Vision account without the internet, where asked', () => {
    const endpoints = ofType('landing-zone', 'Microsoft.Network/privateEndpoints').filter(({ name }) =>
      name.includes('-account-'),
    );
    expect(endpoints.map(({ properties }) => properties['privateLinkServiceConnections'])).toEqual([
      [
        {
          name: 'account',
          properties: {
            groupIds: ['account'],
            privateLinkServiceId: expect.stringMatching(new RegExp(`${ACCOUNTS}/vision-default$`)),
          },
        },
      ],
    ]);
  });

  it('admits the Custom Vision accounts that write notifications to a private queue, and no one else', () => {
    const [account] = ofType('landing-zone', 'Microsoft.Storage/storageAccounts');
    expect(account?.properties).toMatchObject({
      publicNetworkAccess: 'Enabled', // with "Disabled" the rules would not be asked
      networkAcls: {
        defaultAction: 'Deny',
        bypass: 'None',
        resourceAccessRules: ['vision-default', 'vision-line-3'].map((name) => ({
          tenantId: expect.any(String),
          resourceId: expect.stringMatching(new RegExp(`${ACCOUNTS}/${name}$`)),
        })),
      },
    });
    const queues = ofType('landing-zone', 'Microsoft.Storage/storageAccounts/queueServices/queues');
    expect(queues.map(({ name }) => name.split('/').at(-1) ?? '').toSorted()).toEqual([
      'line-3-trained',
      'line-3-trained-poison',
      'renames',
      'renames-poison',
      'trained',
      'trained-poison',
    ]);
  });
});

describeCompiled('the exported records', () => {
  it('are in an account on which the app has no role, and which its settings do not name', () => {
    const resources = readResources('private-stores');
    const exported = resources.find(
      ({ type, name }) => type === 'Microsoft.Storage/storageAccounts' && name.startsWith('ex'),
    );
    expect(exported).toBeDefined();
    const name = exported?.name ?? '';
    const [app] = ofType('private-stores', 'Microsoft.Web/sites');
    expect(JSON.stringify(app)).not.toContain(name);
    const assignments = ofType('private-stores', 'Microsoft.Authorization/roleAssignments');
    expect(assignments.filter(({ id }) => id.includes(name))).toEqual([]);
  });

  it('are written to containers that keep every byte for as long as was said', () => {
    const policies = ofType(
      'private-stores',
      'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies',
    );
    expect(policies.map(({ name, properties }) => [name.split('/').at(-2), properties])).toEqual(
      ['am-apptraces', 'am-storagetablelogs'].map((container) => [
        container,
        { immutabilityPeriodSinceCreationInDays: 365, allowProtectedAppendWritesAll: true },
      ]),
    );
  });
});

describeCompiled('a training key that the deployment writes', () => {
  it('is marked with its end where an operator says so, and only there', () => {
    expect(keysOf('landing-zone').map(({ properties }) => properties['attributes'])).toEqual([
      { exp: expect.stringContaining("dateTimeToEpoch(dateTimeAdd(utcNow(), 'P180D'))") },
    ]);
    expect(keysOf('main').map(({ properties }) => properties['attributes'] ?? null)).toEqual([null]);
  });
});
