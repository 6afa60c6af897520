"""A table's kind, made from its file in mappings/tables/: what is read, the custom table it comes into, and its lines.

What of lines and members changes may leave the `updatedAt` of a record as it is, so where a table has any its time of
change is never taken for known, and the nightly comparison looks at every record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from shared.dataverse.collections import Collection
from shared.dataverse.definitions import ColumnType, NewColumn, NewLookup, NewTable, TableKey, Wanted
from shared.dataverse.edits import Lifecycle, PlainLifecycle
from shared.dataverse.metadata import Metadata
from shared.dataverse.selection import TableConfig
from shared.errors import SchemaMismatch
from shared.kinds.ground import Described, Ground
from shared.mapping.model import FieldModel, LinesModel, MappingModel
from shared.settings import Settings
from shared.shopify.client import ShopifyClient
from shared.shopify.members import MemberRows, Members, members_of
from shared.shopify.root_names import AnyRoot, named, nested_topics, scopes_of, scopes_of_path
from shared.shopify.roots import Windows
from shared.shopify.rows import Rows
from shared.shopify.schema import Schema
from shared.shopify.setup import Step

ID_LENGTH = 200
TYPES: Mapping[str, ColumnType] = {
    "text": ColumnType.TEXT,
    "long_text": ColumnType.LONG_TEXT,
    "integer": ColumnType.INTEGER,
    "decimal": ColumnType.DECIMAL,
    "boolean": ColumnType.BOOLEAN,
    "date": ColumnType.DATE,
    "datetime": ColumnType.MOMENT,
    "choice": ColumnType.CHOICE,
}


def prefix_of(table: str) -> str:
    """The publisher's prefix of a table's name."""
    return table.partition("_")[0]


def marker_of(table: str, shop_key: str) -> str:
    """The column that holds a shop's id of the record."""
    return f"{prefix_of(table)}_shopifyid_{shop_key}"


