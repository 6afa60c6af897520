"""What is added to Shopify orders before they are mapped: their money, and the rows of CRM that they refer to.

`content["money"]` is shared/flows/orders/plain.py's, each product line with `product` and `unit` (ids in CRM, None for
a write-in). `content["crm"]`: `account` (the company's or customer's, or the guests'), `currency`, `price_list` (None
where it is in another currency) and `before_start`. A page costs one call for the products that were not seen lately.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.dataverse.metadata import Metadata
from shared.errors import Invalid, NotYet, SyncError, TotalsDiffer
from shared.flows.orders.amounts import DiscountMethod, MoneySettings, MoneySide
from shared.flows.orders.money import OrderMoney, money_of
from shared.flows.orders.plain import plain
from shared.records import Content, Record
from shared.sync.flow import Incomplete
from shared.sync.ports import Clock

Ids = Mapping[tuple[str, str], str]
Waits = Mapping[str, set[str]]
KINDS = ("variants", "customers", "companies")
"""What an order refers to, and waits for where it is on its way."""
KEPT = timedelta(minutes=10)
WAITED_FOR = timedelta(minutes=15)
"""How long after its last change an order waits for what is on its way; while that is first loaded, to its end."""
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


@dataclass(frozen=True, slots=True)
class _Found:
    """What a page of orders refers to: ids by (kind, Shopify id), and the products by those."""

    ids: Ids
    products: Mapping[str, Product]


@dataclass
class Completion:
    """Completes the orders of one shop. Not for several threads at once.

    `resolve`: CRM ids of (kind, Shopify id); `awaited`: which of those ids are on their way; `loading`: whether all of
    a kind is being loaded; `row`: the id of the row of a constant, where there is one.
    """

    crm: Client
    metadata: Metadata
    clock: Clock
    resolve: Callable[[set[tuple[str, str]]], Ids]
    awaited: Callable[[str, Sequence[str]], set[str]]
    loading: Callable[[str], bool]
    row: Callable[[str], str | None]
    side: MoneySide
    since: datetime | None
    _products: dict[str, tuple[Product, datetime]] = field(default_factory=dict)
    _currencies: tuple[Mapping[str, Currency], datetime] | None = None
    _list_currency: dict[str, str] = field(default_factory=dict)

    def __call__(self, records: Sequence[Record]) -> list[Record | Incomplete]:
        """Each record completed, or as far as it could be and why no further: TotalsDiffer, Invalid, NotYet."""
        asked = {("variants", each) for record in records for each in _variants(record.content)}
        asked |= {each for record in records if (each := _buyer(record.content))}
        known = self.resolve(asked) if asked else {}
        missing = {kind: [i for k, i in asked - known.keys() if k == kind] for kind in KINDS}
        waits = {kind: self.awaited(kind, ids) if ids else set() for kind, ids in missing.items()}
        loading = {kind for kind, ids in waits.items() if ids and self.loading(kind)}
        late = {kind: waits[kind] for kind in loading}
        products = self._read_products([row for (kind, _), row in known.items() if kind == "variants"])
        found = _Found(known, products)
        return [self._one(record, found, waits if self._fresh(record) else late) for record in records]

    def _one(self, record: Record, found: _Found, waits: Waits) -> Record | Incomplete:
        begun = {"before_start": self._before_start(record)}
        try:
            self._wait(record, waits)
            money = money_of(record.content, self._money_settings(record.content))
            added = {"money": _money(money, found), "crm": begun | self._rows(record, money, found.ids)}
        except SyncError as error:
            return Incomplete(replace(record, content={**record.content, "crm": begun}), error)
        return replace(record, content={**record.content, **added})

    def _fresh(self, record: Record) -> bool:
        return record.modified_at is not None and self.clock.now() - record.modified_at <= WAITED_FOR

    def _wait(self, record: Record, waits: Waits) -> None:
        """An order is not sent with half of what it refers to, if the rest is on its way."""
        named = {("variants", each) for each in _variants(record.content)}
        named |= {each for each in [_buyer(record.content)] if each}
        waiting = sorted((kind, each) for kind, each in named if each in waits.get(kind, ()))
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

    def _rows(self, record: Record, money: OrderMoney, known: Ids) -> dict[str, Any]:
        currency = self._currency(money.currency).id
        buyer = _buyer(record.content)
        return {
            "account": (known.get(buyer) if buyer else None) or self.row("guest_account"),
            "currency": currency,
            "price_list": self._price_list(currency),
        }

    def _before_start(self, record: Record) -> bool:
        return self.since is not None and datetime.fromisoformat(str(record.content["createdAt"])) < self.since

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

    def _read_products(self, rows: Iterable[str]) -> Mapping[str, Product]:
        """State and unit of those that CRM has, asked for where they were not read lately."""
        now = self.clock.now()
        kept = {row: product for row, (product, at) in list(self._products.items()) if now - at <= KEPT}
        wanted = [each for each in dict.fromkeys(rows) if each not in kept]
        for start in range(0, len(wanted), _IDS):
            part = odata.within("productid", wanted[start : start + _IDS])
            options = {"$select": "productid,statecode,_defaultuomid_value", "$filter": part}
            for page in self.crm.pages(odata.query("products", options), name="products of orders"):
                for row in page.data["value"]:
                    unit = row["_defaultuomid_value"]
                    product = Product(row["statecode"] == _ACTIVE, str(unit).lower() if unit else None)
                    kept[str(row["productid"]).lower()] = product
                    self._products[str(row["productid"]).lower()] = (product, now)
        return kept


def totals_differ(order: Record, row: Record) -> SyncError | None:
    """TotalsDiffer with both sides where CRM's totals, as read back, are not the order's; None where they are."""
    money = order.content["money"]
    pairs = {column: (money[name], row.content.get(column) or 0) for column, name in TOTALS.items()}
    wrong = {column: both for column, both in pairs.items() if both[0] != both[1]}
    if not wrong:
        return None
    sides = {column: [f"{Decimal(each).normalize():f}" for each in both] for column, both in wrong.items()}
    told = "; ".join(f"{column}: Shopify {shop}, CRM {crm}" for column, (shop, crm) in sides.items())
    facts = {column: {"shopify": shop, "crm": crm} for column, (shop, crm) in sides.items()}
    fix = "Look for lines that were added or changed in CRM, then `parked retry`."
    return TotalsDiffer(f"The order's totals differ: {told}. {fix}", facts=facts)


def _money(money: OrderMoney, found: _Found) -> dict[str, Any]:
    """A line names a product that is active: a retired, draft or deleted one takes none."""
    told = plain(money)
    for line in told["lines"]:
        row = found.ids.get(("variants", str(line["variant_id"])))
        product = found.products.get(row or "")
        usable = product is not None and product.active and product.unit is not None
        line |= {
            "product": row if usable else None,
            "unit": product.unit if usable and product else None,
            "write_in": not usable,
        }
    return told


def _buyer(content: Content) -> tuple[str, str] | None:
    """Kind and id of whom the order belongs to: the company that bought (B2B), else the customer."""
    bought = (content.get("purchasingEntity") or {}).get("... on PurchasingCompany")
    if bought:
        return "companies", str(bought["company"]["id"]).rpartition("/")[2]
    customer = content.get("customer")
    return ("customers", str(customer["legacyResourceId"])) if customer else None


def _variants(content: Content) -> Iterable[str]:
    """The variants of lines that are still there; gift cards are no products of CRM."""
    for line in content["lineItems"]["nodes"]:
        if line["variant"] and line["currentQuantity"] and not line["isGiftCard"]:
            yield str(line["variant"]["legacyResourceId"])
