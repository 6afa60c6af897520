using './main.bicep'

param namePrefix = readEnvironmentVariable('NAME', 'shopsync')
param shopifyShops = readEnvironmentVariable('SHOPIFY_SHOPS', 'your-shop.myshopify.com')
param dataverseUrl = readEnvironmentVariable('DATAVERSE_URL', 'https://your-org.crm.dynamics.com')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')

// Each flow is off until it stands here: 'plan' reads, decides and reports, 'on' writes.
param modes = {
  PRODUCTS_CRM_TO_SHOPIFY: 'off'
  PRODUCTS_SHOPIFY_TO_CRM: 'off'
  CUSTOMERS_SHOPIFY_TO_CRM: 'off'
  COMPANIES_SHOPIFY_TO_CRM: 'off'
  ORDERS_SHOPIFY_TO_CRM: 'off'
  SALES_DOCUMENTS_CRM_TO_SHOPIFY: 'off'
  SALES_DOCUMENTS_SHOPIFY_TO_CRM: 'off'
  TABLES_SHOPIFY_TO_CRM: 'off'
}

// Any setting of docs/settings.md, for example: { CRM_PRICE_LIST: 'Standard', ORDERS_SINCE: '2026-01-01' }
param settings = {}
