"""What the API tells of returns: lines, fees, reverse fulfilment orders, and what can still be returned.

Reads only. Nothing is processed here yet, so whatever is in a return is unprocessed and not refunded.
"""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.money import Bag
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers import fulfilments as fulfilment_reads
from sandbox.shopify.resolvers.order_source import bag, book, by_number, of
from sandbox.shopify.store import fulfilments, returns
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book, share_of

registry.keys("Return", "name status")
registry.keys("ReturnDecline", "reason note")
registry.keys("ReturnShippingFee", "id amountSet")
registry.keys("RestockingFee", "id amountSet percentage")
registry.keys("ReturnLineItem", "quantity customerNote")
registry.keys("ReturnReasonDefinition", "name handle deleted")
registry.keys("ReverseFulfillmentOrder", "status")
registry.keys("ReturnableFulfillment", "id fulfillment")
registry.keys("ReturnableFulfillmentLineItem", "fulfillmentLineItem quantity")
_SPACE = uuid.UUID("3f5a5a0e-0a1d-5a3c-a1a1-50a4c8a5f001")


def source(row: Row | None) -> Row | None:
    """A return row as the executor passes it on."""
    return None if row is None else row | {"__typename": "Return"}


@registry.field("QueryRoot", "return", "id")
def _return(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.node("Return")
def _node(call: Call, identifier: str) -> Row | None:
    return source(returns.get(call.store, gid.number(identifier, "Return")))


@registry.field("Order", "returns", registry.CONNECTION_ARGUMENTS)
def _of_order(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed([one | {"__typename": "Return"} for one in book(call, row["id"]).returns], args)


for _kind in ("Return", "ReturnLineItem", "ReturnReasonDefinition"):
    registry.field(_kind, "id")(lambda row, _call, _args, kind=_kind: gid.make(kind, row["id"]))  # type: ignore[misc]

for _name in ("createdAt", "closedAt", "requestApprovedAt"):
    _column = {"createdAt": "created_at", "closedAt": "closed_at"}.get(_name, "request_approved_at")
    registry.field("Return", _name)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]


@registry.field("Return", "order")
def _order(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return by_number(call, row["order_id"])


@registry.field("Return", "decline")
def _decline(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return json.loads(row["decline"]) if row["decline"] else None


@registry.field("Return", "totalQuantity")
def _total(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return sum(line["quantity"] for line in returns.lines(call.store, row["id"]))


@registry.field("Return", "returnShippingFees")
def _fees(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    if row["fee"] is None:
        return []
    return [{"id": gid.make("Fee", row["fee_id"]), "amountSet": bag(of(call, row), row["fee"])}]


@registry.field("Return", "refunds", registry.CONNECTION_ARGUMENTS)
def _refunds(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    own = [one for one in of(call, row).refunds if one["return_id"] == row["id"]]
    return listed([one | {"__typename": "Refund"} for one in own], args)


@registry.field("Refund", "return")
def _return_of(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return source(returns.get(call.store, row["return_id"]))


# Lines


@registry.field("Return", "returnLineItems", registry.CONNECTION_ARGUMENTS)
def _lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    rows = returns.lines(call.store, row["id"])
    return listed([one | {"__typename": "ReturnLineItem"} for one in rows], args)


@registry.node("ReturnLineItem")
def _line_node(call: Call, identifier: str) -> Row | None:
    row = call.db.get("return_lines", gid.number(identifier, "ReturnLineItem"))
    return row and row | {"__typename": "ReturnLineItem"}


for _name in ("refundableQuantity", "unprocessedQuantity"):
    registry.field("ReturnLineItem", _name)(lambda row, _call, _args: row["quantity"])
for _name in ("processedQuantity", "refundedQuantity"):
    registry.field("ReturnLineItem", _name)(lambda _row, _call, _args: 0)


@registry.field("ReturnLineItem", "processableQuantity")
def _processable(row: Row, call: Call, _args: dict[str, Any]) -> int:
    # Recorded: nothing as long as the return is only asked for.
    owner = returns.get(call.store, row["return_id"]) or {}
    return 0 if owner.get("status") == "REQUESTED" else int(row["quantity"])


@registry.field("ReturnLineItem", "returnReason")
def _reason(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["reason"])


@registry.field("ReturnLineItem", "returnReasonNote")
def _reason_note(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["reason_note"])


@registry.field("ReturnLineItem", "returnReasonDefinition")
def _reason_definition(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return returns.definition_of(row["reason"])


@registry.field("ReturnLineItem", "fulfillmentLineItem")
def _shipped(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return shipped_line(call, row["fulfillment_line_id"])


def shipped_line(call: Call, number: int) -> Row | None:
    """A fulfilment line as the executor passes it on."""
    found: Row | None = registry.NODES["FulfillmentLineItem"](call, gid.make("FulfillmentLineItem", number))
    return found


def fee_on(found: Book, line: Row, quantity: int, percentage: float) -> Bag:
    """A restocking fee on some units of a line of the order."""
    whole = share_of(found.net(line), quantity, line["quantity"])
    return (whole * Decimal(str(percentage))).over(100).rounded(found.pair)


@registry.field("ReturnLineItem", "restockingFee")
def _restocking(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    if row["restocking_percentage"] is None:
        return None
    found = of(call, row)
    line = next(one for one in found.lines if one["id"] == row["line_id"])
    amount = fee_on(found, line, row["quantity"], row["restocking_percentage"])
    fee = {"id": gid.make("Fee", row["restocking_fee_id"]), "percentage": row["restocking_percentage"]}
    return fee | {"amountSet": bag(found, amount)}


@registry.field("ReturnLineItem", "withCodeDiscountedTotalPriceSet")
def _worth(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = of(call, row)
    line = next(one for one in found.lines if one["id"] == row["line_id"])
    return bag(found, share_of(found.net(line), row["quantity"], line["quantity"]))


# Reverse fulfilment orders


@registry.field("Return", "reverseFulfillmentOrders", registry.CONNECTION_ARGUMENTS)
def _reverse(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    rows = call.db.all("SELECT * FROM reverse_orders WHERE return_id = ? ORDER BY id", (row["id"],))
    return listed([one | {"__typename": "ReverseFulfillmentOrder"} for one in rows], args)


for _kind in ("ReverseFulfillmentOrder", "ReverseFulfillmentOrderLineItem"):
    registry.field(_kind, "id")(lambda row, _call, _args, kind=_kind: gid.make(kind, row["id"]))  # type: ignore[misc]


@registry.field("ReverseFulfillmentOrder", "order")
def _reverse_order(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return by_number(call, row["order_id"])


@registry.field("ReverseFulfillmentOrder", "lineItems", registry.CONNECTION_ARGUMENTS)
def _reverse_lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    sql = "SELECT * FROM reverse_order_lines WHERE reverse_order_id = ? ORDER BY id"
    rows = call.db.all(sql, (row["id"],))
    return listed([one | {"__typename": "ReverseFulfillmentOrderLineItem"} for one in rows], args)


@registry.field("ReverseFulfillmentOrderLineItem", "totalQuantity")
def _reverse_quantity(row: Row, _call: Call, _args: dict[str, Any]) -> int:
    return int(row["total_quantity"])


@registry.field("ReverseFulfillmentOrderLineItem", "fulfillmentLineItem")
def _reverse_shipped(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    line = call.db.get("return_lines", row["return_line_id"])
    return line and shipped_line(call, line["fulfillment_line_id"])


registry.keys("ReverseFulfillmentOrderDisposition", "id type quantity location")
registry.keys("ReverseDelivery", "id deliverable")


@registry.field("ReverseFulfillmentOrderLineItem", "dispositions")
def _dispositions(_row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    # Disposing of what came back is refused by name, so nothing was ever disposed of.
    return []


@registry.field("ReverseFulfillmentOrder", "reverseDeliveries", registry.CONNECTION_ARGUMENTS)
def _deliveries(_row: Row, _call: Call, args: dict[str, Any]) -> Connection:
    # Reverse deliveries cannot be made here, so there are none.
    return listed([], args)


# What can be returned, and why


@registry.field("QueryRoot", "returnableFulfillments", f"{registry.CONNECTION_ARGUMENTS} orderId")
def _returnable(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    order = gid.number(args["orderId"], "Order") or 0
    rows = []
    for one in fulfilments.of_order(call.store, order):
        left = [line for line in fulfilments.lines(call.store, one["id"]) if returns.returnable(call.store, line) > 0]
        if one["status"] == "SUCCESS" and left:
            identifier = gid.make("ReturnableFulfillment", one["id"])
            shown = {"__typename": "ReturnableFulfillment", "id": identifier, "lines": left}
            rows.append(shown | {"fulfillment": fulfilment_reads.source(one)})
    return listed(rows, args)


@registry.field("ReturnableFulfillment", "returnableFulfillmentLineItems", registry.CONNECTION_ARGUMENTS)
def _returnable_lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    rows = [
        {
            "id": line["id"],
            "fulfillmentLineItem": shipped_line(call, line["id"]),
            "quantity": returns.returnable(call.store, line),
        }
        for line in row["lines"]
    ]
    return listed(rows, args)


REASONS = f"{registry.CONNECTION_ARGUMENTS} ids handles sortKey"


@registry.field("QueryRoot", "returnReasonDefinitions", REASONS)
def _reasons(_source: Any, _call: Call, args: dict[str, Any]) -> Connection:
    rows = [returns.definition(number) for number in range(1, len(returns.DEFINITIONS) + 1)]
    if args.get("ids") is not None:
        rows = [row for row in rows if gid.make("ReturnReasonDefinition", row["id"]) in args["ids"]]
    if args.get("handles") is not None:
        rows = [row for row in rows if row["handle"] in args["handles"]]
    if args.get("sortKey") not in (None, "ID"):
        rows.sort(key=lambda row: str(row[args["sortKey"].lower()]))
    return listed([row | {"__typename": "ReturnReasonDefinition"} for row in rows], args)


@registry.node("ReturnReasonDefinition")
def _reason_node(_call: Call, identifier: str) -> Row | None:
    number = gid.number(identifier, "ReturnReasonDefinition") or 0
    known = 1 <= number <= len(returns.DEFINITIONS)
    return returns.definition(number) | {"__typename": "ReturnReasonDefinition"} if known else None


def calculated_id(kind: str, *parts: object) -> str:
    """The random-looking id of something that is only calculated."""
    return f"gid://shopify/{kind}/{uuid.uuid5(_SPACE, '/'.join(map(str, parts)))}"
