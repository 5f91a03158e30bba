// A second account with a copy of every record, as the app's log tells it, and of every access to the table.
// The app has no role here, and the storage is append-only for a time: a record that is changed or removed in the table is missed here.

import * as types from '../types.bicep'

@description('Required. Name of the account.')
param name string

@description('Required. Region: the workspace\'s own, which the platform asks for.')
param location string

@description('Required. Tags.')
param tags types.tags

@description('Required. How long each copy cannot be changed or deleted, in days.')
param immutableDays int

@description('Required. Name of the workspace, in this resource group.')
param workspaceName string

@description('Required. Resource id of the same, where diagnostics go.')
param workspaceId string

// The workspace writes one container a table, named after it.
var exported = [
  { table: 'AppTraces', container: 'am-apptraces' }
  { table: 'StorageTableLogs', container: 'am-storagetablelogs' }
]

resource account 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    accessTier: 'Cool'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    allowedCopyScope: 'AAD'
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'AzureServices' // the workspace writes as a trusted service; auditors add their own address
    }
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: true
      services: { blob: { enabled: true, keyType: 'Account' } }
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2026-04-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 14 }
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-04-01' = [
  for one in exported: {
    parent: blobs
    name: one.container
    properties: { publicAccess: 'None' }
  }
]

resource immutable 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2026-04-01' = [
  for (one, index) in exported: {
    parent: container[index]
    name: 'default'
    properties: {
      immutabilityPeriodSinceCreationInDays: immutableDays
      allowProtectedAppendWritesAll: true // the workspace appends to a blob for up to an hour
    }
  }
]

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'keep-exported-records'
  scope: account
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds the copies that the audit records are verified by.'
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' existing = {
  name: workspaceName

  resource toAccount 'dataExports' = {
    name: 'records'
    properties: {
      destination: { resourceId: account.id }
      enable: true
      tableNames: map(exported, one => one.table)
    }
    dependsOn: [immutable]
  }
}

#disable-next-line use-recent-api-versions // no stable version has category groups
resource accountDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: account
  properties: {
    workspaceId: workspaceId
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

// This log has everyone who reads or tries to change a copy.
#disable-next-line use-recent-api-versions // no stable version has category groups
resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

@description('Name of the account.')
output accountName string = account.name
