"""The schema as data: tables, columns, keys, relationships, and the requests that read or change it."""
