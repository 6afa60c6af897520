"""What the API tells of a customer's addresses.

Reads only. No address is geocoded or checked against a post office: coordinates are null and never validated.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import geography, registry
from sandbox.shopify.call import Call
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.store import customer_addresses as addresses
from sandbox.shopify.store.database import Row

PARAMETER = "?model_name=CustomerAddress"

registry.keys(
    "MailingAddress",
    "id firstName lastName name company address1 address2 city zip phone country countryCode countryCodeV2 province "
    "provinceCode formattedArea coordinatesValidated latitude longitude",
)


def source(row: Row | None) -> Row | None:
    """An address row as the executor passes it on."""
    if row is None:
        return None
    country, province = row["country_code"], row["province_code"]
    shown = {
        "__typename": "MailingAddress",
        "number": row["id"],
        "id": f"gid://shopify/MailingAddress/{row['id']}{PARAMETER}",
        "firstName": row["first_name"],
        "lastName": row["last_name"],
        "name": " ".join(part for part in (row["first_name"], row["last_name"]) if part) or None,
        "country": geography.country(country),
        "countryCode": country,
        "countryCodeV2": country,
        "province": geography.province(country, province),
        "provinceCode": province,
        "formattedArea": area(row["city"], province, country),
        "coordinatesValidated": False,
        "latitude": None,
        "longitude": None,
    }
    return shown | {name: row[name] for name in ("company", "address1", "address2", "city", "zip", "phone")}


def area(city: str | None, province: str | None, country: str | None) -> str | None:
    """City and province code, then the country: what there is of them; a city that is a country only once."""
    near = " ".join(part for part in (city, province) if part)
    name = geography.country(country)
    return ", ".join(part for part in (near if near != name else None, name) if part) or None


@registry.field("MailingAddress", "formatted", "withName withCompany")
def _formatted(row: Row, _call: Call, args: dict[str, Any]) -> list[str]:
    parts = {name: row[name] for name in ("address1", "address2", "city", "zip")}
    lines = geography.formatted(parts | {"province_code": row["provinceCode"], "country_code": row["countryCode"]})
    above = [row["name"] if args.get("withName") else None, row["company"] if args.get("withCompany", True) else None]
    return [line for line in above if line] + lines


@registry.field("Customer", "addresses", "first")
def _addresses(row: Row, call: Call, args: dict[str, Any]) -> list[Row | None]:
    found = addresses.of_customer(call.store, row["id"])
    return [source(one) for one in found[: args.get("first")]]


@registry.field("Customer", "addressesV2", registry.CONNECTION_ARGUMENTS)
def _addresses_v2(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    where = "a.customer_id = ?"
    select = Select("a.*", "customer_addresses a", where, [row["id"]], "a.id", Order("a.id"), str)
    found = page(call.db, select, args)
    cursors = {one["id"]: found.cursor_of(one) for one in found.rows}
    rows = [shown for one in found.rows if (shown := source(one))]
    return Connection(rows, found.has_next, found.has_previous, lambda one: cursors[one["number"]])


@registry.field("Customer", "defaultAddress")
def _default(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return source(addresses.get(call.store, row["default_address_id"]))


@registry.node("MailingAddress")
def _node(call: Call, identifier: str) -> Row | None:
    return source(addresses.get(call.store, number_of(identifier)))


def number_of(identifier: str) -> int | None:
    """The number within the id of an address, with or without its parameter."""
    bare = identifier.split("?", 1)[0].rsplit("/", 1)
    kind = bare[0].rsplit("/", 1)[-1]
    return int(bare[1]) if kind == "MailingAddress" and bare[1].isdigit() else None
