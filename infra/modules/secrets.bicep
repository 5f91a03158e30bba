// Every secret that the app reads, and the right to read it, one by one.

import * as types from '../types.bicep'

@description('Required. Name of the vault.')
param vaultName string

@description('Required. Name of the app\'s identity.')
param identityName string

@description('Required. Resources, each with a training key.')
param resources { *: types.customVisionResource }

@description('Required. Sources of deliveries, each signed one with a secret.')
param webhookSources { *: types.webhookSource }

@description('Required. Callers with a key of their own.')
param callers string[]

@description('Required. For how many days a key from an account is marked as valid; 0 marks no end.')
param validForDays int

@description('Required. Tags.')
param tags types.tags

var fromAccounts = filter(items(resources), resource => resource.value.trainingKey.keyManagement == 'deployment')
// What the deployment makes up itself, once. Until an operator sets a training key or a webhook's secret, its value is good for nothing.
var unset = 'not set by an operator yet '
var madeOnce = concat(
  map(
    filter(items(resources), resource => resource.value.trainingKey.keyManagement == 'operator'),
    resource => { name: 'training-key-${resource.key}', contentType: 'Custom Vision training key', beginning: unset }
  ),
  map(
    filter(items(webhookSources), source => !contains(['cloud-events', 'json'], source.value.scheme)),
    source => { name: 'webhook-${source.key}', contentType: 'Webhook secret, one a line', beginning: unset }
  ),
  map(callers, name => { name: 'caller-${name}', contentType: 'Caller key, one a line', beginning: '${name}.' })
)

module fromAccount 'secret-from-account.bicep' = [
  for resource in fromAccounts: {
    params: {
      vaultName: vaultName
      secretName: 'training-key-${resource.key}'
      accountName: resource.value.trainingKey.account
      accountResourceGroup: resource.value.trainingKey.?resourceGroup ?? resourceGroup().name
      accountSubscriptionId: resource.value.trainingKey.?subscriptionId ?? subscription().subscriptionId
      key: resource.value.trainingKey.?key ?? 'key1'
      validForDays: validForDays
      tags: tags
    }
  }
]

module made 'secret-made-once.bicep' = [
  for secret in madeOnce: {
    params: {
      vaultName: vaultName
      secretName: secret.name
      contentType: secret.contentType
      beginning: secret.beginning
      tags: tags
    }
  }
]

module access 'secret-access.bicep' = [
  for secretName in concat(
    map(fromAccounts, resource => 'training-key-${resource.key}'),
    map(madeOnce, secret => secret.name)
  ): {
    params: {
      vaultName: vaultName
      secretName: secretName
      identityName: identityName
    }
    dependsOn: [fromAccount, made]
  }
]

@description('Where the training API of each account is whose key the deployment reads, by the resource\'s name.')
output endpoints { name: string, endpoint: string }[] = [
  for (resource, index) in fromAccounts: { name: resource.key, endpoint: fromAccount[index].outputs.endpoint }
]
