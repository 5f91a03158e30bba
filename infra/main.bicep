// A proxy that renames Custom Vision iterations for callers that never hold a training key. Deployed into a resource group.

import * as types from 'types.bicep'
import { accessPolicySetting, resourcesSetting, webhookSourcesSetting } from 'settings.bicep'

@description('Required. Short name that every resource is named after.')
@minLength(3)
@maxLength(24)
param name string

@description('Optional. Region of everything here. The Custom Vision resources may be elsewhere.')
param location string = resourceGroup().location

@description('Required. The Custom Vision resources that exist already, by the name that callers know them by; a single one is best called "default".')
param resources { *: types.customVisionResource }

@description('Required. How callers show who they are.')
param callerAuthentication types.callerAuthentication

@description('Required. Who may do what.')
param accessPolicy types.grant[]

@description('Optional. Who may send deliveries, by the name in /webhooks/NAME.')
param webhookSources { *: types.webhookSource } = {}

@description('Optional. "public", or "closed": a virtual network, private endpoints, and no public access to the app, the vault and the storage account.')
param network types.network = { access: 'public' }

@description('Optional. Whether the app is spread over the region\'s availability zones.')
param zoneRedundant bool = false

@description('Optional. How many copies of the audit records are kept, and where; those with a G keep some in the paired region.')
param storageRedundancy types.storageRedundancy = zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'

@description('Optional. Whether a lock keeps the storage account, and the audit records in it, from being deleted.')
param lockAuditRecords bool = true

@description('Optional. How long logs are kept, in days.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Optional. Who is told of alerts.')
param alertEmails string[] = []

@description('Optional. Limits other than the app\'s own.')
param limits types.limits = {}

// Node 24: the longest supported version that Azure Functions offers (to 30 April 2028; 22 ends on 30 April 2027), and the one that the tests run on.
@description('Optional. Major version of Node.js; 22 for a region whose Flex Consumption plan does not offer 24 yet.')
param nodeVersion '22' | '24' = '24'

@description('Optional. Tags of every resource.')
param tags types.tags = {}

var suffix = uniqueString(resourceGroup().id, name)
var storageName = 'st${take(replace(toLower(name), '-', ''), 9)}${suffix}'
var vaultName = 'kv-${take(replace(name, '-', ''), 7)}-${suffix}'
var insightsName = '${name}-insights'
var networkName = '${name}-network'
var appName = '${name}-${suffix}'

var notificationQueues = flatten(map(
  items(resources),
  resource => resource.value.?training == null ? [] : [resource.value.training!.notificationQueue]
))

var isClosed = network.access == 'closed'
var makesZones = network.?dnsZones == 'create'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-identity'
  location: location
  tags: tags
}

module workspace 'modules/workspace.bicep' = {
  params: {
    workspaceName: '${name}-logs'
    insightsName: insightsName
    location: location
    tags: tags
    retentionInDays: logRetentionDays
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    name: storageName
    location: location
    tags: tags
    redundancy: storageRedundancy
    notificationQueues: isClosed && !empty(notificationQueues)
      ? fail('In a closed network there can be no notificationQueue: Custom Vision writes to it from outside.')
      : notificationQueues
    lockAuditRecords: lockAuditRecords
    network: network
    workspaceId: workspace.outputs.workspaceId
  }
}

module vault 'modules/key-vault.bicep' = {
  params: {
    name: vaultName
    location: location
    tags: tags
    network: network
    workspaceId: workspace.outputs.workspaceId
  }
}

module secrets 'modules/secrets.bicep' = {
  params: {
    vaultName: vaultName
    identityName: identity.name
    resources: resources
    webhookSources: webhookSources
    tags: tags
  }
  dependsOn: [vault]
}

module storageAccess 'modules/storage-access.bicep' = {
  params: {
    accountName: storageName
    identityName: identity.name
  }
  dependsOn: [storage]
}

module telemetryAccess 'modules/telemetry-access.bicep' = {
  params: {
    insightsName: insightsName
    identityName: identity.name
  }
  dependsOn: [workspace]
}

module closedNetwork 'modules/network.bicep' = if (isClosed) {
  params: {
    name: networkName
    location: location
    tags: tags
    addressPrefix: network.addressPrefix
    workspaceId: workspace.outputs.workspaceId
  }
}

