"""Who a draft order is for: the customer it names, the one with its e-mail address, or a company's contact.

A draft order with an e-mail address always has a customer (recorded): one without an account is made for it.
"""

from __future__ import annotations

from sandbox.shopify import contact_points, gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.store import customer_addresses, customers
from sandbox.shopify.store.database import Row

registry.inputs("PurchasingEntityInput", "customerId purchasingCompany")
registry.inputs("PurchasingCompanyInput", "companyId companyContactId companyLocationId")
ADDRESS = ("first_name", "last_name", "company", "address1", "address2", "city", "zip", "phone")


def buyer(call: Call, given: Row, standing: Row | None, saving: bool) -> Row:
    """The columns that say who buys; a customer is made only for what is saved."""
    entity = given.get("purchasingEntity") or {}
    email = contact_points.email(given.get("email"))
    found: Row = {"email": email} if standing is None or "email" in given else {}
    if entity.get("purchasingCompany"):
        found |= _company(call, entity["purchasingCompany"])
    elif entity.get("customerId") or given.get("customerId"):
        found["customer_id"] = _named(call, entity.get("customerId") or given["customerId"])
    elif standing is None or ("email" in given and standing["customer_id"] is None):
        found["customer_id"] = _by_email(call, email, saving) if email else None
    customer = customers.get(call.store, found.get("customer_id"))
    if standing is None and email is None and customer is not None:
        found["email"] = customer["email"]
    if given.get("useCustomerDefaultAddress") and customer is not None:
        found |= _addresses(call, customer)
    return found


def _named(call: Call, identifier: str) -> int:
    number = gid.number(identifier, "Customer")
    if number is None or customers.get(call.store, number) is None:
        raise refuse(None, "Customer with given ID is not found.")
    return number


def _by_email(call: Call, email: str, saving: bool) -> int | None:
    standing = customers.by_email(call.store, email)
    if standing is not None or not saving:
        return standing and int(standing["id"])
    number = customers.create(call.store, {"email": email})
    customers.reindex(call.store, number)
    return number


def _company(call: Call, given: Row) -> Row:
    kinds = (
        ("companyId", "Company", "companies", "company_id"),
        ("companyContactId", "CompanyContact", "company_contacts", "company_contact_id"),
        ("companyLocationId", "CompanyLocation", "company_locations", "company_location_id"),
    )
    found: Row = {}
    for name, kind, table, column in kinds:
        row = call.db.get(table, gid.number(given[name], kind))
        if row is None:
            raise refuse(None, "Purchasing company is invalid.")
        found[column] = row["id"]
    contact = call.db.get("company_contacts", found["company_contact_id"]) or {}
    return found | {"customer_id": contact.get("customer_id")}


def _addresses(call: Call, customer: Row) -> Row:
    row = customer_addresses.get(call.store, customer["default_address_id"])
    if row is None:
        return {}
    address = {name: row[name] for name in (*ADDRESS, "country_code", "province_code")}
    return {"billing_address": address, "shipping_address": address}
