"""draftOrderCreate, -Update, -Delete, -Calculate, -Duplicate, -CreateFromOrder.

A copy of a draft order or of an order leaves discounts and shipping behind (recorded) and is open again.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse
from sandbox.shopify.mutations import draft_input
from sandbox.shopify.mutations.metafields import put_all
from sandbox.shopify.resolvers.draft_orders import source
from sandbox.shopify.store import draft_orders, order_parts, orders
from sandbox.shopify.store.database import Row

GONE = "Draft order does not exist"
registry.inputs("DraftOrderDeleteInput", "id")
COPIED = (
    "email phone note po_number customer_id company_id company_location_id company_contact_id tags tax_exempt "
    "custom_attributes billing_address shipping_address currency presentment_currency rate discount_codes "
    "visible_to_customer allow_discount_codes accept_automatic source_name"
)
LINE = (
    "title variant_title sku vendor product_id variant_id quantity price override requires_shipping taxable gift_card "
    "weight_value weight_unit custom_attributes uuid"
)
FROM_ORDER = (
    "email phone note po_number customer_id company_location_id company_contact_id tags tax_exempt custom_attributes "
    "billing_address shipping_address currency presentment_currency"
)


@registry.mutation("draftOrderCreate", "input", "draftOrder userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    draft_input.check(call, given, [], True)
    columns = draft_input.columns(call, given, None)
    number = draft_orders.add(call.store, columns, draft_input.lines(call, given, columns))
    put_all(call, "DraftOrder", number, given.get("metafields") or [])
    draft_input.put_terms(call, given, number)
    call.target("DraftOrder", number)
    return _answer(call, number)


def _answer(call: Call, number: int) -> Row:
    return {"draftOrder": source(draft_orders.get(call.store, number)), "userErrors": []}


def found(call: Call, identifier: str | None, path: list[str] | None) -> Row:
    """The draft order of an id; refuses an unknown one."""
    row = draft_orders.get(call.store, gid.number(identifier, "DraftOrder"))
    if row is None:
        raise refuse(path, GONE)
    call.target("DraftOrder", row["id"])
    return row


@registry.mutation("draftOrderUpdate", "id input", "draftOrder userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row, given = found(call, args["id"], ["id"]), args["input"]
    if row["status"] == "COMPLETED":
        raise refuse(None, "This order has been paid", draftOrder=source(row))
    draft_input.check(call, given, ["input"], False)
    columns = draft_input.columns(call, given, row)
    if given.get("lineItems") is not None:
        draft_orders.put_lines(call.store, row["id"], draft_input.lines(call, given, columns))
    draft_orders.change(call.store, row["id"], columns)
    put_all(call, "DraftOrder", row["id"], given.get("metafields") or [], ["input"])
    draft_input.put_terms(call, given, row["id"])
    return _answer(call, row["id"])


@registry.mutation("draftOrderDelete", "input", "deletedId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = found(call, args["input"]["id"], ["id"])
    draft_orders.delete(call.store, row["id"])
    return {"deletedId": args["input"]["id"], "userErrors": []}


@registry.mutation("draftOrderCalculate", "input", "calculatedDraftOrder userErrors")
def _calculate(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    draft_input.check(call, given, [], True)
    columns = draft_input.columns(call, given, None, saving=False)
    lines = draft_input.lines(call, given, columns)
    row = {name: _kept(value) for name, value in (draft_input.blank(call) | columns).items()}
    rows = [{name: _kept(value) for name, value in line.items()} for line in lines]
    return {"calculatedDraftOrder": row | {"calculated": rows}, "userErrors": []}


def _kept(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


@registry.mutation("draftOrderDuplicate", "id draftOrderId", "draftOrder userErrors")
def _duplicate(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = found(call, args.get("id") or args.get("draftOrderId"), ["id"])
    lines = [{name: line[name] for name in LINE.split()} for line in draft_orders.lines(call.store, row["id"])]
    number = draft_orders.add(call.store, {name: row[name] for name in COPIED.split()}, lines)
    return _answer(call, number)


@registry.mutation("draftOrderCreateFromOrder", "orderId", "draftOrder userErrors")
def _from_order(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    order = orders.get(call.store, gid.number(args["orderId"], "Order"))
    if order is None:
        raise UserErrors([{"field": ["orderId"], "message": "Order does not exist", "code": None}])
    values = {name: order[name] for name in FROM_ORDER.split()}
    flags = {"visible_to_customer": 1, "allow_discount_codes": 0, "accept_automatic": 0, "discount_codes": []}
    company = call.db.value("SELECT company_id FROM company_locations WHERE id = ?", (order["company_location_id"],))
    values |= flags | {"company_id": company, "rate": draft_input.rate(call, order["presentment_currency"])}
    lines = order_parts.of(call.store, "order_lines", order["id"], "position, id")
    number = draft_orders.add(call.store, values, [_of_order(line) for line in lines])
    call.target("DraftOrder", number)
    return _answer(call, number)


def _of_order(line: Row) -> Row:
    names = [name for name in LINE.split() if name in line]
    sku = line["sku"] or ("" if line["variant_id"] is not None else None)
    return {name: line[name] for name in names} | {"sku": sku, "override": None, "uuid": f"order-line-{line['id']}"}
