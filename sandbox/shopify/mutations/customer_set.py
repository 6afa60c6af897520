"""customerSet: a customer found by id, e-mail, phone or custom id is changed, else one is made.

An identifier and the input must agree (recorded). Addresses replace those that were there, blank ones included.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import contact_points, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations import customer_addresses
from sandbox.shopify.mutations import customer_fields as fields
from sandbox.shopify.mutations.metafields import put_all
from sandbox.shopify.resolvers.customers import identified, source
from sandbox.shopify.store import customers
from sandbox.shopify.store.database import Row

registry.inputs("CustomerSetIdentifiers", "id email phone customId")
NOT_FOUND = "Resource matching the identifier was not found."
MISSING = "The input field corresponding to the identifier is required."
MISMATCH = "The identifier value does not match the value of the corresponding field in the input."


@registry.mutation("customerSet", "identifier input", "customer userErrors")
def _set(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given, wanted = args["input"], args.get("identifier")
    row = _found(call, wanted, given)
    errors = _untyped(given) or fields.problems(call, given, row, fields.SET)
    listed = given.get("addresses")
    prepared, misplaced = customer_addresses.prepare(call, listed or [], ["input"], row)
    if errors + misplaced:
        raise UserErrors(errors + misplaced)
    columns = fields.columns(call, given)
    if row is None:
        number = customers.create(call.store, columns)
        _keep_custom_id(call, number, wanted)
    else:
        number = row["id"]
        customers.change(call.store, number, columns)
    if listed is not None:
        customer_addresses.replace(call, customers.get(call.store, number) or {}, prepared)
    call.target("Customer", number)
    customers.reindex(call.store, number)
    return {"customer": source(customers.get(call.store, number)), "userErrors": []}


def _found(call: Call, wanted: Row | None, given: Row) -> Row | None:
    if not wanted:
        if not given.get("id"):
            return None
        wanted = {"id": given["id"]}
    elif "id" in given and given["id"] is not None:
        raise refuse(["input"], "The id field is not allowed if identifier is provided.", "ID_NOT_ALLOWED")
    row = identified(call, wanted, {})
    if wanted.get("id") and row is None:
        raise refuse(["input"], NOT_FOUND, "NOT_FOUND")
    for name in ("email", "phone"):
        if wanted.get(name):
            _agree(call, name, wanted[name], given)
    return row


def _agree(call: Call, name: str, wanted: str, given: Row) -> None:
    if not given.get(name):
        raise refuse(["input"], MISSING, "MISSING_FIELD_REQUIRED")
    if _plain(call, name, given[name]) != _plain(call, name, wanted):
        raise refuse(["input"], MISMATCH, "INPUT_MISMATCH")


def _plain(call: Call, name: str, text: str) -> str:
    if name == "email":
        return (contact_points.email(text) or "").lower()
    return contact_points.phone(text, call.store.config.country) or text


def _untyped(given: Row) -> list[Row]:
    if "taxExempt" in given and given["taxExempt"] is None:
        return [user_error(["input", "taxExempt"], "Tax exempt is of unexpected type NilClass", "INVALID")]
    return []


def _keep_custom_id(call: Call, number: int, wanted: Row | None) -> None:
    custom = (wanted or {}).get("customId")
    if custom:
        put_all(call, "Customer", number, [{name: custom.get(name) for name in ("namespace", "key", "value")}])
