// A small deployment that any network can reach: one internal app with a key of its own, and one Custom Vision resource, whose key and endpoint
// are read from the account.
// Change it here, or give the values that stand in quotes by the environment.
using 'main.bicep'

param name = readEnvironmentVariable('AZURE_ENV_NAME', 'renames')

param resources = {
  default: {
    trainingKey: {
      keyManagement: 'deployment'
      account: readEnvironmentVariable('CUSTOM_VISION_ACCOUNT', 'my-custom-vision-training')
      resourceGroup: readEnvironmentVariable('CUSTOM_VISION_RESOURCE_GROUP', 'my-resource-group')
    }
  }
}

// Each gets a key: the vault's secret caller-line-3.
param callerAuthentication = { kind: 'caller-key', callers: ['line-3'] }

param accessPolicy = [
  { caller: 'key:line-3', projects: ['*'], resources: ['*'], may: ['rename', 'read'] }
]
