import type { Scenario } from './compiled.ts';
import { type HardeningRule, type Path, rulesOf } from './hardening-rule.ts';

const closed = ({ isClosed }: Scenario): boolean => isClosed;
const isPrivate = (scenario: Scenario): boolean => scenario.isPrivate;
const ownNetwork = ({ makesNetwork }: Scenario): boolean => makesNetwork;
const zoned = ({ hasZones }: Scenario): boolean => hasZones;
const ownZones = ({ makesZones }: Scenario): boolean => makesZones;

const SUBNET = 'Microsoft.Network/virtualNetworks/subnets';
const endpointConnection: Path = [
  'properties',
  'privateLinkServiceConnections',
  0,
  'properties',
  'groupIds',
  0,
];
const zoneOf: Readonly<Record<string, RegExp>> = {
  blob: /'privatelink\.blob\.\{0\}', environment\(\)\.suffixes\.storage/,
  queue: /'privatelink\.queue\.\{0\}', environment\(\)\.suffixes\.storage/,
  table: /'privatelink\.table\.\{0\}', environment\(\)\.suffixes\.storage/,
  vault:
    /'privatelink\{0\}', replace\(environment\(\)\.suffixes\.keyvaultDns, '\.vault\.', '\.vaultcore\.'\)/,
  sites: /'AzureUSGovernment'.*\)\.sites/,
};
const inboundRule = (name: string, property: string): Path => [
  'properties',
  'securityRules',
  name,
  'properties',
  property,
];

/** Every line of the network that keeps others out. */
export const NETWORK_HARDENING: readonly HardeningRule[] = [
  ...rulesOf(
    SUBNET,
    [
      [['properties', 'defaultOutboundAccess'], false, ownNetwork],
      [['properties', 'networkSecurityGroup', 'id'], /-app$/, ownNetwork],
      [['properties', 'natGateway', 'id'], /-egress$/, ownNetwork],
      [
        ['properties', 'delegations', 0, 'properties', 'serviceName'],
        'Microsoft.App/environments',
        ownNetwork,
      ],
    ],
    /\/app$/,
  ),
  ...rulesOf(
    SUBNET,
    [
      [['properties', 'defaultOutboundAccess'], false, ownNetwork],
      [['properties', 'privateEndpointNetworkPolicies'], 'Enabled', ownNetwork],
      [['properties', 'networkSecurityGroup', 'id'], /-endpoints$/, ownNetwork],
    ],
    /\/endpoints$/,
  ),
  ...['nothing-comes-in-from-outside', 'nothing-else'].map((name, index) => ({
    of: 'Microsoft.Network/networkSecurityGroups',
    named: index === 0 ? /-app$/ : /-endpoints$/,
    at: inboundRule(name, 'access'),
    is: 'Deny',
    where: ownNetwork,
  })),
  ...Object.entries(zoneOf).flatMap(([service, zone]): HardeningRule[] => [
    {
      of: 'Microsoft.Network/privateEndpoints',
      named: new RegExp(`-${service}$`),
      at: endpointConnection,
      is: service,
      where: service === 'sites' ? closed : isPrivate,
    },
    {
      of: 'Microsoft.Network/privateDnsZones',
      named: zone,
      at: ['location'],
      is: 'global',
      where: (scenario) => ownZones(scenario) && (service !== 'sites' || scenario.isClosed),
    },
    {
      of: 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
      named: new RegExp(`-${service}/default$`),
      at: ['properties', 'privateDnsZoneConfigs', 0, 'name'],
      is: service,
      where: (scenario) => zoned(scenario) && (service !== 'sites' || scenario.isClosed),
    },
    {
      of: 'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
      named: zone,
      at: ['properties', 'virtualNetwork', 'id'],
      is: /\/virtualNetworks\//,
      where: (scenario) => ownZones(scenario) && (service !== 'sites' || scenario.isClosed),
    },
  ]),
];
