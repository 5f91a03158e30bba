import { expect, it } from 'vitest';
import { describeCompiled, readResources, type Resource, SCENARIOS } from './compiled.ts';

/** Azure's built-in roles, by the ids that they have everywhere. */
const ROLES: Readonly<Record<string, string>> = {
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
};

const ON_STORAGE = [
  'Storage Blob Data Owner',
  'Storage Queue Data Contributor',
  'Storage Table Data Contributor',
];
const SECRETS = {
  main: ['training-key-default', 'caller-line-3'],
  production: ['training-key-inspection', 'training-key-sorting', 'webhook-registry'],
  'every-option': [
    'training-key-default',
    'training-key-line-3',
    'webhook-deploys',
    'webhook-jobs',
    'webhook-pipeline',
    'caller-line-3',
    'caller-release-pipeline',
  ],
  'zones-elsewhere': ['training-key-default'],
  'private-stores': ['training-key-default', 'webhook-releases'],
  'landing-zone': ['training-key-default', 'training-key-line-3'],
} as const;

const isAssignment = ({ type }: Resource): boolean => type === 'Microsoft.Authorization/roleAssignments';

/** Who gets which role on what, one line each. */
function assignmentsOf(resources: readonly Resource[]): string[] {
  return resources.filter(isAssignment).map(({ id, properties }) => {
    const [scope = ''] = id.split('/providers/Microsoft.Authorization/roleAssignments/');
    const { principalId, principalType, roleDefinitionId } = properties;
    const role = ROLES[String(roleDefinitionId).split('/').at(-1) ?? ''] ?? String(roleDefinitionId);
    return `${String(principalType)} ${principalOf(principalId)}: ${role} on ${scope.split('/providers/').slice(1).join('/')}`;
  });
}

/** The one identity of the deployment, as the expression names it; everything else as it is. */
function principalOf(principalId: unknown): string {
  const reference =
    /^\[reference\('[^']*\/userAssignedIdentities\/([^'/]+)', '[0-9-]+'\)\.principalId\]$/.exec(
      String(principalId),
    );
  return reference?.[1] ?? String(principalId);
}

function expectedOf(scenario: keyof typeof SECRETS, resources: readonly Resource[]): string[] {
  const nameOf = (wanted: string, named = /./): string => {
    const [only, ...others] = resources.filter(({ type, name }) => type === wanted && named.test(name));
    if (only === undefined || others.length > 0) throw new Error(`${scenario} must have one ${wanted}`);
    return only.name;
  };
  const app = `ServicePrincipal ${nameOf('Microsoft.ManagedIdentity/userAssignedIdentities')}`;
  // Of two accounts the app has roles on its own only.
  const storage = `Microsoft.Storage/storageAccounts/${nameOf('Microsoft.Storage/storageAccounts', /^st/)}`;
  const vault = `Microsoft.KeyVault/vaults/${nameOf('Microsoft.KeyVault/vaults')}`;
  const insights = `Microsoft.Insights/components/${nameOf('Microsoft.Insights/components')}`;
  return [
    ...ON_STORAGE.map((role) => `${app}: ${role} on ${storage}`),
    ...SECRETS[scenario].map((secret) => `${app}: Key Vault Secrets User on ${vault}/secrets/${secret}`),
    `${app}: Monitoring Metrics Publisher on ${insights}`,
  ];
}

describeCompiled('the role assignments', () => {
  it.each(SCENARIOS)('are exactly the list, each on no more than it needs: $scenario', ({ scenario }) => {
    const resources = readResources(scenario);
    expect(assignmentsOf(resources).toSorted()).toEqual(expectedOf(scenario, resources).toSorted());
  });

  it('show when one is missing, reaches further, is another role, or is someone else’s', () => {
    const resources = readResources('production');
    const expected = expectedOf('production', resources).toSorted();
    for (const { id } of resources.filter(isAssignment)) {
      const changed = (change: (assignment: Resource) => Resource): string[] =>
        assignmentsOf(
          resources.map((resource) => (resource.id === id ? change(resource) : resource)),
        ).toSorted();
      const withProperty = (name: string, value: string) =>
        changed((one) => ({ ...one, properties: { ...one.properties, [name]: value } }));

      expect(assignmentsOf(resources.filter((one) => one.id !== id)).toSorted()).not.toEqual(expected);
      expect(
        changed((one) => ({
          ...one,
          id: one.id.replace(/\/(secrets|storageAccounts|components)\/.*?\//, '/'),
        })),
      ).not.toEqual(expected);
      expect(
        withProperty('roleDefinitionId', '/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635'),
      ).not.toEqual(expected);
      expect(withProperty('principalId', '55555555-5555-5555-5555-555555555555')).not.toEqual(expected);
    }
  });

  it('open no secret that the app does not read', () => {
    for (const { scenario } of SCENARIOS) {
      const secrets = readResources(scenario)
        .filter(({ type }) => type === 'Microsoft.KeyVault/vaults/secrets')
        .map(({ name }) => name.split('/').at(-1) ?? '');
      expect(secrets.toSorted()).toEqual([...SECRETS[scenario]].toSorted());
    }
  });
});
