// The whole integration in one resource group: identity, storage, vault, telemetry, app, alerts.
// Deployed with `make deploy` (docs/deployment.md). Safe to deploy again: names follow from the group and the prefix.

targetScope = 'resourceGroup'

@description('Begins the name of every resource: 2 to 11 lower-case letters and digits.')
@minLength(2)
@maxLength(11)
param namePrefix string

@description('Where everything is placed; a region that offers Flex Consumption.')
param location string = resourceGroup().location

@description('Canonical domains of the shops, comma separated (name.myshopify.com).')
param shopifyShops string

@description('Address of the Dataverse environment (https://ORG.crm.dynamics.com).')
param dataverseUrl string

@description('Who gets the alerts by e-mail; empty: nobody.')
param alertEmail string = ''

@description('off, plan or on, per flow by the name of its setting without _MODE. Nothing is on until you say so.')
param modes object = {}

@description('Schedules of the timers: six fields, UTC, per flow by the name of its setting without _SCHEDULE.')
param schedules object = {}

@description('Any setting of docs/settings.md by its name, instead of its default. Never a secret: those go into the vault.')
param settings object = {}

@description('Settings whose values are secrets of the vault, besides the three that every app has: {SHOPIFY_TOKEN: \'shopify-token\'}.')
param secretSettings object = {}

@description('Memory of an instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('How many instances there may be at most.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances that always wait for webhooks; 0 saves their cost, 1 saves the first webhook a cold start.')
@minValue(0)
@maxValue(20)
param alwaysReadyHttp int = 0

@description('Storage and vault can be reached from a virtual network only.')
param privateNetworking bool = false

@description('With privateNetworking: ids of four private DNS zones that are linked to the network, by blob, queue, table and vault.')
param privateDnsZones object = {}

@description('Days that telemetry is kept.')
@minValue(30)
@maxValue(730)
param retentionDays int = 30

param tags object = {
  application: 'shopify-dynamics'
}

var suffix = uniqueString(resourceGroup().id, namePrefix)
var storageName = take('${namePrefix}${suffix}', 24)
var deploymentContainer = 'deployments'

// Days that pages and verdicts are kept: what the app goes by, and the rule of the storage account behind it.
var journalDays = string(settings.?JOURNAL_DAYS ?? '30')

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: '${namePrefix}-identity'
    location: location
    tags: tags
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  name: 'network'
  params: {
    name: '${namePrefix}-network'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: namePrefix
    location: location
    retentionDays: retentionDays
    principalId: identity.outputs.principalId
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: storageName
    location: location
    deploymentContainer: deploymentContainer
    journalDays: int(journalDays)
    principalId: identity.outputs.principalId
    publicAccess: !privateNetworking
    workspaceId: monitoring.outputs.workspaceId
    tags: tags
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    name: take('${namePrefix}-${suffix}', 24)
    location: location
    principalId: identity.outputs.principalId
    publicAccess: !privateNetworking
    workspaceId: monitoring.outputs.workspaceId
    tags: tags
  }
}

module endpoints 'modules/endpoints.bicep' = if (privateNetworking) {
  name: 'endpoints'
  params: {
    name: namePrefix
    location: location
    subnetId: network.?outputs.endpointSubnetId ?? ''
    dnsZones: privateDnsZones
    storageId: storage.outputs.id
    vaultId: vault.outputs.id
    tags: tags
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  params: {
    name: '${namePrefix}-${suffix}'
    location: location
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    blobEndpoint: storage.outputs.blobEndpoint
    deploymentContainer: deploymentContainer
    vaultUri: vault.outputs.uri
    insightsConnection: monitoring.outputs.insightsConnection
    workspaceId: monitoring.outputs.workspaceId
    subnetId: network.?outputs.appSubnetId ?? ''
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyHttp: alwaysReadyHttp
    shopifyShops: shopifyShops
    dataverseUrl: dataverseUrl
    journalDays: journalDays
    modes: modes
    schedules: schedules
    settings: settings
    secretSettings: secretSettings
    tags: tags
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    name: namePrefix
    location: location
    insightsId: monitoring.outputs.insightsId
    email: alertEmail
    tags: tags
  }
}

output appName string = app.outputs.name
output appUrl string = app.outputs.url
output vaultName string = vault.outputs.name
output storageName string = storage.outputs.name
output identityClientId string = identity.outputs.clientId
output identityPrincipalId string = identity.outputs.principalId
