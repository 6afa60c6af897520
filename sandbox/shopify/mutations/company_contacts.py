"""The contacts of companies: made with a new customer, from one that is there, changed, deleted.

A contact's name, e-mail and phone are those of its customer (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations import company_fields as fields
from sandbox.shopify.mutations.companies import add_contact, company_of
from sandbox.shopify.resolvers.companies import typed
from sandbox.shopify.store import companies, company_trade, customers
from sandbox.shopify.store.database import Row

NO_CONTACT = "The company contact doesn't exist."
HAS_ORDERS = "Cannot delete a company contact with existing orders or draft orders."


def contact_of(call: Call, identifier: str) -> Row:
    """The contact of an argument `companyContactId`; refuses one that is not there."""
    row = call.db.get("company_contacts", gid.number(identifier, "CompanyContact"))
    if row is None:
        raise refuse(["companyContactId"], NO_CONTACT, "RESOURCE_NOT_FOUND")
    return row


def _written(call: Call, number: int) -> Row:
    call.target("CompanyContact", number)
    row = call.db.get("company_contacts", number)
    return {"companyContact": typed("CompanyContact", row), "userErrors": []}


@registry.mutation("companyContactCreate", "companyId input", "companyContact userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    company, given = company_of(call, args["companyId"]), args["input"]
    if not given:
        raise refuse(None, "Company contact create input is empty.", "NO_INPUT")
    errors = fields.contact_problems(call, given, ["input"], None)
    if errors:
        raise UserErrors(errors)
    return _written(call, add_contact(call, company["id"], given)["id"])


@registry.mutation("companyContactUpdate", "companyContactId input", "companyContact userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row, given = contact_of(call, args["companyContactId"]), args["input"]
    if not given:
        raise refuse(None, "Company contact update input is empty.", "NO_INPUT")
    customer = customers.get(call.store, row["customer_id"])
    assert customer is not None  # noqa: S101 - a contact goes with its customer
    errors = fields.contact_problems(call, given, ["input"], customer)
    if errors:
        raise UserErrors(errors)
    columns = fields.customer_columns(call, given)
    if columns:
        customers.change(call.store, customer["id"], columns)
        customers.reindex(call.store, customer["id"])
    companies.change_contact(call.store, row["id"], fields.contact_columns(given))
    return _written(call, row["id"])


@registry.mutation("companyAssignCustomerAsContact", "companyId customerId", "companyContact userErrors")
def _assign(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    company = company_of(call, args["companyId"])
    customer = customers.get(call.store, gid.number(args["customerId"], "Customer"))
    if customer is None:
        raise refuse(["customerId"], "Customer does not exist.", "RESOURCE_NOT_FOUND")
    if call.db.value("SELECT 1 FROM company_contacts WHERE customer_id = ?", (customer["id"],)):
        raise refuse(["companyId"], "Customer is already associated with a company contact.", "INVALID_INPUT")
    if not customer["email"]:
        raise refuse(["companyId"], "Customer must have an email address.", "INVALID_INPUT")
    values = {"locale": customer["locale"]}
    return _written(call, companies.create_contact(call.store, company["id"], customer["id"], values))


@registry.mutation("companyContactDelete", "companyContactId", "deletedCompanyContactId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    error = _delete_one(call, args["companyContactId"], ["companyContactId"])
    if error:
        raise UserErrors([error])
    return {"deletedCompanyContactId": args["companyContactId"], "userErrors": []}


@registry.mutation("companyContactsDelete", "companyContactIds", "deletedCompanyContactIds userErrors")
def _delete_many(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    deleted: list[str] = []
    errors: list[Row] = []
    for place, identifier in enumerate(args["companyContactIds"]):
        error = _delete_one(call, identifier, ["companyContactIds", str(place)])
        errors += [error] if error else []
        deleted += [] if error else [identifier]
    return {"deletedCompanyContactIds": deleted, "userErrors": errors}


@registry.mutation("companyContactRemoveFromCompany", "companyContactId", "removedCompanyContactId userErrors")
def _remove(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    error = _delete_one(call, args["companyContactId"], ["companyContactId"])
    if error:
        raise UserErrors([error])
    return {"removedCompanyContactId": args["companyContactId"], "userErrors": []}


def _delete_one(call: Call, identifier: str, path: list[str]) -> Row | None:
    row = call.db.get("company_contacts", gid.number(identifier, "CompanyContact"))
    if row is None:
        return user_error(path, NO_CONTACT, "RESOURCE_NOT_FOUND")
    if company_trade.of_contact(call.store, row["id"]):
        return user_error(path, HAS_ORDERS, "FAILED_TO_DELETE")
    call.target("CompanyContact", row["id"])
    companies.delete_contact(call.store, row)
    return None
