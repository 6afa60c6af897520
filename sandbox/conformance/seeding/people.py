"""Plants customers with their addresses and consent, and companies."""

from __future__ import annotations

from sandbox.conformance.seeding.garden import Garden, copied
from sandbox.conformance.seeding.records import Record, Shown

CUSTOMER = "mutation($i: CustomerInput!) { customerCreate(input: $i) { customer { id } userErrors { field message } } }"
COMPANY = "mutation($i: CompanyCreateInput!) { companyCreate(input: $i) { userErrors { field message } } }"
OWN = "firstName lastName email phone locale note tags taxExempt taxExemptions"
ADDRESS = "firstName lastName company address1 address2 city provinceCode zip phone"


def plant(garden: Garden, shown: Shown) -> None:
    """Plant every customer that was there before."""
    for one in shown.of("Customer"):
        garden.expect("Customer", [one])
        given = copied(one.fields, OWN)
        email = one.fields.get("defaultEmailAddress")
        if isinstance(email, dict) and email.get("emailAddress"):
            given.setdefault("email", email["emailAddress"])
        phone = one.fields.get("defaultPhoneNumber")
        if isinstance(phone, dict) and phone.get("phoneNumber"):
            given.setdefault("phone", phone["phoneNumber"])
        given = _kept(shown, one.gid) | given
        if not {"email", "phone", "firstName", "lastName"} & given.keys():
            given["lastName"] = "Seeded"
        addresses = [_address(address) for address in one.list("addressesV2", "addresses")]
        garden.ask(CUSTOMER, i=given | ({"addresses": addresses} if addresses else {}))
        garden.mark(one)
        garden.stamp("customers", one)


def _kept(shown: Shown, customer: str) -> dict[str, str]:
    """What a customer must have had for a merge to keep it: unlike anybody else's."""
    digits = "".join(filter(str.isdigit, customer))
    values = {"Email": f"seeded{digits}@example.com", "PhoneNumber": f"+1613555{digits[-4:]}"}
    values |= {"FirstName": f"First {digits}", "LastName": f"Last {digits}"}
    names = {"Email": "email", "PhoneNumber": "phone", "FirstName": "firstName", "LastName": "lastName"}
    found = {}
    for variables in shown.accepted:
        for fields in (one for one in variables.values() if isinstance(one, dict)):
            kept = [name for name in names if fields.get(f"customerIdOf{name}ToKeep") == customer]
            found |= {names[name]: values[name] for name in kept}
    return found


def _address(address: Record | dict[str, str]) -> dict[str, str]:
    fields = address.fields if isinstance(address, Record) else address
    country = fields.get("countryCodeV2") or fields.get("countryCode")
    return copied(fields, ADDRESS) | ({"countryCode": country} if country else {})


def plant_companies(garden: Garden, shown: Shown) -> None:
    """Plant every company that was there before."""
    for one in shown.of("Company"):
        garden.expect("Company", [one])
        garden.ask(COMPANY, i={"company": {"name": "Seeded company"} | copied(one.fields, "name note externalId")})
        garden.mark(one)