var storageSuffix = environment().suffixes.storage
// A vault's private zone is named in another way than the vault: vaultcore instead of vault.
var vaultZone = 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'

module storeEndpoint 'modules/private-endpoint.bicep' = [
  for service in (isClosed ? ['blob', 'queue', 'table', 'vault'] : []): {
    params: {
      name: '${name}-${service}'
      location: location
      tags: tags
      targetId: service == 'vault' ? vault.outputs.vaultId : storage.outputs.accountId
      groupId: service
      networkName: networkName
      dnsZone: !makesZones ? null : service == 'vault' ? vaultZone : 'privatelink.${service}.${storageSuffix}'
    }
    dependsOn: [closedNetwork]
  }
]

module app 'modules/function-app.bicep' = {
  params: {
    name: appName
    location: location
    tags: tags
    identityId: identity.id
    deploymentContainerUri: storage.outputs.deploymentContainerUri
    nodeVersion: nodeVersion
    maximumInstanceCount: limits.?maximumInstanceCount ?? 40
    zoneRedundant: zoneRedundant
    network: network
    subnetId: isClosed ? closedNetwork!.outputs.appSubnetId : null
    workspaceId: workspace.outputs.workspaceId
    settings: union(
      {
        // The host: its own storage and its telemetry, all by the identity.
        AzureWebJobsStorage__accountName: storageName
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identity.properties.clientId
        APPLICATIONINSIGHTS_CONNECTION_STRING: workspace.outputs.connectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
        FUNCTIONS_NODE_BLOCK_ON_ENTRY_POINT_ERROR: 'true' // settings that are wrong stop the app, and are not "no functions found"
        // The app: what src/settings.ts reads.
        AZURE_CLIENT_ID: identity.properties.clientId
        KEY_VAULT_URI: vault.outputs.vaultUri
        RENAME_STORAGE__tableServiceUri: storage.outputs.tableServiceUri
        RENAME_STORAGE__queueServiceUri: storage.outputs.queueServiceUri
        RENAME_STORAGE__credential: 'managedidentity'
        RENAME_STORAGE__clientId: identity.properties.clientId
        CUSTOM_VISION_RESOURCES: resourcesSetting(resources)
        ACCESS_POLICY: accessPolicySetting(accessPolicy)
        WEBHOOK_SOURCES: webhookSourcesSetting(webhookSources)
        CALLER_AUTHENTICATION: callerAuthentication.kind
        UPSTREAM_TIMEOUT_SECONDS: string(limits.?upstreamTimeoutSeconds ?? 10)
        UPSTREAM_MAX_RENAMES_PER_SECOND: string(limits.?upstreamMaxRenamesPerSecond ?? 3)
        TRAINING_KEY_TTL_SECONDS: string(limits.?trainingKeyTtlSeconds ?? 300)
      },
      callerAuthentication.kind == 'entra'
        ? {
            ENTRA_TENANT_ID: callerAuthentication.tenantId
            ENTRA_AUDIENCE: callerAuthentication.audience
            ENTRA_AUTHORITY: environment().authentication.loginEndpoint
          }
        : {}
    )
  }
  // The app must find its roles, its secrets and the way to them when it starts.
  dependsOn: [secrets, storageAccess, storeEndpoint, telemetryAccess]
}

module appEndpoint 'modules/private-endpoint.bicep' = if (isClosed) {
  params: {
    name: '${name}-sites'
    location: location
    tags: tags
    targetId: app.outputs.appId
    groupId: 'sites'
    networkName: networkName
    dnsZone: makesZones ? 'privatelink.azurewebsites.net' : null
  }
}

module alerts 'modules/alerts.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: workspace.outputs.workspaceId
    emails: alertEmails
  }
}

module workbook 'modules/workbook.bicep' = {
  params: {
    title: '${name}: renames'
    location: location
    tags: tags
    workspaceId: workspace.outputs.workspaceId
  }
}

@description('Name of the function app, to deploy the package to.')
output appName string = appName

@description('Address that callers use instead of Custom Vision\'s.')
output endpoint string = app.outputs.endpoint

@description('Name of the vault, to set secrets in.')
output vaultName string = vaultName

@description('Name of the storage account, with the audit table and the queues.')
output storageName string = storageName

@description('The one address that the app reaches the internet from; null in a public network, where there are many.')
output egressIpAddress string? = isClosed ? closedNetwork!.outputs.egressIpAddress : null
