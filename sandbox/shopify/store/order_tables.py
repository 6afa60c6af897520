"""The tables of orders: what an order was made of and what happened to it since.

Amounts are columns of two numbers (see `money`). Totals, statuses and current quantities are not here: they are
computed from these rows.
"""

from __future__ import annotations

FIRST_IDS = {
    "Order": 6_812_045_115_506,
    "LineItem": 17_212_045_951_090,
    "ShippingLine": 5_412_045_082_738,
    "DiscountApplication": 912_045_082_738,
    "TaxLine": 412_045_082_738,
    "OrderTransaction": 8_112_045_115_506,
    "Refund": 1_012_045_115_506,
    "RefundLineItem": 612_045_115_506,
    "RefundShippingLine": 12_045_115_506,
    "OrderAdjustment": 312_045_115_506,
    "OrderCharge": 7_045_115_506,
    "Return": 20_045_115_506,
    "ReturnLineItem": 27_045_115_506,
    "Fee": 557_115_506,
    "ReverseFulfillmentOrder": 14_045_115_506,
    "ReverseFulfillmentOrderLineItem": 22_045_115_506,
    "CalculatedOrder": 112_045_115_506,
    "OrderStagedChange": 257_045_115_506,
    "PaymentTerms": 159_577_145_650,
    "PaymentSchedule": 199_282_688_306,
}

