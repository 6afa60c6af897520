// The app on Flex Consumption, its settings, and nobody's password: deployment, storage, vault and telemetry by identity.
// No setting here that Flex forbids (runtime and version stand in functionAppConfig; schedules are UTC).

param name string
param location string
param identityId string
param identityClientId string
param storageName string
param blobEndpoint string
param deploymentContainer string
param vaultUri string
param insightsConnection string
param workspaceId string
param subnetId string
param instanceMemoryMB int
param maximumInstanceCount int
param alwaysReadyHttp int
param shopifyShops string
param dataverseUrl string
param journalDays string
param modes object
param schedules object
param settings object
param secretSettings object
param tags object

var host = {
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AZURE_CLIENT_ID: identityClientId // azure-identity reads it: storage is reached as the app's own identity, always
}

var required = {
  SHOPIFY_SHOPS: shopifyShops
  DATAVERSE_URL: dataverseUrl
}

// Every other setting with its default (docs/settings.md), so that each can be seen and changed in the portal.
var defaults = {
  SHOPIFY_API_VERSION: '2026-10'
  DATAVERSE_TENANT_ID: ''
  DATAVERSE_CLIENT_ID: ''
  WEBHOOKS_URL: ''
  CRM_PRICE_LIST: ''
  CRM_UNIT_GROUP: 'Default Unit'
  CRM_UNIT: 'Primary Unit'
  CRM_TEAM: ''
  CRM_GUEST_ACCOUNT: ''
  PRODUCT_PUBLISH: 'true'
  ORDER_CURRENCY: 'shop'
  ORDERS_SINCE: ''
  ORDERS_WHEN: 'always'
  ORDERS_WAIT_DAYS: '30'
  ORDERS_REOPEN: 'false'
  DOCUMENTS: 'salesorder'
  DOCUMENT_OPPORTUNITY_REASONS: '3'
  DOCUMENT_SALESORDER_REASONS: '2'
  DOCUMENT_INVOICE_REASONS: '4,100001'
  DOCUMENTS_SINCE: ''
  DOCUMENTS_SHOP: ''
  DOCUMENT_ROUTE: 'draft'
  DOCUMENT_TAX: 'shop'
  DOCUMENT_STOCK: 'bypass'
  DOCUMENT_NOTIFY: 'false'
  DOCUMENT_UNLINKED: 'wait'
  DOCUMENT_FRACTIONS: 'park'
  DOCUMENT_NEGATIVE: 'park'
  DOCUMENT_ESTIMATE: 'false'
  SIBLINGS: 'send'
  DOCUMENT_CANCEL: 'cancel'
  CUSTOMER_REACTIVATE: 'false'
  CUSTOMER_RECREATE: 'false'
  CUSTOMER_ANONYMISE: 'false'
  TABLES: ''
  MAPPINGS_DIR: 'mappings'
  SYNC_TIMEOUT_S: '60'
  SYNC_LEASE_S: '240'
  SYNC_OVERLAP_S: '300'
  SYNC_LAG_S: '60'
  SYNC_CONTENT_AGE_S: '300'
  SYNC_RETRY_AGE_S: '86400'
  SYNC_WORKER_S: '240'
  SYNC_OUTSTANDING: '20'
  SYNC_PERMITS: '8'
  ALERT_POLL_MIN: '60'
  ALERT_LAG_S: '900'
  ALERT_QUEUE: '500'
  COMPARE_HOUR: '2'
  JOURNAL_DAYS: journalDays
  RUNS_DAYS: '90'
}

var flowModes = union(
  {
    PRODUCTS_CRM_TO_SHOPIFY: 'off'
    PRODUCTS_SHOPIFY_TO_CRM: 'off'
    CUSTOMERS_SHOPIFY_TO_CRM: 'off'
    COMPANIES_SHOPIFY_TO_CRM: 'off'
    ORDERS_SHOPIFY_TO_CRM: 'off'
    SALES_DOCUMENTS_CRM_TO_SHOPIFY: 'off'
    SALES_DOCUMENTS_SHOPIFY_TO_CRM: 'off'
    TABLES_SHOPIFY_TO_CRM: 'off'
  },
  modes
)

var flowSchedules = union(
  {
    PRODUCTS_CRM_TO_SHOPIFY: '0 * * * * *'
    PRODUCTS_SHOPIFY_TO_CRM: '30 * * * * *'
    CUSTOMERS_SHOPIFY_TO_CRM: '15 * * * * *'
    COMPANIES_SHOPIFY_TO_CRM: '20 * * * * *'
    ORDERS_SHOPIFY_TO_CRM: '45 * * * * *'
    SALES_DOCUMENTS_CRM_TO_SHOPIFY: '10 * * * * *'
    SALES_DOCUMENTS_SHOPIFY_TO_CRM: '40 * * * * *'
    TABLES_SHOPIFY_TO_CRM: '50 * * * * *'
    HOUSEKEEPING: '0 */10 * * * *'
  },
  schedules
)

// A further one never takes the three away; one that is named '' is left out (an app with a token has no client id).
var secretNames = union(
  {
    SHOPIFY_CLIENT_ID: 'shopify-client-id'
    SHOPIFY_CLIENT_SECRET: 'shopify-client-secret'
    DATAVERSE_WEBHOOK_KEY: 'dataverse-webhook-key'
  },
  secretSettings
)

var secrets = toObject(
  filter(items(secretNames), each => !empty(each.value)),
  each => each.key,
  each => '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${each.value})'
)

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: '${name}-plan'
  location: location
  kind: 'functionapp'
  tags: tags
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.11'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttp == 0
          ? []
          : [
              {
                name: 'http'
                instanceCount: alwaysReadyHttp
              }
            ]
      }
    }
  }
}

resource scm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

resource ftp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    defaults,
    toObject(items(flowModes), each => '${each.key}_MODE', each => each.value),
    toObject(items(flowSchedules), each => '${each.key}_SCHEDULE', each => each.value),
    settings,
    required,
    secrets,
    host
  )
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-logs'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'FunctionAppLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
