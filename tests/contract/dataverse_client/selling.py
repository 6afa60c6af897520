"""Sales orders with lines through the entity, in few words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from shared.dataverse.collections import Collection
from shared.dataverse.definitions import NewColumn, TableKey, Wanted
from shared.dataverse.metadata import Metadata
from shared.dataverse.selection import TableConfig
from shared.dataverse.setup import set_up
from shared.dataverse.tables import TableEntity
from shared.lines import ETAG, ROW, LineWrite
from shared.records import Action, Record, Write
from tests.contract.dataverse_client.conftest import Org, written

MARKER, PENDING = "new_shopifyorderid_acme", "new_shopifypending"
LINES = "order_details"
COLUMNS = ("isproductoverridden", "ispriceoverridden", "productdescription", "priceperunit", "quantity", "tax")
PATHS = frozenset({"name", "freightamount", "totalamount", *(f"{LINES}.{column}" for column in COLUMNS)})
WANTED = Wanted(
    (
        NewColumn("salesorder", MARKER, "Shopify order id (acme)", 20),
        NewColumn("salesorder", PENDING, "Shopify lines are being written", 100),
    ),
    (TableKey("salesorder", "new_shopifyorderkey_acme", "Shopify order (acme)", MARKER),),
    ("salesorder", "salesorderdetail"),
)


class Orders:
    """Orders of one organization, set up for them."""

    def __init__(self, org: Org, **config: Any) -> None:
        self.org = org
        set_up(org.admin, Metadata(org.admin), WANTED)
        details = Collection(LINES, "salesorderdetail", LINES, "salesorderid")
        known = TableConfig(
            "acme", "orders", "salesorder", PATHS, marker=MARKER, lines=(details,), pending=PENDING, **config
        )
        self.entity = TableEntity(org.app, org.metadata, known)

    def line(self, order: str, number: Any, price: str = "10.00", **more: Any) -> LineWrite:
        """A new write-in line of that order's id."""
        values = {"isproductoverridden": True, "ispriceoverridden": True, "productdescription": f"Line {number}"}
        values |= {"priceperunit": Decimal(price), "quantity": Decimal(1), "tax": Decimal(0), **more}
        name = f"items|{number}"
        return LineWrite(f"lines.items[{number}]", LINES, str(self.entity.line_id(order, name)), values)

    def new(self, source_id: str, numbers: Iterable[Any], **more: Any) -> Write:
        """A create with a write-in line per number."""
        order = str(self.entity.new_id(source_id, 0))
        lines = [self.line(order, number) for number in numbers]
        return Write(Action.CREATE, source_id, {"name": f"#{source_id}", **more}, id=order, lines=lines)

    def add(self, source_id: str, numbers: Iterable[Any]) -> Record:
        """A created order."""
        return written(self.entity.write([self.new(source_id, numbers)])[0])

    def change(self, order: Record, *lines: LineWrite, **values: Any) -> Write:
        """An update of what was seen."""
        return Write(Action.UPDATE, order.marker or "0", values, id=order.id, current=order, lines=lines)

    def edited(self, order: Record, number: Any, **values: Any) -> LineWrite:
        """A change of a line as it was seen; no values: its delete."""
        line = self.line(order.id, number)
        seen = next(row for row in order.content[LINES] if row[ROW] == line.row)
        return replace(line, values=values or None, etag=seen[ETAG])

    def live(self, order: str) -> Record:
        """The order as it is."""
        return self.entity.read([order]).records[order]


def told(order: Record, column: str = "productdescription") -> list[Any]:
    """What a column of the lines holds, sorted."""
    return sorted(row[column] for row in order.content[LINES])


def rows(order: Record) -> Sequence[Any]:
    """The lines as they were read."""
    found: Sequence[Any] = order.content[LINES]
    return found
