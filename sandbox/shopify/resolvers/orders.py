"""What the API tells of orders: lists, lookups, an order's own fields and the states computed from its parts.

Reads only. Amounts are in `order_money`, lines in `order_lines`, people and places in `order_people`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.shopify import gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.money import Bag
from sandbox.shopify.paging import Connection, Order, listed
from sandbox.shopify.resolvers import order_window
from sandbox.shopify.resolvers.inventory import location_source
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.resolvers.order_lines import grams, is_restockable
from sandbox.shopify.resolvers.order_source import book, by_number, source
from sandbox.shopify.store import locations, metafields, order_payments, order_states, orders
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

ORDERS = {
    "ID": Order("o.id"),
    "RELEVANCE": Order("o.id"),
    "CREATED_AT": Order("o.created_at", time=True),
    "UPDATED_AT": Order("o.updated_at", time=True),
    "PROCESSED_AT": Order("o.processed_at", time=True),
    "ORDER_NUMBER": Order("o.number"),
    "PO_NUMBER": Order("o.po_number", nullable=True),
}
KIND = Kind("Order", "o.*", "orders o", "o.id", ORDERS, "o.updated_at")
# Keys that compare what is computed of an order, from the index that is written with its search document.
COMPUTED = {
    "TOTAL_PRICE": Order("s.total_price"),
    "CURRENT_TOTAL_PRICE": Order("s.current_total_price"),
    "TOTAL_ITEMS_QUANTITY": Order("s.items"),
    "FINANCIAL_STATUS": Order("s.financial_status"),
    "FULFILLMENT_STATUS": Order("s.fulfillment_status"),
    "CUSTOMER_NAME": Order("s.customer_name", nocase=True),
    "DESTINATION": Order("s.destination", nocase=True),
}
SORTED = Kind(
    "Order",
    "o.*, s.total_price, s.current_total_price, s.items, s.financial_status, s.fulfillment_status, s.customer_name, "
    "s.destination",
    "orders o JOIN order_sorts s ON s.id = o.id",
    "o.id",
    COMPUTED,
    "o.updated_at",
)
LIST_ARGUMENTS = f"{registry.CONNECTION_ARGUMENTS} query sortKey"

registry.keys("Order", "name number email phone note poNumber sourceName sourceIdentifier customerLocale cancelReason")
registry.keys("Order", "confirmationNumber")
registry.keys("OrderCancellation", "staffNote")
registry.keys("OrderApp", "id name")
registry.keys("LocalizedField", "key value purpose countryCode")
registry.keys("LocalizationExtension", "key value purpose countryCode")
registry.inputs("OrderIdentifierInput", "id customId")


@registry.field("QueryRoot", "orders", LIST_ARGUMENTS)
def _orders(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    key = args.get("sortKey") or "PROCESSED_AT"
    return lists.connection(call, kind_of(key), args | {"sortKey": key}, order_window.condition(call))


def kind_of(key: str) -> Kind:
    """The list of orders that a sort key needs."""
    return SORTED if key in COMPUTED else KIND


@registry.field("QueryRoot", "ordersCount", "query limit")
def _orders_count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return lists.count(call, KIND, args, order_window.condition(call))


@registry.field("QueryRoot", "order", "id")
def _order(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return order_window.visible(call, by_number(call, gid.number(args["id"], "Order")))


@registry.node("Order")
def _node(call: Call, identifier: str) -> Row | None:
    return order_window.visible(call, by_number(call, gid.number(identifier, "Order")))


@registry.field("QueryRoot", "orderByIdentifier", "identifier")
def _by_identifier(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    wanted = args["identifier"]
    if wanted.get("id"):
        return by_number(call, gid.number(wanted["id"], "Order"))
    custom = wanted["customId"]
    namespace = namespace_of(call, custom.get("namespace"))
    owner = metafields.holder(call.store, "Order", namespace, custom["key"], custom["value"])
    return source(orders.get(call.store, owner))


@registry.field("Order", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Order", row["id"])


@registry.field("Order", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


TIMES = ("createdAt", "updatedAt", "processedAt", "closedAt", "cancelledAt")
for _name in TIMES:
    _column = f"{_name[:-2].lower()}_at"
    registry.field("Order", _name)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]

FLAGS = {
    "test": "test",
    "taxesIncluded": "taxes_included",
    "taxExempt": "tax_exempt",
    "customerAcceptsMarketing": "accepts_marketing",
    "edited": "edited",
    "closed": "closed_at",
    "canNotifyCustomer": "email",
}
for _name, _column in FLAGS.items():
    registry.field("Order", _name)(lambda row, _call, _args, column=_column: bool(row[column]))  # type: ignore[misc]

# True of every order here, because nothing that would make it otherwise is modelled: no checkout that estimates or
# includes duties, no comments, no disputes, no risk analysis, no sales channel of its own.
CONSTANT: dict[str, Any] = {
    "confirmed": True,
    "dutiesIncluded": False,
    "estimatedTaxes": False,
    "hasTimelineComment": False,
    "alerts": [],
    "disputes": [],
    "clientIp": None,
    "cartToken": None,
    "checkoutToken": None,
    "landingPageUrl": None,
    "publication": None,
    "productNetwork": False,
    "riskLevel": "LOW",
    "risk": {"assessments": [], "recommendation": "NONE"},
}
registry.keys("OrderRiskSummary", "recommendation assessments")
for _name, _value in CONSTANT.items():
    registry.field("Order", _name)(lambda _row, _call, _args, value=_value: value)  # type: ignore[misc]


@registry.field("Order", "retailLocation")
def _sold_at(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return location_source(locations.get(call.store, row["location_id"]))


@registry.field("Order", "tags")
def _tags(row: Row, _call: Call, _args: dict[str, Any]) -> list[str]:
    return list(json.loads(row["tags"]))


@registry.field("Order", "customAttributes")
def _attributes(row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    return orders.attributes(row)


@registry.field("Order", "currencyCode")
def _currency(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["currency"])


@registry.field("Order", "presentmentCurrencyCode")
def _presentment(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["presentment_currency"])


@registry.field("Order", "cancellation")
def _cancellation(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return None if row["cancelled_at"] is None else {"staffNote": row["cancel_note"]}


@registry.field("Order", "referrerUrl")
def _referrer(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return None if row["referring_site"] is None else str(row["referring_site"])


@registry.field("Order", "registeredSourceUrl")
def _source_url(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return None if row["source_url"] is None else str(row["source_url"])


@registry.field("Order", "app")
def _app(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    if row["app_name"] is None:
        return None
    return {"id": call.store.setting("app_id"), "name": row["app_name"]}


@registry.field("Order", "statusPageUrl")
def _status_page(row: Row, call: Call, _args: dict[str, Any]) -> str:
    shop = str(call.store.setting("shop_id")).rsplit("/", 1)[-1]
    token = hashlib.sha256(f"{shop}/{row['id']}".encode()).hexdigest()[:32]
    return f"https://{call.store.config.shop}/{shop}/orders/{token}/authenticate?key={token[::-1]}"


@registry.field("Order", "localizedFields", registry.CONNECTION_ARGUMENTS)
def _localized(row: Row, _call: Call, args: dict[str, Any]) -> Connection:
    return listed([one | {"id": place} for place, one in enumerate(json.loads(row["localized_fields"]), 1)], args)


@registry.field("Order", "localizationExtensions", registry.CONNECTION_ARGUMENTS)
def _extensions(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return _localized(row, call, args)  # type: ignore[no-any-return]


# What follows from the parts of the order

State = Callable[[Book], Any]


def weight(found: Book, current: bool) -> str:
    """The weight of what was ordered, or of what is left of it, in whole grams."""
    sums = Decimal(0)
    for line in found.lines:
        sums += grams(line) * (found.current_quantity(line) if current else line["quantity"])
    return str(sums.quantize(Decimal(1), ROUND_HALF_UP))


def can_mark_as_paid(found: Book) -> bool:
    """Documented on the field: not when paid, cancelled or owed to the buyer."""
    if found.order["cancelled_at"] is not None or found.current_total.presentment < 0:
        return False
    return order_payments.outstanding(found).presentment > 0


def fully_paid(found: Book) -> bool:
    """Documented on the field: what was received is at least the total."""
    return order_payments.received(found).presentment >= found.current_total.presentment


STATES: dict[str, State] = {
    "displayFinancialStatus": order_payments.financial_status,
    "displayFulfillmentStatus": order_states.fulfillment_status,
    "returnStatus": order_states.return_status,
    "paymentGatewayNames": order_payments.gateways,
    "capturable": lambda found: bool(order_payments.capturable(found)),
    "canMarkAsPaid": can_mark_as_paid,
    "fullyPaid": fully_paid,
    "unpaid": lambda found: not order_payments.received(found),
    "refundable": lambda found: order_payments.net(found) != Bag(),
    "fulfillable": lambda found: any(found.unfulfilled_quantity(line) for line in found.lines),
    "requiresShipping": lambda found: any(line["requires_shipping"] for line in found.lines),
    "merchantEditable": lambda found: not order_states.edit_obstacles(found),
    "merchantEditableErrors": order_states.edit_obstacles,
    "subtotalLineItemsQuantity": lambda found: sum(line["quantity"] for line in found.lines),
    "currentSubtotalLineItemsQuantity": lambda found: sum(found.current_quantity(line) for line in found.lines),
    "totalWeight": lambda found: weight(found, current=False),
    "currentTotalWeight": lambda found: weight(found, current=True),
}


def _register(name: str, value: State) -> None:
    @registry.field("Order", name)
    def _state(row: Row, call: Call, _args: dict[str, Any]) -> Any:
        return value(book(call, row["id"]))


for _name, _state in STATES.items():
    _register(_name, _state)


@registry.field("Order", "restockable")
def _restockable(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    found = book(call, row["id"])
    return any(is_restockable(call, found, line) for line in found.lines)
