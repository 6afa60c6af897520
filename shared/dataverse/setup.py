"""What an organization needs before the first run: our columns, their alternate key, change tracking, publishing.

Every step looks first, so running it again changes nothing; a dry run lists what is needed. It runs under a
customizer's identity, never under the app's own, and it deletes nothing.
Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-column-definitions-using-web-api.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.dataverse import odata, solution
from shared.dataverse.client import Client
from shared.dataverse.definitions import NewColumn, NewLookup, NewTable, TableKey, Wanted, label
from shared.dataverse.metadata import Key, Metadata
from shared.errors import AuthFailed, SchemaMismatch, Unavailable

KEY_WAIT_S, KEY_POLL_S = 600.0, 5.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was needed or not, done or not, and what was found."""

    name: str
    needed: bool
    done: bool
    detail: str = ""


def marker_column(shop_key: str) -> str:
    """The column on the product that holds a shop's variant id; one per shop, so that shops never share a mark."""
    return f"new_shopifyvariantid_{shop_key}"


def wanted_for_products(shop_keys: Sequence[str]) -> Wanted:
    """What the two product flows need: three columns for all shops, a marker with its key per shop, tracking."""
    columns = [
        NewColumn("product", "new_shopifytitle", "Shopify title", 255),
        NewColumn("product", "new_shopifyoptions", "Shopify options", 500),
        NewColumn("product", "new_shopifyproductid", "Shopify product id", 20),
    ]
    keys = []
    for shop in shop_keys:
        column = marker_column(shop)
        columns.append(NewColumn("product", column, f"Shopify variant id ({shop})", 20))
        keys.append(TableKey("product", f"new_shopifyvariantkey_{shop}", f"Shopify variant ({shop})", column))
    return Wanted(tuple(columns), tuple(keys), ("product", "productpricelevel"))


def set_up(client: Client, metadata: Metadata, wanted: Wanted, *, dry_run: bool = False) -> list[Step]:
    """Do what is missing and say what was done. `dry_run` changes nothing.

    Raises AuthFailed naming the privilege, SchemaMismatch where something of the same name is in the way.
    """
    return list(in_turn(client, metadata, wanted, dry_run=dry_run))


def in_turn(client: Client, metadata: Metadata, wanted: Wanted, *, dry_run: bool = False) -> Iterator[Step]:
    """The same step by step: what was done before one fails is known."""
    tables = tables_of(wanted)
    for table in tables:
        metadata.forget(table)
    try:
        yield from _Installer(client, metadata, wanted, dry_run).steps()
    except AuthFailed as error:
        raise AuthFailed(
            f"{error.sentence} Setup needs the role System Customizer; sign in as such a user.", facts=error.facts
        ) from None
    finally:
        for table in tables:
            metadata.forget(table)


def tables_of(wanted: Wanted) -> frozenset[str]:
    """The tables that something is added to."""
    added = [*(each.table for each in wanted.columns), *(each.table for each in wanted.keys)]
    made = [*(each.name for each in wanted.tables), *(each.table for each in wanted.lookups)]
    return frozenset([*added, *made, *wanted.tracked])


