// The storage account: the audit table, the queues, and the deployed package.

import * as types from '../types.bicep'

@description('Required. Name of the account.')
param name string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags types.tags

@description('Required. How many copies are kept, and where.')
param redundancy types.storageRedundancy

@description('Required. Queues that Custom Vision projects push their notifications to.')
param notificationQueues string[]

@description('Required. Whether a lock keeps the account, and the audit records in it, from being deleted.')
param lockAuditRecords bool

@description('Required. Whether the account is reached through private endpoints only.')
param isPrivate bool

@description('Required. The Custom Vision accounts that write to the queues: the firewall of a private account admits only these.')
param writers { tenantId: string, resourceId: string }[]

@description('Required. Where diagnostics go.')
param workspaceId string

// Rules for resources count only while public access is enabled, with everybody else denied.
var hasWriters = isPrivate && !empty(writers)
var deploymentContainer = 'deployment'

resource account 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false // no account key or SAS of one opens anything: Entra tokens only
    allowCrossTenantReplication: false
    allowedCopyScope: 'AAD' // nothing is copied to an account of another tenant
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate && !hasWriters ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'None'
      resourceAccessRules: hasWriters ? writers : []
    }
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: true
      services: {
        blob: { enabled: true, keyType: 'Account' }
        table: { enabled: true, keyType: 'Account' }
        queue: { enabled: true, keyType: 'Account' }
      }
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

resource deployment 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-04-01' = {
  parent: blobs
  name: deploymentContainer
  properties: { publicAccess: 'None' }
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2026-04-01' = {
  parent: account
  name: 'default'
}

resource renames 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-04-01' = {
  parent: tables
  name: 'renames'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2026-04-01' = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2026-04-01' = [
  for name in union(
    ['renames', 'renames-poison'],
    notificationQueues,
    map(notificationQueues, queue => '${queue}-poison') // the host asks for each poison queue all the time, and logs that it is not there
  ): {
    parent: queues
    name: name
  }
]

// Deleting the account deletes every record at once. The lock must be taken away first, by someone who may.
resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (lockAuditRecords) {
  name: 'keep-audit-records'
  scope: account
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds the audit records of every rename.'
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

// This log has everyone who reads, changes or deletes an audit record, by the app or past it.
#disable-next-line use-recent-api-versions // no stable version has category groups
resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: tables
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

#disable-next-line use-recent-api-versions // no stable version has category groups
resource queueDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: queues
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

@description('Resource id of the account.')
output accountId string = account.id

@description('Address of the container that holds the deployed package.')
output deploymentContainerUri string = '${account.properties.primaryEndpoints.blob}${deploymentContainer}'

@description('Address of the blob service.')
output blobServiceUri string = account.properties.primaryEndpoints.blob

@description('Address of the table service.')
output tableServiceUri string = account.properties.primaryEndpoints.table

@description('Address of the queue service.')
output queueServiceUri string = account.properties.primaryEndpoints.queue
