"""What the API tells of the locations of companies: their own fields, addresses, tax and checkout settings.

Reads only. The currency of a location is that of the shop, which sells in one currency here.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import geography, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order
from sandbox.shopify.paging import listed as listed_rows
from sandbox.shopify.resolvers.companies import ASSIGNMENTS, LISTED, finder, typed
from sandbox.shopify.resolvers.company_lists import listed, times_of
from sandbox.shopify.resolvers.mailing_addresses import area
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store import companies
from sandbox.shopify.store.database import Row

LOCATION_ORDERS = times_of("l") | {"NAME": Order("l.name", nocase=True), "COMPANY_ID": Order("l.company_id")}
LOCATIONS = Kind("CompanyLocation", "l.*", "company_locations l", "l.id", LOCATION_ORDERS, "l.updated_at")

registry.keys("CompanyLocation", "name phone locale externalId note taxRegistrationId")
registry.keys("CompanyLocationTaxSettings", "taxExempt taxExemptions taxRegistrationId")
registry.keys(
    "BuyerExperienceConfiguration", "checkoutToDraft editableShippingAddress payNowOnly paymentTermsTemplate deposit"
)
registry.keys(
    "CompanyAddress",
    "id address1 address2 city zip phone firstName lastName recipient country countryCode province zoneCode "
    "companyName formattedArea createdAt updatedAt",
)
location = finder("CompanyLocation", "company_locations")


@registry.field("QueryRoot", "companyLocation", "id")
def _location(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return location(call, args["id"])


@registry.field("QueryRoot", "companyLocations", f"{LISTED} query")
def _locations(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    return listed(call, LOCATIONS, args)


@registry.field("Company", "locations", f"{LISTED} query")
def _locations_of(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(call, LOCATIONS, args, Sql("l.company_id = ?", [row["id"]]))


@registry.field("CompanyLocation", "company")
def _company(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return typed("Company", companies.get(call.store, row["company_id"]))


@registry.field("CompanyLocation", "currency")
def _currency(_row: Row, call: Call, _args: dict[str, Any]) -> str:
    return call.store.config.currency


@registry.field("CompanyLocation", "hasTimelineComment")
def _timeline(_row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    # Comments are written by staff in the admin, which the sandbox has not.
    return False


@registry.field("CompanyLocation", "taxExemptions")
def _tax_exemptions(row: Row, _call: Call, _args: dict[str, Any]) -> list[str]:
    return companies.exemptions(row)


@registry.field("CompanyLocation", "taxSettings")
def _tax_settings(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return {
        "taxExempt": bool(row["tax_exempt"]),
        "taxExemptions": companies.exemptions(row),
        "taxRegistrationId": row["tax_registration_id"],
    }


@registry.field("CompanyLocation", "buyerExperienceConfiguration")
def _experience(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    number = row["payment_terms_template"]
    template = None
    if number is not None:
        template = registry.NODES["PaymentTermsTemplate"](call, f"gid://shopify/PaymentTermsTemplate/{number}")
    return {
        "checkoutToDraft": bool(row["checkout_to_draft"]),
        "editableShippingAddress": bool(row["editable_shipping_address"]),
        "payNowOnly": template is None and not row["checkout_to_draft"],
        "paymentTermsTemplate": template,
        "deposit": _deposit(row["deposit_percentage"]),
    }


def _deposit(percentage: float | None) -> Row | None:
    return None if percentage is None else {"__typename": "DepositPercentage", "percentage": percentage}


registry.keys("DepositPercentage", "percentage")


@registry.field("CompanyLocation", "roleAssignments", LISTED)
def _assignments(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(call, ASSIGNMENTS, args, Sql("a.location_id = ?", [row["id"]]), bare=True)


@registry.field("CompanyLocation", "staffMemberAssignments", registry.CONNECTION_ARGUMENTS)
def _staff(_row: Row, _call: Call, args: dict[str, Any]) -> Connection:
    # The sandbox's shop has no staff, so none is assigned.
    return listed_rows([], args)


for _name, _column in (("billingAddress", "billing_address_id"), ("shippingAddress", "shipping_address_id")):
    registry.field("CompanyLocation", _name)(
        lambda row, call, _args, column=_column: address(call, row, row[column])  # type: ignore[misc]
    )


def address(call: Call, at: Row, number: int | None) -> Row | None:
    """An address of a location as the executor passes it on."""
    row = call.db.get("company_addresses", number)
    if row is None:
        return None
    owner = companies.get(call.store, at["company_id"])
    country, zone = row["country_code"], row["zone_code"]
    shown = {
        "__typename": "CompanyAddress",
        "id": f"gid://shopify/CompanyAddress/{row['id']}",
        "firstName": row["first_name"],
        "lastName": row["last_name"],
        "country": geography.country(country),
        "countryCode": country,
        "province": geography.province(country, zone),
        "zoneCode": zone,
        "companyName": owner and owner["name"],
        "formattedArea": area(row["city"], zone, country),
        "createdAt": iso(row["created_at"]),
        "updatedAt": iso(row["updated_at"]),
    }
    names = ("recipient", "address1", "address2", "city", "zip", "phone")
    return shown | {name: row[name] for name in names}


@registry.field("CompanyAddress", "formattedAddress", "withName withCompanyName")
def _formatted(row: Row, _call: Call, args: dict[str, Any]) -> list[str]:
    parts = {name: row[name] for name in ("address1", "address2", "city", "zip")}
    lines = geography.formatted(parts | {"province_code": row["zoneCode"], "country_code": row["countryCode"]})
    name = row["recipient"] or " ".join(part for part in (row["firstName"], row["lastName"]) if part)
    above = [name if args.get("withName") else None, row["companyName"] if args.get("withCompanyName", True) else None]
    return [line for line in above if line] + lines
