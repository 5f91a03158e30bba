// A closed network whose private DNS zones are kept elsewhere.
using '../../infra/main.bicep'

param name = 'landing-zone'
param resources = {
  default: {
    at: { kind: 'region', region: 'uksouth' }
    trainingKey: { keyManagement: 'operator' }
  }
}
param callerAuthentication = { kind: 'function-key' }
param console = { state: 'off' }
param accessPolicy = []
param network = {
  access: 'closed'
  subnets: { kind: 'new', addressPrefix: '10.1.0.0/25' }
  dnsZones: { kind: 'elsewhere' }
}
