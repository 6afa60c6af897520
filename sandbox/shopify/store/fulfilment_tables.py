"""The tables of locations, fulfilment services, fulfilment orders, fulfilments and draft orders.

Only columns and indexes; what is computed from them (totals, display statuses, allowed actions) is never a column.
"""

from __future__ import annotations

FIRST_IDS = {
    "Location": 104_600_000_117,
    "FulfillmentService": 70_500_000_213,
    "FulfillmentOrder": 9_600_000_000_311,
    "FulfillmentOrderLineItem": 19_400_000_000_417,
    "FulfillmentHold": 4_400_000_513,
    "FulfillmentOrderMerchantRequest": 2_400_000_611,
    "Fulfillment": 8_000_000_000_713,
    "FulfillmentLineItem": 17_400_000_000_811,
    "FulfillmentEvent": 51_000_000_917,
    "DraftOrder": 1_240_000_001_013,
    "DraftOrderLineItem": 58_500_000_001_117,
}

DDL = """
CREATE TABLE IF NOT EXISTS locations (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, is_active INTEGER NOT NULL, address1 TEXT, address2 TEXT, city TEXT,
  province_code TEXT, country_code TEXT, zip TEXT, phone TEXT, fulfills_online_orders INTEGER NOT NULL DEFAULT 1,
  ships_inventory INTEGER NOT NULL DEFAULT 0, service_id INTEGER, deactivated_at INTEGER, receiving_until INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS locations_name ON locations (name COLLATE NOCASE, id);
CREATE TABLE IF NOT EXISTS fulfillment_services (
  id INTEGER PRIMARY KEY, handle TEXT NOT NULL, name TEXT NOT NULL, callback_url TEXT,
  tracking_support INTEGER NOT NULL, inventory_management INTEGER NOT NULL, requires_shipping_method INTEGER NOT NULL,
  location_id INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS fulfillment_services_handle ON fulfillment_services (handle);
CREATE TABLE IF NOT EXISTS fulfillment_orders (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, location_id INTEGER, status TEXT NOT NULL,
  request_status TEXT NOT NULL, delivery_method TEXT NOT NULL, progress_reported INTEGER NOT NULL DEFAULT 0,
  fulfill_at INTEGER, fulfill_by INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS fulfillment_orders_order ON fulfillment_orders (order_id, id);
CREATE INDEX IF NOT EXISTS fulfillment_orders_location ON fulfillment_orders (location_id, status);
CREATE INDEX IF NOT EXISTS fulfillment_orders_updated ON fulfillment_orders (updated_at, id);
CREATE TABLE IF NOT EXISTS fulfillment_order_lines (
  id INTEGER PRIMARY KEY, fulfillment_order_id INTEGER NOT NULL, line_id INTEGER NOT NULL,
  total INTEGER NOT NULL, remaining INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS fulfillment_order_lines_owner ON fulfillment_order_lines (fulfillment_order_id, id);
CREATE INDEX IF NOT EXISTS fulfillment_order_lines_line ON fulfillment_order_lines (line_id);
CREATE TABLE IF NOT EXISTS fulfillment_holds (
  id INTEGER PRIMARY KEY, fulfillment_order_id INTEGER NOT NULL, handle TEXT NOT NULL, reason TEXT NOT NULL,
  reason_notes TEXT, external_id TEXT, app TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS fulfillment_holds_owner ON fulfillment_holds (fulfillment_order_id, id);
CREATE TABLE IF NOT EXISTS fulfillment_requests (
  id INTEGER PRIMARY KEY, fulfillment_order_id INTEGER NOT NULL, kind TEXT NOT NULL, message TEXT,
  options TEXT NOT NULL, response TEXT, sent_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS fulfillment_requests_owner ON fulfillment_requests (fulfillment_order_id, id);
CREATE TABLE IF NOT EXISTS fulfillments (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, number INTEGER NOT NULL, status TEXT NOT NULL,
  location_id INTEGER, service_id INTEGER, tracking TEXT NOT NULL, origin TEXT, estimated_delivery_at INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS fulfillments_order ON fulfillments (order_id, id);
CREATE TABLE IF NOT EXISTS fulfillment_lines (
  id INTEGER PRIMARY KEY, fulfillment_id INTEGER NOT NULL, line_id INTEGER NOT NULL,
  fulfillment_order_line_id INTEGER, fulfillment_order_id INTEGER, quantity INTEGER NOT NULL,
  taken INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS fulfillment_lines_owner ON fulfillment_lines (fulfillment_id, id);
CREATE INDEX IF NOT EXISTS fulfillment_lines_line ON fulfillment_lines (line_id);
CREATE TABLE IF NOT EXISTS fulfillment_events (
  id INTEGER PRIMARY KEY, fulfillment_id INTEGER NOT NULL, status TEXT NOT NULL, message TEXT, place TEXT NOT NULL,
  estimated_delivery_at INTEGER, happened_at INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS fulfillment_events_owner ON fulfillment_events (fulfillment_id, id);
CREATE TABLE IF NOT EXISTS draft_orders (
  id INTEGER PRIMARY KEY, number INTEGER NOT NULL, status TEXT NOT NULL, email TEXT, phone TEXT, note TEXT,
  po_number TEXT, customer_id INTEGER, company_id INTEGER, company_location_id INTEGER, company_contact_id INTEGER,
  tags TEXT NOT NULL, tax_exempt INTEGER NOT NULL, custom_attributes TEXT NOT NULL, billing_address TEXT,
  shipping_address TEXT, discount TEXT, shipping TEXT, currency TEXT NOT NULL, presentment_currency TEXT NOT NULL,
  rate TEXT NOT NULL, discount_codes TEXT NOT NULL, visible_to_customer INTEGER NOT NULL,
  allow_discount_codes INTEGER NOT NULL, accept_automatic INTEGER NOT NULL, reserve_until INTEGER, source_name TEXT,
  order_id INTEGER, payment_terms_id INTEGER, invoice_sent_at INTEGER, completed_at INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS draft_orders_number ON draft_orders (number, id);
CREATE INDEX IF NOT EXISTS draft_orders_status ON draft_orders (status, id);
CREATE INDEX IF NOT EXISTS draft_orders_updated ON draft_orders (updated_at, id);
CREATE INDEX IF NOT EXISTS draft_orders_customer ON draft_orders (customer_id, id);
CREATE INDEX IF NOT EXISTS draft_orders_location ON draft_orders (company_location_id, id);
CREATE INDEX IF NOT EXISTS draft_orders_company ON draft_orders (company_id, id);
CREATE INDEX IF NOT EXISTS draft_orders_contact ON draft_orders (company_contact_id, id);
CREATE TABLE IF NOT EXISTS draft_lines (
  id INTEGER PRIMARY KEY, draft_id INTEGER NOT NULL, position INTEGER NOT NULL, uuid TEXT NOT NULL,
  title TEXT NOT NULL, variant_title TEXT, sku TEXT, vendor TEXT, product_id INTEGER, variant_id INTEGER,
  quantity INTEGER NOT NULL, price TEXT NOT NULL, override TEXT, requires_shipping INTEGER NOT NULL,
  taxable INTEGER NOT NULL, gift_card INTEGER NOT NULL, weight_value REAL, weight_unit TEXT,
  custom_attributes TEXT NOT NULL, discount TEXT);
CREATE INDEX IF NOT EXISTS draft_lines_draft ON draft_lines (draft_id, position, id);
"""
