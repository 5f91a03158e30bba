// A secret whose value an operator sets afterwards. It is made once, so that a role can be assigned on it, and never written again:
// a later deployment leaves the operator's value alone. Until then it holds a value that nobody knows: no key, and it verifies no delivery.

import * as types from '../types.bicep'

@description('Required. Name of the vault.')
param vaultName string

@description('Required. Name of the secret.')
param secretName string

@description('Required. What the secret is for.')
param contentType string

@description('Required. Tags.')
param tags types.tags

@description('Optional. Leave it out: it exists because only a parameter\'s default can be random.')
@secure()
param unguessable string = newGuid()

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

@onlyIfNotExists()
resource secret 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: secretName
  tags: tags
  properties: {
    value: 'not set by an operator yet ${unguessable}'
    contentType: contentType
  }
}
