"""What is added to Shopify orders before they are mapped: their money, and the rows of CRM that they refer to.

`content["money"]` is shared/flows/orders/plain.py's, each product line with `product` and `unit` (ids in CRM, None for
a write-in). `content["crm"]`: `account` (the company's or customer's, or the guests'), `currency`, `price_list` (None
where it is in another currency), `replaced` (whether its buyer is missing and may still come), and what
shared/importing.py says. A page costs one call for the products that were not seen lately.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.dataverse.client import Client
from shared.dataverse.metadata import Metadata
from shared.dataverse.order_rows import OrderRows, Product
from shared.errors import NotYet, Rejected, SyncError, TotalsDiffer
from shared.flows.orders.amounts import DiscountMethod, MoneySettings, MoneySide
from shared.flows.orders.money import OrderMoney, money_of
from shared.flows.orders.paths import LINES
from shared.flows.orders.plain import plain
from shared.importing import Intake
from shared.records import Content, Record
from shared.sync.flow import WAITED, Begun, Incomplete, Told
from shared.sync.ports import Clock

Ids = Mapping[tuple[str, str], str]
Waits = Mapping[str, set[str]]
LINED = "variants"
KINDS = (LINED, "customers", "companies")
"""What an order refers to, and waits for where it is on its way."""
WAITED_FOR = timedelta(minutes=15)
"""How long an order is tried while what it refers to is on its way; while that is first loaded, to its end."""
TOTALS = {"totallineitemamount": "lines_total", "freightamount": "freight", "totaltax": "tax", "totalamount": "total"}
"""Columns of the order and the amounts of `money` that they must hold."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a page of orders refers to: ids by (kind, Shopify id), products by those and, without variant, by number.

    `coming`: buyers without a counterpart that may still get one: lines keep what they were made with."""

    ids: Ids
    products: Mapping[str, Product]
    numbered: Mapping[str, Product]
    coming: frozenset[tuple[str, str]]

    def product(self, line: Mapping[str, Any]) -> Product | None:
        """The product of a line: its variant's, or where Shopify has none any more the one of its SKU."""
        if line["variant_id"] is None:
            return None if line["gift_card"] else self.numbered.get(str(line["sku"]))
        return self.products.get(self.ids.get(("variants", str(line["variant_id"])), ""))


