"""companyCreate, companyUpdate, companyDelete, companiesDelete and the choice of a main contact.

A company starts with a location and, when one is given, a main contact who may order there (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations import company_fields as fields
from sandbox.shopify.mutations.company_location_fields import LocationInput
from sandbox.shopify.mutations.metafields import touches
from sandbox.shopify.resolvers.companies import typed
from sandbox.shopify.store import companies, company_trade, customers
from sandbox.shopify.store.database import Row

registry.inputs("CompanyCreateInput", "company companyContact companyLocation")
NO_COMPANY = "Company does not exist."
UNKNOWN = "Resource requested does not exist."


@registry.mutation("companyCreate", "input", "company userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    errors = fields.company_problems(call, given["company"], ["input", "company"], None)
    contact = given.get("companyContact")
    if contact is not None:
        errors += fields.contact_problems(call, contact, ["input", "companyContact"], None)
    location = LocationInput(call, given.get("companyLocation") or {}, ["input", "companyLocation"])
    errors = location.errors if location.is_misshapen else errors + location.errors
    if errors:
        raise UserErrors(errors)
    columns = fields.company_columns(given["company"])
    number = companies.create(call.store, columns)
    place = location.write(number, columns["name"])
    if contact is not None:
        person = add_contact(call, number, contact)
        call.db.update("companies", number, {"main_contact_id": person["id"]})
        role = companies.role_named(call.store, number, companies.ORDERING)
        companies.assign(call.store, person, place, role["id"])
    return _written(call, number)


def add_contact(call: Call, company: int, given: Row) -> Row:
    """Make a new customer and the contact it is of a company."""
    customer = customers.create(call.store, fields.customer_columns(call, given))
    customers.reindex(call.store, customer)
    call.wrote("Customer", customer)
    columns = {"locale": "en"} | fields.contact_columns(given)
    number = companies.create_contact(call.store, company, customer, columns)
    call.wrote("CompanyContact", number)
    row = call.db.get("company_contacts", number)
    assert row is not None  # noqa: S101 - just written
    return row


def _written(call: Call, number: int) -> Row:
    call.target("Company", number)
    companies.reindex(call.store, number)
    return {"company": typed("Company", companies.get(call.store, number)), "userErrors": []}


@registry.mutation("companyUpdate", "companyId input", "company userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    row = companies.get(call.store, gid.number(args["companyId"], "Company"))
    if row is None:
        raise refuse(["companyId"], UNKNOWN, "RESOURCE_NOT_FOUND")
    if not given:
        raise refuse(["input"], "At least one attribute to change must be present", "INVALID")
    if "customerSince" in given:
        raise refuse(["input", "customerSince"], "This field may only be set on creation.", "INVALID_INPUT")
    errors = fields.company_problems(call, given, ["input"], row)
    if errors:
        raise UserErrors(errors)
    companies.change(call.store, row["id"], fields.company_columns(given))
    return _written(call, row["id"])


@registry.mutation("companyDelete", "id", "deletedCompanyId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    error = _delete_one(call, args["id"], ["id"], NO_COMPANY)
    if error:
        raise UserErrors([error])
    return {"deletedCompanyId": args["id"], "userErrors": []}


@registry.mutation("companiesDelete", "companyIds", "deletedCompanyIds userErrors")
def _delete_many(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    deleted: list[str] = []
    errors: list[Row] = []
    for place, identifier in enumerate(args["companyIds"]):
        error = _delete_one(call, identifier, ["companyIds", str(place)], UNKNOWN)
        errors += [error] if error else []
        deleted += [] if error else [identifier]
    return {"deletedCompanyIds": deleted, "userErrors": errors}


def _delete_one(call: Call, identifier: str, path: list[str], missing: str) -> Row | None:
    row = companies.get(call.store, gid.number(identifier, "Company"))
    if row is None:
        return user_error(path, missing, "RESOURCE_NOT_FOUND")
    if company_trade.of_company(call.store, row["id"]):
        return user_error(path, "Failed to delete the company.", "FAILED_TO_DELETE")
    call.target("Company", row["id"])
    companies.delete(call.store, row["id"])
    return None


def company_of(call: Call, identifier: str) -> Row:
    """The company of an argument `companyId`; refuses one that is not there."""
    row = companies.get(call.store, gid.number(identifier, "Company"))
    if row is None:
        raise refuse(["companyId"], NO_COMPANY, "RESOURCE_NOT_FOUND")
    return row


@registry.mutation("companyAssignMainContact", "companyId companyContactId", "company userErrors")
def _assign_main(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = company_of(call, args["companyId"])
    contact = call.db.get("company_contacts", gid.number(args["companyContactId"], "CompanyContact"))
    if contact is None:
        raise refuse(["companyContactId"], "The company contact doesn't exist.", "RESOURCE_NOT_FOUND")
    if contact["company_id"] != row["id"]:
        text = "The company contact does not belong to the company."
        raise refuse(["companyContactId"], text, "INVALID_INPUT")
    companies.change(call.store, row["id"], {"main_contact_id": contact["id"]})
    return _written(call, row["id"])


@registry.mutation("companyRevokeMainContact", "companyId", "company userErrors")
def _revoke_main(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = company_of(call, args["companyId"])
    companies.change(call.store, row["id"], {"main_contact_id": None})
    return _written(call, row["id"])


@touches("Company")
def _touch(call: Call, number: int) -> None:
    companies.change(call.store, number, {})


@touches("CompanyLocation")
def _touch_location(call: Call, number: int) -> None:
    companies.change_location(call.store, number, {})
