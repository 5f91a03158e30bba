// A private address for one service of one resource, and its name in a private DNS zone unless others keep the names.

import * as types from '../types.bicep'

@description('Required. Name of the endpoint.')
param name string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags types.tags

@description('Required. Resource id of what is reached.')
param targetId string

@description('Required. Which of its services.')
param groupId 'blob' | 'queue' | 'table' | 'vault' | 'sites' | 'account'

@description('Required. Resource id of the subnet that the address is in.')
param subnetId string

@description('Optional. Resource id of the zone that gets the name; left out where others keep the names.')
param dnsZoneId string?

resource endpoint 'Microsoft.Network/privateEndpoints@2025-09-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      { name: groupId, properties: { privateLinkServiceId: targetId, groupIds: [groupId] } }
    ]
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-09-01' = if (dnsZoneId != null) {
  parent: endpoint
  name: 'default'
  properties: { privateDnsZoneConfigs: [{ name: groupId, properties: { privateDnsZoneId: dnsZoneId } }] }
}
