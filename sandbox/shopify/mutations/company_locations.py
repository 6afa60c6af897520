"""The locations of companies: made, changed, deleted, their addresses and tax settings.

A company keeps its last location.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations.companies import UNKNOWN, company_of
from sandbox.shopify.mutations.company_address_input import CompanyAddressInput
from sandbox.shopify.mutations.company_location_fields import ADDRESSES, LocationInput
from sandbox.shopify.resolvers.companies import typed
from sandbox.shopify.resolvers.company_locations import address
from sandbox.shopify.store import companies, company_trade
from sandbox.shopify.store.database import Row

NO_LOCATION = "The company location doesn't exist"
COLUMNS = {"BILLING": "billing_address_id", "SHIPPING": "shipping_address_id"}


def location_of(call: Call, identifier: str, path: list[str]) -> Row:
    """A location by its id; refuses one that is not there under that path."""
    row = call.db.get("company_locations", gid.number(identifier, "CompanyLocation"))
    if row is None:
        raise refuse(path, NO_LOCATION, "RESOURCE_NOT_FOUND")
    return row


def _written(call: Call, number: int) -> Row:
    call.target("CompanyLocation", number)
    row = call.db.get("company_locations", number)
    return {"companyLocation": typed("CompanyLocation", row), "userErrors": []}


@registry.mutation("companyLocationCreate", "companyId input", "companyLocation userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    company, given = company_of(call, args["companyId"]), args["input"]
    if not set(given) - ADDRESSES:
        raise refuse(None, "Company location create input is empty.", "NO_INPUT")
    read = LocationInput(call, given, ["input"])
    if read.errors:
        raise UserErrors(read.errors)
    return _written(call, read.write(company["id"], read.street or company["name"]))


@registry.mutation("companyLocationUpdate", "companyLocationId input", "companyLocation userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row, given = location_of(call, args["companyLocationId"], ["input"]), args["input"]
    if not given:
        raise refuse(None, "Company location update input is empty.", "NO_INPUT")
    read = LocationInput(call, given, ["input"], row)
    if read.errors:
        raise UserErrors(read.errors)
    companies.change_location(call.store, row["id"], read.columns)
    return _written(call, row["id"])


@registry.mutation("companyLocationDelete", "companyLocationId", "deletedCompanyLocationId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    path = ["companyLocationId"]
    row = location_of(call, args["companyLocationId"], path)
    if not _may_go(call, row):
        raise refuse(path, "Failed to delete the company location.", "FAILED_TO_DELETE")
    _drop(call, row)
    return {"deletedCompanyLocationId": args["companyLocationId"], "userErrors": []}


@registry.mutation("companyLocationsDelete", "companyLocationIds", "deletedCompanyLocationIds userErrors")
def _delete_many(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    deleted: list[str] = []
    errors: list[Row] = []
    for place, identifier in enumerate(args["companyLocationIds"]):
        path = ["companyLocationIds", str(place)]
        row = call.db.get("company_locations", gid.number(identifier, "CompanyLocation"))
        if row is None:
            errors.append(user_error(path, UNKNOWN, "RESOURCE_NOT_FOUND"))
        elif not _may_go(call, row):
            errors.append(user_error(path, "Failed to delete the company location.", "FAILED_TO_DELETE"))
        else:
            _drop(call, row)
            deleted.append(identifier)
    return {"deletedCompanyLocationIds": deleted, "userErrors": errors}


def _may_go(call: Call, row: Row) -> bool:
    last = len(companies.locations(call.store, row["company_id"])) == 1
    return not last and not company_trade.of_location(call.store, row["id"])


def _drop(call: Call, row: Row) -> None:
    call.target("CompanyLocation", row["id"])
    companies.delete_location(call.store, row)


@registry.mutation("companyLocationAssignAddress", "locationId address addressTypes", "addresses userErrors")
def _assign_address(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = location_of(call, args["locationId"], ["locationId"])
    types = args["addressTypes"]
    if not types or len(set(types)) < len(types):
        raise refuse(None, "Invalid input.", "INVALID_INPUT")
    for kind in types:
        standing = call.db.get("company_addresses", row[COLUMNS[kind]])
        read = CompanyAddressInput(call, args["address"], ["address"], standing)
        if read.errors:
            raise UserErrors(read.errors)
        number = companies.put_address(call.store, standing and standing["id"], read.columns)
        row |= {COLUMNS[kind]: number}
    companies.change_location(call.store, row["id"], {COLUMNS[kind]: row[COLUMNS[kind]] for kind in types})
    call.target("CompanyLocation", row["id"])
    return {"addresses": [address(call, row, row[COLUMNS[kind]]) for kind in types], "userErrors": []}


@registry.mutation("companyAddressDelete", "addressId", "deletedAddressId userErrors")
def _delete_address(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    number = gid.number(args["addressId"], "CompanyAddress")
    sql = "SELECT * FROM company_locations WHERE billing_address_id = ? OR shipping_address_id = ?"
    row = call.db.one(sql, (number, number))
    if number is None or row is None:
        raise refuse(["addressId"], "Company address was not found.", "RESOURCE_NOT_FOUND")
    gone = {column: None for column in COLUMNS.values() if row[column] == number}
    companies.change_location(call.store, row["id"], gone)
    call.db.run("DELETE FROM company_addresses WHERE id = ?", (number,))
    call.target("CompanyLocation", row["id"])
    return {"deletedAddressId": args["addressId"], "userErrors": []}


@registry.mutation(
    "companyLocationTaxSettingsUpdate",
    "companyLocationId taxRegistrationId taxExempt exemptionsToAssign exemptionsToRemove",
    "companyLocation userErrors",
)
def _tax_settings(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = location_of(call, args["companyLocationId"], ["companyLocationId"])
    changes: Row = {}
    if "taxRegistrationId" in args:
        changes["tax_registration_id"] = args["taxRegistrationId"]
    if args.get("taxExempt") is not None:
        changes["tax_exempt"] = int(args["taxExempt"])
    gone = set(args.get("exemptionsToRemove") or [])
    kept = [code for code in companies.exemptions(row) if code not in gone]
    changes["tax_exemptions"] = list(dict.fromkeys([*kept, *(args.get("exemptionsToAssign") or [])]))
    companies.change_location(call.store, row["id"], changes)
    return _written(call, row["id"])
