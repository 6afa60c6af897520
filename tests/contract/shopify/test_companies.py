"""Companies behave as recorded: what one starts with, contacts and their customers, roles, locations, lists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.shopify.client import Shop

COMPANY = """id name note externalId mainContact { id isMainContact title roleAssignments(first: 5) { nodes { id
  role { name } companyLocation { id } } } customer { id email } }
  contacts(first: 5) { nodes { id isMainContact } } locations(first: 5) { nodes { id name locale phone
  shippingAddress { id address1 countryCode zoneCode } billingAddress { id address1 } } }
  contactRoles(first: 5) { nodes { id name } } contactsCount { count } locationsCount { count precision }"""
CREATE = f"""mutation($i: CompanyCreateInput!) {{ companyCreate(input: $i) {{
  company {{ {COMPANY} }} userErrors {{ field message code }} }} }}"""
UPDATE = """mutation($id: ID!, $i: CompanyInput!) { companyUpdate(companyId: $id, input: $i) {
  company { name note externalId } userErrors { field message code } } }"""
READ = f"query($id: ID!) {{ company(id: $id) {{ {COMPANY} }} }}"
DELETE = "mutation($id: ID!) { companyDelete(id: $id) { deletedCompanyId userErrors { field message code } } }"
DELETE_MANY = """mutation($ids: [ID!]!) { companiesDelete(companyIds: $ids) {
  deletedCompanyIds userErrors { field message code } } }"""
CONTACT = """mutation($id: ID!, $i: CompanyContactInput!) { companyContactCreate(companyId: $id, input: $i) {
  companyContact { id title locale isMainContact customer { id displayName phone } }
  userErrors { field message code } } }"""
CHANGE_CONTACT = """mutation($id: ID!, $i: CompanyContactInput!) {
  companyContactUpdate(companyContactId: $id, input: $i) {
    companyContact { title customer { email firstName phone } } userErrors { field message code } } }"""
ADOPT = """mutation($id: ID!, $c: ID!) { companyAssignCustomerAsContact(companyId: $id, customerId: $c) {
  companyContact { id customer { companyContactProfiles { company { id } } } } userErrors { field message code } } }"""
DROP_CONTACT = """mutation($id: ID!) { companyContactDelete(companyContactId: $id) {
  deletedCompanyContactId userErrors { field message code } } }"""
LOCATION = """mutation($id: ID!, $i: CompanyLocationInput!) { companyLocationCreate(companyId: $id, input: $i) {
  companyLocation { id name locale billingAddress { id address1 } shippingAddress { id address1 zoneCode province } }
  userErrors { field message code } } }"""
CHANGE_LOCATION = """mutation($id: ID!, $i: CompanyLocationUpdateInput!) {
  companyLocationUpdate(companyLocationId: $id, input: $i) {
    companyLocation { name phone buyerExperienceConfiguration { checkoutToDraft paymentTermsTemplate { name } } }
    userErrors { field message code } } }"""
DROP_LOCATION = """mutation($id: ID!) { companyLocationDelete(companyLocationId: $id) {
  deletedCompanyLocationId userErrors { field message code } } }"""
TAXES = """mutation($id: ID!, $e: Boolean, $a: [TaxExemption!], $r: [TaxExemption!], $t: String) {
  companyLocationTaxSettingsUpdate(companyLocationId: $id, taxExempt: $e, exemptionsToAssign: $a,
    exemptionsToRemove: $r, taxRegistrationId: $t) {
    companyLocation { taxSettings { taxExempt taxExemptions taxRegistrationId } } userErrors { code } } }"""
ADDRESS = """mutation($id: ID!, $a: CompanyAddressInput!, $t: [CompanyAddressType!]!) {
  companyLocationAssignAddress(locationId: $id, address: $a, addressTypes: $t) {
    addresses { id address1 city countryCode } userErrors { field message code } } }"""
DROP_ADDRESS = """mutation($id: ID!) { companyAddressDelete(addressId: $id) {
  deletedAddressId userErrors { field message code } } }"""
ASSIGN = """mutation($c: ID!, $r: ID!, $l: ID!) { companyContactAssignRole(
  companyContactId: $c, companyContactRoleId: $r, companyLocationId: $l) {
  companyContactRoleAssignment { id } userErrors { field message code } } }"""
REVOKE = """mutation($c: ID!, $ids: [ID!]) { companyContactRevokeRoles(companyContactId: $c, roleAssignmentIds: $ids) {
  revokedRoleAssignmentIds userErrors { field message code } } }"""
NOWHERE = "gid://shopify/CompanyLocation/1"


def made(shop: Shop, name: str = "Acme", **more: Any) -> dict[str, Any]:
    """A created company."""
    answer = shop.data(CREATE, {"i": {"company": {"name": name}} | more})["companyCreate"]
    assert answer["userErrors"] == []
    return dict(answer["company"])


def errors(answer: dict[str, Any]) -> list[tuple[list[str] | None, str]]:
    """Paths and codes of the user errors of a payload."""
    return [(error["field"], error["code"]) for error in answer["userErrors"]]


def test_a_company_starts_with_a_location_and_two_roles(shop: Shop) -> None:
    """Without more it has a location of its own name, both roles, and nobody in it."""
    company = made(shop)
    assert [node["name"] for node in company["locations"]["nodes"]] == ["Acme"]
    assert [node["name"] for node in company["contactRoles"]["nodes"]] == ["Location admin", "Ordering only"]
    assert (company["mainContact"], company["contactsCount"]["count"]) == (None, 0)
    assert company["locationsCount"] == {"count": 1, "precision": "EXACT"}


def test_the_first_contact_is_main_and_may_order(shop: Shop) -> None:
    """A contact given at creation is a new customer, the main contact, with "Ordering only" at the location."""
    company = made(shop, companyContact={"email": "ada@acme.example", "title": "Buyer"})
    main = company["mainContact"]
    assert (main["isMainContact"], main["title"], main["customer"]["email"]) == (True, "Buyer", "ada@acme.example")
    assert [node["role"]["name"] for node in main["roleAssignments"]["nodes"]] == ["Ordering only"]


def test_nothing_is_made_when_any_part_is_refused(shop: Shop) -> None:
    """A bad contact or address refuses the whole company under its own path."""
    given = {
        "company": {"name": "X"},
        "companyContact": {"firstName": "Ada"},
        "companyLocation": {"shippingAddress": {"countryCode": "ZZ"}},
    }
    answer = shop.data(CREATE, {"i": given})["companyCreate"]
    assert answer["company"] is None
    assert errors(answer) == [
        (["input", "companyContact"], "INVALID"),
        (["input", "companyLocation", "shippingAddress", "countryCode"], "INVALID"),
    ]
    assert shop.data("{ companiesCount { count } }")["companiesCount"]["count"] == 0


@pytest.mark.parametrize(
    ("external", "code"), [("x" * 65, "TOO_LONG"), ("two words", "INVALID"), ("\u00fc", "INVALID"), ("A-1", "TAKEN")]
)
def test_external_ids_are_short_plain_and_unique(shop: Shop, external: str, code: str) -> None:
    """At most 64 plain characters without blanks, and each once."""
    made(shop, company={"name": "First", "externalId": "A-1"})
    answer = shop.data(CREATE, {"i": {"company": {"name": "X", "externalId": external}}})["companyCreate"]
    assert errors(answer) == [(["input", "company", "externalId"], code)]


def test_an_update_needs_something_and_never_changes_the_start(shop: Shop) -> None:
    """An empty update is refused, `customerSince` belongs to creation, a company keeps its own external id."""
    company = made(shop, company={"name": "Acme", "externalId": "A-1", "note": "n"})
    assert errors(shop.data(UPDATE, {"id": company["id"], "i": {}})["companyUpdate"]) == [(["input"], "INVALID")]
    since = shop.data(UPDATE, {"id": company["id"], "i": {"customerSince": "2020-01-01T00:00:00Z"}})["companyUpdate"]
    assert errors(since) == [(["input", "customerSince"], "INVALID_INPUT")]
    kept = shop.data(UPDATE, {"id": company["id"], "i": {"externalId": "A-1", "name": "Best"}})["companyUpdate"]
    assert kept["company"] == {"name": "Best", "note": "n", "externalId": "A-1"}


def test_a_contact_is_its_customer(shop: Shop) -> None:
    """A contact's name, e-mail and phone are the customer's; both must be free, and a change moves both."""
    company = made(shop)
    given = {"email": "ada@acme.example", "firstName": "Ada", "phone": "030 901820", "title": "Buyer"}
    contact = shop.data(CONTACT, {"id": company["id"], "i": given})["companyContactCreate"]["companyContact"]
    assert (contact["customer"]["displayName"], contact["customer"]["phone"]) == ("Ada", "+4930901820")
    again = shop.data(CONTACT, {"id": company["id"], "i": given})["companyContactCreate"]
    assert errors(again) == [(["input", "email"], "TAKEN"), (["input", "phone"], "TAKEN")]
    change = {"firstName": "Bea", "email": "bea@acme.example"}
    changed = shop.data(CHANGE_CONTACT, {"id": contact["id"], "i": change})["companyContactUpdate"]["companyContact"]
    assert changed == {"title": "Buyer", "customer": {"email": "bea@acme.example", "firstName": "Bea"} | {
        "phone": "+4930901820"
    }}


def test_a_customer_becomes_a_contact_once_and_with_an_email(shop: Shop) -> None:
    """An existing customer joins one company, and only with an e-mail address."""
    company, other = made(shop), made(shop, "Other")
    create = "mutation($i: CustomerInput!) { customerCreate(input: $i) { customer { id } } }"
    with_mail, without = (
        shop.data(create, {"i": given})["customerCreate"]["customer"]["id"]
        for given in ({"email": "a@b.de"}, {"firstName": "Ada"})
    )
    answer = shop.data(ADOPT, {"id": company["id"], "c": with_mail})["companyAssignCustomerAsContact"]
    assert answer["companyContact"]["customer"]["companyContactProfiles"] == [{"company": {"id": company["id"]}}]
    for customer in (with_mail, without):
        answer = shop.data(ADOPT, {"id": other["id"], "c": customer})["companyAssignCustomerAsContact"]
        assert errors(answer) == [(["companyId"], "INVALID_INPUT")]


def test_a_contact_that_goes_takes_its_roles_along(shop: Shop) -> None:
    """Deleting the main contact leaves no main contact and no role at the location; its customer stays."""
    company = made(shop, companyContact={"email": "ada@acme.example"})
    main = company["mainContact"]
    shop.data(DROP_CONTACT, {"id": main["id"]})
    after = shop.data(READ, {"id": company["id"]})["company"]
    assert (after["mainContact"], after["contactsCount"]["count"]) == (None, 0)
    query = "query($l: ID!, $c: ID!) { companyLocation(id: $l) { roleAssignments(first: 5) { nodes { id } } } " \
        "customer(id: $c) { id } }"
    found = shop.data(query, {"l": company["locations"]["nodes"][0]["id"], "c": main["customer"]["id"]})
    assert found["companyLocation"]["roleAssignments"]["nodes"] == []
    assert found["customer"] == {"id": main["customer"]["id"]}


def test_one_role_per_contact_and_location(shop: Shop) -> None:
    """A second role at the same place is too many; the place is checked before the role, both within the company."""
    company, other = made(shop, companyContact={"email": "a@b.de"}), made(shop, "Other")
    contact, place = company["mainContact"]["id"], company["locations"]["nodes"][0]["id"]
    role, foreign = (one["contactRoles"]["nodes"][0]["id"] for one in (company, other))
    for role_id, location, expected in (
        (role, place, (None, "LIMIT_REACHED")),
        (foreign, place, (["companyContactRoleId"], "RESOURCE_NOT_FOUND")),
        (foreign, other["locations"]["nodes"][0]["id"], (["companyLocationId"], "RESOURCE_NOT_FOUND")),
    ):
        answer = shop.data(ASSIGN, {"c": contact, "r": role_id, "l": location})["companyContactAssignRole"]
        assert errors(answer) == [expected]


def test_many_roles_are_revoked_in_part(shop: Shop) -> None:
    """What is not the contact's is named by its place, the rest is taken back; nothing named is no request."""
    company = made(shop, companyContact={"email": "a@b.de"})
    main = company["mainContact"]
    own = main["roleAssignments"]["nodes"][0]["id"]
    missing = "gid://shopify/CompanyContactRoleAssignment/1"
    answer = shop.data(REVOKE, {"c": main["id"], "ids": [missing, own]})["companyContactRevokeRoles"]
    assert answer["revokedRoleAssignmentIds"] == [own]
    assert errors(answer) == [(["roleAssignmentIds", "0"], "RESOURCE_NOT_FOUND")]
    nothing = shop.data(REVOKE, {"c": main["id"], "ids": []})["companyContactRevokeRoles"]
    assert (nothing["revokedRoleAssignmentIds"], errors(nothing)) == (None, [(None, "INVALID_INPUT")])
