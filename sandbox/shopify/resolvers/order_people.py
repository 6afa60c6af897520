"""Who an order is for and where it goes: customer, company, addresses, and the orders a customer has.

Reads only. An order keeps the addresses it was made with, whatever becomes of the customer's.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.paging import Connection
from sandbox.shopify.resolvers import customers as customer_reads
from sandbox.shopify.resolvers import mailing_addresses
from sandbox.shopify.resolvers.orders import LIST_ARGUMENTS, kind_of
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import buyers, customer_addresses, customers
from sandbox.shopify.store.database import Row


@registry.field("Order", "customer")
def _customer(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return customer_reads.source(customers.get(call.store, row["customer_id"]))


@registry.field("Order", "purchasingEntity")
def _entity(row: Row, call: Call, args: dict[str, Any]) -> Row | None:
    if row["company_location_id"] is None:
        return _customer(row, call, args)
    location = call.db.get("company_locations", row["company_location_id"]) or {}
    numbers = {
        "company": ("Company", location.get("company_id")),
        "contact": ("CompanyContact", row["company_contact_id"]),
        "location": ("CompanyLocation", row["company_location_id"]),
    }
    found = {name: registry.NODES[kind](call, gid.make(kind, number or 0)) for name, (kind, number) in numbers.items()}
    return found | {"__typename": "PurchasingCompany"}


def address(row: Row, column: str) -> Row | None:
    """One of an order's addresses as the executor passes it on."""
    if not row[column]:
        return None
    values = json.loads(row[column])
    blank = dict.fromkeys(customer_addresses.COLUMNS)
    place = 1 if column == "billing_address" else 2
    return mailing_addresses.source(blank | values | {"id": row["id"] + place})


@registry.field("Order", "billingAddress")
def _billing(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return address(row, "billing_address")


@registry.field("Order", "shippingAddress")
def _shipping(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return address(row, "shipping_address")


@registry.field("Order", "displayAddress")
def _display(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    return address(row, "shipping_address") or address(row, "billing_address")


@registry.field("Order", "billingAddressMatchesShippingAddress")
def _matches(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return (row["billing_address"] or "null") == (row["shipping_address"] or "null")


@registry.field("Customer", "orders", LIST_ARGUMENTS)
def _orders(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    key = args.get("sortKey") or "ID"
    return lists.connection(call, kind_of(key), args | {"sortKey": key}, Sql("o.customer_id = ?", [row["id"]]))


@registry.field("Customer", "lastOrder")
def _last(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    # Like the counts it lags behind the orders (recorded: null right after the first one).
    found = buyers.counted(call.store, buyers.CUSTOMER, row["id"])
    return found[-1] | {"__typename": "Order"} if found else None
