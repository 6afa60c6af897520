// Private endpoints of storage and vault, and the names by which the app finds them.

param name string
param location string
param subnetId string

@description('Ids of the zones privatelink.{blob,queue,table}.core.windows.net and privatelink.vaultcore.azure.net.')
param dnsZones object
param storageId string
param vaultId string
param tags object

var targets = [
  { group: 'blob', id: storageId }
  { group: 'queue', id: storageId }
  { group: 'table', id: storageId }
  { group: 'vault', id: vaultId }
]

resource endpoint 'Microsoft.Network/privateEndpoints@2025-01-01' = [
  for each in targets: {
    name: '${name}-${each.group}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: subnetId
      }
      privateLinkServiceConnections: [
        {
          name: each.group
          properties: {
            privateLinkServiceId: each.id
            groupIds: [each.group]
          }
        }
      ]
    }
  }
]

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-01-01' = [
  for (each, at) in targets: {
    parent: endpoint[at]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: each.group
          properties: {
            privateDnsZoneId: dnsZones[each.group]
          }
        }
      ]
    }
  }
]
