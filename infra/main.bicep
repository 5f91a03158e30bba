// A proxy that renames Custom Vision iterations for callers that never hold a training key. Deployed into a resource group.

import * as types from 'types.bicep'
import * as rules from 'rules.bicep'
import { accessPolicySetting, accountIdOf, consoleSetting, endpointToRead, resourcesSetting, webhookSourcesSetting } from 'settings.bicep'

@description('Required. Short name that every resource is named after.')
@minLength(3)
@maxLength(24)
param name string

@description('Optional. Region of everything here. The Custom Vision resources may be elsewhere.')
@metadata({ azd: { type: 'location' } })
param location string = resourceGroup().location

@description('Required. The Custom Vision resources that exist already, by the name that callers know them by; a single one is best called "default".')
param resources { *: types.customVisionResource }

@description('Required. How callers show who they are.')
param callerAuthentication types.callerAuthentication

@description('Required. Who may do what.')
param accessPolicy types.grant[]

@description('Optional. Who may send deliveries, by the name in /webhooks/NAME.')
param webhookSources { *: types.webhookSource } = {}

@description('Optional. The page where people find iterations and rename them; there is one wherever keys are accepted when left out.')
param console types.console?

@description('Optional. Origins of pages, https://HOST each, that may call the app from a browser; none when left out.')
param corsOrigins string[] = []

@description('Optional. "public"; "private-stores": the vault and the storage account are behind private endpoints; or "closed": the app is too.')
param network types.network = { access: 'public' }

@description('Optional. Whether the app is spread over the region\'s availability zones.')
param zoneRedundant bool = false

@description('Optional. How many copies of the audit records are kept, and where; those with a G keep some in the paired region.')
param storageRedundancy types.storageRedundancy = zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'

@description('Optional. Copies of every record where they cannot be changed or removed for a time; none when left out.')
param recordExport types.recordExport?

@description('Optional. Whether a lock keeps the storage account, and the audit records in it, from being deleted.')
param lockAuditRecords bool = true

@description('Optional. For how many days a key that the deployment reads is valid, each time it is written; the app does not use it any longer. 0 marks no end.')
@minValue(0)
@maxValue(3650)
param keysValidForDays int = 0

@description('Optional. Resource id of a Log Analytics workspace that exists; one is made when left out.')
param workspaceId string?

@description('Optional. How long logs are kept, in days, where the workspace is made here.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Optional. Who is told of alerts.')
param alertEmails string[] = []

@description('Optional. Resource ids of action groups that exist, which are told of alerts as well.')
param alertActionGroupIds string[] = []

@description('Optional. Limits other than the app\'s own.')
param limits types.limits = {}

// Node 24: the longest supported version that Azure Functions offers (to 30 April 2028; 22 ends on 30 April 2027), and the one that the tests run on.
@description('Optional. Major version of Node.js; 22 for a region whose Flex Consumption plan does not offer 24 yet.')
param nodeVersion '22' | '24' = '24'

@description('Optional. Tags of every resource.')
param tags types.tags = {}

var isPrivate = network.access != 'public'
var isClosed = network.access == 'closed'
var callers = callerAuthentication.?callers ?? []
var makesNetwork = isPrivate && network.subnets.kind == 'new'

var faults = concat(
  rules.faultsOfName(name),
  rules.faultsOfRegion(location),
  rules.faultsOfResources(resources),
  rules.faultsOfSources(webhookSources),
  rules.faultsOfCallers(callers),
  rules.faultsOfPolicy(accessPolicy),
  rules.faultsOfConsole(console, callerAuthentication.kind),
  rules.faultsOfOrigins(corsOrigins),
  rules.faultsOfRedundancy(zoneRedundant, storageRedundancy),
  rules.faultsOfNetwork(isPrivate, resources),
  recordExport != null && workspaceId != null
    ? ['recordExport: an existing workspace exports by a rule of its own, which its owner makes']
    : []
)
// Every other name here is made of this one, so that nothing is deployed with a fault.
var prefix = empty(faults) ? name : fail(join(faults, '\n'))

var suffix = uniqueString(resourceGroup().id, prefix)
var storageName = 'st${take(replace(prefix, '-', ''), 9)}${suffix}'
var exportName = 'ex${take(replace(prefix, '-', ''), 9)}${suffix}'
var vaultName = 'kv-${take(replace(prefix, '-', ''), 7)}-${suffix}'
var insightsName = '${prefix}-insights'
var networkName = '${prefix}-network'
var workspaceName = '${prefix}-logs'
var appName = '${prefix}-${suffix}'

var training = filter(items(resources), resource => resource.value.?training != null)

// Of an account whose key the deployment reads the id is known; of any other the operator states it.
var accountIds = mapValues(resources, one => accountIdOf(one.trainingKey, subscription().subscriptionId, resourceGroup().name))
var endpointsToRead = map(filter(items(resources), resource => resource.value.?at == null), resource => resource.key)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-identity'
  location: location
  tags: tags
}

