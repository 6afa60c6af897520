"""customerAddressCreate, -Update, -Delete, customerUpdateDefaultAddress, and the address lists of other inputs.

An id that is nowhere fails the whole field, one of another customer is a user error (both recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.mutations.address_input import AddressInput, whole
from sandbox.shopify.resolvers.customers import source as customer_source
from sandbox.shopify.resolvers.mailing_addresses import number_of, source
from sandbox.shopify.store import customer_addresses as addresses
from sandbox.shopify.store import customers
from sandbox.shopify.store.database import Row

MISMATCH = "The id of the address does not match the id in the input"
Prepared = list[tuple[Row | None, Row]]


@registry.mutation("customerAddressCreate", "customerId address setAsDefault", "address userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    customer = _customer(call, args["customerId"])
    read = AddressInput(call, args["address"], ["address"])
    if read.errors:
        raise UserErrors(read.errors)
    values = addresses.with_name(customer, whole(read.columns))
    if addresses.same(call.store, customer["id"], values):
        raise refuse(["address"], "Address already exists")
    number = addresses.create(call.store, customer, values)
    return _written(call, customer, number, bool(args.get("setAsDefault")))


@registry.mutation("customerAddressUpdate", "customerId addressId address setAsDefault", "address userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    standing, customer = _address(call, args["addressId"]), _customer(call, args["customerId"])
    if standing["customer_id"] != customer["id"]:
        raise refuse(["addressId"], "Address does not exist")
    given = args["address"]
    if "id" in given and (given["id"] is None or number_of(given["id"]) != standing["id"]):
        raise refuse(["addressId"], MISMATCH)
    read = AddressInput(call, given, ["address"], standing)
    if read.errors:
        raise UserErrors(read.errors)
    if addresses.same(call.store, customer["id"], standing | read.columns, standing["id"]):
        raise refuse(["address"], "Address already exists")
    addresses.change(call.store, standing["id"], read.columns)
    return _written(call, customer, standing["id"], bool(args.get("setAsDefault")))


def _written(call: Call, customer: Row, number: int, as_default: bool) -> Row:
    row = addresses.get(call.store, number)
    assert row is not None  # noqa: S101 - just written
    if as_default:
        addresses.make_default(call.store, row)
    _touched(call, customer["id"])
    return {"address": source(row), "userErrors": []}


@registry.mutation("customerAddressDelete", "customerId addressId", "deletedAddressId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row, customer = _address(call, args["addressId"]), _customer(call, args["customerId"])
    if row["customer_id"] != customer["id"]:
        raise refuse(["addressId"], "Address does not exist")
    shown = source(row)
    addresses.delete(call.store, row)
    _touched(call, customer["id"])
    return {"deletedAddressId": shown and shown["id"], "userErrors": []}


@registry.mutation("customerUpdateDefaultAddress", "customerId addressId", "customer userErrors")
def _update_default(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row, customer = _address(call, args["addressId"]), _customer(call, args["customerId"])
    if row["customer_id"] != customer["id"]:
        raise refuse(["addressId"], "Address does not exist", None, customer=customer_source(customer))
    addresses.make_default(call.store, row)
    _touched(call, customer["id"])
    return {"customer": customer_source(customers.get(call.store, customer["id"])), "userErrors": []}


def _touched(call: Call, customer: int) -> None:
    call.target("Customer", customer)
    customers.touch(call.store, customer)
    customers.reindex(call.store, customer)


def _address(call: Call, identifier: str) -> Row:
    row = addresses.get(call.store, number_of(identifier))
    if row is None:
        raise FieldFailed(f"Invalid id: {identifier}", "RESOURCE_NOT_FOUND")
    return row


def _customer(call: Call, identifier: str) -> Row:
    row = customers.get(call.store, gid.number(identifier, "Customer"))
    if row is None:
        raise refuse(["customerId"], "Customer does not exist")
    return row


def prepare(call: Call, given: list[Row], root: list[str], customer: Row | None) -> tuple[Prepared, list[Row]]:
    """The addresses of a list in an input, each with the one it changes, and what is wrong with them."""
    found: Prepared = []
    errors: list[Row] = []
    for place, entry in enumerate(given):
        path = [*root, "addresses", str(place)]
        standing = None
        if entry.get("id"):
            standing = addresses.get(call.store, number_of(entry["id"]))
            if standing is None or customer is None or standing["customer_id"] != customer["id"]:
                errors.append(user_error([*path, "id"], _unknown(customer), "INVALID"))
                continue
        read = AddressInput(call, entry, path, standing)
        errors += read.errors
        found.append((standing, read.columns))
    return found, errors


def _unknown(customer: Row | None) -> str:
    return "Customer address does not exist" if customer else "Cannot specify address ID on creation"


def blank_ones(prepared: Prepared, root: list[str]) -> list[Row]:
    """An error for each address that says nothing; customerSet takes such ones, the others do not (recorded)."""
    return [
        user_error([*root, "addresses", str(place)], "Customer address cannot be blank.", "BLANK")
        for place, (standing, values) in enumerate(prepared)
        if addresses.is_blank((standing or {}) | values)
    ]


def replace(call: Call, customer: Row, prepared: Prepared) -> None:
    """Make these the customer's addresses: named ones change, new ones come once each, others go."""
    kept = {standing["id"] for standing, _ in prepared if standing}
    for row in addresses.of_customer(call.store, customer["id"]):
        if row["id"] not in kept:
            call.db.run("DELETE FROM customer_addresses WHERE id = ?", (row["id"],))
    for standing, values in prepared:
        if standing:
            addresses.change(call.store, standing["id"], values)
            continue
        wanted = addresses.with_name(customer, whole(values))
        if addresses.same(call.store, customer["id"], wanted) is None:
            addresses.create(call.store, customer, wanted)
    addresses.settle_default(call.store, customer["id"])
