"""Orders and draft orders with their money; note and tags can be changed, orders paid and cancelled, drafts completed.

Amounts are the shop's; the buyer's currency stands below where it is another one.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.pages import layout
from sandbox.shopify.pages.layout import facts, field, form, link, money, pill, text, time
from sandbox.shopify.pages.reading import Visit

ORDERS = ("Order", "Customer", "Payment", "Fulfilment", "Total#", "Open#", "Updated")
DRAFTS = ("Draft", "Customer", "Status", "Order", "Total#", "Updated")
BAG = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
ORDER = f"""legacyResourceId name updatedAt cancelledAt displayFinancialStatus displayFulfillmentStatus email note tags
  currentTotalPriceSet {BAG} totalOutstandingSet {BAG} customer {{ legacyResourceId displayName }}"""
ORDER_LIST = f"""query($n: Int!, $after: String, $q: String) {{ ordersCount {{ count }}
  orders(first: $n, after: $after, query: $q, sortKey: UPDATED_AT, reverse: true) {{
    pageInfo {{ hasNextPage endCursor }} nodes {{ {ORDER} }} }} }}"""
ORDER_ONE = f"""query($id: ID!) {{ order(id: $id) {{ {ORDER} createdAt cancelReason
  subtotalPriceSet {BAG} totalDiscountsSet {BAG} totalShippingPriceSet {BAG} totalTaxSet {BAG} totalPriceSet {BAG}
  totalReceivedSet {BAG} totalRefundedSet {BAG} shippingAddress {{ formatted }}
  lineItems(first: 100) {{ nodes {{ title variantTitle sku quantity currentQuantity
    originalUnitPriceSet {BAG} discountedTotalSet {BAG} }} }}
  transactions {{ kind status gateway amountSet {BAG} }}
  fulfillments {{ name status trackingInfo {{ number company }} }} }} }}"""
DRAFT = f"""legacyResourceId name status updatedAt email note2 tags totalPriceSet {BAG}
  customer {{ legacyResourceId displayName }} order {{ legacyResourceId name }}"""
DRAFT_LIST = f"""query($n: Int!, $after: String, $q: String) {{ draftOrdersCount {{ count }}
  draftOrders(first: $n, after: $after, query: $q, sortKey: UPDATED_AT, reverse: true) {{
    pageInfo {{ hasNextPage endCursor }} nodes {{ {DRAFT} }} }} }}"""
DRAFT_ONE = f"""query($id: ID!) {{ draftOrder(id: $id) {{ {DRAFT} subtotalPriceSet {BAG}
  lineItems(first: 100) {{ nodes {{ title variantTitle sku quantity originalUnitPriceSet {BAG}
    discountedTotalSet {BAG} }} }} }} }}"""
LINES = ("Line", "SKU", "Quantity#", "Price#", "Total#")


def _buyer(one: dict[str, Any]) -> str:
    who = one["customer"]
    if who:
        return link(f"/customers/{who['legacyResourceId']}", who["displayName"])
    return text(one["email"])


def order_rows(nodes: list[dict[str, Any]]) -> list[str]:
    """The rows of a table of orders."""
    return [
        layout.row(
            ORDERS,
            (
                link(f"/orders/{one['legacyResourceId']}", one["name"]),
                _buyer(one),
                pill("CANCELLED" if one["cancelledAt"] else one["displayFinancialStatus"]),
                pill(one["displayFulfillmentStatus"]),
                money(one["currentTotalPriceSet"]),
                money(one["totalOutstandingSet"]),
                time(one["updatedAt"]),
            ),
        )
        for one in nodes
    ]


def orders(visit: Visit) -> tuple[str, dict[str, Any], str]:
    """The table, what the query said of the page, and how many there are."""
    data = visit.list(ORDER_LIST)
    found = data["orders"]
    body = layout.table(ORDERS, order_rows(found["nodes"]), "There are no orders.")
    return body, found["pageInfo"], f"{data['ordersCount']['count']} in all"


def order(visit: Visit, number: int) -> tuple[str, str] | None:
    """Title and page of an order."""
    one = visit.read(ORDER_ONE, id=f"gid://shopify/Order/{number}")["order"]
    if one is None:
        return None
    body = layout.section("Order", "", _order_facts(one, number) + _order_forms(one, number))
    body += layout.section("Lines", "", layout.table(LINES, _lines(one["lineItems"]["nodes"]), "There are no lines."))
    return f"Order {one['name']}", body + _sums(one) + _payments(one) + _parcels(one)


def _order_facts(one: dict[str, Any], number: int) -> str:
    states = pill(one["displayFinancialStatus"]) + " " + pill(one["displayFulfillmentStatus"])
    address = ", ".join(map(text, (one["shippingAddress"] or {}).get("formatted") or []))
    return facts(
        [
            ("Number", str(number)),
            ("State", states),
            ("Cancelled", f"{time(one['cancelledAt'])} {pill(one['cancelReason'])}" if one["cancelledAt"] else ""),
            ("Customer", _buyer(one)),
            ("Ships to", address),
            ("Created", time(one["createdAt"])),
            ("Updated", time(one["updatedAt"])),
        ]
    )


def _order_forms(one: dict[str, Any], number: int) -> str:
    fields = field("Note", "note", one["note"]) + field("Tags", "tags", ", ".join(one["tags"]))
    fields += field("E-mail", "email", one["email"])
    buttons = ""
    if not one["cancelledAt"]:
        if float(one["totalOutstandingSet"]["shopMoney"]["amount"]) > 0:
            buttons += form(f"/edit/order-paid/{number}", "", "Mark as paid", kind="quiet")
        buttons += form(f"/edit/order-cancelled/{number}", "", "Cancel order", kind="danger")
    return form(f"/edit/order/{number}", fields, style="card") + f"<div class=actions>{buttons}</div>"


def _lines(nodes: list[dict[str, Any]]) -> list[str]:
    return [
        layout.row(
            LINES,
            (
                text(one["title"]) + (f"<br><small>{text(one['variantTitle'])}</small>" if one["variantTitle"] else ""),
                text(one["sku"]),
                text(one["quantity"]) + _changed(one),
                money(one["originalUnitPriceSet"]),
                money(one["discountedTotalSet"]),
            ),
        )
        for one in nodes
    ]


def _changed(one: dict[str, Any]) -> str:
    now = one.get("currentQuantity", one["quantity"])
    return "" if now == one["quantity"] else f"<br><small>now {text(now)}</small>"


def _sums(one: dict[str, Any]) -> str:
    names = (
        ("Subtotal", "subtotalPriceSet"),
        ("Discounts", "totalDiscountsSet"),
        ("Shipping", "totalShippingPriceSet"),
        ("Tax", "totalTaxSet"),
        ("Total as ordered", "totalPriceSet"),
        ("Total now", "currentTotalPriceSet"),
        ("Received", "totalReceivedSet"),
        ("Refunded", "totalRefundedSet"),
        ("Outstanding", "totalOutstandingSet"),
    )
    return layout.section("Money", "", facts([(name, money(one[key])) for name, key in names]))


def _payments(one: dict[str, Any]) -> str:
    heads = ("Transaction", "Status", "Gateway", "Amount#")
    found = [
        layout.row(heads, (text(row["kind"]), pill(row["status"]), text(row["gateway"]), money(row["amountSet"])))
        for row in one["transactions"]
    ]
    return layout.section("Transactions", "", layout.table(heads, found, "Nothing was paid."))


def _parcels(one: dict[str, Any]) -> str:
    heads = ("Fulfilment", "Status", "Tracking")
    found = [
        layout.row(
            heads,
            (
                text(row["name"]),
                pill(row["status"]),
                ", ".join(f"{text(part['company'])} {text(part['number'])}" for part in row["trackingInfo"]),
            ),
        )
        for row in one["fulfillments"]
    ]
    return layout.section("Fulfilments", "", layout.table(heads, found, "Nothing was sent."))


def draft_rows(nodes: list[dict[str, Any]]) -> list[str]:
    """The rows of a table of draft orders."""
    return [
        layout.row(
            DRAFTS,
            (
                link(f"/drafts/{one['legacyResourceId']}", one["name"]),
                _buyer(one),
                pill(one["status"]),
                link(f"/orders/{one['order']['legacyResourceId']}", one["order"]["name"]) if one["order"] else "",
                money(one["totalPriceSet"]),
                time(one["updatedAt"]),
            ),
        )
        for one in nodes
    ]


def drafts(visit: Visit) -> tuple[str, dict[str, Any], str]:
    """The table, what the query said of the page, and how many there are."""
    data = visit.list(DRAFT_LIST)
    found = data["draftOrders"]
    body = layout.table(DRAFTS, draft_rows(found["nodes"]), "There are no draft orders.")
    return body, found["pageInfo"], f"{data['draftOrdersCount']['count']} in all"


def draft(visit: Visit, number: int) -> tuple[str, str] | None:
    """Title and page of a draft order."""
    one = visit.read(DRAFT_ONE, id=f"gid://shopify/DraftOrder/{number}")["draftOrder"]
    if one is None:
        return None
    known = facts(
        [
            ("Number", str(number)),
            ("Status", pill(one["status"])),
            ("Customer", _buyer(one)),
            ("Subtotal", money(one["subtotalPriceSet"])),
            ("Total", money(one["totalPriceSet"])),
            ("Updated", time(one["updatedAt"])),
        ]
    )
    fields = field("Note", "note", one["note2"]) + field("Tags", "tags", ", ".join(one["tags"]))
    fields += field("E-mail", "email", one["email"])
    edit = form(f"/edit/draft/{number}", fields, style="card")
    if one["status"] != "COMPLETED":
        button = form(f"/edit/draft-completed/{number}", "", "Complete into an order", kind="quiet")
        edit += f"<div class=actions>{button}</div>"
    lines = layout.table(LINES, _lines(one["lineItems"]["nodes"]), "There are no lines.")
    return f"Draft {one['name']}", layout.section("Draft order", "", known + edit) + layout.section("Lines", "", lines)
