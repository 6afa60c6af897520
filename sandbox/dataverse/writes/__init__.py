"""Everything that changes rows: payloads, checks, create, update, delete, references, bulk messages."""
