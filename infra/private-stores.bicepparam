// What most will want: webhooks and internal apps reach the app from anywhere, and nobody but the app reaches the vault and the storage account.
// Records are kept in three zones, and copied to where nobody can change them.
using 'main.bicep'

param name = 'renames'

param resources = {
  default: {
    trainingKey: { keyManagement: 'deployment', account: 'my-custom-vision-training', resourceGroup: 'my-resource-group' }
  }
}

// npm run register-entra makes the registration, and prints these two.
param callerAuthentication = {
  kind: 'entra'
  tenantId: '00000000-0000-0000-0000-000000000000'
  audience: '66666666-6666-6666-6666-666666666666'
}

param accessPolicy = [
  {
    caller: 'entra:11111111-1111-1111-1111-111111111111'
    projects: ['*']
    resources: ['default']
    may: ['rename', 'read']
  }
  { caller: 'webhook:releases', projects: ['22222222-2222-2222-2222-222222222222'], resources: ['default'], names: 'v\\d+\\..*', may: ['rename'] }
]

param webhookSources = {
  releases: {
    scheme: 'github'
    rename: '$headers.`x-github-event` = "release" and action = "published" and release.body ? ($ids := $match(release.body, /custom-vision: ([0-9a-f-]{36})\\/([0-9a-f-]{36})/)[0].groups; $ids ? { "projectId": $ids[0], "iterationId": $ids[1], "name": release.tag_name })'
  }
}

param network = {
  access: 'private-stores'
  subnets: { kind: 'new', addressPrefix: '10.20.0.0/24' }
  dnsZones: { kind: 'new' }
}
param storageRedundancy = 'Standard_ZRS'
param recordExport = { immutableDays: 365 }
param alertEmails = ['operators@example.com']
