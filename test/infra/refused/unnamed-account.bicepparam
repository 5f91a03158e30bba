// A private storage account cannot admit an account that it does not know.
using '../../../infra/main.bicep'

param name = 'renames'
param resources = {
  default: {
    at: { kind: 'region', region: 'japaneast' }
    trainingKey: { keyManagement: 'operator' }
    training: { notificationQueue: 'trained', iterationName: 'x' }
  }
}
param callerAuthentication = { kind: 'function-key' }
param accessPolicy = []
param network = {
  access: 'private-stores'
  subnets: { kind: 'new', addressPrefix: '10.20.0.0/24' }
  dnsZones: { kind: 'elsewhere' }
}