module workspace 'modules/workspace.bicep' = {
  params: {
    workspaceName: workspaceName
    existingWorkspaceId: workspaceId
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
    notificationQueues: map(training, resource => resource.value.training!.notificationQueue)
    writers: map(training, resource => { tenantId: tenant().tenantId, resourceId: string(accountIds[resource.key]) })
    lockAuditRecords: lockAuditRecords
    isPrivate: isPrivate
    workspaceId: workspace.outputs.workspaceId
  }
}

module vault 'modules/key-vault.bicep' = {
  params: {
    name: vaultName
    location: location
    tags: tags
    isPrivate: isPrivate
    workspaceId: workspace.outputs.workspaceId
  }
}

module secrets 'modules/secrets.bicep' = {
  params: {
    vaultName: vaultName
    identityName: identity.name
    resources: resources
    webhookSources: webhookSources
    callers: callers
    validForDays: keysValidForDays
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

module ownNetwork 'modules/network.bicep' = if (makesNetwork) {
  params: {
    name: networkName
    location: location
    tags: tags
    addressPrefix: isPrivate && network.subnets.kind == 'new' ? network.subnets.addressPrefix : ''
    workspaceId: workspace.outputs.workspaceId
  }
}

var appSubnetId = isPrivate && network.subnets.kind == 'existing'
  ? network.subnets.app
  : resourceId('Microsoft.Network/virtualNetworks/subnets', networkName, 'app')
var endpointSubnetId = isPrivate && network.subnets.kind == 'existing'
  ? network.subnets.endpoints
  : resourceId('Microsoft.Network/virtualNetworks/subnets', networkName, 'endpoints')

var storageSuffix = environment().suffixes.storage
// A vault's private zone is named in another way than the vault: vaultcore instead of vault. No suffix tells how the others are named.
var vaultZone = 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
var sovereign = {
  AzureUSGovernment: { sites: 'privatelink.azurewebsites.us', account: 'privatelink.cognitiveservices.azure.us' }
  AzureChinaCloud: { sites: 'privatelink.chinacloudsites.cn', account: 'privatelink.cognitiveservices.azure.cn' }
}
var cloud = sovereign[?environment().name] ?? {
  sites: 'privatelink.azurewebsites.net'
  account: 'privatelink.cognitiveservices.azure.com'
}
var zones = {
  blob: 'privatelink.blob.${storageSuffix}'
  queue: 'privatelink.queue.${storageSuffix}'
  table: 'privatelink.table.${storageSuffix}'
  vault: vaultZone
  sites: cloud.sites
  account: cloud.account
}

var privateAccounts = filter(items(resources), resource => resource.value.?privateEndpoint ?? false)
var services = concat(
  isPrivate ? ['blob', 'queue', 'table', 'vault'] : [],
  isClosed ? ['sites'] : [],
  isPrivate && !empty(privateAccounts) ? ['account'] : []
)

module zone 'modules/dns-zone.bicep' = [
  for service in (isPrivate && network.dnsZones.kind == 'new' ? services : []): {
    params: {
      name: zones[service]
      tags: tags
      // An existing subnet's network is its parent.
      networkId: isPrivate && network.subnets.kind == 'existing'
        ? substring(network.subnets.endpoints, 0, lastIndexOf(network.subnets.endpoints, '/subnets/'))
        : resourceId('Microsoft.Network/virtualNetworks', networkName)
    }
    dependsOn: [ownNetwork]
  }
]

var zoneIds { *: string } = !isPrivate || network.dnsZones.kind == 'elsewhere'
  ? {}
  : toObject(
      services,
      service => service,
      service =>
        network.dnsZones.kind == 'new'
          ? resourceId('Microsoft.Network/privateDnsZones', zones[service])
          : resourceId(
              network.dnsZones.?subscriptionId ?? subscription().subscriptionId,
              network.dnsZones.resourceGroup,
              'Microsoft.Network/privateDnsZones',
              zones[service]
            )
    )

module storeEndpoint 'modules/private-endpoint.bicep' = [
  for service in (isPrivate ? ['blob', 'queue', 'table', 'vault'] : []): {
    params: {
      name: '${prefix}-${service}'
      location: location
      tags: tags
      targetId: service == 'vault' ? vault.outputs.vaultId : storage.outputs.accountId
      groupId: service
      subnetId: endpointSubnetId
      dnsZoneId: zoneIds[?service]
    }
    dependsOn: [ownNetwork, zone]
  }
]

module accountEndpoint 'modules/private-endpoint.bicep' = [
  for resource in (isPrivate ? privateAccounts : []): {
    params: {
      name: '${prefix}-account-${resource.key}'
      location: location
      tags: tags
      targetId: string(accountIds[resource.key])
      groupId: 'account'
      subnetId: endpointSubnetId
      dnsZoneId: zoneIds.?account
    }
    dependsOn: [ownNetwork, zone]
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
    requestsPerInstance: limits.?requestsPerInstance ?? 64
    alwaysReadyInstances: limits.?alwaysReadyInstances ?? 0
    zoneRedundant: zoneRedundant
    isClosed: isClosed
    subnetId: isPrivate ? appSubnetId : null
    corsOrigins: corsOrigins
    workspaceId: workspace.outputs.workspaceId
    settings: union(
      {
        // The host: its own storage and its telemetry, all by the identity. By its addresses: a bare name means the public cloud.
        AzureWebJobsStorage__blobServiceUri: storage.outputs.blobServiceUri
        AzureWebJobsStorage__queueServiceUri: storage.outputs.queueServiceUri
        AzureWebJobsStorage__tableServiceUri: storage.outputs.tableServiceUri
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identity.properties.clientId
        APPLICATIONINSIGHTS_CONNECTION_STRING: workspace.outputs.connectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
        FUNCTIONS_NODE_BLOCK_ON_ENTRY_POINT_ERROR: 'true' // settings that are wrong stop the app, and are not "no functions found"
        AzureWebJobsDisableHomepage: 'true' // the host's own page tells of the host, and without a key
        // The app: what src/settings/ reads.
        AZURE_CLIENT_ID: identity.properties.clientId
        KEY_VAULT_URI: vault.outputs.vaultUri
        RENAME_STORAGE__tableServiceUri: storage.outputs.tableServiceUri
        RENAME_STORAGE__queueServiceUri: storage.outputs.queueServiceUri
        RENAME_STORAGE__credential: 'managedidentity'
        RENAME_STORAGE__clientId: identity.properties.clientId
        CUSTOM_VISION_RESOURCES: empty(endpointsToRead)
          ? resourcesSetting(resources)
          : reduce(
              secrets.outputs.endpoints,
              resourcesSetting(resources),
              (setting, account) => replace(setting, endpointToRead(account.name), account.endpoint)
            )
        ACCESS_POLICY: accessPolicySetting(accessPolicy)
        WEBHOOK_SOURCES: webhookSourcesSetting(webhookSources)
        CALLER_AUTHENTICATION: callerAuthentication.kind
        CONSOLE: consoleSetting(console)
        UPSTREAM_TIMEOUT_SECONDS: string(limits.?upstreamTimeoutSeconds ?? 10)
        UPSTREAM_MAX_RENAMES_PER_SECOND: string(limits.?upstreamMaxRenamesPerSecond ?? 3)
        TRAINING_KEY_TTL_SECONDS: string(limits.?trainingKeyTtlSeconds ?? 300)
      },
      contains(callerAuthentication, 'tenantId')
        ? {
            ENTRA_TENANT_ID: callerAuthentication.tenantId
            ENTRA_AUDIENCE: callerAuthentication.audience
            ENTRA_AUTHORITY: environment().authentication.loginEndpoint
          }
        : {},
      empty(callers) ? {} : { CALLER_KEYS: string(callers) }
    )
  }
  // The app must find its roles, its secrets and the way to them when it starts.
  dependsOn: [ownNetwork, storageAccess, storeEndpoint, accountEndpoint, telemetryAccess]
}

module appEndpoint 'modules/private-endpoint.bicep' = if (isClosed) {
  params: {
    name: '${prefix}-sites'
    location: location
    tags: tags
    targetId: app.outputs.appId
    groupId: 'sites'
    subnetId: endpointSubnetId
    dnsZoneId: zoneIds.?sites
  }
  dependsOn: [ownNetwork, zone]
}

module alerts 'modules/alerts.bicep' = {
  params: {
    name: prefix
    location: location
    tags: tags
    workspaceId: workspace.outputs.workspaceId
    appName: appName
    emails: alertEmails
    actionGroupIds: alertActionGroupIds
  }
}

module workbook 'modules/workbook.bicep' = {
  params: {
    title: '${prefix}: renames'
    appName: appName
    location: location
    tags: tags
    workspaceId: workspace.outputs.workspaceId
  }
}

module export 'modules/record-export.bicep' = if (recordExport != null) {
  params: {
    name: exportName
    location: location
    tags: tags
    immutableDays: recordExport.?immutableDays ?? 1
    workspaceName: workspaceName
    workspaceId: workspace.outputs.workspaceId
  }
}

@description('Name of the function app, to deploy the package to.')
output appName string = appName

@description('Address that callers use instead of Custom Vision\'s.')
output endpoint string = app.outputs.endpoint

@description('Address of the console page; null where the app serves none.')
output consoleUrl string? = console.?state == 'off' || (callerAuthentication.kind == 'entra' && console.?clientId == null)
  ? null
  : '${app.outputs.endpoint}/console'

@description('Name of the vault, to set secrets in.')
output vaultName string = vaultName

@description('Name of the storage account, with the audit table and the queues.')
output storageName string = storageName

@description('Name of the account with the exported records; null where there is none.')
output exportName string? = recordExport != null ? exportName : null

@description('The one address that the app reaches the internet from; null without a network of the deployment\'s own.')
output egressIpAddress string? = makesNetwork ? ownNetwork!.outputs.egressIpAddress : null
