// Every value that the types let pass and the deployment refuses, all at once.
using '../../../infra/main.bicep'

param name = 'My_Renames.prod'
param location = 'atlantis'
param resources = {
  Line_3: { trainingKey: { keyManagement: 'operator' } }
  plain: {
    at: { kind: 'endpoint', endpoint: 'http://vision.example' }
    trainingKey: { keyManagement: 'operator' }
    privateEndpoint: true
    training: { notificationQueue: 'Trained_', iterationName: 'x' }
  }
}
param callerAuthentication = { kind: 'caller-key', callers: ['Line_3', 'line-4', 'line-4'] }
param console = { state: 'on', clientId: 'no client of any application  at all' }
param corsOrigins = ['*', 'https://models.example.com']
param accessPolicy = [
  { caller: 'entra:bob', projects: ['*'], resources: ['*'], may: ['rename'] }
  { caller: 'key:Line_3', projects: ['*'], resources: ['*'], may: ['rename'] }
  { caller: '*', projects: ['the project'], resources: ['*'], may: ['rename'] }
]
param webhookSources = { 'My Source': { scheme: 'github', rename: 'x' } }
param zoneRedundant = true
param storageRedundancy = 'Standard_GRS'
param workspaceId = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/shared'
param recordExport = { immutableDays: 30 }
