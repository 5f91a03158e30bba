import { isObject, type Resource, type Scenario } from './compiled.ts';

/** From a resource down to a value; of a list, the name of an element or its index. */
export type Path = readonly (string | number)[];

/** One hardening line: what each resource of a type, or the ones with a certain name, must have. */
export interface HardeningRule {
  readonly of: string;
  readonly named?: RegExp;
  readonly at: Path;
  readonly is: string | number | boolean | RegExp;
  /** Where it holds only in some scenarios. */
  readonly where?: (scenario: Scenario) => boolean;
}

const closed = ({ isClosed }: Scenario): boolean => isClosed;
const zoned = ({ hasZones }: Scenario): boolean => hasZones;

const storageAccount = rulesOf('Microsoft.Storage/storageAccounts', [
  [['properties', 'allowSharedKeyAccess'], false],
  [['properties', 'defaultToOAuthAuthentication'], true],
  [['properties', 'allowBlobPublicAccess'], false],
  [['properties', 'allowCrossTenantReplication'], false],
  [['properties', 'allowedCopyScope'], 'AAD'],
  [['properties', 'isLocalUserEnabled'], false],
  [['properties', 'minimumTlsVersion'], 'TLS1_2'],
  [['properties', 'supportsHttpsTrafficOnly'], true],
  [['properties', 'encryption', 'requireInfrastructureEncryption'], true],
  [['properties', 'encryption', 'services', 'blob', 'enabled'], true],
  [['properties', 'encryption', 'services', 'table', 'enabled'], true],
  [['properties', 'encryption', 'services', 'table', 'keyType'], 'Account'],
  [['properties', 'encryption', 'services', 'queue', 'enabled'], true],
  [['properties', 'encryption', 'services', 'queue', 'keyType'], 'Account'],
  [['properties', 'networkAcls', 'bypass'], 'None'],
  [['properties', 'networkAcls', 'defaultAction'], 'Deny', closed],
  [['properties', 'publicNetworkAccess'], 'Disabled', closed],
]);

const vault = rulesOf('Microsoft.KeyVault/vaults', [
  [['properties', 'enableRbacAuthorization'], true],
  [['properties', 'enablePurgeProtection'], true],
  [['properties', 'enableSoftDelete'], true],
  [['properties', 'softDeleteRetentionInDays'], 90],
  [['properties', 'enabledForDeployment'], false],
  [['properties', 'enabledForDiskEncryption'], false],
  [['properties', 'enabledForTemplateDeployment'], false],
  [['properties', 'networkAcls', 'bypass'], 'None'],
  [['properties', 'networkAcls', 'defaultAction'], 'Deny', closed],
  [['properties', 'publicNetworkAccess'], 'Disabled', closed],
]);

const setting = (name: string): Path => ['properties', 'siteConfig', 'appSettings', name, 'value'];
const app = rulesOf('Microsoft.Web/sites', [
  [['properties', 'httpsOnly'], true],
  [['properties', 'siteConfig', 'minTlsVersion'], '1.2'],
  [['properties', 'siteConfig', 'scmMinTlsVersion'], '1.2'],
  [['properties', 'siteConfig', 'ftpsState'], 'Disabled'],
  [['properties', 'siteConfig', 'remoteDebuggingEnabled'], false],
  [['identity', 'type'], 'UserAssigned'],
  [
    ['properties', 'functionAppConfig', 'deployment', 'storage', 'authentication', 'type'],
    'UserAssignedIdentity',
  ],
  [setting('FUNCTIONS_NODE_BLOCK_ON_ENTRY_POINT_ERROR'), 'true'],
  [setting('AzureWebJobsStorage__credential'), 'managedidentity'],
  [setting('AzureWebJobsStorage__accountName'), /^st[a-z0-9]{3,22}$/],
  [setting('RENAME_STORAGE__credential'), 'managedidentity'],
  [setting('APPLICATIONINSIGHTS_AUTHENTICATION_STRING'), /Authorization=AAD/],
  [['properties', 'publicNetworkAccess'], 'Disabled', closed],
  [['properties', 'virtualNetworkSubnetId'], /\.outputs\.appSubnetId\.value\]$/, closed],
]);

const publishing = 'Microsoft.Web/sites/basicPublishingCredentialsPolicies';
const endpointConnection: Path = [
  'properties',
  'privateLinkServiceConnections',
  0,
  'properties',
  'groupIds',
  0,
];
const zoneOf: Readonly<Record<string, RegExp>> = {
  blob: /'privatelink\.\{0\}\.\{1\}', 'blob', environment\(\)\.suffixes\.storage/,
  queue: /'privatelink\.\{0\}\.\{1\}', 'queue', environment\(\)\.suffixes\.storage/,
  table: /'privatelink\.\{0\}\.\{1\}', 'table', environment\(\)\.suffixes\.storage/,
  vault:
    /'privatelink\{0\}', replace\(environment\(\)\.suffixes\.keyvaultDns, '\.vault\.', '\.vaultcore\.'\)/,
  sites: /^privatelink\.azurewebsites\.net$/,
};
const subnet = (name: string, ...rest: Path): Path => ['properties', 'subnets', name, 'properties', ...rest];
const inboundRule = (name: string, property: string): Path => [
  'properties',
  'securityRules',
  name,
  'properties',
  property,
];