DDL = """
CREATE TABLE IF NOT EXISTS payment_terms (
  id INTEGER PRIMARY KEY, owner TEXT NOT NULL, owner_id INTEGER NOT NULL, template INTEGER NOT NULL,
  schedule_id INTEGER, issued_at INTEGER, due_at INTEGER, UNIQUE (owner, owner_id));
CREATE TABLE IF NOT EXISTS orders (
  id INTEGER PRIMARY KEY, number INTEGER NOT NULL, name TEXT NOT NULL, email TEXT, phone TEXT, note TEXT,
  tags TEXT NOT NULL, customer_id INTEGER, company_location_id INTEGER, company_contact_id INTEGER,
  currency TEXT NOT NULL, presentment_currency TEXT NOT NULL, taxes_included INTEGER NOT NULL,
  tax_exempt INTEGER NOT NULL, test INTEGER NOT NULL, source_name TEXT, source_identifier TEXT, source_url TEXT,
  referring_site TEXT, po_number TEXT, custom_attributes TEXT NOT NULL, billing_address TEXT, shipping_address TEXT,
  accepts_marketing INTEGER NOT NULL, customer_locale TEXT, location_id INTEGER, user_id INTEGER,
  confirmation_number TEXT NOT NULL, given_financial_status TEXT, given_fulfillment_status TEXT,
  original_total TEXT NOT NULL, stated TEXT,
  draft_order_id INTEGER, app_name TEXT, localized_fields TEXT NOT NULL, edited INTEGER NOT NULL,
  cancel_reason TEXT, cancel_note TEXT, cancelled_at INTEGER, closed_at INTEGER,
  processed_at INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS orders_number ON orders (number, id);
CREATE INDEX IF NOT EXISTS orders_name ON orders (name);
CREATE INDEX IF NOT EXISTS orders_customer ON orders (customer_id, id);
CREATE INDEX IF NOT EXISTS orders_location ON orders (company_location_id, id);
CREATE INDEX IF NOT EXISTS orders_created ON orders (created_at, id);
CREATE INDEX IF NOT EXISTS orders_updated ON orders (updated_at, id);
CREATE INDEX IF NOT EXISTS orders_processed ON orders (processed_at, id);
CREATE INDEX IF NOT EXISTS orders_po ON orders (po_number, id);
CREATE TABLE IF NOT EXISTS order_sorts (
  id INTEGER PRIMARY KEY, total_price REAL NOT NULL, current_total_price REAL NOT NULL, items INTEGER NOT NULL,
  financial_status TEXT NOT NULL, fulfillment_status TEXT NOT NULL, customer_name TEXT NOT NULL,
  destination TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS order_sorts_total ON order_sorts (total_price, id);
CREATE INDEX IF NOT EXISTS order_sorts_current ON order_sorts (current_total_price, id);
CREATE INDEX IF NOT EXISTS order_sorts_items ON order_sorts (items, id);
CREATE INDEX IF NOT EXISTS order_sorts_financial ON order_sorts (financial_status, id);
CREATE INDEX IF NOT EXISTS order_sorts_fulfillment ON order_sorts (fulfillment_status, id);
CREATE INDEX IF NOT EXISTS order_sorts_customer ON order_sorts (customer_name COLLATE NOCASE, id);
CREATE INDEX IF NOT EXISTS order_sorts_destination ON order_sorts (destination COLLATE NOCASE, id);
CREATE TABLE IF NOT EXISTS order_lines (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, position INTEGER NOT NULL, title TEXT NOT NULL,
  variant_title TEXT, sku TEXT, vendor TEXT, product_id INTEGER, variant_id INTEGER, quantity INTEGER NOT NULL,
  removed INTEGER NOT NULL, price TEXT NOT NULL, requires_shipping INTEGER NOT NULL, taxable INTEGER NOT NULL,
  gift_card INTEGER NOT NULL, custom_attributes TEXT NOT NULL, weight_value REAL, weight_unit TEXT,
  fulfillment_service TEXT NOT NULL, added INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS order_lines_order ON order_lines (order_id, position, id);
CREATE INDEX IF NOT EXISTS order_lines_variant ON order_lines (variant_id);
CREATE INDEX IF NOT EXISTS order_lines_product ON order_lines (product_id);
CREATE TABLE IF NOT EXISTS order_groups (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, title TEXT NOT NULL, quantity INTEGER NOT NULL,
  variant_id INTEGER);
CREATE TABLE IF NOT EXISTS order_group_lines (line_id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS order_shipping (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, position INTEGER NOT NULL, title TEXT NOT NULL, code TEXT,
  source TEXT, phone TEXT, carrier_identifier TEXT, price TEXT NOT NULL, custom INTEGER NOT NULL,
  removed INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS order_shipping_order ON order_shipping (order_id, position, id);
CREATE TABLE IF NOT EXISTS order_discounts (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, code TEXT,
  title TEXT, description TEXT, value_type TEXT NOT NULL, value TEXT NOT NULL, allocation_method TEXT NOT NULL,
  target_selection TEXT NOT NULL, target_type TEXT NOT NULL, added INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS order_discounts_order ON order_discounts (order_id, position);
CREATE TABLE IF NOT EXISTS order_allocations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, order_id INTEGER NOT NULL, discount_id INTEGER NOT NULL,
  target TEXT NOT NULL, target_id INTEGER NOT NULL, amount TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS order_allocations_order ON order_allocations (order_id, id);
CREATE TABLE IF NOT EXISTS order_taxes (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, target TEXT NOT NULL, target_id INTEGER NOT NULL,
  title TEXT NOT NULL, rate TEXT NOT NULL, amount TEXT NOT NULL, channel_liable INTEGER, source TEXT);
CREATE INDEX IF NOT EXISTS order_taxes_order ON order_taxes (order_id, id);
CREATE TABLE IF NOT EXISTS order_charges (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT, line_id INTEGER,
  price TEXT NOT NULL, country_code TEXT, harmonized_system_code TEXT);
CREATE INDEX IF NOT EXISTS order_charges_order ON order_charges (order_id, id);
CREATE TABLE IF NOT EXISTS order_transactions (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, parent_id INTEGER, refund_id INTEGER, kind TEXT NOT NULL,
  status TEXT NOT NULL, gateway TEXT, amount TEXT NOT NULL, test INTEGER NOT NULL, manual INTEGER NOT NULL,
  authorization_code TEXT, error_code TEXT, receipt TEXT, gift_card_id INTEGER, user_id INTEGER, device_id INTEGER,
  location_id INTEGER, payment_id TEXT NOT NULL, processed_at INTEGER, created_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS order_transactions_order ON order_transactions (order_id, id);
CREATE INDEX IF NOT EXISTS order_transactions_parent ON order_transactions (parent_id);
CREATE TABLE IF NOT EXISTS order_roundings (
  transaction_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, amount TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS order_roundings_order ON order_roundings (order_id);
CREATE TABLE IF NOT EXISTS refunds (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, return_id INTEGER, note TEXT, user_id INTEGER,
  processed_at INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS refunds_order ON refunds (order_id, id);
CREATE TABLE IF NOT EXISTS refund_lines (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, refund_id INTEGER NOT NULL, line_id INTEGER NOT NULL,
  quantity INTEGER NOT NULL, restock_type TEXT NOT NULL, restocked INTEGER NOT NULL, location_id INTEGER,
  subtotal TEXT NOT NULL, tax TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS refund_lines_order ON refund_lines (order_id, id);
CREATE TABLE IF NOT EXISTS refund_shipping (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, refund_id INTEGER NOT NULL, shipping_id INTEGER NOT NULL,
  subtotal TEXT NOT NULL, tax TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS refund_shipping_order ON refund_shipping (order_id, id);
CREATE TABLE IF NOT EXISTS refund_adjustments (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, refund_id INTEGER NOT NULL, reason TEXT NOT NULL,
  amount TEXT NOT NULL, tax TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS refund_adjustments_order ON refund_adjustments (order_id, id);
CREATE TABLE IF NOT EXISTS refund_duties (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, refund_id INTEGER NOT NULL, charge_id INTEGER NOT NULL,
  amount TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS refund_duties_order ON refund_duties (order_id, id);
CREATE TABLE IF NOT EXISTS returns (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, decline TEXT,
  fee_id INTEGER, fee TEXT, request_approved_at INTEGER, closed_at INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS returns_order ON returns (order_id, id);
CREATE TABLE IF NOT EXISTS return_lines (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, return_id INTEGER NOT NULL, line_id INTEGER NOT NULL,
  fulfillment_line_id INTEGER NOT NULL, quantity INTEGER NOT NULL, reason TEXT NOT NULL, reason_note TEXT NOT NULL,
  customer_note TEXT, restocking_fee_id INTEGER, restocking_percentage REAL);
CREATE INDEX IF NOT EXISTS return_lines_return ON return_lines (return_id, id);
CREATE INDEX IF NOT EXISTS return_lines_order ON return_lines (order_id, id);
CREATE INDEX IF NOT EXISTS return_lines_fulfillment ON return_lines (fulfillment_line_id);
CREATE TABLE IF NOT EXISTS reverse_orders (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, return_id INTEGER NOT NULL, status TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS reverse_orders_return ON reverse_orders (return_id, id);
CREATE INDEX IF NOT EXISTS reverse_orders_order ON reverse_orders (order_id);
CREATE TABLE IF NOT EXISTS reverse_order_lines (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, reverse_order_id INTEGER NOT NULL,
  return_line_id INTEGER NOT NULL, total_quantity INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS reverse_order_lines_owner ON reverse_order_lines (reverse_order_id, id);
CREATE INDEX IF NOT EXISTS reverse_order_lines_order ON reverse_order_lines (order_id);
CREATE TABLE IF NOT EXISTS order_edits (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, changes TEXT NOT NULL, told TEXT, committed_at INTEGER,
  created_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS order_edits_order ON order_edits (order_id, id);
"""

# Every table with rows of an order, for deleting it with all that hangs on it.
PARTS = (
    "order_lines", "order_groups", "order_shipping", "order_discounts", "order_allocations", "order_taxes",
    "order_charges", "order_transactions", "order_roundings", "refunds", "refund_lines", "refund_shipping",
    "refund_adjustments", "refund_duties", "returns", "return_lines", "reverse_orders",
    "reverse_order_lines", "order_edits",
)
