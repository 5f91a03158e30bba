// Into what a landing zone gives: its subnets, zones, workspace and action groups; trained iterations are named over a private storage account.
using '../../infra/main.bicep'

param name = 'landed'
param resources = {
  default: {
    trainingKey: { keyManagement: 'deployment', account: 'vision-default', resourceGroup: 'rg-vision' }
    privateEndpoint: true
    training: { notificationQueue: 'trained', iterationName: 'iteration.trainedAt' }
  }
  'line-3': {
    at: { kind: 'endpoint', endpoint: 'https://vision-line-3.cognitiveservices.azure.com' }
    trainingKey: {
      keyManagement: 'operator'
      accountId: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-vision/providers/Microsoft.CognitiveServices/accounts/vision-line-3'
    }
    training: { notificationQueue: 'line-3-trained', iterationName: 'iteration.trainedAt' }
  }
}
param callerAuthentication = { kind: 'function-key' }
param accessPolicy = [
  { caller: 'training:default', projects: ['*'], resources: ['*'], may: ['rename'] }
]
param network = {
  access: 'private-stores'
  subnets: {
    kind: 'existing'
    app: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/hub/subnets/renames-app'
    endpoints: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/hub/subnets/renames-endpoints'
  }
  dnsZones: { kind: 'existing', resourceGroup: 'rg-dns' }
}
param workspaceId = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/shared'
param alertActionGroupIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-logs/providers/Microsoft.Insights/actionGroups/on-call'
]
param limits = { alwaysReadyInstances: 2, requestsPerInstance: 32 }
param keysValidForDays = 180