/** Every line of the deployment that makes it harder to break into. Taking one out of infra/ makes a test red. */
const HARDENING: readonly HardeningRule[] = [
  ...storageAccount,
  ...vault,
  ...app,
  { of: publishing, named: /\/ftp$/, at: ['properties', 'allow'], is: false },
  { of: publishing, named: /\/scm$/, at: ['properties', 'allow'], is: false },
  ...rulesOf('Microsoft.Storage/storageAccounts/blobServices', [
    [['properties', 'deleteRetentionPolicy', 'enabled'], true],
    [['properties', 'containerDeleteRetentionPolicy', 'enabled'], true],
  ]),
  ...rulesOf('Microsoft.Storage/storageAccounts/blobServices/containers', [
    [['properties', 'publicAccess'], 'None'],
  ]),
  ...rulesOf('Microsoft.Authorization/locks', [
    [['properties', 'level'], 'CanNotDelete', ({ isLocked }) => isLocked],
    [['id'], /\/storageAccounts\/[^/]+\/providers\/Microsoft\.Authorization\/locks\//, (s) => s.isLocked],
  ]),
  ...rulesOf('Microsoft.Insights/components', [[['properties', 'DisableLocalAuth'], true]]),
  ...rulesOf('Microsoft.OperationalInsights/workspaces', [
    [['properties', 'features', 'disableLocalAuth'], true],
  ]),
  ...rulesOf('Microsoft.Network/virtualNetworks', [
    [subnet('app', 'defaultOutboundAccess'), false, closed],
    [subnet('app', 'networkSecurityGroup', 'id'), /-app$/, closed],
    [subnet('app', 'natGateway', 'id'), /-egress$/, closed],
    [subnet('app', 'delegations', 0, 'properties', 'serviceName'), 'Microsoft.App/environments', closed],
    [subnet('endpoints', 'defaultOutboundAccess'), false, closed],
    [subnet('endpoints', 'privateEndpointNetworkPolicies'), 'Enabled', closed],
    [subnet('endpoints', 'networkSecurityGroup', 'id'), /-endpoints$/, closed],
  ]),
  ...['nothing-comes-in-from-outside', 'nothing-else'].map((name, index) => ({
    of: 'Microsoft.Network/networkSecurityGroups',
    named: index === 0 ? /-app$/ : /-endpoints$/,
    at: inboundRule(name, 'access'),
    is: 'Deny',
    where: closed,
  })),
  ...Object.entries(zoneOf).flatMap(([service, zone]): HardeningRule[] => [
    {
      of: 'Microsoft.Network/privateEndpoints',
      named: new RegExp(`-${service}$`),
      at: endpointConnection,
      is: service,
      where: closed,
    },
    { of: 'Microsoft.Network/privateDnsZones', named: zone, at: ['location'], is: 'global', where: zoned },
    {
      of: 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
      named: new RegExp(`-${service}/default$`),
      at: ['properties', 'privateDnsZoneConfigs', 0, 'name'],
      is: service,
      where: zoned,
    },
    {
      of: 'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
      named: new RegExp(service === 'sites' ? '^privatelink\\.azurewebsites' : zone.source),
      at: ['properties', 'virtualNetwork', 'id'],
      is: /\/virtualNetworks\//,
      where: zoned,
    },
  ]),
];

type Line = readonly [at: Path, is: HardeningRule['is'], where?: HardeningRule['where']];

function rulesOf(type: string, lines: readonly Line[]): HardeningRule[] {
  return lines.map(([at, is, where]) => ({ of: type, at, is, ...(where === undefined ? {} : { where }) }));
}

/** The rules that hold in a scenario. */
export function rulesFor(scenario: Scenario): HardeningRule[] {
  return HARDENING.filter(({ where }) => where?.(scenario) ?? true);
}

/** What the scenario's resources lack, one line for each rule that is broken. */
export function hardeningFaults(resources: readonly Resource[], scenario: Scenario): string[] {
  return rulesFor(scenario).flatMap((rule) => {
    const judged = guardedBy(rule, resources);
    const missing = judged.length === 0 ? [`there is no ${describeRule(rule)}`] : [];
    const wrong = judged.filter((resource) => !isAsRuled(valueAt(resource, rule.at), rule.is));
    return [...missing, ...wrong.map(({ name }) => `${name}: ${describeRule(rule)}`)];
  });
}

export function guardedBy({ of, named }: HardeningRule, resources: readonly Resource[]): Resource[] {
  return resources.filter(({ type, name }) => type === of && (named?.test(name) ?? true));
}

export function describeRule({ of, named, at, is }: HardeningRule): string {
  return `${of}${named === undefined ? '' : ` ${named}`} with ${at.join('.')} ${is}`;
}

function isAsRuled(value: unknown, is: HardeningRule['is']): boolean {
  return is instanceof RegExp ? typeof value === 'string' && is.test(value) : value === is;
}

export function valueAt(value: unknown, at: Path): unknown {
  let current = value;
  for (const step of at) {
    if (Array.isArray(current)) current = elementOf(current, step);
    else current = isObject(current) ? current[step] : undefined;
  }
  return current;
}

function elementOf(list: readonly unknown[], step: string | number): unknown {
  if (typeof step === 'number') return list[step];
  return list.find((element) => isObject(element) && element['name'] === step);
}
