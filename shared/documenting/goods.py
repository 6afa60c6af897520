"""The rows that documents name besides people: products, and currencies with what the shop sells in.

Each is asked for where it was not seen lately. Not for several threads at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.errors import Invalid
from shared.flows.documents.lines import Goods
from shared.shopify.client import Document, ShopifyClient
from shared.sync.ports import Clock

KEPT = timedelta(minutes=10)
_IDS = 100
_SHOP = Document("ShopCurrencies", "query ShopCurrencies { shop { enabledPresentmentCurrencies } }")


@dataclass
class Named:
    """Products and currencies by their ids in CRM."""

    crm: Client
    shopify: ShopifyClient
    clock: Clock
    _goods: dict[str, tuple[Goods, datetime]] = field(default_factory=dict)
    _codes: dict[str, str] = field(default_factory=dict)
    _enabled: tuple[frozenset[str], datetime] | None = None

    def goods(self, ids: Iterable[str]) -> Mapping[str, Goods]:
        """What CRM calls those products."""
        now = self.clock.now()
        kept = {row: goods for row, (goods, at) in list(self._goods.items()) if now - at <= KEPT}
        wanted = [each for each in dict.fromkeys(ids) if each not in kept]
        for start in range(0, len(wanted), _IDS):
            within = odata.within("productid", wanted[start : start + _IDS])
            url = odata.query("products", {"$select": "productid,name,productnumber", "$filter": within})
            for page in self.crm.pages(url, name="products of documents"):
                for row in page.data["value"]:
                    found = Goods(str(row["name"] or ""), str(row["productnumber"] or ""))
                    kept[str(row["productid"]).lower()] = found
                    self._goods[str(row["productid"]).lower()] = (found, now)
        return kept

    def currency(self, row_id: str | None) -> str:
        """The ISO code of a currency that the shop sells in; Invalid, with what to do, where it does not."""
        if row_id is None:
            raise Invalid("The document has no currency: choose one in CRM.")
        if row_id not in self._codes:
            url = "transactioncurrencies?$select=transactioncurrencyid,isocurrencycode"
            rows = [row for page in self.crm.pages(url, name="currencies") for row in page.data["value"]]
            self._codes = {str(row["transactioncurrencyid"]).lower(): str(row["isocurrencycode"]) for row in rows}
        code = self._codes.get(row_id, "")
        if code not in self._sold_in():
            sentence = (
                f"The shop does not sell in {code or 'a currency of this document'}: enable it (Shopify admin, "
                "Settings, Markets and Payments), or change the document's currency in CRM."
            )
            raise Invalid(sentence, facts={"currency": code})
        return code

    def _sold_in(self) -> frozenset[str]:
        now = self.clock.now()
        if self._enabled is None or now - self._enabled[1] > KEPT:
            found = self.shopify.execute(_SHOP, {}).data["shop"]["enabledPresentmentCurrencies"]
            self._enabled = (frozenset(map(str, found)), now)
        return self._enabled[0]
