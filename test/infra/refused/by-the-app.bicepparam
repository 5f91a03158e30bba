// The template cannot read a regular expression or JSONata; the app can, and would not start.
using '../../../infra/main.bicep'

param name = 'renames'
param resources = {
  default: { at: { kind: 'region', region: 'japaneast' }, trainingKey: { keyManagement: 'operator' } }
}
param callerAuthentication = { kind: 'function-key' }
param accessPolicy = [
  { caller: '*', projects: ['*'], resources: ['elsewhere'], names: 'v(', may: ['rename'] }
]
param webhookSources = { releases: { scheme: 'github', rename: '{ "projectId": ' } }
