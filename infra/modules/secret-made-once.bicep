// A secret whose value is random: a caller's key, or what stands until an operator sets a value. It is made once, so that a role can be assigned
// on it, and never written again: a later deployment leaves a rotated key, and an operator's value, alone. No other value is read or known here.

import * as types from '../types.bicep'

@description('Required. Name of the vault.')
param vaultName string

@description('Required. Name of the secret.')
param secretName string

@description('Required. What the secret is for.')
param contentType string

@description('Required. What the value begins with, before what is random.')
param beginning string

@description('Required. Tags.')
param tags types.tags

@description('Optional. Leave it out: it exists because only a parameter\'s default can be random.')
@secure()
param unguessable string = newGuid()

@description('Optional. Leave it out: one of these has 122 random bits, and a caller\'s key is to have 192 or more.')
@secure()
param moreUnguessable string = newGuid()

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

@onlyIfNotExists()
resource secret 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: secretName
  tags: tags
  properties: {
    value: '${beginning}${unguessable}${moreUnguessable}'
    contentType: contentType
  }
}
