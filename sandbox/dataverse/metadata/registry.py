"""All tables of the running sandbox: the standard ones plus what was created through the Web API.

It keeps custom definitions in the store so that a file opened again has the same schema, and lets keys become
active when their time has come.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sandbox.dataverse.errors import error
from sandbox.dataverse.store import Store

from .load import add_nav, column_from, load_tables, table_from
from .model import Column, Key, Many, Table


class Registry:
    """Tables by logical name and by entity set name. `there`: the standard ones exist in the database already."""

    def __init__(self, store: Store, tracking_default: bool, *, there: bool = False) -> None:
        self._store = store
        self.tables = load_tables(tracking_default)
        with store.transaction():
            for table in () if there else self.tables.values():
                store.create_table(table)
                for link in table.links.values():
                    store.create_link(link)
            self._restore()
        self._by_set = {t.entity_set: t for t in self.tables.values()}
        self._pending = [
            (t, k) for t in self.tables.values() for k in t.keys.values() if k.status in ("Pending", "InProgress")]

    def _restore(self) -> None:
        store = self._store
        for _, name, body in store.definitions("table"):
            self.tables[name] = table_from(name, json.loads(body), False, {})
            self.tables[name].custom = True
            store.create_table(self.tables[name])
        for owner, name, body in store.definitions("column"):
            facts = json.loads(body)
            self._attach(self.tables[owner], name, facts)
        for owner, name, body in store.definitions("key"):
            facts = json.loads(body)
            facts["active_at"] = datetime.fromisoformat(facts["active_at"])
            started = facts.get("started_at")
            facts["started_at"] = datetime.fromisoformat(started) if started else None
            facts["columns"] = tuple(facts["columns"])
            self.tables[owner].keys[name] = Key(**facts)
        for owner, _, body in store.definitions("labels"):
            self.tables[owner].labels = json.loads(body)
        for owner, name, body in store.definitions("tracking"):
            del name
            self.tables[owner].change_tracking = json.loads(body)

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables.values())

    def by_set(self, entity_set: str) -> Table:
        """The table of an entity set; 404 0x8006088a when there is none (names are case-sensitive)."""
        table = self._by_set.get(entity_set)
        if table is None:
            raise error("CrmHttpError", entity_set)
        return table

    def has_set(self, entity_set: str) -> bool:
        """Whether an entity set of that name exists."""
        return entity_set in self._by_set

    def get(self, name: str) -> Table | None:
        """The table of a logical name, or None."""
        return self.tables.get(name)

    def add_table(self, name: str, raw: dict[str, Any]) -> Table:
        """Create a custom table from the same facts a schema file has."""
        table = table_from(name, raw, False, {})
        table.custom = True
        self._store.define("table", "", name, json.dumps(raw))
        self._store.create_table(table)
        self.tables[name] = table
        self._by_set[table.entity_set] = table
        return table

    def add_column(self, table: Table, name: str, facts: dict[str, Any]) -> Column:
        """Create a custom column; a lookup also gets its navigation properties on both sides."""
        self._store.define("column", table.name, name, json.dumps(facts))
        return self._attach(table, name, facts)

    def _attach(self, table: Table, name: str, facts: dict[str, Any]) -> Column:
        column = column_from(name, {**facts, "custom": True})
        table.add_column(column)
        self._store.add_column(table, column)
        for nav, target in facts.get("navs", ()):
            add_nav(table, nav, name, target)
        for referenced, many in facts.get("many", ()):
            self.tables[referenced].many[many] = Many(many, table.name, name)
        return column

    def drop_table(self, table: Table) -> None:
        """Delete a custom table with its rows, keys and relationships."""
        for column in list(table.columns.values()):
            self._forget_navs(table, column)
        self._store.drop_table(table)
        del self.tables[table.name], self._by_set[table.entity_set]
        self._pending = [(t, k) for t, k in self._pending if t is not table]

    def drop_column(self, table: Table, column: Column) -> None:
        """Delete a custom column and the navigation properties that rest on it."""
        self._forget_navs(table, column)
        del table.columns[column.name], table.by_wire[column.wire]
        self._store.drop_column(table, column)

    def _forget_navs(self, table: Table, column: Column) -> None:
        table.one = {n: nav for n, nav in table.one.items() if nav.column != column.name}
        for other in self.tables.values():
            other.many = {n: m for n, m in other.many.items() if (m.table, m.column) != (table.name, column.name)}

    def relabel(self, table: Table, labels: dict[str, str]) -> None:
        """Change the display names of a table."""
        table.labels = {**table.labels, **labels}
        self._store.define("labels", table.name, "", json.dumps(table.labels))

    def add_key(self, table: Table, key: Key) -> None:
        """Create an alternate key; it is Pending until `settle` builds its index."""
        table.keys[key.name] = key
        self._pending.append((table, key))
        self._keep_key(table, key)

    def drop_key(self, table: Table, name: str) -> None:
        """Delete an alternate key."""
        key = table.keys.pop(name)
        self._pending = [(t, k) for t, k in self._pending if k is not key]
        self._store.drop_key(table, key)
        self._store.query("DELETE FROM _definitions WHERE kind = 'key' AND owner = ? AND name = ?", (table.name, name))

    def _keep_key(self, table: Table, key: Key) -> None:
        started = key.started_at.isoformat() if key.started_at else None
        body = {**asdict(key), "active_at": key.active_at.isoformat(), "started_at": started}
        self._store.define("key", table.name, key.name, json.dumps(body))

    def settle(self, now: datetime) -> None:
        """Turn keys whose time has come Active, or Failed when existing rows violate them; InProgress half-way."""
        if not self._pending:
            return
        for table, key in self._pending:
            if key.status == "Pending" and key.started_at is not None and now >= key.started_at:
                key.status = "InProgress"
                self._keep_key(table, key)
        due = [(t, k) for t, k in self._pending if k.active_at <= now]
        self._pending = [(t, k) for t, k in self._pending if k.active_at > now]
        for table, key in due:
            key.status = "Active" if self._store.build_key(table, key) else "Failed"
            self._keep_key(table, key)

    def reactivate(self, table: Table, key: Key, started: datetime, at: datetime) -> None:
        """Try a failed key again."""
        key.status, key.started_at, key.active_at = "Pending", started, at
        self._pending.append((table, key))
        self._keep_key(table, key)

    def set_tracking(self, table: Table, enabled: bool) -> None:
        """Switch change tracking; once on it stays on."""
        table.change_tracking = table.change_tracking or enabled
        self._store.define("tracking", table.name, "", json.dumps(table.change_tracking))
