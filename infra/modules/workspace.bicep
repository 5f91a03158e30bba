// Where logs and metrics go: everything else here sends its diagnostics to this workspace.

import * as types from '../types.bicep'

@description('Required. Name of the workspace, where it is made here.')
param workspaceName string

@description('Optional. Resource id of a workspace that exists, instead.')
param existingWorkspaceId string?

@description('Required. Name of the Application Insights component.')
param insightsName string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags types.tags

@description('Required. How long logs are kept, in days, where the workspace is made here.')
param retentionInDays int

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = if (existingWorkspaceId == null) {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionInDays
    features: {
      disableLocalAuth: true // no workspace keys, whose holder could write what looks like our log
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

// Who queried the logs is itself logged.
#disable-next-line use-recent-api-versions // no stable version has category groups
resource workspaceDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (existingWorkspaceId == null) {
  name: 'to-workspace'
  scope: workspace
  properties: {
    workspaceId: workspace.id
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

// It has no diagnostic setting: its own tables are in the workspace already, and a setting would write each row twice.
resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: existingWorkspaceId ?? workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true // the connection string alone writes nothing: telemetry needs a token of the app's identity
    DisableIpMasking: false
  }
}

@description('Resource id of the workspace.')
output workspaceId string = existingWorkspaceId ?? workspace.id

@description('Connection string of Application Insights: an address. It opens nothing, since local authentication is off.')
output connectionString string = insights.properties.ConnectionString
