import { expect, it } from 'vitest';
import { describeCompiled, isObject, readResources, type Resource, SCENARIOS } from './compiled.ts';
import { describeRule, guardedBy, hardeningFaults, rulesFor, valueAt } from './hardening.ts';
import type { Path } from './hardening-rule.ts';

/**
 * What resources of these types have that is not there for security, so that nothing else of them may go
 * unnoticed.
 */
const ORDINARY: Readonly<Record<string, readonly string[]>> = {
  'Microsoft.Storage/storageAccounts': [
    'accessTier',
    'encryption.keySource',
    'encryption.services.blob.keyType',
    'networkAcls.resourceAccessRules',
  ],
  'Microsoft.KeyVault/vaults': ['tenantId', 'sku.family', 'sku.name'],
  'Microsoft.Insights/components': [
    'Application_Type',
    'WorkspaceResourceId',
    'IngestionMode',
    'DisableIpMasking',
  ],
  'Microsoft.OperationalInsights/workspaces': [
    'sku.name',
    'retentionInDays',
    'features.enableLogAccessUsingOnlyResourcePermissions',
  ],
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': [],
  'Microsoft.Storage/storageAccounts/blobServices/containers': [],
  'Microsoft.Web/sites': [
    'serverFarmId',
    'clientAffinityEnabled',
    'functionAppConfig.runtime.name',
    'functionAppConfig.runtime.version',
    'functionAppConfig.scaleAndConcurrency.instanceMemoryMB',
    'functionAppConfig.scaleAndConcurrency.maximumInstanceCount',
    'functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency',
    'functionAppConfig.scaleAndConcurrency.alwaysReady',
    'siteConfig.cors.allowedOrigins',
    'siteConfig.http20Enabled',
    'functionAppConfig.deployment.storage.type',
    'functionAppConfig.deployment.storage.value',
    'functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId',
  ],
};

/** The resources without one property, or one element of a list. */
function without(resources: readonly Resource[], { id }: Resource, at: Path): Resource[] {
  const mutated = structuredClone(resources);
  const parent = valueAt(
    mutated.find((resource) => resource.id === id),
    at.slice(0, -1),
  );
  const last = at.at(-1) ?? '';
  if (Array.isArray(parent)) {
    const index = typeof last === 'number' ? last : parent.findIndex((element) => element.name === last);
    parent.splice(index, 1);
  } else if (isObject(parent)) {
    Reflect.deleteProperty(parent, last);
  }
  expect(mutated).not.toEqual(resources);
  return [...mutated];
}

function leavesOf(value: unknown, at: Path = []): Path[] {
  if (!isObject(value)) return [at];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...at, name]));
}

describeCompiled('the hardening of the deployment', () => {
  it.each(SCENARIOS)('is complete: $scenario', (scenario) => {
    expect(hardeningFaults(readResources(scenario.scenario), scenario)).toEqual([]);
  });

  it.each(SCENARIOS)('cannot lose any of its lines unnoticed: $scenario', (scenario) => {
    const resources = readResources(scenario.scenario);
    const takenOut = rulesFor(scenario).flatMap((rule) =>
      guardedBy(rule, resources).map((resource) => ({
        line: `${resource.name}: ${describeRule(rule)}`,
        faults: hardeningFaults(without(resources, resource, rule.at), scenario),
      })),
    );
    expect(takenOut.filter(({ faults }) => faults.length === 0)).toEqual([]);
    console.log(`${scenario.scenario}: ${takenOut.length} lines taken out, each noticed`);
    expect(takenOut.length).toBeGreaterThan(40);
  });

  it.each(SCENARIOS)('cannot lose a resource that it is made of: $scenario', (scenario) => {
    const resources = readResources(scenario.scenario);
    for (const rule of rulesFor(scenario)) {
      const guarded = new Set(guardedBy(rule, resources).map(({ id }) => id));
      const rest = resources.filter(({ id }) => !guarded.has(id));
      expect(hardeningFaults(rest, scenario)).toContain(`there is no ${describeRule(rule)}`);
    }
  });

  it.each(Object.keys(ORDINARY))('knows every property of %s', (type) => {
    const [, production] = SCENARIOS;
    const resources = readResources(production.scenario);
    const first = resources.find((resource) => resource.type === type);
    if (first === undefined) throw new Error(`there is no ${type}`);
    const unnoticed = leavesOf(first.properties)
      .filter((at) => at.join('.') !== 'siteConfig.appSettings')
      .filter((at) => {
        const mutated = without(resources, first, ['properties', ...at]);
        return hardeningFaults(mutated, production).length === 0;
      });
    expect(unnoticed.map((at) => at.join('.')).toSorted()).toEqual(ORDINARY[type]?.toSorted());
  });

  it.each(SCENARIOS)('cannot have a line turned into its opposite unnoticed: $scenario', (scenario) => {
    const resources = readResources(scenario.scenario);
    const unnoticed = rulesFor(scenario)
      .filter(({ is }) => typeof is === 'boolean')
      .filter((rule) =>
        guardedBy(rule, resources).some(({ id }) => {
          const mutated = structuredClone(resources);
          const resource = mutated.find((one) => one.id === id);
          const parent = valueAt(resource, rule.at.slice(0, -1));
          if (!isObject(parent)) throw new Error(describeRule(rule));
          Reflect.set(parent, rule.at.at(-1) ?? '', rule.is === false);
          return hardeningFaults(mutated, scenario).length === 0;
        }),
      );
    expect(unnoticed.map(describeRule)).toEqual([]);
  });
});
