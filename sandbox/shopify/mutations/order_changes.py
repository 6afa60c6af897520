"""orderUpdate, orderClose, orderOpen, orderDelete, orderCustomerSet, orderCustomerRemove, orderInvoiceSend.

What says something about an order, not what it is made of. Closing a closed order or opening an open one changes
nothing and is no error (recorded).
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import contact_points, gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations.address_input import AddressInput, whole
from sandbox.shopify.mutations.metafields import put_all
from sandbox.shopify.mutations.order_lookup import answer, standing, wanted
from sandbox.shopify.store import customers, mail, orders
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.products import sort_tags

registry.inputs(
    "OrderInput",
    "id customAttributes email localizationExtensions localizedFields metafields note phone poNumber shippingAddress "
    "tags",
)
registry.inputs("AttributeInput", "key value")
registry.inputs("LocalizedFieldInput", "key value")
registry.inputs("LocalizationExtensionInput", "key value")
registry.inputs("OrderCloseInput", "id")
registry.inputs("OrderOpenInput", "id")
registry.inputs("EmailInput", "to from subject body bcc customMessage")
PLAIN = {"note": "note", "phone": "phone", "poNumber": "po_number"}


@registry.mutation("orderUpdate", "input", "order userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    row = wanted(call, given["id"], ["id"])
    columns, errors = _columns(call, row, given)
    if errors:
        raise UserErrors(errors, **standing(row))
    orders.change(call.store, row["id"], columns)
    put_all(call, "Order", row["id"], given.get("metafields") or [])
    orders.reindex(call.store, row["id"])
    return answer(call, row["id"])


def _columns(call: Call, row: Row, given: Row) -> tuple[Row, list[Row]]:
    columns: Row = {column: given[name] for name, column in PLAIN.items() if name in given}
    errors: list[Row] = []
    if "email" in given:
        columns["email"] = contact_points.email(given["email"])
        if columns["email"] and not contact_points.email_is_valid(columns["email"]):
            errors.append(user_error(["email"], "Email is invalid"))
    if given.get("tags") is not None:
        columns["tags"] = sort_tags(given["tags"])
    if given.get("customAttributes") is not None:
        columns["custom_attributes"] = [{"key": one["key"], "value": one["value"]} for one in given["customAttributes"]]
    if given.get("shippingAddress") is not None:
        address = AddressInput(call, given["shippingAddress"], ["shippingAddress"])
        errors += address.errors
        columns["shipping_address"] = whole(address.columns)
    fields = [*(given.get("localizedFields") or []), *(given.get("localizationExtensions") or [])]
    if fields:
        columns["localized_fields"] = _localized(row, fields)
    return columns, errors


def _localized(row: Row, given: list[Row]) -> list[Row]:
    kept = {one["key"]: one for one in json.loads(row["localized_fields"])}
    for one in given:
        purpose, country = one["key"].partition("_")[0], one["key"].rsplit("_", 1)[-1]
        kept[one["key"]] = {"key": one["key"], "value": one["value"], "purpose": purpose, "countryCode": country}
    return list(kept.values())


@registry.mutation("orderClose", "input", "order userErrors")
def _close(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = wanted(call, args["input"]["id"], ["id"])
    if row["closed_at"] is None:
        orders.change(call.store, row["id"], {"closed_at": call.store.now()})
    return answer(call, row["id"])


@registry.mutation("orderOpen", "input", "order userErrors")
def _open(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = wanted(call, args["input"]["id"], ["id"])
    if row["closed_at"] is not None:
        orders.change(call.store, row["id"], {"closed_at": None})
    return answer(call, row["id"])


@registry.mutation("orderDelete", "orderId", "deletedId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = wanted(call, args["orderId"], ["orderId"], "NOT_FOUND")
    call.target("Order", row["id"])
    orders.delete(call.store, row["id"])
    return {"deletedId": gid.make("Order", row["id"]), "userErrors": []}


@registry.mutation("orderCustomerSet", "orderId customerId", "order userErrors")
def _customer_set(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = wanted(call, args["orderId"], ["orderId"], "NOT_FOUND")
    customer = customers.get(call.store, gid.number(args["customerId"], "Customer"))
    if customer is None:
        raise refuse(["customerId"], "Customer does not exist", "NOT_FOUND")
    if row["company_location_id"] is not None and not may_buy_for(call, customer["id"], row["company_location_id"]):
        raise refuse(["customerId"], "Customer does not have the permissions to place this order", "NOT_PERMITTED")
    orders.change(call.store, row["id"], {"customer_id": customer["id"]})
    return answer(call, row["id"])


def may_buy_for(call: Call, customer: int, location: int) -> bool:
    """True for a contact of the company that has a role at the location."""
    sql = (
        "SELECT 1 FROM company_role_assignments r JOIN company_contacts c ON c.id = r.contact_id "
        "WHERE c.customer_id = ? AND r.location_id = ? LIMIT 1"
    )
    return call.db.value(sql, (customer, location)) is not None


@registry.mutation("orderCustomerRemove", "orderId", "order userErrors")
def _customer_remove(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = wanted(call, args["orderId"], ["orderId"], "NOT_FOUND")
    if row["company_location_id"] is not None:
        raise refuse(["orderId"], "Action not permitted on B2B Orders", "INVALID")
    orders.change(call.store, row["id"], {"customer_id": None})
    return answer(call, row["id"])


@registry.mutation("orderInvoiceSend", "id email", "order userErrors")
def _invoice(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = wanted(call, args["id"], ["id"], "ORDER_INVOICE_SEND_UNSUCCESSFUL")
    to = (args.get("email") or {}).get("to") or row["email"]
    if not to:
        raise refuse(None, "No recipient email address was provided", "ORDER_INVOICE_SEND_UNSUCCESSFUL")
    if not contact_points.email_is_valid(to):
        raise refuse(None, "To is invalid", "ORDER_INVOICE_SEND_UNSUCCESSFUL")
    mail.tell(call.store, "invoice", "Order", row, to=to)
    return answer(call, row["id"])
