// Lets the app read one secret.

import { roles } from '../roles.bicep'

@description('Required. Name of the vault.')
param vaultName string

@description('Required. Name of the secret.')
param secretName string

@description('Required. Name of the app\'s identity.')
param identityName string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName

  resource secret 'secrets' existing = {
    name: secretName
  }
}

// Key Vault Secrets User, on this secret alone: the app reads the key, and neither lists, changes nor reads what else the vault may come to hold.
resource readsSecret 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::secret.id, identity.id, roles.keyVaultSecretsUser)
  scope: vault::secret
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}
