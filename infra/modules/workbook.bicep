// What is going on, at a glance.

import * as types from '../types.bicep'

@description('Required. Title.')
param title string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags types.tags

@description('Required. Name of the function app.')
param appName string

@description('Required. Workspace that it reads.')
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, title)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: title
    category: 'workbook'
    sourceId: workspaceId
    serializedData: replace(
      replace(loadTextContent('../workbook.json'), '{{workspaceId}}', workspaceId),
      '{{appName}}',
      appName
    )
  }
}
