"""The rows of CRM that orders refer to: products, currencies and the currency of a price list, read in pages and kept.

What was read is kept for ten minutes, because the next page of orders names the same ones.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.errors import Invalid
from shared.sync.ports import Clock

KEPT = timedelta(minutes=10)
_ACTIVE = 0
_IDS = {"productid": 100, "productnumber": 25}
"""How many one request asks for: numbers go into the filter one by one."""
MOST = 20_000
"""Products kept; beyond that the old ones are let go."""
_SELECT = "productid,productnumber,statecode,_defaultuomid_value"


@dataclass(frozen=True, slots=True)
class Product:
    """A product row: whether a line may name it, and its unit."""

    id: str
    active: bool
    unit: str | None


@dataclass(frozen=True, slots=True)
class Currency:
    """An active currency of CRM."""

    id: str
    precision: int


@dataclass
class OrderRows:
    """All of one organization's."""

    crm: Client
    clock: Clock
    _by: dict[tuple[str, str], tuple[Product | None, datetime]] = field(default_factory=dict)
    _currencies: tuple[Mapping[str, Currency], datetime] | None = None
    _list_currency: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def products(self, ids: Iterable[str]) -> dict[str, Product]:
        """Those that CRM has, by id."""
        return self._products("productid", ids)

    def numbered(self, numbers: Iterable[str]) -> dict[str, Product]:
        """Those of these product numbers that CRM has once among the active ones, by number."""
        return self._products("productnumber", numbers)

    def _products(self, column: str, wanted: Iterable[str]) -> dict[str, Product]:
        with self._lock:  # workers of one process share what is known
            return self._known(column, wanted)

    def _known(self, column: str, wanted: Iterable[str]) -> dict[str, Product]:
        now = self.clock.now()
        asked = list(dict.fromkeys(wanted))
        kept = {each: self._by.get((column, each), (None, now - 2 * KEPT)) for each in asked}
        unknown = [each for each, (_, at) in kept.items() if now - at > KEPT]
        if len(self._by) > MOST:
            self._by = {key: entry for key, entry in self._by.items() if now - entry[1] <= KEPT}
        for start in range(0, len(unknown), _IDS[column]):
            part = unknown[start : start + _IDS[column]]
            found: dict[str, list[Product]] = {}
            for key, product in self._read(column, part):
                found.setdefault(key.casefold(), []).append(product)
            for each in part:
                several = found.get(each.casefold(), [])
                self._by[column, each] = (several[0] if len(several) == 1 else None, now)
        known = {each: self._by[column, each][0] for each in asked}
        return {each: product for each, product in known.items() if product is not None}

    def _read(self, column: str, part: list[str]) -> Iterator[tuple[str, Product]]:
        if column == "productid":
            where = odata.within(column, part)
        else:
            where = f"statecode eq {_ACTIVE} and ({' or '.join(f'{column} eq {odata.quoted(each)}' for each in part)})"
        options = {"$select": _SELECT, "$filter": where}
        for page in self.crm.pages(odata.query("products", options), name="products of orders"):
            for row in page.data["value"]:
                unit = row["_defaultuomid_value"]
                product = Product(
                    str(row["productid"]).lower(), row["statecode"] == _ACTIVE, str(unit).lower() if unit else None
                )
                yield str(row[column] or ""), product

    def currency(self, code: str) -> Currency:
        """The active currency of that ISO code. Raises Invalid naming it."""
        now = self.clock.now()
        if self._currencies is None or now - self._currencies[1] > KEPT:
            select = "transactioncurrencyid,isocurrencycode,currencyprecision"
            url = f"transactioncurrencies?$select={select}&$filter=statecode eq 0"
            rows = [row for page in self.crm.pages(url, name="currencies") for row in page.data["value"]]
            found = {
                str(row["isocurrencycode"]): Currency(
                    str(row["transactioncurrencyid"]).lower(), int(row["currencyprecision"])
                )
                for row in rows
            }
            self._currencies = (found, now)
        if code not in self._currencies[0]:
            sentence = f"CRM has no active currency {code}: add it (Settings, Business Management, Currencies)."
            raise Invalid(sentence, facts={"currency": code})
        return self._currencies[0][code]

    def currency_of(self, price_list: str) -> str:
        """The currency's row of a price list."""
        if price_list not in self._list_currency:
            url = f"pricelevels({price_list})?$select=_transactioncurrencyid_value"
            row = self.crm.get(url, name="price list").data
            self._list_currency[price_list] = str(row["_transactioncurrencyid_value"]).lower()
        return self._list_currency[price_list]