class TableKind:
    """See Kind."""

    constants: frozenset[str] = frozenset()
    required: Sequence[str] = ()

    def __init__(self, model: MappingModel) -> None:
        self.name = model.kind
        self._model = model
        self._table = model.target.table or ""
        source = model.source
        on_the_way = scopes_of_path(source.root or "", source.each or "")
        self.scopes: Sequence[str] = (*scopes_of(source.type or ""), *on_the_way)
        """See Kind; of types that are not known Shopify's own refusal says what is missing."""
        self.looked_up: Sequence[str] = sorted({lookup.target for lookup in self.wanted(()).lookups})

    def root(self, schema: Schema) -> AnyRoot | Members:
        """What the file reads. Raises SchemaMismatch naming what is wrong with it."""
        source = self._model.source
        root = named(schema, source.root or "", source.changes)
        found = members_of(schema, root, source.each, source.key) if source.each else root
        if found.type_name != source.type:
            what = f"source.type is {source.type}, and {source.root} lists {found.type_name}"
            raise SchemaMismatch(f"{what}: write that.", facts={"root": source.root})
        return found

    def shopify(self, ground: Ground, paths: Iterable[str]) -> Described:
        """See Kind."""
        root, windows = self.root(ground.shopify.schema), Windows(ground.settings.overlap_s, ground.settings.lag_s)
        if isinstance(root, Members):
            return MemberRows(ground.shopify, root, paths, windows)
        return Rows(ground.shopify, root, paths, windows, timeless=bool(self._model.lines))

    def topics(self, schema: Schema) -> Mapping[str, str]:
        """The webhook topics that tell of its records, each with the table that its ids are of ("": the records')."""
        root = self.root(schema)
        if not isinstance(root, Members):
            return dict.fromkeys(root.topics, "")
        of_parents = [topic for topic in root.root.topics if not topic.endswith("/delete")]
        return {**dict.fromkeys(of_parents, root.root.connection), **nested_topics(root.root.connection, root.each)}

    def table(self, ground: Ground, table: str) -> TableConfig:
        """See Kind."""
        config = TableConfig(ground.shop.shop, self.name, table, frozenset())
        lines = {each.to: _collection(each) for each in self._model.lines.values()}
        return replace(config, marker=marker_of(table, ground.shop.key), lines=tuple(lines.values()))

    def lifecycle(self, settings: Settings) -> Lifecycle:
        """See Kind."""
        return PlainLifecycle()

    def recreates(self, settings: Settings) -> bool:
        """Always: the table shows what Shopify has."""
        return True

    def wanted(self, shop_keys: Sequence[str]) -> Wanted:
        """The table with its lines' tables, their columns, and a marker with its key per shop."""
        target = self._model.target
        label = target.label or _said(self._table)
        tables = [NewTable(self._table, label, target.plural or f"{label}s")]
        owners = [(self._table, self._model.fields)]
        for lines in self._model.lines.values():
            if lines.table is not None:
                tables.append(_lines_table(lines, self._table))
                owners.append((lines.table.name, lines.fields))
        columns = [each for table, fields in owners for each in _columns(table, fields)]
        lookups = [each for table, fields in owners for each in _lookups(table, fields)]
        keys = []
        for shop in shop_keys:
            marker = marker_of(self._table, shop)
            columns.append(NewColumn(self._table, marker, f"Shopify id ({shop})", ID_LENGTH))
            key = f"{prefix_of(self._table)}_shopifykey_{shop}"
            keys.append(TableKey(self._table, key, f"Shopify id ({shop})", marker))
        unique = tuple({each.name: each for each in tables}.values())
        return Wanted(_once(columns), tuple(keys), (), tables=unique, lookups=tuple(dict.fromkeys(lookups)))

    def definitions(self, client: ShopifyClient, paths: Iterable[str], *, dry_run: bool) -> Sequence[Step]:
        """None: nothing is written to Shopify."""
        return ()

    def fields(self, client: ShopifyClient) -> Sequence[str]:
        """See Kind."""
        return list(client.schema.entry(self._model.source.type or "").get("f", ()))

    def check_ready(self, metadata: Metadata, shop_key: str) -> None:
        """Raise SchemaMismatch where CRM lacks the table, or the key by which a row is told to be a record's."""
        marker = marker_of(self._table, shop_key)
        try:
            keys = {key.columns: key.status for key in metadata.table(self._table).keys}
        except SchemaMismatch as error:
            sentence = f"{error.sentence} Run: python -m ops setup"
            raise SchemaMismatch(sentence, facts=error.facts) from None
        status = keys.get((marker,), "missing")
        if status != "Active":
            metadata.forget(self._table)
            facts = {"table": self._table, "column": marker, "status": status}
            fix = "Wait until it is built" if status in ("Pending", "InProgress") else "Run: python -m ops setup"
            raise SchemaMismatch(f"The key on {self._table}.{marker} is {status.lower()}. {fix}.", facts=facts)


def _collection(lines: LinesModel) -> Collection:
    table, parent = (lines.table.name, lines.table.parent) if lines.table else ("", "")
    return Collection(lines.to, table, lines.to, parent)


def _lines_table(lines: LinesModel, parent: str) -> NewTable:
    table = lines.table
    if table is None:
        raise ValueError("lines of a table have a table of their own")
    label = table.label or _said(table.name)
    return NewTable(table.name, label, table.plural or f"{label}s", parent, table.parent, lines.to)


def _columns(table: str, fields: Mapping[str, FieldModel]) -> Iterator[NewColumn]:
    for name, field in fields.items():
        column = field.column
        if column is None or column.type == "lookup":
            continue
        options = tuple((int(number), text) for number, text in (column.options or {}).items())
        label = column.label or _said(name)
        yield NewColumn(table, field.to, label, column.length or 0, TYPES[column.type], options)


def _lookups(table: str, fields: Mapping[str, FieldModel]) -> Iterator[NewLookup]:
    for name, field in fields.items():
        if field.column is not None and field.column.table:
            yield NewLookup(table, field.to, field.column.label or _said(name), field.column.table)


def _once(columns: Iterable[NewColumn]) -> tuple[NewColumn, ...]:
    """Each column once: groups of lines may share a table, and fields a column."""
    return tuple({(column.table, column.name): column for column in columns}.values())


def _said(name: str) -> str:
    """A name as people write it: `new_location` → Location, `tax_total` → Tax total."""
    return name.removeprefix("new_").replace("_", " ").capitalize()
