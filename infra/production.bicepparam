// A closed network: no public access to the app, the vault or the storage account; callers hold Entra tokens.
using 'main.bicep'

param name = 'renames'

param resources = {
  // The deployment reads this key, and whoever deploys needs the right to list the account's keys.
  inspection: {
    at: { kind: 'region', region: 'japaneast' }
    trainingKey: { keyManagement: 'deployment', account: 'vision-inspection-training', resourceGroup: 'rg-vision' }
  }
  // An operator sets this one: az keyvault secret set --vault-name ... --name training-key-sorting --file ...
  sorting: {
    at: { kind: 'endpoint', endpoint: 'https://vision-sorting.cognitiveservices.azure.com' }
    trainingKey: { keyManagement: 'operator' }
  }
}

// npm run register-entra makes the registration, and prints these two.
param callerAuthentication = {
  kind: 'entra'
  tenantId: '00000000-0000-0000-0000-000000000000'
  audience: '66666666-6666-6666-6666-666666666666'
}

param accessPolicy = [
  // A pipeline that releases models, by the object id of its service principal.
  {
    caller: 'entra:11111111-1111-1111-1111-111111111111'
    projects: ['22222222-2222-2222-2222-222222222222']
    resources: ['inspection']
    names: 'release-[0-9]+'
    may: ['rename']
  }
  // Auditors read, and rename nothing.
  { caller: 'entra:33333333-3333-3333-3333-333333333333', projects: ['*'], resources: ['*'], may: ['read'] }
  { caller: 'webhook:registry', projects: ['*'], resources: ['sorting'], may: ['rename'] }
]

param webhookSources = {
  registry: {
    scheme: 'mlflow'
    rename: '{ "projectId": data.tags.projectId, "iterationId": data.tags.iterationId, "name": data.name & "-v" & data.version, "resource": "sorting" }'
  }
}

param network = {
  access: 'closed'
  subnets: { kind: 'new', addressPrefix: '10.20.0.0/24' }
  dnsZones: { kind: 'new' }
}
param zoneRedundant = true
param storageRedundancy = 'Standard_GZRS'
param logRetentionDays = 365
param alertEmails = ['operators@example.com']
