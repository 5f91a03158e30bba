// What the two scenarios in infra/ leave out, so that each branch of the template is compiled and judged.
using '../../infra/main.bicep'

param name = 'every-option'

param resources = {
  default: {
    at: { kind: 'region', region: 'westeurope' }
    trainingKey: {
      keyManagement: 'deployment'
      account: 'vision-default'
      subscriptionId: '44444444-4444-4444-4444-444444444444'
      key: 'key2'
    }
    training: {
      notificationQueue: 'default-trained'
      iterationName: '"trained-" & $substring(iteration.trainedAt, 0, 10)'
    }
  }
  'line-3': {
    at: { kind: 'endpoint', endpoint: 'https://vision-line-3.cognitiveservices.azure.com' }
    trainingKey: { keyManagement: 'operator' }
  }
}

param callerAuthentication = {
  kind: 'entra,caller-key'
  tenantId: '00000000-0000-0000-0000-000000000000'
  audience: 'api://custom-vision-renames'
  callers: ['line-3', 'release-pipeline']
}
param console = { state: 'on', clientId: '55555555-5555-5555-5555-555555555555' }
param corsOrigins = ['https://models.example.com']

param accessPolicy = [
  { caller: '*', projects: ['*'], resources: ['line-3'], names: 'v\\d+ "approved"', may: ['rename', 'read'] }
  { caller: 'key:release-pipeline', projects: ['*'], resources: ['*'], may: ['read'] }
  { caller: 'training:default', projects: ['*'], resources: ['default'], may: ['rename'] }
]

param webhookSources = {
  deploys: { scheme: 'github', rename: '{ "projectId": p, "iterationId": i, "name": n }' }
  pipeline: { scheme: 'standard-webhooks', rename: '{ "projectId": p, "iterationId": i, "name": n }' }
  events: { scheme: 'cloud-events', rename: '{ "projectId": p, "iterationId": i, "name": n }' }
  builds: { scheme: 'json', rename: '{ "projectId": p, "iterationId": i, "name": n }' }
  jobs: {
    scheme: 'hmac'
    header: 'X-Databricks-Signature'
    algorithm: 'sha256'
    encoding: 'hex'
    prefix: ''
    rename: '{ "projectId": p, "iterationId": i, "name": n }'
  }
}

param limits = {
  upstreamTimeoutSeconds: 20
  upstreamMaxRenamesPerSecond: 5
  trainingKeyTtlSeconds: 60
  maximumInstanceCount: 100
}
param storageRedundancy = 'Standard_RAGRS'
param lockAuditRecords = false
param nodeVersion = '22'
param tags = { owner: 'vision' }
