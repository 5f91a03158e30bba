// A console page for callers with tokens, and no client that gets them one.
using '../../../infra/main.bicep'

param name = 'renames'
param resources = {
  default: {
    at: { kind: 'region', region: 'uksouth' }
    trainingKey: { keyManagement: 'operator' }
  }
}
param callerAuthentication = {
  kind: 'entra'
  tenantId: '00000000-0000-0000-0000-000000000000'
  audience: 'api://custom-vision-renames'
}
param accessPolicy = []
param console = { state: 'on' }
