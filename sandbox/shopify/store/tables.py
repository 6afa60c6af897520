"""The tables of a store and the first numbers of its records.

A column per thing that is searched, sorted or joined; every list is reachable by an index in its own order.
"""

from __future__ import annotations

from sandbox.shopify.store import (
    catalog_tables,
    custom_data_tables,
    fulfilment_tables,
    order_tables,
    people_tables,
    sale_tables,
)

# Sizes as seen in recorded answers, so that ids do not fit 32 bits and never collide between kinds.
FIRST_IDS = {
    "Product": 8_842_317_906_610,
    "ProductVariant": 47_933_258_846_441,
    "InventoryItem": 49_081_336_217_833,
    "ProductOption": 11_723_953_303_858,
    "ProductOptionValue": 6_803_715_596_594,
    "Metafield": 42_221_913_329_970,
    "MetafieldDefinition": 151_221_914_418,
    "InventoryLevel": 145_711_323_442,
    "InventoryLevelRecord": 55_018_443_220_658,
    "InventoryAdjustmentGroup": 61_711_323_442,
    "WebhookSubscription": 1_751_208_395_058,
    "ProductSetOperation": 78_204_518_066,
    "ProductDeleteOperation": 1_454_830_898,
    "ProductDuplicateOperation": 2_118_430_770,
    "Shop": 91_704_336_050,
    "AppInstallation": 764_512_345_394,
    "App": 341_190_418_097,
} | catalog_tables.FIRST_IDS | custom_data_tables.FIRST_IDS | fulfilment_tables.FIRST_IDS
FIRST_IDS |= order_tables.FIRST_IDS | people_tables.FIRST_IDS | sale_tables.FIRST_IDS

