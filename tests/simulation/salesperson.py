"""The salesperson at work in CRM, by the Web API as anybody. Nothing here knows the app."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.catalogue import CrmProduct
from sandbox.seed import Crm
from tests.simulation.book import CRM
from tests.simulation.office import Office

ROWS = (
    "products?$select=productid,productnumber&$filter=statecode eq 0"
    "&$expand=product_price_levels($select=productpricelevelid)"
)


class Salesperson:
    """Each method makes one edit and says what it was; an empty text: there was nothing to do."""

    def __init__(self, crm: Crm, office: Office) -> None:
        self._crm, self._office = crm, office

    def standing(self, field: str) -> dict[str, Any]:
        """What each product holds now in the field 'number' or 'price', by its id."""
        prices = "$expand=product_price_levels($select=amount)"
        held = {}
        for row in self._crm.get(f"products?$select=productid,productnumber&{prices}")["value"]:
            amounts = [Decimal(str(each["amount"])) for each in row["product_price_levels"]]
            held[row["productid"]] = row["productnumber"] if field == "number" else next(iter(amounts), None)
        return held

    def stock(self) -> str:
        """A new product."""
        return "" if self._office.full() else self.new_row(self._office.fresh("CRM"))

    def new_row(self, number: str) -> str:
        """A product of that number."""
        price = self._office.price()
        self._crm.create(CrmProduct(number, f"Row {number}", "Kept by sales.", price, "VP-1"))
        row = next(each for each in self._rows() if each["productnumber"] == number)
        self._office.book.note(CRM, row["productid"], number=number, price=price, vendor="VP-1")
        self._office.topic = (number, "")
        return number

    def amount(self) -> str:
        """Another price. CRM keeps four decimals, Shopify the two of its currency: a value that Shopify changes."""
        row = self._any([each for each in self._rows() if each["product_price_levels"]])
        if row is None:
            return ""
        price = self._office.price() + (Decimal("0.0025") if self._office.chance.happens(0.3) else 0)
        item = row["product_price_levels"][0]["productpricelevelid"]
        self._crm.send("PATCH", f"productpricelevels({item})", {"amount": price})
        self._office.book.note(CRM, row["productid"], price=price)
        self._office.topic = (row["productnumber"], "price")
        return f"{row['productnumber']} {price}"

    def renumber(self) -> str:
        """Another number."""
        number = self._office.fresh("NUM")
        return self._edit_row({"productnumber": number}, topic=(number, "number"), number=number)

    def rename(self) -> str:
        """Another name, which the shop's titles will replace."""
        return self._edit_row({"name": f"Name {self._office.chance.below(10_000)}"})

    def part(self) -> str:
        """Another vendor part number."""
        part = f"VP-{self._office.chance.below(10_000)}"
        return self._edit_row({"vendorpartnumber": part}, vendor=part)

    def _edit_row(self, change: Mapping[str, Any], *, topic: tuple[str, str] | None = None, **noted: Any) -> str:
        row = self._any(self._rows())
        if row is None:
            return ""
        self._crm.send("PATCH", f"products({row['productid']})", change)
        self._office.book.note(CRM, row["productid"], **noted)
        self._office.topic = topic or (row["productnumber"], "")
        return f"{row['productid']} {change}"

    def retire(self) -> str:
        """A product is sold no more."""
        row = self._unpriced()
        if row is None:
            return ""
        self._crm.send("PATCH", f"products({row['productid']})", {"statecode": 1, "statuscode": 2})
        self._office.book.retired.append(row["productid"])
        return str(row["productid"])

    def delete(self) -> str:
        """A product is deleted."""
        row = self._unpriced()
        if row is None:
            return ""
        self._crm.send("DELETE", f"products({row['productid']})", {})
        self._office.gone.add(row["productnumber"])
        self._office.book.remove(CRM, row["productid"])
        return str(row["productid"])

    def _unpriced(self) -> Any:
        """A product that is taken off the price list."""
        row = self._any(self._rows())
        for item in row["product_price_levels"] if row else ():
            self._crm.send("DELETE", f"productpricelevels({item['productpricelevelid']})", {})
        return row

    def _any(self, rows: list[dict[str, Any]]) -> Any:
        return self._office.any(rows, "productnumber")

    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._crm.get(ROWS)["value"]
        return rows
