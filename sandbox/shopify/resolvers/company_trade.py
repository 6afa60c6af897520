"""What the API tells of the orders of companies, their locations and contacts: lists, counts, what was spent.

Reads only; an order belongs to the location it was placed for, and through it to the company.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers.buyers import money
from sandbox.shopify.resolvers.companies import typed
from sandbox.shopify.resolvers.customers import source as customer_source
from sandbox.shopify.resolvers.orders import KIND, ORDERS
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import buyers, companies, customers
from sandbox.shopify.store.buyers import COMPANY_LOCATION
from sandbox.shopify.store.database import Row

LISTED = f"{registry.CONNECTION_ARGUMENTS} sortKey"
OF_COMPANY = "o.company_location_id IN (SELECT l.id FROM company_locations l WHERE l.company_id = ?)"
OWNERS = {
    "Company": OF_COMPANY,
    "CompanyLocation": "o.company_location_id = ?",
    "CompanyContact": "o.company_contact_id = ?",
}


def _orders(kind: str, where: str) -> None:
    @registry.field(kind, "orders", LISTED)
    def resolve(row: Row, call: Call, args: dict[str, Any]) -> Connection:
        key = args.get("sortKey") or "ID"
        if key not in ORDERS:
            raise registry.not_built(f"the sort key {key} of {kind}.orders")
        return lists.connection(call, KIND, args | {"sortKey": key}, Sql(where, [row["id"]]))


for _kind, _where in OWNERS.items():
    _orders(_kind, _where)


def counted(call: Call, row: Row, kind: str) -> list[Row]:
    """The orders of a company or a location that the counters have seen."""
    places = [row["id"]]
    if kind == "Company":
        rows = call.db.all("SELECT id FROM company_locations WHERE company_id = ? ORDER BY id", (row["id"],))
        places = [one["id"] for one in rows]
    return [order for place in places for order in buyers.counted(call.store, COMPANY_LOCATION, place)]


def _counters(kind: str) -> None:
    @registry.field(kind, "ordersCount")
    def count(row: Row, call: Call, _args: dict[str, Any]) -> Row:
        return {"count": len(counted(call, row, kind)), "precision": "EXACT"}

    @registry.field(kind, "totalSpent")
    def spent(row: Row, call: Call, _args: dict[str, Any]) -> Row:
        return money(call, counted(call, row, kind))


for _kind in ("Company", "CompanyLocation"):
    _counters(_kind)


@registry.field("CompanyLocation", "orderCount")
def _order_count(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return len(counted(call, row, "CompanyLocation"))


@registry.field("Order", "purchasingEntity")
def _entity(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    if row["company_location_id"] is None:
        return customer_source(customers.get(call.store, row["customer_id"]))
    place = call.db.get("company_locations", row["company_location_id"])
    found: Row = {"__typename": "PurchasingCompany", "location": typed("CompanyLocation", place)}
    found["company"] = typed("Company", companies.get(call.store, place["company_id"])) if place else None
    contact = call.db.get("company_contacts", row["company_contact_id"])
    return found | {"contact": typed("CompanyContact", contact)}


for _kind in ("Customer", "CompanyLocation"):

    @registry.field(_kind, "storeCreditAccounts", "first last after before")
    def _credits(_row: Row, _call: Call, args: dict[str, Any]) -> Connection:
        # Nothing here gives store credit, so nobody has an account.
        return listed([], args)


registry.keys("StoreCreditAccount", "id balance owner")
