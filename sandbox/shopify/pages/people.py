"""Customers and companies: names, e-mail, notes and external ids can be changed.

What they bought is computed by the store and cannot be typed.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.pages import layout
from sandbox.shopify.pages.layout import facts, field, form, link, money, pill, text, time
from sandbox.shopify.pages.products import metafields
from sandbox.shopify.pages.reading import Visit

CUSTOMERS = ("Customer", "E-mail and phone", "Orders#", "Spent#", "Tags", "Updated")
COMPANIES = ("Company", "External id", "Main contact", "Orders#", "Spent#", "Updated")
CUSTOMER = """legacyResourceId displayName firstName lastName email phone numberOfOrders tags state updatedAt
  amountSpent { amount currencyCode }"""
CUSTOMER_LIST = (
    """query($n: Int!, $after: String, $q: String) { customersCount { count }
  customers(first: $n, after: $after, query: $q, sortKey: UPDATED_AT, reverse: true) {
    pageInfo { hasNextPage endCursor } nodes { """
    + CUSTOMER
    + " } } }"
)
CUSTOMER_ONE = (
    "query($id: ID!) { customer(id: $id) { "
    + CUSTOMER
    + """ note createdAt addressesV2(first: 20) { nodes { formatted } }
  orders(first: 20, reverse: true) { nodes { legacyResourceId name displayFinancialStatus
    currentTotalPriceSet { shopMoney { amount currencyCode } } } }
  metafields(first: 50) { nodes { namespace key type value } } } }"""
)
COMPANY_LIST = """query($n: Int!, $after: String, $q: String) { companiesCount { count }
  companies(first: $n, after: $after, query: $q, sortKey: UPDATED_AT, reverse: true) {
    pageInfo { hasNextPage endCursor } nodes { id name externalId note updatedAt ordersCount { count }
      totalSpent { amount currencyCode } mainContact { customer { displayName email } } } } }"""
COMPANY_ONE = """query($id: ID!) { company(id: $id) { id name externalId note createdAt updatedAt
  mainContact { customer { legacyResourceId displayName email } }
  contacts(first: 50) { nodes { title customer { legacyResourceId displayName email } } }
  locations(first: 50) { nodes { name externalId phone shippingAddress { formattedAddress } } } } }"""


def customer_rows(nodes: list[dict[str, Any]]) -> list[str]:
    """The rows of a table of customers."""
    return [
        layout.row(
            CUSTOMERS,
            (
                link(f"/customers/{one['legacyResourceId']}", one["displayName"] or "without a name"),
                "<br>".join(part for part in (text(one["email"]), text(one["phone"])) if part),
                text(one["numberOfOrders"]),
                money(one["amountSpent"]),
                text(", ".join(one["tags"])),
                time(one["updatedAt"]),
            ),
        )
        for one in nodes
    ]


def customers(visit: Visit) -> tuple[str, dict[str, Any], str]:
    """The table, what the query said of the page, and how many there are."""
    data = visit.list(CUSTOMER_LIST)
    found = data["customers"]
    body = layout.table(CUSTOMERS, customer_rows(found["nodes"]), "There are no customers.")
    return body, found["pageInfo"], f"{data['customersCount']['count']} in all"


def customer(visit: Visit, number: int) -> tuple[str, str] | None:
    """Title and page of a customer."""
    one = visit.read(CUSTOMER_ONE, id=f"gid://shopify/Customer/{number}")["customer"]
    if one is None:
        return None
    known = facts(
        [
            ("Number", str(number)),
            ("Account", pill(one["state"])),
            ("Orders", text(one["numberOfOrders"])),
            ("Spent", money(one["amountSpent"])),
            ("Created", time(one["createdAt"])),
            ("Updated", time(one["updatedAt"])),
        ]
    )
    fields = field("First name", "firstName", one["firstName"]) + field("Last name", "lastName", one["lastName"])
    fields += field("E-mail", "email", one["email"]) + field("Phone", "phone", one["phone"])
    fields += field("Note", "note", one["note"]) + field("Tags", "tags", ", ".join(one["tags"]))
    body = layout.section("Customer", "", known + form(f"/edit/customer/{number}", fields, style="card"))
    places = "".join(f"<p>{'<br>'.join(map(text, place['formatted']))}</p>" for place in one["addressesV2"]["nodes"])
    body += layout.section("Addresses", "", places or "<p class=empty>There are none.</p>")
    return one["displayName"], body + _orders(one["orders"]["nodes"]) + metafields(one["metafields"]["nodes"])


def _orders(nodes: list[dict[str, Any]]) -> str:
    heads = ("Order", "Payment", "Total#")
    found = [
        layout.row(
            heads,
            (
                link(f"/orders/{one['legacyResourceId']}", one["name"]),
                pill(one["displayFinancialStatus"]),
                money(one["currentTotalPriceSet"]),
            ),
        )
        for one in nodes
    ]
    return layout.section("Orders", "the last twenty", layout.table(heads, found, "There are no orders."))


def _number(gid: str) -> str:
    return gid.rsplit("/", 1)[-1]


def company_rows(nodes: list[dict[str, Any]]) -> list[str]:
    """The rows of a table of companies."""
    return [
        layout.row(
            COMPANIES,
            (
                link(f"/companies/{_number(one['id'])}", one["name"]),
                text(one["externalId"]),
                text(((one["mainContact"] or {}).get("customer") or {}).get("displayName")),
                text((one["ordersCount"] or {}).get("count")),
                money(one["totalSpent"]),
                time(one["updatedAt"]),
            ),
        )
        for one in nodes
    ]


def companies(visit: Visit) -> tuple[str, dict[str, Any], str]:
    """The table, what the query said of the page, and how many there are."""
    data = visit.list(COMPANY_LIST)
    found = data["companies"]
    body = layout.table(COMPANIES, company_rows(found["nodes"]), "There are no companies.")
    return body, found["pageInfo"], f"{data['companiesCount']['count']} in all"


def company(visit: Visit, number: int) -> tuple[str, str] | None:
    """Title and page of a company."""
    one = visit.read(COMPANY_ONE, id=f"gid://shopify/Company/{number}")["company"]
    if one is None:
        return None
    known = facts([("Number", str(number)), ("Created", time(one["createdAt"])), ("Updated", time(one["updatedAt"]))])
    fields = field("Name", "name", one["name"]) + field("External id", "externalId", one["externalId"])
    fields += field("Note", "note", one["note"])
    body = layout.section("Company", "", known + form(f"/edit/company/{number}", fields, style="card"))
    heads = ("Contact", "E-mail", "Title")
    contacts = [
        layout.row(
            heads,
            (
                link(f"/customers/{who['customer']['legacyResourceId']}", who["customer"]["displayName"]),
                text(who["customer"]["email"]),
                text(who["title"]),
            ),
        )
        for who in one["contacts"]["nodes"]
    ]
    body += layout.section("Contacts", "", layout.table(heads, contacts, "There are no contacts."))
    return one["name"], body + _places(one["locations"]["nodes"])


def _places(nodes: list[dict[str, Any]]) -> str:
    heads = ("Location", "External id", "Phone", "Ships to")
    found = [
        layout.row(
            heads,
            (
                text(one["name"]),
                text(one["externalId"]),
                text(one["phone"]),
                ", ".join(map(text, (one["shippingAddress"] or {}).get("formattedAddress") or [])),
            ),
        )
        for one in nodes
    ]
    return layout.section("Locations", "", layout.table(heads, found, "There are no locations."))
