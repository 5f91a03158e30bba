// A private DNS zone of the deployment's own network.

import * as types from '../types.bicep'

@description('Required. Name of the zone.')
param name string

@description('Required. Tags.')
param tags types.tags

@description('Required. Resource id of the network that asks it.')
param networkId string

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: name
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: last(split(networkId, '/'))
  location: 'global'
  tags: tags
  properties: {
    virtualNetwork: { id: networkId }
    registrationEnabled: false
  }
}
