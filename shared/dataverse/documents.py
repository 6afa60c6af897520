"""Opportunities, orders and invoices as one kind of record: the `Entity` over as many of their tables as are sent.

A record's id is its row's GUID, which is unique over all tables; its content says its table under `table`. Values that
are added to documents before they are mapped (`document`) are described here and never read from CRM.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.dataverse.client import Client
from shared.dataverse.collections import Collection
from shared.dataverse.document_notes import closed
from shared.dataverse.edits import PlainLifecycle, child_id
from shared.dataverse.metadata import Metadata
from shared.dataverse.order_notes import NOTES
from shared.dataverse.selection import TableConfig, Watched
from shared.dataverse.tables import TableEntity
from shared.errors import SchemaMismatch
from shared.fields import FieldInfo, Tree, described, kinds
from shared.records import Changes, Item, Reading, Record, Side, Write, WriteResult

ADDED = "document"
TABLE = "table"
LINES: Mapping[str, Collection] = {
    "opportunity": Collection("product_opportunities", "opportunityproduct", "product_opportunities", "opportunityid"),
    "salesorder": Collection("order_details", "salesorderdetail", "order_details", "salesorderid"),
    "invoice": Collection("invoice_details", "invoicedetail", "invoice_details", "invoiceid"),
}
HEADER = frozenset(
    [
        "name", "description", "statecode", "statuscode", "createdon", "customerid_account", "customerid_contact",
        "transactioncurrencyid", "totalamount", "totaltax", "freightamount", "totallineitemamount",
        "totalamountlessfreight",
    ]
)  # fmt: skip
_ADDRESS = tuple(
    f"{to}_{each}"
    for to in ("billto", "shipto")
    for each in ("name", "line1", "line2", "city", "stateorprovince", "postalcode", "country", "telephone")
)
_OWN: Mapping[str, tuple[str, ...]] = {
    "opportunity": ("estimatedvalue", "isrevenuesystemcalculated", "actualclosedate"),
    "salesorder": ("ordernumber", "opportunityid", "paymenttermscode", *_ADDRESS),
    "invoice": ("invoicenumber", "salesorderid", "opportunityid", "paymenttermscode", "duedate", *_ADDRESS),
}
_PLACE = kinds(text="company first last address1 address2 city province zip country")
DOCUMENT: Tree = {
    ADDED: {
        "lines": [kinds(text="id product variant title sku", integer="quantity", decimal="price amount tax")],
        "billing": _PLACE,
        "shipping": _PLACE,
        "deal": "text[]",
        **kinds(
            text="number currency customer email phone note sent_as terms due purchaser",
            boolean="from_shopify elsewhere before_start waits empty cancelled paid",
            decimal="total tax freight discount subtotal",
        ),
    },
    TABLE: "text",
}
"""What is added to a document: shared/documenting makes it."""
_ACTIVE = 0


def columns_of(table: str, line_columns: Iterable[str]) -> frozenset[str]:
    """The paths of a table that documents are made from."""
    lines = LINES[table].name
    return frozenset((*HEADER, *_OWN[table], *(f"{lines}.{column}" for column in line_columns)))


class DocumentLifecycle(PlainLifecycle):
    """Columns of ours are written while the document can be edited; the row beside it always."""

    def closed(self, content: Mapping[str, Any], values: Mapping[str, Any]) -> str:
        """Only an open document takes changes."""
        changed = sorted(set(values) - {NOTES.name})
        if not changed or not closed(content):
            return ""
        return f"The document is closed in CRM and takes no changes ({', '.join(changed)})."


@dataclass(frozen=True, slots=True)
class Marks:
    """Columns that say that a row came from a shop, where their table has them."""

    table: str
    columns: tuple[str, ...]


class Documents:
    """`shared.sync.ports.Entity` of documents. `paths`: what mapping files read or write of them."""

    side = Side.CRM

    def __init__(
        self, client: Client, metadata: Metadata, configs: Sequence[TableConfig], paths: Iterable[str], marks: Marks
    ) -> None:
        wanted = {path for path in paths if path.partition(".")[0] not in (ADDED, TABLE)}
        self._entities: dict[str, TableEntity] = {}
        for config in configs:
            bare = TableEntity(client, metadata, config)
            known = {path for path in wanted if bare.describe(path) is not None}
            known |= set(marks.columns if config.table == marks.table else ())
            full = replace(config, paths=config.paths | known)
            self._entities[config.table] = TableEntity(client, metadata, full, DocumentLifecycle())
        missing = [path for path in sorted(wanted) if self.describe(path) is None]
        if missing:
            sentence = f"None of {', '.join(self._entities)} has {', '.join(missing)}: run `python -m ops setup`."
            raise SchemaMismatch(sentence, facts={"columns": missing})
        self.config = configs[0]

    @property
    def tables(self) -> Sequence[str]:
        """All their tables, their lines' among them."""
        return tuple(each for entity in self._entities.values() for each in _listened(entity))

    @property
    def selection(self) -> str:
        """The digest of what a read selects."""
        return "".join(entity.selection for entity in self._entities.values())

    @property
    def batch_size(self) -> int:
        """Records a write call takes."""
        return self.config.batch_size

    def watched(self, paths: Iterable[str]) -> tuple[Watched, ...]:
        """Every table of theirs, whatever changes: what is sent is made from most columns."""
        return tuple(
            Watched(each, frozenset(), "" if each == table else LINES[table].parent)
            for table, entity in self._entities.items()
            for each in _listened(entity)
        )

    def describe(self, path: str) -> FieldInfo | None:
        """What any of the tables says of a path, or this module of what is added."""
        if path.partition(".")[0] in DOCUMENT:
            return described(DOCUMENT, path)
        found = (entity.describe(path) for entity in self._entities.values())
        return next((info for info in found if info is not None), None)

    @property
    def names(self) -> tuple[str, ...]:
        """What a path may begin with, of all their tables, and of what is added to them."""
        added = (f"{ADDED}.{name}" for name in (described(DOCUMENT, ADDED) or FieldInfo("", "")).inside)
        return (*DOCUMENT, *added, *(name for entity in self._entities.values() for name in entity.names))

    def required(self) -> tuple[FieldInfo, ...]:
        """None: no document is made from Shopify by this kind."""
        return ()

    def start_token(self, table: str) -> str:
        """See Entity."""
        return self._of(table).start_token(table)

    def changes(self, table: str, token: str) -> Changes:
        """See Entity."""
        return self._of(table).changes(table, token)

    def listing(self, after: str) -> Changes:
        """One page, table after table; the token says in which it goes on."""
        names = list(self._entities)
        table, _, rest = after.partition(" ")
        table = table if table in names else names[0]
        page = self._entities[table].listing(rest)
        following = names[names.index(table) + 1 :]
        token = f"{table} {page.token}" if page.more else f"{following[0]} " if following else ""
        items = tuple(Item(item.id, _told(table, item.record)) if item.record else item for item in page.items)
        return replace(page, items=items, token=token, more=bool(token))

    def members(self, table: str, ids: Sequence[str]) -> Changes:
        """See Entity."""
        return self._of(table).members(table, ids)

    def read(self, ids: Sequence[str]) -> Reading:
        """Those records live: a call a table, until all are found."""
        left, records = list(dict.fromkeys(ids)), dict[str, Record]()
        readings = []
        for table, entity in self._entities.items():
            if left:
                readings.append(entity.read(left))
                records |= {key: _told(table, record) for key, record in readings[-1].records.items()}
                left = [each for each in left if each not in records]
        if not readings:
            return next(iter(self._entities.values())).read(())
        return Reading(min(reading.read_at for reading in readings), records)

    def find(self, path: str, values: Sequence[str], *, fold: bool = False) -> Mapping[str, Sequence[Record]]:
        """Documents of any of the tables whose column holds one of the values."""
        found: dict[str, list[Record]] = {}
        for table, entity in self._entities.items():
            if entity.describe(path) is not None:
                for value, records in entity.find(path, values, fold=fold).items():
                    found.setdefault(value, []).extend(_told(table, record) for record in records)
        return found

    def marked(self, source_ids: Sequence[str]) -> Mapping[str, Record]:
        """None: the mark of such a pair stands in Shopify."""
        return {}

    def new_id(self, source_id: str, generation: int) -> str | None:
        """None: documents are made by people."""
        return None

    def line_id(self, record_id: str, line: str) -> str | None:
        """The row beside a document; there is none of its lines to make."""
        return child_id(record_id, line)

    def closed(self, current: Record, values: Mapping[str, Any]) -> str:
        """See Entity."""
        return self._entities[str(current.content[TABLE])].closed(current, values)

    def write(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        """Each to its own table; values of columns that the table does not have are left out."""
        results: dict[int, WriteResult] = {}
        for table, entity in self._entities.items():
            mine = [(place, each) for place, each in enumerate(writes) if _table(each) == table]
            fitting = [replace(each, values=dict(_fitting(entity, each.values))) for _, each in mine]
            for (place, _), result in zip(mine, entity.write(fitting) if fitting else (), strict=True):
                told = isinstance(result, Exception)
                results[place] = result if told else replace(result, record=_told(table, result.record))  # type: ignore[union-attr,type-var] # told apart above
        return [results[place] for place in range(len(writes))]

    def _of(self, table: str) -> TableEntity:
        return next(entity for entity in self._entities.values() if table in entity.tables)


def _listened(entity: TableEntity) -> tuple[str, ...]:
    """A table and its lines': what stands beside its rows is written here and read by nobody."""
    return (entity.config.table, *(each.table for each in entity.config.lines if not each.beside))


def _table(write: Write) -> str:
    if write.current is None:
        raise SchemaMismatch("Documents are only changed, never made.")
    return str(write.current.content[TABLE])


def _fitting(entity: TableEntity, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((path, value) for path, value in values.items() if entity.describe(path) is not None)


def _told(table: str, record: Record) -> Record:
    return replace(record, content={**record.content, TABLE: table})