class _Installer:
    def __init__(self, client: Client, metadata: Metadata, wanted: Wanted, dry_run: bool) -> None:
        self._client = client
        self._metadata = metadata
        self._wanted = wanted
        self._dry_run = dry_run
        self._touched: dict[str, None] = {}

    def steps(self) -> Iterator[Step]:
        if self._wanted.solution:
            yield self._solution(self._wanted.solution)
        yield from self._tables()
        yield from self._parts()
        touched = list(self._touched)
        if not self._dry_run:  # also what a run made that broke off before it got here, which nobody can ask for
            self._publish(sorted(tables_of(self._wanted)))
        detail = ", ".join(touched) or "nothing changed"
        yield Step("publish", bool(touched), bool(touched) and not self._dry_run, detail)
        if not self._dry_run:
            for key in self._wanted.keys:
                yield self._active(key)

    def _solution(self, name: str) -> Step:
        missing, title = not solution.exists(self._client, name), f"solution {name}"
        if missing and not self._dry_run:
            solution.create(self._client, name)
        return Step(title, missing, missing and not self._dry_run, _said(missing, self._dry_run))

    def _tables(self) -> Iterator[Step]:
        for new in self._wanted.tables:
            yield self._step(f"table {new.name}", new.name, self._table(new))

    def _parts(self) -> Iterator[Step]:
        for column in self._wanted.columns:
            yield self._step(f"column {column.table}.{column.name}", column.table, self._column(column))
        for lookup in self._wanted.lookups:
            yield self._step(f"lookup {lookup.table}.{lookup.name}", lookup.table, self._lookup(lookup))
        for key in self._wanted.keys:
            yield self._step(f"key {key.table}.{key.name}", key.table, self._key(key))
        for table in self._wanted.tracked:
            yield self._step(f"change tracking of {table}", table, self._tracking(table))

    def _step(self, name: str, table: str, work: Callable[[], None] | None) -> Step:
        detail = _said(work is not None, self._dry_run)
        if work is None:
            return Step(name, needed=False, done=False, detail=detail)
        self._touched[table] = None
        if not self._dry_run:
            work()
        return Step(name, needed=True, done=not self._dry_run, detail=detail)

    def _table(self, wanted: NewTable) -> Callable[[], None] | None:
        if not self._exists(wanted.name):
            return lambda: self._create_table(wanted)
        if wanted.lookup and wanted.lookup not in self._metadata.table(wanted.name).columns:
            return lambda: self._create_parent(wanted)
        return None

    def _exists(self, table: str) -> bool:
        url = f"EntityDefinitions?$select=LogicalName&$filter=LogicalName eq {odata.quoted(table)}"
        return bool(self._client.get(url, name=f"look for {table}", headers={"Consistency": "Strong"}).data["value"])

    def _create_table(self, wanted: NewTable) -> None:
        self._send("POST", "EntityDefinitions", wanted.definition, f"create {wanted.name}")
        if wanted.lookup:
            self._create_parent(wanted)

    def _create_parent(self, wanted: NewTable) -> None:
        self._send("POST", "RelationshipDefinitions", wanted.relationship, f"create {wanted.relation}")
        self._metadata.forget(wanted.name)

    def _lookup(self, wanted: NewLookup) -> Callable[[], None] | None:
        if self._not_made_yet(wanted.table):
            return lambda: None
        found = self._metadata.table(wanted.table)
        if wanted.name not in found.columns:
            return lambda: self._create_lookup(wanted)
        if all(each.target != wanted.target for each in found.targets(wanted.name)):
            raise SchemaMismatch(
                f"{wanted.table}.{wanted.name} exists and names no rows of {wanted.target}. Give the field another "
                "column, or remove this one and run setup again.",
                facts={"table": wanted.table, "column": wanted.name},
            )
        return None

    def _create_lookup(self, wanted: NewLookup) -> None:
        self._send("POST", "RelationshipDefinitions", wanted.definition, f"create {wanted.name}")

    def _not_made_yet(self, table: str) -> bool:
        """Whether this dry run would have made the table before."""
        return self._dry_run and table in self._touched and not self._exists(table)

    def _column(self, wanted: NewColumn) -> Callable[[], None] | None:
        if self._not_made_yet(wanted.table):
            return lambda: None
        found = self._metadata.table(wanted.table).columns.get(wanted.name)
        if found is None:
            return lambda: self._create_column(wanted)
        if found.kind != wanted.type.kind or (found.info.max_length or 0) < wanted.max_length:
            raise SchemaMismatch(
                f"{wanted.table}.{wanted.name} exists as {found.kind} of length {found.info.max_length}; it must be "
                f"{wanted.type.value} of at least {wanted.max_length}. Lengthen it, or remove it and run setup again.",
                facts={"table": wanted.table, "column": wanted.name},
            )
        return None

    def _create_column(self, wanted: NewColumn) -> None:
        self._send("POST", f"{_definition(wanted.table)}/Attributes", wanted.definition, f"create {wanted.name}")

    def _key(self, wanted: TableKey) -> Callable[[], None] | None:
        if self._not_made_yet(wanted.table):
            return lambda: None
        found = self._found(wanted)
        if found is None:
            return lambda: self._create_key(wanted)
        if found.status == "Failed":
            return lambda: self._reactivate(wanted, found)
        return None

    def _found(self, wanted: TableKey) -> Key | None:
        keys = self._metadata.table(wanted.table).keys
        return next((key for key in keys if key.columns == (wanted.column,)), None)

    def _create_key(self, wanted: TableKey) -> None:
        body = {"SchemaName": wanted.name, "DisplayName": label(wanted.label), "KeyAttributes": [wanted.column]}
        self._send("POST", f"{_definition(wanted.table)}/Keys", body, f"create the key on {wanted.column}")

    def _reactivate(self, wanted: TableKey, found: Key) -> None:
        body = {"EntityLogicalName": wanted.table, "EntityKeyLogicalName": found.name}
        self._send("POST", "ReactivateEntityKey", body, f"build the key on {wanted.column} again")

    def _active(self, wanted: TableKey) -> Step:
        """Wait for the index, which is built in the background and fails where rows share a value."""
        name = f"key {wanted.table}.{wanted.name} is active"
        clock = self._client.clock
        began = clock.now()
        while True:
            self._metadata.forget(wanted.table)
            found = self._found(wanted)
            status = found.status if found else "missing"
            waited_s = (clock.now() - began).total_seconds()
            if status == "Active":
                return Step(name, needed=waited_s >= KEY_POLL_S, done=True, detail=f"active after {waited_s:.0f} s")
            facts: Mapping[str, object] = {"table": wanted.table, "column": wanted.column, "status": status}
            if status == "Failed":
                sentence = f"The key on {wanted.table}.{wanted.column} failed: rows share a value in that column."
                raise SchemaMismatch(f"{sentence} Clear the doubles and run setup again.", facts=facts)
            if waited_s > KEY_WAIT_S:
                raise Unavailable(
                    f"The key on {wanted.table}.{wanted.column} is not active yet ({status}).", facts=facts
                )
            clock.sleep(KEY_POLL_S)

    def _tracking(self, table: str) -> Callable[[], None] | None:
        return None if self._metadata.table(table).tracked else lambda: self._track(table)

    def _track(self, table: str) -> None:
        """An update of a definition replaces it whole, so it is read whole first; labels are merged."""
        call = f"switch change tracking on for {table}"
        definition = self._client.get(_definition(table), name=call, headers={"Consistency": "Strong"}).data
        if (definition.get("CanChangeTrackingBeEnabled") or {}).get("Value") is False:
            sentence = f"Change tracking of {table} cannot be switched on: a managed solution forbids it."
            raise SchemaMismatch(sentence, facts={"table": table})
        body = {name: value for name, value in definition.items() if not name.startswith("@odata.context")}
        headers = {"MSCRM.MergeLabels": "true"}
        self._send("PUT", _definition(table), {**body, "ChangeTrackingEnabled": True}, call, headers)

    def _publish(self, tables: Sequence[str]) -> None:
        entities = "".join(f"<entity>{table}</entity>" for table in tables)
        xml = f"<importexportxml><entities>{entities}</entities></importexportxml>"
        self._send("POST", "PublishXml", {"ParameterXml": xml}, "publish")

    def _send(self, method: str, url: str, body: Any, call: str, headers: Mapping[str, str] | None = None) -> None:
        into = solution.headers(self._wanted.solution)
        self._client.send(method, url, body, name=call, headers={**into, **(headers or {})})


def inactive(metadata: Metadata, wanted: Wanted) -> Iterator[str]:
    """Sentences about keys that are there and cannot be used."""
    for key in wanted.keys:
        for found in _keys_of(metadata, key.table):
            if found.columns == (key.column,) and found.status != "Active":
                fix = (
                    "clear the doubles and run `python -m ops setup`"
                    if found.status == "Failed"
                    else "it is being built: wait, then ask again"
                )
                yield f"The key on {key.table}.{key.column} is not active ({found.status}): {fix}."


def _keys_of(metadata: Metadata, table: str) -> Iterable[Key]:
    """A table's keys; none where it is not there yet."""
    try:
        return metadata.table(table).keys
    except SchemaMismatch:
        return ()


def _said(needed: bool, dry_run: bool) -> str:
    return "is there" if not needed else "would be made" if dry_run else "made"


def _definition(table: str) -> str:
    return f"EntityDefinitions(LogicalName={odata.quoted(table)})"
