import { expect, it } from 'vitest';
import { describeCompiled, isObject, readResources, type Resource, SCENARIOS } from './compiled.ts';

const SETTING = 'Microsoft.Insights/diagnosticSettings';
/** The types that have logs or metrics to send, and whether they have logs. */
const DIAGNOSED: Readonly<Record<string, 'logs' | 'metrics'>> = {
  'Microsoft.KeyVault/vaults': 'logs',
  'Microsoft.Network/networkSecurityGroups': 'logs',
  'Microsoft.Network/publicIPAddresses': 'logs',
  'Microsoft.Network/virtualNetworks': 'logs',
  'Microsoft.OperationalInsights/workspaces': 'logs',
  'Microsoft.Storage/storageAccounts': 'metrics',
  'Microsoft.Storage/storageAccounts/blobServices': 'logs',
  'Microsoft.Storage/storageAccounts/queueServices': 'logs',
  'Microsoft.Storage/storageAccounts/tableServices': 'logs',
  'Microsoft.Web/serverfarms': 'metrics',
  'Microsoft.Web/sites': 'logs',
};
/** The types that have nothing to send, with the reason where one may wonder. */
const SILENT: Readonly<Record<string, string>> = {
  'Microsoft.Authorization/locks': 'in the activity log',
  'Microsoft.Authorization/roleAssignments': 'in the activity log',
  'Microsoft.Insights/actionGroups': 'in the activity log',
  'Microsoft.Insights/components':
    'its tables are in the workspace already; a setting would write each row twice',
  'Microsoft.Insights/diagnosticSettings': 'they are the settings',
  'Microsoft.Insights/scheduledQueryRules': 'in the activity log',
  'Microsoft.Insights/workbooks': 'nothing to send',
  'Microsoft.KeyVault/vaults/secrets': 'in the vault’s log',
  'Microsoft.ManagedIdentity/userAssignedIdentities': 'in the sign-in log of the tenant',
  'Microsoft.Network/natGateways': 'of the SKU Standard; its metrics cannot be exported',
  'Microsoft.Network/privateDnsZones': 'nothing to send',
  'Microsoft.Network/virtualNetworks/subnets': 'in the network’s log',
  'Microsoft.OperationalInsights/workspaces/dataExports': 'in the activity log',
  'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies': 'in the service’s log',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': 'nothing to send',
  'Microsoft.Network/privateEndpoints': 'its metrics cannot be exported',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': 'nothing to send',
  'Microsoft.Storage/storageAccounts/blobServices/containers': 'in the service’s log',
  'Microsoft.Storage/storageAccounts/queueServices/queues': 'in the service’s log',
  'Microsoft.Storage/storageAccounts/tableServices/tables': 'in the service’s log',
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': 'in the app’s log',
};

function undiagnosed(resources: readonly Resource[]): string[] {
  const settings = new Map(
    resources
      .filter(({ type }) => type === SETTING)
      .map((setting) => [setting.id.split(`/providers/${SETTING}/`)[0], setting]),
  );
  return resources.flatMap(({ id, type, name }) => {
    const has = DIAGNOSED[type];
    if (has === undefined)
      return type in SILENT ? [] : [`${type} is neither diagnosed nor known to be silent`];
    const setting = settings.get(id);
    if (setting === undefined) return [`${type} ${name} sends nothing`];
    const { workspaceId, logs, metrics } = setting.properties;
    const sendsLogs =
      Array.isArray(logs) &&
      logs.some((log) => isObject(log) && log['categoryGroup'] === 'allLogs' && log['enabled'] === true);
    const sendsMetrics =
      Array.isArray(metrics) && metrics.some((metric) => isObject(metric) && metric['enabled'] === true);
    const reachesWorkspace = /workspaceId\.value\]$|\/workspaces\/[^/]+$/.test(String(workspaceId));
    return [
      ...(reachesWorkspace ? [] : [`${type} ${name} sends to no workspace`]),
      ...((has === 'logs' ? sendsLogs : sendsMetrics) ? [] : [`${type} ${name} sends no ${has}`]),
    ];
  });
}

describeCompiled('the diagnostics', () => {
  it.each(SCENARIOS)('of every resource that has any go to the workspace: $scenario', ({ scenario }) => {
    expect(undiagnosed(readResources(scenario))).toEqual([]);
  });

  it.each(SCENARIOS)('are missed wherever a setting is missing: $scenario', ({ scenario }) => {
    const resources = readResources(scenario);
    const settings = resources.filter(({ type }) => type === SETTING);
    expect(settings.length).toBeGreaterThan(6);
    for (const { id } of settings)
      expect(undiagnosed(resources.filter((one) => one.id !== id))).toHaveLength(1);
  });

  it('are the whole list: each type is in a scenario', () => {
    const types = new Set(
      SCENARIOS.flatMap(({ scenario }) => readResources(scenario).map(({ type }) => type)),
    );
    expect([...types].toSorted()).toEqual([...Object.keys(DIAGNOSED), ...Object.keys(SILENT)].toSorted());
  });
});
