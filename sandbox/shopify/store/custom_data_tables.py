"""The tables of custom data and of background work: metaobjects, references, jobs, bulk operations, staged files.

Every list is reachable by an index in its own order; what a reference points at is found by its target.
"""

from __future__ import annotations

FIRST_IDS = {
    "MetaobjectDefinition": 17_902_441_394,
    "Metaobject": 188_401_223_602,
    "BulkOperation": 7_801_442_320_306,
    "Job": 1,
}

DDL = """
CREATE TABLE IF NOT EXISTS metaobject_definitions (
  id INTEGER PRIMARY KEY, type TEXT NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT, display_name_key TEXT,
  access TEXT NOT NULL, capabilities TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS metaobject_fields (
  definition_id INTEGER NOT NULL, position INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
  type TEXT NOT NULL, required INTEGER NOT NULL, validations TEXT NOT NULL, admin_filterable INTEGER NOT NULL,
  PRIMARY KEY (definition_id, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metaobjects (
  id INTEGER PRIMARY KEY, definition_id INTEGER NOT NULL, type TEXT NOT NULL, handle TEXT NOT NULL,
  display_name TEXT NOT NULL, status TEXT, template_suffix TEXT,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, UNIQUE (type, handle));
CREATE INDEX IF NOT EXISTS metaobjects_definition ON metaobjects (definition_id, id);
CREATE INDEX IF NOT EXISTS metaobjects_display ON metaobjects (definition_id, display_name COLLATE NOCASE, id);
CREATE INDEX IF NOT EXISTS metaobjects_updated ON metaobjects (definition_id, updated_at, id);
CREATE TABLE IF NOT EXISTS metaobject_values (
  id INTEGER PRIMARY KEY, metaobject_id INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  UNIQUE (metaobject_id, key));
CREATE TABLE IF NOT EXISTS reference_links (
  target TEXT NOT NULL, id INTEGER NOT NULL, source_kind TEXT NOT NULL, source_id INTEGER NOT NULL,
  namespace TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (target, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reference_links_id ON reference_links (id);
CREATE INDEX IF NOT EXISTS reference_links_source ON reference_links (source_kind, source_id, namespace, key);
CREATE TABLE IF NOT EXISTS jobs (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, request TEXT NOT NULL, due_at INTEGER NOT NULL, done INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (done, due_at);
CREATE TABLE IF NOT EXISTS bulk_operations (
  id INTEGER PRIMARY KEY, type TEXT NOT NULL, status TEXT NOT NULL, error_code TEXT, query TEXT NOT NULL,
  actor TEXT NOT NULL, scopes TEXT NOT NULL, api_version TEXT NOT NULL, group_objects INTEGER NOT NULL,
  staged_path TEXT, client_identifier TEXT, object_count INTEGER NOT NULL, root_count INTEGER NOT NULL,
  file_size INTEGER, file TEXT, due_at INTEGER NOT NULL, created_at INTEGER NOT NULL, completed_at INTEGER,
  ended_at INTEGER);
CREATE INDEX IF NOT EXISTS bulk_operations_created ON bulk_operations (actor, created_at, id);
CREATE INDEX IF NOT EXISTS bulk_operations_completed ON bulk_operations (actor, completed_at, id);
CREATE INDEX IF NOT EXISTS bulk_operations_status ON bulk_operations (status, due_at);
CREATE TABLE IF NOT EXISTS staged_uploads (
  key TEXT PRIMARY KEY, signature TEXT NOT NULL, resource TEXT NOT NULL, filename TEXT NOT NULL,
  mime_type TEXT NOT NULL, method TEXT NOT NULL, expected_size INTEGER, file TEXT, size INTEGER,
  created_at INTEGER NOT NULL);
"""
