// Copies a training key from its account into the vault.
// The account is read here, inside the value, and nowhere else: the key is no parameter, no output and no variable, and so in no deployment history.

import * as types from '../types.bicep'

@description('Required. Name of the vault.')
param vaultName string

@description('Required. Name of the secret.')
param secretName string

@description('Required. Name of the Custom Vision training account.')
param accountName string

@description('Required. Resource group of the account.')
param accountResourceGroup string

@description('Required. Subscription of the account.')
param accountSubscriptionId string

@description('Required. Which of its two keys.')
param key 'key1' | 'key2'

@description('Required. For how many days the key is marked as valid; 0 marks no end.')
param validForDays int

@description('Required. Tags.')
param tags types.tags

@description('Optional. Leave it out: it exists because only a parameter\'s default can be the time.')
param now string = utcNow()

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource account 'Microsoft.CognitiveServices/accounts@2026-07-01' existing = {
  name: accountName
  scope: resourceGroup(accountSubscriptionId, accountResourceGroup)
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: secretName
  tags: tags
  properties: {
    value: key == 'key2' ? account.listKeys().key2 : account.listKeys().key1
    contentType: 'Custom Vision training key'
    // A mark and no more: the vault still gives out a key whose time is over.
    attributes: validForDays == 0 ? null : { exp: dateTimeToEpoch(dateTimeAdd(now, 'P${validForDays}D')) }
  }
}

@description('Where the account\'s training API is.')
output endpoint string = account.properties.endpoint