DDL = """
CREATE TABLE IF NOT EXISTS sequences (kind TEXT PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS products (
  id INTEGER PRIMARY KEY, title TEXT NOT NULL, handle TEXT NOT NULL, description_html TEXT NOT NULL,
  vendor TEXT NOT NULL, product_type TEXT NOT NULL, status TEXT NOT NULL, tags TEXT NOT NULL,
  template_suffix TEXT, is_gift_card INTEGER NOT NULL, gift_card_template_suffix TEXT,
  seo_title TEXT, seo_description TEXT, requires_selling_plan INTEGER NOT NULL,
  published_at INTEGER, total_shown INTEGER, total_until INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS products_handle ON products (handle);
CREATE INDEX IF NOT EXISTS products_title ON products (title COLLATE NOCASE, id);
CREATE INDEX IF NOT EXISTS products_created ON products (created_at, id);
CREATE INDEX IF NOT EXISTS products_updated ON products (updated_at, id);
CREATE INDEX IF NOT EXISTS products_vendor ON products (vendor COLLATE NOCASE, id);
CREATE INDEX IF NOT EXISTS products_type ON products (product_type COLLATE NOCASE, id);
CREATE INDEX IF NOT EXISTS products_published ON products (published_at, id);
CREATE TABLE IF NOT EXISTS options (
  id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS options_product ON options (product_id, position);
CREATE TABLE IF NOT EXISTS option_values (
  id INTEGER PRIMARY KEY, option_id INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS option_values_option ON option_values (option_id, position);
CREATE TABLE IF NOT EXISTS variants (
  id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL, position INTEGER NOT NULL, title TEXT NOT NULL,
  price TEXT NOT NULL, compare_at_price TEXT, sku TEXT, barcode TEXT, inventory_policy TEXT NOT NULL,
  taxable INTEGER NOT NULL, tax_code TEXT, requires_components INTEGER NOT NULL, show_unit_price INTEGER NOT NULL,
  unit_price_measurement TEXT, inventory_item_id INTEGER NOT NULL, choices TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS variants_product ON variants (product_id, position, id);
CREATE INDEX IF NOT EXISTS variants_sku ON variants (sku, id);
CREATE INDEX IF NOT EXISTS variants_item ON variants (inventory_item_id);
CREATE INDEX IF NOT EXISTS variants_title ON variants (title COLLATE NOCASE, id);
CREATE TABLE IF NOT EXISTS inventory_items (
  id INTEGER PRIMARY KEY, tracked INTEGER NOT NULL, requires_shipping INTEGER NOT NULL, cost TEXT,
  country_code_of_origin TEXT, province_code_of_origin TEXT, harmonized_system_code TEXT,
  weight_value REAL NOT NULL, weight_unit TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS inventory_items_updated ON inventory_items (updated_at, id);
CREATE TABLE IF NOT EXISTS inventory_levels (
  id INTEGER PRIMARY KEY, number INTEGER NOT NULL, item_id INTEGER NOT NULL, location_id INTEGER NOT NULL,
  is_active INTEGER NOT NULL, available INTEGER NOT NULL DEFAULT 0, committed INTEGER NOT NULL DEFAULT 0,
  incoming INTEGER NOT NULL DEFAULT 0, damaged INTEGER NOT NULL DEFAULT 0,
  quality_control INTEGER NOT NULL DEFAULT 0, reserved INTEGER NOT NULL DEFAULT 0,
  safety_stock INTEGER NOT NULL DEFAULT 0, changed TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, UNIQUE (item_id, location_id));
CREATE INDEX IF NOT EXISTS inventory_levels_location ON inventory_levels (location_id, id);
CREATE TABLE IF NOT EXISTS inventory_groups (
  id INTEGER PRIMARY KEY, reason TEXT NOT NULL, reference_document_uri TEXT, changes TEXT NOT NULL,
  created_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS metafields (
  id INTEGER PRIMARY KEY, owner_kind TEXT NOT NULL, owner_id INTEGER NOT NULL, namespace TEXT NOT NULL,
  key TEXT NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, digest TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, UNIQUE (owner_kind, owner_id, namespace, key));
CREATE INDEX IF NOT EXISTS metafields_owner ON metafields (owner_kind, owner_id, id);
CREATE INDEX IF NOT EXISTS metafields_value ON metafields (owner_kind, namespace, key, value);
CREATE TABLE IF NOT EXISTS metafield_definitions (
  id INTEGER PRIMARY KEY, owner_type TEXT NOT NULL, namespace TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
  description TEXT, type TEXT NOT NULL, validations TEXT NOT NULL, unique_values INTEGER NOT NULL,
  admin_filterable INTEGER NOT NULL, smart_collection INTEGER NOT NULL, cart_to_order_copyable INTEGER NOT NULL,
  access TEXT NOT NULL, constraints TEXT NOT NULL, standard_template INTEGER, validation_status TEXT NOT NULL,
  pinned_position INTEGER, UNIQUE (owner_type, namespace, key));
CREATE TABLE IF NOT EXISTS product_operations (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL, product_id INTEGER, deleted_id INTEGER,
  new_product_id INTEGER,  errors TEXT NOT NULL, request TEXT NOT NULL, ready_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS product_operations_product ON product_operations (product_id);
CREATE INDEX IF NOT EXISTS product_operations_due ON product_operations (status, ready_at);
CREATE TABLE IF NOT EXISTS webhook_subscriptions (
  id INTEGER PRIMARY KEY, topic TEXT NOT NULL, uri TEXT NOT NULL, format TEXT NOT NULL, filter TEXT,
  name TEXT, include_fields TEXT NOT NULL, metafield_namespaces TEXT NOT NULL,
  failures INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS webhook_subscriptions_topic ON webhook_subscriptions (topic);
CREATE TABLE IF NOT EXISTS webhook_deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, subscription_id INTEGER NOT NULL, topic TEXT NOT NULL, uri TEXT NOT NULL,
  event_id TEXT NOT NULL, webhook_id TEXT NOT NULL, name TEXT, triggered_at INTEGER NOT NULL, body TEXT NOT NULL,
  attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, state TEXT NOT NULL, last_answer TEXT);
CREATE INDEX IF NOT EXISTS webhook_deliveries_due ON webhook_deliveries (state, due_at);
CREATE INDEX IF NOT EXISTS webhook_deliveries_of ON webhook_deliveries (subscription_id, triggered_at);
CREATE TABLE IF NOT EXISTS tokens (
  token TEXT PRIMARY KEY, actor TEXT NOT NULL, scopes TEXT NOT NULL, expires_at INTEGER);
CREATE TABLE IF NOT EXISTS idempotency (
  key TEXT NOT NULL, mutation TEXT NOT NULL, request TEXT NOT NULL, answer TEXT NOT NULL, failed INTEGER NOT NULL,
  PRIMARY KEY (mutation, key));
CREATE TABLE IF NOT EXISTS index_queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT, due_at INTEGER NOT NULL, kind TEXT NOT NULL, record INTEGER NOT NULL,
  document TEXT);
CREATE INDEX IF NOT EXISTS index_queue_due ON index_queue (due_at);
CREATE TABLE IF NOT EXISTS index_documents (
  kind TEXT NOT NULL, record INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (kind, record)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS index_terms (
  kind TEXT NOT NULL, field TEXT NOT NULL, token TEXT NOT NULL, record INTEGER NOT NULL, phrase TEXT NOT NULL,
  PRIMARY KEY (kind, field, token, record, phrase)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS index_terms_record ON index_terms (kind, record);
CREATE TABLE IF NOT EXISTS index_numbers (
  kind TEXT NOT NULL, field TEXT NOT NULL, record INTEGER NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY (kind, field, record, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS index_numbers_number ON index_numbers (kind, field, number, record);
CREATE INDEX IF NOT EXISTS index_numbers_record ON index_numbers (kind, record);
"""
DDL += catalog_tables.DDL + custom_data_tables.DDL + fulfilment_tables.DDL + order_tables.DDL + people_tables.DDL
DDL += sale_tables.DDL
