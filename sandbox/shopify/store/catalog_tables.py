"""The tables of collections, publications, files, transfers and shipments, and the first numbers of records.

Membership of smart collections is kept like that of custom ones: it is computed when a product or a rule changes, so
that reading a page costs a page.
"""

from __future__ import annotations

FIRST_IDS = {
    "Collection": 431_207_518_898,
    "Publication": 182_044_377_650,
    "Media": 38_211_604_889_266,
    "ProductImage": 53_118_204_772_530,
    "InventoryTransfer": 5_211_804_338,
    "InventoryTransferLineItem": 30_104_818_354,
    "InventoryShipment": 2_104_311_474,
    "InventoryShipmentLineItem": 30_204_915_378,
}

DDL = """
CREATE TABLE IF NOT EXISTS collections (
  id INTEGER PRIMARY KEY, title TEXT NOT NULL, handle TEXT NOT NULL, description_html TEXT NOT NULL,
  sort_order TEXT NOT NULL, template_suffix TEXT, seo_title TEXT, seo_description TEXT, rule_set TEXT,
  image TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS collections_handle ON collections (handle);
CREATE INDEX IF NOT EXISTS collections_title ON collections (title COLLATE NOCASE, id);
CREATE INDEX IF NOT EXISTS collections_updated ON collections (updated_at, id);
CREATE TABLE IF NOT EXISTS collection_products (
  collection_id INTEGER NOT NULL, product_id INTEGER NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (collection_id, product_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS collection_products_product ON collection_products (product_id, collection_id);
CREATE INDEX IF NOT EXISTS collection_products_position ON collection_products (collection_id, position, product_id);
CREATE TABLE IF NOT EXISTS publications (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, auto_publish INTEGER NOT NULL, future INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS resource_publications (
  kind TEXT NOT NULL, resource_id INTEGER NOT NULL, publication_id INTEGER NOT NULL, publish_date INTEGER NOT NULL,
  PRIMARY KEY (kind, resource_id, publication_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS resource_publications_publication
  ON resource_publications (publication_id, kind, resource_id);
CREATE TABLE IF NOT EXISTS files (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, alt TEXT NOT NULL, source TEXT NOT NULL, filename TEXT NOT NULL,
  url TEXT, width INTEGER, height INTEGER, preview_url TEXT, failed INTEGER NOT NULL DEFAULT 0,
  created_in TEXT NOT NULL, ready_at INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS files_filename ON files (filename);
CREATE INDEX IF NOT EXISTS files_updated ON files (updated_at, id);
CREATE TABLE IF NOT EXISTS product_media (
  product_id INTEGER NOT NULL, file_id INTEGER NOT NULL, position INTEGER NOT NULL, image_id INTEGER NOT NULL,
  PRIMARY KEY (product_id, file_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS product_media_file ON product_media (file_id);
CREATE INDEX IF NOT EXISTS product_media_image ON product_media (image_id);
CREATE TABLE IF NOT EXISTS variant_media (
  variant_id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS variant_media_file ON variant_media (file_id);
CREATE TABLE IF NOT EXISTS inventory_transfers (
  id INTEGER PRIMARY KEY, number INTEGER NOT NULL, status TEXT NOT NULL, origin_id INTEGER, destination_id INTEGER,
  reference_name TEXT, note TEXT, tags TEXT NOT NULL, shipments_made INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS inventory_transfers_updated ON inventory_transfers (updated_at, id);
CREATE TABLE IF NOT EXISTS inventory_transfer_lines (
  id INTEGER PRIMARY KEY, transfer_id INTEGER NOT NULL, item_id INTEGER NOT NULL, title TEXT NOT NULL,
  quantity INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS inventory_transfer_lines_transfer ON inventory_transfer_lines (transfer_id, id);
CREATE TABLE IF NOT EXISTS inventory_shipments (
  id INTEGER PRIMARY KEY, transfer_id INTEGER NOT NULL, number INTEGER NOT NULL, status TEXT NOT NULL, tracking TEXT,
  barcode TEXT, date_created INTEGER, date_shipped INTEGER, date_received INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS inventory_shipments_transfer ON inventory_shipments (transfer_id, id);
CREATE TABLE IF NOT EXISTS inventory_shipment_lines (
  id INTEGER PRIMARY KEY, shipment_id INTEGER NOT NULL, item_id INTEGER NOT NULL, quantity INTEGER NOT NULL,
  accepted INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS inventory_shipment_lines_shipment ON inventory_shipment_lines (shipment_id, id);
"""
