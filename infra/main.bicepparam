// A small deployment that any network can reach: function keys, one Custom Vision resource, its key and its endpoint read from the account.
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

param callerAuthentication = { kind: 'function-key' }

param accessPolicy = [
  { caller: 'function-key', projects: ['*'], resources: ['*'], may: ['rename', 'read'] }
]
