"""The tables of customers and companies and the first numbers of their records.

Addresses of customers and of companies are different records at Shopify and are different tables here.
"""

from __future__ import annotations

FIRST_IDS = {
    "Customer": 9_518_342_176_018,
    "MailingAddress": 10_412_675_071_282,
    "Company": 5_230_664_754,
    "CompanyLocation": 7_301_207_090,
    "CompanyContact": 9_215_866_162,
    "CompanyContactRole": 10_149_156_402,
    "CompanyContactRoleAssignment": 43_623_027_762,
    "CompanyAddress": 8_401_024_306,
}

DDL = """
CREATE TABLE IF NOT EXISTS customers (
  id INTEGER PRIMARY KEY, email TEXT, email_key TEXT, phone TEXT, first_name TEXT, last_name TEXT,
  sort_name TEXT NOT NULL, locale TEXT NOT NULL, note TEXT, tags TEXT NOT NULL, tax_exempt INTEGER NOT NULL,
  tax_exemptions TEXT NOT NULL, state TEXT NOT NULL, verified_email INTEGER NOT NULL, multipass_identifier TEXT,
  data_sale_opt_out INTEGER NOT NULL, erasure_requested_at INTEGER, default_address_id INTEGER,
  email_state TEXT NOT NULL, email_level TEXT, email_at INTEGER, email_location INTEGER,
  sms_state TEXT NOT NULL, sms_level TEXT, sms_at INTEGER, sms_location INTEGER,
  whatsapp_state TEXT NOT NULL, whatsapp_level TEXT, whatsapp_at INTEGER, whatsapp_location INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS customers_email ON customers (email_key);
CREATE UNIQUE INDEX IF NOT EXISTS customers_phone ON customers (phone);
CREATE INDEX IF NOT EXISTS customers_created ON customers (created_at, id);
CREATE INDEX IF NOT EXISTS customers_updated ON customers (updated_at, id);
CREATE INDEX IF NOT EXISTS customers_name ON customers (sort_name COLLATE NOCASE, id);
CREATE TABLE IF NOT EXISTS customer_addresses (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, first_name TEXT, last_name TEXT, company TEXT,
  address1 TEXT, address2 TEXT, city TEXT, zip TEXT, phone TEXT, country_code TEXT, province_code TEXT);
CREATE INDEX IF NOT EXISTS customer_addresses_customer ON customer_addresses (customer_id, id);
CREATE TABLE IF NOT EXISTS customer_merges (
  job TEXT PRIMARY KEY, resulting_id INTEGER NOT NULL, ready_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS companies (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT, external_id TEXT, customer_since INTEGER NOT NULL,
  main_contact_id INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS companies_external ON companies (external_id);
CREATE INDEX IF NOT EXISTS companies_name ON companies (name COLLATE NOCASE, id);
CREATE INDEX IF NOT EXISTS companies_created ON companies (created_at, id);
CREATE INDEX IF NOT EXISTS companies_updated ON companies (updated_at, id);
CREATE INDEX IF NOT EXISTS companies_since ON companies (customer_since, id);
CREATE TABLE IF NOT EXISTS company_locations (
  id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL, name TEXT NOT NULL, phone TEXT, locale TEXT,
  external_id TEXT, note TEXT, billing_address_id INTEGER, shipping_address_id INTEGER,
  tax_exempt INTEGER NOT NULL, tax_exemptions TEXT NOT NULL, tax_registration_id TEXT,
  checkout_to_draft INTEGER NOT NULL, editable_shipping_address INTEGER NOT NULL,
  payment_terms_template INTEGER, deposit_percentage REAL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS company_locations_external ON company_locations (external_id);
CREATE INDEX IF NOT EXISTS company_locations_company ON company_locations (company_id, id);
CREATE INDEX IF NOT EXISTS company_locations_name ON company_locations (name COLLATE NOCASE, id);
CREATE INDEX IF NOT EXISTS company_locations_created ON company_locations (created_at, id);
CREATE INDEX IF NOT EXISTS company_locations_updated ON company_locations (updated_at, id);
CREATE TABLE IF NOT EXISTS company_addresses (
  id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, recipient TEXT, address1 TEXT, address2 TEXT, city TEXT,
  zip TEXT, phone TEXT, country_code TEXT, zone_code TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS company_contacts (
  id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL, customer_id INTEGER NOT NULL, title TEXT, locale TEXT,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS company_contacts_company ON company_contacts (company_id, id);
CREATE INDEX IF NOT EXISTS company_contacts_customer ON company_contacts (customer_id, id);
CREATE TABLE IF NOT EXISTS company_roles (
  id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL, name TEXT NOT NULL, note TEXT,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS company_roles_company ON company_roles (company_id, id);
CREATE TABLE IF NOT EXISTS company_role_assignments (
  id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL, contact_id INTEGER NOT NULL, location_id INTEGER NOT NULL,
  role_id INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  UNIQUE (contact_id, location_id));
CREATE INDEX IF NOT EXISTS company_role_assignments_location ON company_role_assignments (location_id, id);
CREATE TABLE IF NOT EXISTS gone_orders (
  order_id INTEGER PRIMARY KEY, customer_id INTEGER, company_location_id INTEGER, company_contact_id INTEGER,
  gone_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS gone_orders_at ON gone_orders (gone_at);
"""