@dataclass
class Completion:
    """Completes the orders of one shop.

    `resolve`: CRM ids of (kind, Shopify id); `awaited`: which of those ids are on their way; `loading`: whether all of
    a kind is being loaded; `carried`, `running`: whether its flow is on, and not paused; `row`: the id of the row of a
    constant, where there is one.
    """

    crm: Client
    metadata: Metadata
    clock: Clock
    resolve: Callable[[set[tuple[str, str]]], Ids]
    awaited: Callable[[str, Sequence[str]], set[str]]
    loading: Callable[[str], bool]
    carried: Callable[[str], bool]
    running: Callable[[str], bool]
    row: Callable[[str], str | None]
    side: MoneySide
    intake: Intake

    def __post_init__(self) -> None:
        """The rows of CRM that orders refer to."""
        self._rows_of_crm = OrderRows(self.crm, self.clock)

    def __call__(self, records: Sequence[Record], begun: Sequence[Begun]) -> list[Record | Incomplete]:
        """Each record completed, or as far as it could be and why no further: TotalsDiffer, Invalid, NotYet.

        What was chosen is the side of an order's money, if it was brought over. Raises what concerns all of them.
        """
        asked = {each for record in records for each in _named(record)}
        known = self.resolve(asked) if asked else {}
        missing = {kind: [i for k, i in asked - known.keys() if k == kind] for kind in KINDS}
        waits = {kind: self.awaited(kind, ids) if ids else set() for kind, ids in missing.items()}
        late = {kind: waits[kind] for kind, ids in waits.items() if ids and self.loading(kind)}
        products = self._rows_of_crm.products([row for (kind, _), row in known.items() if kind == "variants"])
        numbers = self._rows_of_crm.numbered({sku for record in records for sku in _skus(record.content)})
        coming = frozenset(each for each in asked - known.keys() if each[0] != LINED and self.carried(each[0]))
        found = _Found(known, products, numbers, coming)
        new = {kind: ids for kind, ids in waits.items() if ids and self.running(kind)}
        return [
            self._one(record, each.chosen, found, self._waits(record, each, waits, new, late))
            for record, each in zip(records, begun, strict=True)
        ]

    def _one(self, record: Record, chosen: str, found: _Found, waits: Waits) -> Record | Incomplete:
        begun = {"before_start": False, "awaits_payment": False}
        try:
            begun |= self.intake.flags(record.content, self.clock.now(), known=bool(chosen))
            self._wait(record, waits)
            begun["replaced"] = bool(found.coming & _named(record))
            side = MoneySide(chosen) if chosen else self.side
            money = money_of(record.content, self._money_settings(record.content, side))
            added = {"money": _money(money, found, record.content), "crm": begun | self._rows(record, money, found.ids)}
        except (Rejected, NotYet) as error:  # all else is no record's fault, and ends the page
            return Incomplete(replace(record, content={**record.content, "crm": begun}), error)
        return replace(record, content={**record.content, **added})

    def _lately(self, at: datetime | None) -> bool:
        return at is not None and self.clock.now() - at <= WAITED_FOR

    def _waits(self, record: Record, begun: Begun, all_of: Waits, new: Waits, late: Waits) -> Waits:
        """Which of those on their way it waits for: all after a fresh change; what runs for one not brought over yet.

        However old that is: after an outage an order may be found before its customer is. Else what is being loaded.
        From the first try on, not from the last change: what is left out on purpose looks as if it were on its way, and
        an order that is touched all the time would never come. A buyer is waited for once, and read again for later.
        """
        trying = begun.tried_at is None or self._lately(begun.tried_at)
        brought = begun.read_at and record.modified_at and record.modified_at <= begun.read_at
        if self._lately(record.modified_at) and (trying or begun.tried_at == WAITED):
            waits = all_of
        else:
            waits = new if trying and not brought else late
        return {**late, LINED: waits.get(LINED, set())} if begun.read_at else waits

    def _wait(self, record: Record, waits: Waits) -> None:
        """An order is not sent with half of what it refers to, if the rest is on its way."""
        waiting = sorted((kind, each) for kind, each in _named(record) if each in waits.get(kind, ()))
        if waiting:
            kind, each = waiting[0]
            sentence = f"It refers to {kind} {each}, which is on its way ({len(waiting)} in all)."
            raise NotYet(sentence, retry_after_s=5.0, facts={"waits_for": waiting[:5]})

    def _money_settings(self, content: Content, side: MoneySide) -> MoneySettings:
        organization = self.metadata.organization()
        code = "currencyCode" if side is MoneySide.SHOP else "presentmentCurrencyCode"
        return MoneySettings(
            side=side,
            discount_method=DiscountMethod(int(organization.get("discountcalculationmethod") or 0)),
            pricing_precision=int(organization.get("pricingdecimalprecision") or 0),
            currency_precision=self._rows_of_crm.currency(str(content[code])).precision,
        )

    def _rows(self, record: Record, money: OrderMoney, known: Ids) -> dict[str, Any]:
        currency = self._rows_of_crm.currency(money.currency).id
        buyer = _buyer(record.content)
        return {
            "account": (known.get(buyer) if buyer else None) or self.row("guest_account"),
            "currency": currency,
            "price_list": self._price_list(currency),
        }

    def _price_list(self, currency: str) -> str | None:
        """The configured price list, for orders in its currency: Dataverse takes no other."""
        price_list = self.row("price_list")
        if price_list is None:
            return None
        return price_list if self._rows_of_crm.currency_of(price_list) == currency else None


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


def too_much(told: Told) -> Decimal:
    """What CRM's total is above the order's (below: negative)."""
    return Decimal(told.target.content.get("totalamount") or 0) - Decimal(told.record.content["money"]["total"])


def _money(money: OrderMoney, found: _Found, content: Content) -> dict[str, Any]:
    """A line names a product that is active (a retired, draft or deleted one takes none), and has its line item."""
    told = plain(money)
    items = {str(item["id"]).rpartition("/")[2]: item for item in content[LINES]["nodes"]}
    for line in told["lines"]:
        product = found.product(line)
        usable = product if product is not None and product.active and product.unit is not None else None
        line |= {
            "product": usable.id if usable else None,
            "unit": usable.unit if usable else None,
            "write_in": usable is None,
            "item": items.get(line["id"]),
        }
    return told


def _buyer(content: Content) -> tuple[str, str] | None:
    """Kind and id of whom the order belongs to: the company that bought (B2B), else the customer."""
    bought = (content.get("purchasingEntity") or {}).get("... on PurchasingCompany")
    if bought:
        return "companies", str(bought["company"]["id"]).rpartition("/")[2]
    customer = content.get("customer")
    return ("customers", str(customer["legacyResourceId"])) if customer else None


def _named(record: Record) -> set[tuple[str, str]]:
    """Kind and id of all that an order refers to."""
    buyer = _buyer(record.content)
    return {("variants", each) for each in _variants(record.content)} | ({buyer} if buyer else set())


def _variants(content: Content) -> Iterable[str]:
    """The variants of lines that are still there; gift cards are no products of CRM."""
    for line in content["lineItems"]["nodes"]:
        if line["variant"] and line["currentQuantity"] and not line["isGiftCard"]:
            yield str(line["variant"]["legacyResourceId"])


def _skus(content: Content) -> Iterable[str]:
    """The SKUs of lines whose variant Shopify does not have any more, or never had."""
    for line in content["lineItems"]["nodes"]:
        if not line["variant"] and line["sku"] and line["currentQuantity"] and not line["isGiftCard"]:
            yield str(line["sku"])
