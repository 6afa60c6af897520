"""What is added to Shopify orders before they are mapped: their money, and the rows of CRM that they refer to.

`content["money"]` is shared/flows/orders/plain.py's, each product line with `product` and `unit` (ids in CRM, None for
a write-in). `content["crm"]`: `account` (the customer's, or the guests'), `currency`, `price_list` (None where it is
in another currency) and `before_start`. A page costs one call for the products that were not seen lately.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.dataverse.metadata import Metadata
from shared.errors import Invalid, NotYet, SyncError, TotalsDiffer
from shared.flows.orders.amounts import DiscountMethod, MoneySettings, MoneySide
from shared.flows.orders.money import OrderMoney, money_of
from shared.flows.orders.plain import plain
from shared.records import Content, Record
from shared.sync.ports import Clock

Ids = Mapping[tuple[str, str], str]
KEPT = timedelta(minutes=10)
WAITED_FOR = timedelta(minutes=15)
"""How long after its last change an order waits for customers and products that are on their way."""
TOTALS = {"totallineitemamount": "lines_total", "freightamount": "freight", "totaltax": "tax", "totalamount": "total"}
"""Columns of the order and the amounts of `money` that they must hold."""
_ACTIVE = 0
_IDS = 100


@dataclass(frozen=True, slots=True)
class Product:
    """A product row: whether a line may name it, and its unit."""

    active: bool
    unit: str | None


@dataclass(frozen=True, slots=True)
class Currency:
    """An active currency of CRM."""

    id: str
    precision: int


@dataclass
class Completion:
    """Completes the orders of one shop. Not for several threads at once.

    `resolve`: CRM ids of (kind, Shopify id); `awaited`: which of those ids are on their way; `row`: the id of the
    row of a constant, where there is one.
    """

    crm: Client
    metadata: Metadata
    clock: Clock
    resolve: Callable[[set[tuple[str, str]]], Ids]
    awaited: Callable[[str, Sequence[str]], set[str]]
    row: Callable[[str], str | None]
    side: MoneySide
    since: datetime | None
    _products: dict[str, tuple[Product, datetime]] = field(default_factory=dict)
    _currencies: tuple[Mapping[str, Currency], datetime] | None = None
    _list_currency: dict[str, str] = field(default_factory=dict)

    def __call__(self, records: Sequence[Record]) -> list[Record | SyncError]:
        """Each record completed, or why it cannot be: TotalsDiffer, Invalid, NotYet."""
        asked = {("variants", each) for record in records for each in _variants(record.content)}
        asked |= {("customers", each) for record in records if (each := _customer(record.content))}
        known = self.resolve(asked) if asked else {}
        missing = {kind: [i for k, i in asked - known.keys() if k == kind] for kind in ("variants", "customers")}
        waits = {kind: self.awaited(kind, ids) if ids else set() for kind, ids in missing.items()}
        self._read_products([row for (kind, _), row in known.items() if kind == "variants"])
        return [self._one(record, known, waits) for record in records]

    def _one(self, record: Record, known: Ids, waits: Mapping[str, set[str]]) -> Record | SyncError:
        try:
            self._wait(record, waits)
            money = money_of(record.content, self._money_settings(record.content))
            added = {"money": self._money(money, known), "crm": self._rows(record, money, known)}
        except SyncError as error:
            return error
        return replace(record, content={**record.content, **added})

    def _wait(self, record: Record, waits: Mapping[str, set[str]]) -> None:
        """An order that has just changed is not sent with half of what it refers to, if the rest is on its way."""
        if record.modified_at is None or self.clock.now() - record.modified_at > WAITED_FOR:
            return
        named = {("variants", each) for each in _variants(record.content)}
        named |= {("customers", each) for each in [_customer(record.content)] if each}
        waiting = sorted((kind, each) for kind, each in named if each in waits[kind])
        if waiting:
            kind, each = waiting[0]
            sentence = f"It refers to {kind} {each}, which is on its way ({len(waiting)} in all)."
            raise NotYet(sentence, retry_after_s=5.0, facts={"waits_for": waiting[:5]})

    def _money_settings(self, content: Content) -> MoneySettings:
        organization = self.metadata.organization()
        side = "currencyCode" if self.side is MoneySide.SHOP else "presentmentCurrencyCode"
        return MoneySettings(
            side=self.side,
            discount_method=DiscountMethod(int(organization.get("discountcalculationmethod") or 0)),
            pricing_precision=int(organization.get("pricingdecimalprecision") or 0),
            currency_precision=self._currency(str(content[side])).precision,
        )

    def _money(self, money: OrderMoney, known: Ids) -> dict[str, Any]:
        told = plain(money)
        for line in told["lines"]:
            row = known.get(("variants", str(line["variant_id"])))
            product = self._products[row][0] if row in self._products else None
            usable = product is not None and product.active and product.unit is not None
            line |= {
                "product": row if usable else None,
                "unit": product.unit if usable and product else None,
                "write_in": not usable,
            }
        return told

    def _rows(self, record: Record, money: OrderMoney, known: Ids) -> dict[str, Any]:
        currency = self._currency(money.currency).id
        customer = _customer(record.content)
        created = datetime.fromisoformat(str(record.content["createdAt"]))
        return {
            "account": known.get(("customers", customer or "")) or self.row("guest_account"),
            "currency": currency,
            "price_list": self._price_list(currency),
            "before_start": self.since is not None and created < self.since,
        }

    def _price_list(self, currency: str) -> str | None:
        """The configured price list, for orders in its currency: Dataverse takes no other."""
        price_list = self.row("price_list")
        if price_list is None:
            return None
        if price_list not in self._list_currency:
            url = f"pricelevels({price_list})?$select=_transactioncurrencyid_value"
            row = self.crm.get(url, name="price list").data
            self._list_currency[price_list] = str(row["_transactioncurrencyid_value"]).lower()
        return price_list if self._list_currency[price_list] == currency else None

    def _currency(self, code: str) -> Currency:
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

    def _read_products(self, rows: Iterable[str]) -> None:
        """State and unit of those that were not read lately: a retired or draft product takes no line."""
        now = self.clock.now()
        fresh = {each for each, (_, at) in self._products.items() if now - at <= KEPT}
        wanted = [each for each in dict.fromkeys(rows) if each not in fresh]
        for start in range(0, len(wanted), _IDS):
            part = odata.within("productid", wanted[start : start + _IDS])
            options = {"$select": "productid,statecode,_defaultuomid_value", "$filter": part}
            for page in self.crm.pages(odata.query("products", options), name="products of orders"):
                for row in page.data["value"]:
                    unit = row["_defaultuomid_value"]
                    product = Product(row["statecode"] == _ACTIVE, str(unit).lower() if unit else None)
                    self._products[str(row["productid"]).lower()] = (product, now)


def totals_differ(order: Record, row: Record) -> SyncError | None:
    """TotalsDiffer with both sides where CRM's totals, as read back, are not the order's; None where they are."""
    money = order.content["money"]
    pairs = {column: (money[name], row.content.get(column) or 0) for column, name in TOTALS.items()}
    wrong = {column: both for column, both in pairs.items() if both[0] != both[1]}
    if not wrong:
        return None
    told = "; ".join(f"{column}: Shopify {shop}, CRM {crm}" for column, (shop, crm) in wrong.items())
    facts = {column: {"shopify": str(shop), "crm": str(crm)} for column, (shop, crm) in wrong.items()}
    fix = "Look for lines that were added or changed in CRM, then `parked retry`."
    return TotalsDiffer(f"The order's totals differ: {told}. {fix}", facts=facts)


def _customer(content: Content) -> str | None:
    customer = content.get("customer")
    return str(customer["legacyResourceId"]) if customer else None


def _variants(content: Content) -> Iterable[str]:
    """The variants of lines that are still there; gift cards are no products of CRM."""
    for line in content["lineItems"]["nodes"]:
        if line["variant"] and line["currentQuantity"] and not line["isGiftCard"]:
            yield str(line["variant"]["legacyResourceId"])
