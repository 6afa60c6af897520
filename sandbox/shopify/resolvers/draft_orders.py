"""What the API tells of draft orders and calculated ones: lists, own fields, people, totals.

Reads only. A draft order travels as its row; a calculated one brings its lines with it and is nowhere in the store.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sandbox.shopify import gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.money import Bag
from sandbox.shopify.paging import Connection, Order
from sandbox.shopify.resolvers import customers as customer_reads
from sandbox.shopify.resolvers import order_people, order_source
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import customers, draft_orders
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.draft_book import DraftBook

ORDERS = {
    "ID": Order("d.id"),
    "RELEVANCE": Order("d.id"),
    "NUMBER": Order("d.number"),
    "STATUS": Order("d.status"),
    "UPDATED_AT": Order("d.updated_at", time=True),
}
KIND = Kind("DraftOrder", "d.*", "draft_orders d", "d.id", ORDERS, "d.updated_at")
LIST_ARGUMENTS = f"{registry.CONNECTION_ARGUMENTS} query sortKey"
BOTH = ("DraftOrder", "CalculatedDraftOrder")

registry.keys("DraftOrder", "status email poNumber")
registry.field("DraftOrder", "note2")(lambda row, _call, _args: row["note"])
for _kind in BOTH:
    registry.keys(_kind, "phone")
registry.keys("DraftOrderAppliedDiscount", "amount amountSet amountV2 title description value valueType")
registry.keys("PurchasingCompany", "company contact location")


def source(row: Row | None) -> Row | None:
    """A draft order as the executor passes it on."""
    return None if row is None else row | {"__typename": "DraftOrder"}


def book(call: Call, row: Row) -> DraftBook:
    """The draft order with its lines and totals, read once as long as nothing changes."""
    if "calculated" in row:
        return DraftBook(row, row["calculated"])
    key = ("draft book", row["id"])
    changes, found = call.cache.get(key, (None, None))
    if found is None or changes != call.db.changes:
        found = draft_orders.book(call.store, row)
        call.cache[key] = (call.db.changes, found)
    return found


@registry.field("QueryRoot", "draftOrder", "id")
def _one(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.node("DraftOrder")
def _node(call: Call, identifier: str) -> Row | None:
    return source(draft_orders.get(call.store, gid.number(identifier, "DraftOrder")))


def _listed(call: Call, args: dict[str, Any], where: Sql | None = None) -> Connection:
    key = args.get("sortKey") or "ID"
    if key not in ORDERS:
        raise registry.not_built(f"the sort key {key} of draft orders")
    found = lists.connection(call, KIND, args, where)
    rows = [source(row) or row for row in found.rows]
    return Connection(rows, found.has_next, found.has_previous, found.cursor_of)


@registry.field("QueryRoot", "draftOrders", LIST_ARGUMENTS)
def _all(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    return _listed(call, args)


@registry.field("QueryRoot", "draftOrdersCount", "query limit")
def _count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return lists.count(call, KIND, args)


def _of_buyer(column: str) -> registry.Resolver:
    def resolve(row: Row, call: Call, args: dict[str, Any]) -> Connection:
        return _listed(call, args, Sql(f"d.{column} = ?", [row["id"]]))

    return resolve


for _type, _column in (
    ("Company", "company_id"),
    ("CompanyLocation", "company_location_id"),
    ("CompanyContact", "company_contact_id"),
):
    registry.field(_type, "draftOrders", LIST_ARGUMENTS)(_of_buyer(_column))


@registry.field("DraftOrder", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("DraftOrder", row["id"])


@registry.field("DraftOrder", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


@registry.field("DraftOrder", "name")
def _name(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return draft_orders.name(row)


@registry.field("DraftOrder", "ready")
def _ready(_row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    # Nothing about a draft order is worked out later here, so it is always ready.
    return True


for _field, _column in (
    ("createdAt", "created_at"),
    ("updatedAt", "updated_at"),
    ("completedAt", "completed_at"),
    ("invoiceSentAt", "invoice_sent_at"),
    ("reserveInventoryUntil", "reserve_until"),
):
    registry.field("DraftOrder", _field)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]
for _field, _column in (("visibleToCustomer", "visible_to_customer"), ("taxExempt", "tax_exempt")):
    registry.field("DraftOrder", _field)(lambda row, _call, _args, column=_column: bool(row[column]))  # type: ignore[misc]


@registry.field("DraftOrder", "allowDiscountCodesInCheckout")
def _codes_allowed(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["allow_discount_codes"])


@registry.field("DraftOrder", "invoiceUrl")
def _invoice_url(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return invoice_url(call, row)


def invoice_url(call: Call, row: Row) -> str:
    """Where the buyer of a draft order pays."""
    shop = str(call.store.setting("shop_id")).rsplit("/", 1)[-1]
    key = hashlib.sha256(f"{shop}/invoice/{row['id']}".encode()).hexdigest()[:32]
    return f"https://{call.store.config.shop}/{shop}/invoices/{key}"


@registry.field("DraftOrder", "invoiceEmailTemplateSubject")
def _subject(_row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return "Invoice {{name}}"


@registry.field("DraftOrder", "tags")
def _tags(row: Row, _call: Call, _args: dict[str, Any]) -> list[str]:
    return draft_orders.tags(row)


@registry.field("DraftOrder", "customAttributes")
def _attributes(row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    return list(json.loads(row["custom_attributes"]))


@registry.field("DraftOrder", "order")
def _order(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return order_source.by_number(call, row["order_id"])


@registry.field("DraftOrder", "billingAddress")
def _billing(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return order_people.address(row, "billing_address")


@registry.field("DraftOrder", "shippingAddress")
def _shipping_address(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return order_people.address(row, "shipping_address")


# What a draft order and a calculated one have in common.


def both(name: str) -> Callable[[registry.Resolver], registry.Resolver]:
    """Register a field for saved and calculated draft orders alike."""

    def register(function: registry.Resolver) -> registry.Resolver:
        for kind in BOTH:
            registry.field(kind, name)(function)
        return function

    return register


@both("customer")
def _customer(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return customer_reads.source(customers.get(call.store, row["customer_id"]))


@both("purchasingEntity")
def _entity(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    if row["company_location_id"] is None:
        return customer_reads.source(customers.get(call.store, row["customer_id"]))
    kinds = (("company", "Company"), ("contact", "CompanyContact"), ("location", "CompanyLocation"))
    columns = {"company": "company_id", "contact": "company_contact_id", "location": "company_location_id"}
    found: Row = {"__typename": "PurchasingCompany"}
    for name, kind in kinds:
        found[name] = registry.NODES[kind](call, gid.make(kind, row[columns[name]]))
    return found


@both("billingAddressMatchesShippingAddress")
def _matches(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return (row["billing_address"] or "null") == (row["shipping_address"] or "null")


registry.field("DraftOrder", "currencyCode")(lambda row, _call, _args: row["currency"])
registry.field("CalculatedDraftOrder", "currencyCode")(lambda row, _call, _args: row["currency"])
both("presentmentCurrencyCode")(lambda row, _call, _args: row["presentment_currency"])
both("discountCodes")(lambda row, _call, _args: list(json.loads(row["discount_codes"])))
both("acceptAutomaticDiscounts")(lambda row, _call, _args: bool(row["accept_automatic"]))
both("taxesIncluded")(lambda _row, _call, _args: False)
# Discounts that a platform adds, warnings of bundles and deposits are none of a sandbox's shop.
for _field in ("platformDiscounts", "warnings", "taxLines"):
    both(_field)(lambda _row, _call, _args: [])
both("deposit")(lambda _row, _call, _args: None)
registry.field("CalculatedDraftOrder", "availableShippingRates")(lambda _row, _call, _args: [])
registry.field("CalculatedDraftOrder", "alerts")(lambda _row, _call, _args: [])
registry.keys("TaxLine", "source")
registry.keys("DraftOrderPlatformDiscount", "id title")


@both("shippingLine")
def _shipping(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    found = book(call, row)
    kept = found.shipping_row
    if kept is None:
        return None
    blank = dict.fromkeys(("source", "phone", "carrier_identifier"))
    shown = {"__typename": "ShippingLine", "id": row["id"], "code": "custom", "custom": 1, "removed": 0, "book": found}
    return blank | kept | shown


@both("appliedDiscount")
def _discount(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    found = book(call, row)
    return discount_source(found, found.discount, found.order_discount)


def discount_source(found: DraftBook, given: Row | None, taken: Bag) -> Row | None:
    """A discount as the API shows it, with what it takes off."""
    if given is None:
        return None
    amounts = taken.shown(found.pair)
    return given | {
        "value": float(given["value"]),
        "amountSet": amounts,
        "amountV2": amounts["shopMoney"],
        "amount": f"{taken.rounded(found.pair).shop:f}",
    }
