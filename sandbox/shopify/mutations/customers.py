"""customerCreate, customerUpdate, customerDelete.

Consent can only be given when a customer is created; later it has mutations of its own (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations import consent_input, customer_addresses
from sandbox.shopify.mutations import customer_fields as fields
from sandbox.shopify.mutations.metafields import put_all
from sandbox.shopify.resolvers.customers import source
from sandbox.shopify.store import buyers, customers
from sandbox.shopify.store.database import Row

registry.inputs("CustomerDeleteInput", "id")
HAS_ORDERS = "Customer can\u2019t be deleted because they have associated orders"


@registry.mutation("customerCreate", "input", "customer userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    _refuse_ids(given)
    errors = fields.problems(call, given, None, fields.PLAIN)
    columns = fields.columns(call, given)
    consents, wrong = consent_input.inline(call, given, columns)
    prepared, misplaced = customer_addresses.prepare(call, given.get("addresses") or [], [], None)
    errors += wrong + misplaced + customer_addresses.blank_ones(prepared, [])
    if errors:
        raise UserErrors(errors)
    number = customers.create(call.store, columns | consents)
    return _written(call, number, prepared, given)


def _refuse_ids(given: Row) -> None:
    if "id" in given and given["id"] is not None:
        raise refuse(["id"], "Cannot specify ID on creation")
    errors = [
        user_error([name, str(place), "id"], f"Cannot specify {label} ID on creation")
        for name, label in (("addresses", "address"), ("metafields", "metafield"))
        for place, entry in enumerate(given.get(name) or [])
        if entry.get("id")
    ]
    if errors:
        raise UserErrors(errors)


def _written(call: Call, number: int, prepared: customer_addresses.Prepared | None, given: Row) -> Row:
    if prepared is not None:
        row = customers.get(call.store, number)
        assert row is not None  # noqa: S101 - just written
        customer_addresses.replace(call, row, prepared)
    put_all(call, "Customer", number, given.get("metafields") or [])
    call.target("Customer", number)
    customers.reindex(call.store, number)
    return {"customer": source(customers.get(call.store, number)), "userErrors": []}


@registry.mutation("customerUpdate", "input", "customer userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    row = customers.get(call.store, gid.number(given.get("id"), "Customer"))
    if row is None:
        raise refuse(["id"], "Customer does not exist")
    errors = _consents(given) or fields.problems(call, given, row, fields.PLAIN)
    listed = given.get("addresses")
    prepared, misplaced = customer_addresses.prepare(call, listed or [], [], row)
    errors += misplaced + customer_addresses.blank_ones(prepared, [])
    if errors:
        raise UserErrors(errors)
    customers.change(call.store, row["id"], fields.columns(call, given))
    return _written(call, row["id"], None if listed is None else prepared, given)


def _consents(given: Row) -> list[Row]:
    return [
        user_error(
            [channel.field],
            f"To update {channel.field}, please use the "
            f"customer{channel.field[0].upper()}{channel.field[1:]}Update Mutation instead",
        )
        for channel in consent_input.CHANNELS
        if given.get(channel.field)
    ]


@registry.mutation("customerDelete", "input", "deletedCustomerId shop userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    shop = {"shop": registry.FIELDS["QueryRoot", "shop"].resolve(None, call, {})}
    row = customers.get(call.store, gid.number(args["input"]["id"], "Customer"))
    if row is None:
        raise refuse(["id"], "Customer can't be found", None, **shop)
    if buyers.has_orders(call.store, row["id"]):
        raise refuse(["id"], HAS_ORDERS, None, **shop)
    call.target("Customer", row["id"])
    buyers.forget(call.store, row["id"])
    customers.delete(call.store, row["id"])
    return {"deletedCustomerId": gid.make("Customer", row["id"]), "userErrors": []} | shop
