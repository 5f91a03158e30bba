// A private address for one service of one resource, and its name in a private DNS zone where the zones are ours.

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
param groupId 'blob' | 'queue' | 'table' | 'vault' | 'sites'

@description('Required. Network that the address and the zone are for; the address is in its subnet "endpoints".')
param networkName string

@description('Optional. Zone to make; left out where the zones are kept elsewhere.')
param dnsZone string?

resource network 'Microsoft.Network/virtualNetworks@2025-09-01' existing = {
  name: networkName

  resource endpoints 'subnets' existing = { name: 'endpoints' }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-09-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: network::endpoints.id }
    privateLinkServiceConnections: [
      { name: groupId, properties: { privateLinkServiceId: targetId, groupIds: [groupId] } }
    ]
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = if (dnsZone != null) {
  name: dnsZone ?? 'none'
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = if (dnsZone != null) {
  parent: zone
  name: networkName
  location: 'global'
  tags: tags
  properties: {
    virtualNetwork: { id: network.id }
    registrationEnabled: false
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-09-01' = if (dnsZone != null) {
  parent: endpoint
  name: 'default'
  properties: { privateDnsZoneConfigs: [{ name: groupId, properties: { privateDnsZoneId: zone.id } }] }
}
