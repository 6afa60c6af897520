"""What the API tells of companies, their contacts and roles.

Reads only. Counts are computed here, never stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.shopify import gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.durations import in_words
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order
from sandbox.shopify.resolvers.company_lists import listed, times_of
from sandbox.shopify.resolvers.customers import source as customer_source
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import companies, customers
from sandbox.shopify.store.database import Row

LISTED = f"{registry.CONNECTION_ARGUMENTS} sortKey"
COMPANY_ORDERS = times_of("c") | {
    "NAME": Order("c.name", nocase=True),
    "SINCE_DATE": Order("c.customer_since", time=True),
}
COMPANIES = Kind("Company", "c.*", "companies c", "c.id", COMPANY_ORDERS, "c.updated_at")
CONTACTS = Kind(
    "CompanyContact",
    "k.*, u.email, u.sort_name",
    "company_contacts k JOIN customers u ON u.id = k.customer_id",
    "k.id",
    times_of("k")
    | {
        "COMPANY_ID": Order("k.company_id"),
        "TITLE": Order("k.title", nocase=True, nullable=True),
        "EMAIL": Order("u.email", nocase=True, nullable=True),
        "NAME": Order("u.sort_name", nocase=True),
    },
)
ROLES = Kind("CompanyContactRole", "r.*", "company_roles r", "r.id", times_of("r"))
ASSIGNMENTS = Kind("CompanyContactRoleAssignment", "a.*", "company_role_assignments a", "a.id", times_of("a"))

registry.keys("Company", "name note externalId")
registry.keys("CompanyContact", "title locale")
registry.keys("CompanyContactRole", "name note")


def typed(kind: str, row: Row | None) -> Row | None:
    """A row as the executor passes it on."""
    return None if row is None else row | {"__typename": kind}


def finder(kind: str, table: str) -> Callable[[Call, str], Row | None]:
    """How a record of the area is found by its global id."""

    def find(call: Call, identifier: str) -> Row | None:
        return typed(kind, call.db.get(table, gid.number(identifier, kind)))

    registry.node(kind)(find)
    registry.field(kind, "id")(lambda row, _call, _args: gid.make(kind, row["id"]))
    for name in ("createdAt", "updatedAt"):
        column = f"{name[:-2]}_at"
        registry.field(kind, name)(lambda row, _call, _args, column=column: iso(row[column]))  # type: ignore[misc]
    return find


company = finder("Company", "companies")
contact = finder("CompanyContact", "company_contacts")
role = finder("CompanyContactRole", "company_roles")
assignment = finder("CompanyContactRoleAssignment", "company_role_assignments")


@registry.field("QueryRoot", "companies", f"{LISTED} query")
def _companies(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    return listed(call, COMPANIES, args)


@registry.field("QueryRoot", "companiesCount", "limit")
def _companies_count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return lists.count(call, COMPANIES, args)


for _name, _find in (("company", company), ("companyContact", contact), ("companyContactRole", role)):
    registry.field("QueryRoot", _name, "id")(lambda _source, call, args, find=_find: find(call, args["id"]))  # type: ignore[misc]


@registry.field("Company", "customerSince")
def _since(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["customer_since"])


def _lifetime(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return in_words(call.store.clock.micros() - row["created_at"])


def _no_comments(_row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    # Comments are written by staff in the admin, which the sandbox has not.
    return False


registry.field("Company", "lifetimeDuration")(_lifetime)
registry.field("CompanyContact", "lifetimeDuration")(_lifetime)
registry.field("Company", "hasTimelineComment")(_no_comments)


@registry.field("Company", "mainContact")
def _main_contact(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return typed("CompanyContact", call.db.get("company_contacts", row["main_contact_id"]))


@registry.field("Company", "defaultRole")
def _default_role(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return companies.role_named(call.store, row["id"], companies.ORDERING)


def _counter(table: str) -> registry.Resolver:
    def resolve(row: Row, call: Call, _args: dict[str, Any]) -> Row:
        sql = f"SELECT COUNT(*) FROM {table} WHERE company_id = ?"  # noqa: S608 - table names are our own
        return {"count": call.db.value(sql, (row["id"],)), "precision": "EXACT"}

    return resolve


registry.field("Company", "contactsCount")(_counter("company_contacts"))
registry.field("Company", "locationsCount")(_counter("company_locations"))


@registry.field("Company", "contactCount")
def _contact_count(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return len(companies.contacts(call.store, row["id"]))


@registry.field("Company", "contacts", LISTED)
def _contacts(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(call, CONTACTS, args, Sql("k.company_id = ?", [row["id"]]))


@registry.field("Company", "contactRoles", LISTED)
def _roles(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(call, ROLES, args, Sql("r.company_id = ?", [row["id"]]))


@registry.field("CompanyContact", "roleAssignments", LISTED)
def _assignments_of_contact(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(call, ASSIGNMENTS, args, Sql("a.contact_id = ?", [row["id"]]), bare=True)


@registry.field("CompanyContact", "isMainContact")
def _is_main(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return bool(call.db.value("SELECT 1 FROM companies WHERE main_contact_id = ?", (row["id"],)))


@registry.field("CompanyContact", "customer")
def _customer(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return customer_source(customers.get(call.store, row["customer_id"]))


@registry.field("Customer", "companyContactProfiles")
def _profiles(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return call.db.all("SELECT * FROM company_contacts WHERE customer_id = ? ORDER BY id", (row["id"],))


def _company_of(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return typed("Company", companies.get(call.store, row["company_id"]))


for _kind in ("CompanyContact", "CompanyContactRoleAssignment"):
    registry.field(_kind, "company")(_company_of)


def _related(field: str, kind: str, table: str, column: str) -> None:
    registry.field("CompanyContactRoleAssignment", field)(
        lambda row, call, _args: typed(kind, call.db.get(table, row[column]))
    )


_related("companyContact", "CompanyContact", "company_contacts", "contact_id")
_related("companyLocation", "CompanyLocation", "company_locations", "location_id")
_related("role", "CompanyContactRole", "company_roles", "role_id")
