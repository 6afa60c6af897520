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


def test_a_location_without_a_name_is_called_by_its_street(shop: Shop) -> None:
    """An address alone is no input; with anything else the street names the location."""
    company = made(shop)
    place = {"address1": "1 Pine St", "countryCode": "US", "zoneCode": "CA", "zip": "94105"}
    alone = shop.data(LOCATION, {"id": company["id"], "i": {"shippingAddress": place}})["companyLocationCreate"]
    assert errors(alone) == [(None, "NO_INPUT")]
    given = {"note": "n", "shippingAddress": place, "billingSameAsShipping": True}
    made_one = shop.data(LOCATION, {"id": company["id"], "i": given})["companyLocationCreate"]["companyLocation"]
    assert (made_one["name"], made_one["locale"]) == ("1 Pine St", "en")
    assert made_one["shippingAddress"]["province"] == "California"
    assert made_one["billingAddress"]["address1"] == "1 Pine St"


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"countryCode": "US", "zoneCode": "ON"}, "zoneCode"),
        ({"countryCode": "US", "zip": "abc"}, "zip"),
        ({"countryCode": "DE", "zip": "1"}, "zip"),
        ({"countryCode": "DE", "city": "https://x.example"}, "city"),
        ({"countryCode": "DE", "recipient": "<b>x</b>"}, "recipient"),
        ({"countryCode": "DE", "lastName": "\U0001f600"}, "lastName"),
    ],
)
def test_addresses_of_companies_are_checked(shop: Shop, place: dict[str, str], field: str) -> None:
    """Zones, postal codes, markup, links and emojis are refused where they stand."""
    company = made(shop)
    given = {"name": "X", "billingAddress": {"address1": "1"} | place}
    answer = shop.data(LOCATION, {"id": company["id"], "i": given})["companyLocationCreate"]
    assert errors(answer) == [(["input", "billingAddress", field], "INVALID")]


def test_an_assigned_address_is_there_until_deleted(shop: Shop) -> None:
    """Assigning writes the address of each type; deleting it leaves the location without."""
    company = made(shop)
    place = company["locations"]["nodes"][0]["id"]
    given = {"address1": "1 Way", "city": "Bonn", "countryCode": "DE"}
    answer = shop.data(ADDRESS, {"id": place, "a": given, "t": ["BILLING"]})["companyLocationAssignAddress"]
    address = answer["addresses"][0]["id"]
    after = shop.data(READ, {"id": company["id"]})["company"]["locations"]["nodes"][0]
    assert (after["billingAddress"]["id"], after["shippingAddress"]) == (address, None)
    assert shop.data(DROP_ADDRESS, {"id": address})["companyAddressDelete"]["deletedAddressId"] == address
    again = shop.data(DROP_ADDRESS, {"id": address})["companyAddressDelete"]
    assert errors(again) == [(["addressId"], "RESOURCE_NOT_FOUND")]


def test_tax_settings_change_only_what_is_named(shop: Shop) -> None:
    """Exemptions are added behind and taken away, the rest stays."""
    place = made(shop)["locations"]["nodes"][0]["id"]

    def settings(**given: Any) -> dict[str, Any]:
        answer = shop.data(TAXES, {"id": place} | given)["companyLocationTaxSettingsUpdate"]
        return dict(answer["companyLocation"]["taxSettings"])

    settings(t="T-1", e=True, a=["EU_REVERSE_CHARGE_EXEMPTION_RULE"])
    after = settings(a=["CA_BC_RESELLER_EXEMPTION"], r=["US_CA_RESELLER_EXEMPTION"])
    assert after["taxExemptions"] == ["EU_REVERSE_CHARGE_EXEMPTION_RULE", "CA_BC_RESELLER_EXEMPTION"]
    assert (after["taxExempt"], after["taxRegistrationId"]) == (True, "T-1")


def test_single_tax_settings_write_what_the_whole_reads(shop: Shop) -> None:
    """The older mutations for exemptions and registration change the same settings, one at a time."""
    place = made(shop)["locations"]["nodes"][0]["id"]
    shown = "companyLocation { taxSettings { taxExemptions taxRegistrationId } } userErrors { field code }"
    codes = "taxExemptions: [EU_REVERSE_CHARGE_EXEMPTION_RULE]"

    def run(name: str, argument: str, more: str, at: str = place) -> dict[str, Any]:
        text = f"mutation($l: ID!) {{ companyLocation{name}({argument}: $l {more}) {{ {shown} }} }}"
        return dict(next(iter(shop.data(text, {"l": at}).values())))

    after = run("AssignTaxExemptions", "companyLocationId", codes)["companyLocation"]["taxSettings"]
    assert after["taxExemptions"] == ["EU_REVERSE_CHARGE_EXEMPTION_RULE"]
    after = run("CreateTaxRegistration", "locationId", 'taxId: "T-1"')["companyLocation"]["taxSettings"]
    assert after["taxRegistrationId"] == "T-1"
    run("RevokeTaxRegistration", "companyLocationId", "")
    after = run("RevokeTaxExemptions", "companyLocationId", codes)["companyLocation"]["taxSettings"]
    assert after == {"taxExemptions": [], "taxRegistrationId": None}
    missing = run("CreateTaxRegistration", "locationId", 'taxId: "T-1"', NOWHERE)
    assert errors(missing) == [(["locationId"], "RESOURCE_NOT_FOUND")]


def test_a_location_has_payment_terms_from_the_list(shop: Shop) -> None:
    """Terms are Shopify's own templates; others are refused, a deposit needs terms."""
    place = made(shop)["locations"]["nodes"][0]["id"]

    def change(**given: Any) -> dict[str, Any]:
        given = {"buyerExperienceConfiguration": given}
        return dict(shop.data(CHANGE_LOCATION, {"id": place, "i": given})["companyLocationUpdate"])

    terms = "gid://shopify/PaymentTermsTemplate/"
    shown = change(checkoutToDraft=True, paymentTermsTemplateId=f"{terms}4")["companyLocation"]
    assert shown["buyerExperienceConfiguration"] == {
        "checkoutToDraft": True,
        "paymentTermsTemplate": {"name": "Net 30"},
    }
    path = ["input", "buyerExperienceConfiguration"]
    assert change(deposit={"percentage": 10.0})["userErrors"] == []
    assert errors(change(paymentTermsTemplateId=f"{terms}99")) == [(path, "INVALID_INPUT")]
    other = made(shop, "Other")["locations"]["nodes"][0]["id"]
    given = {"buyerExperienceConfiguration": {"deposit": {"percentage": 10.0}}}
    answer = shop.data(CHANGE_LOCATION, {"id": other, "i": given})["companyLocationUpdate"]
    assert errors(answer) == [([*path, "deposit"], "INVALID")]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"billingSameAsShipping": True}, "shippingAddress"),
        ({"billingSameAsShipping": True, "shippingAddress": {}, "billingAddress": {}}, "billingAddress"),
        ({"taxExempt": None}, "taxExempt"),
        ({"buyerExperienceConfiguration": {}}, "buyerExperienceConfiguration"),
    ],
)
def test_an_input_that_is_none_is_refused_first(shop: Shop, given: dict[str, Any], field: str) -> None:
    """Contradicting or empty parts of a location's input are named alone, before any value is checked."""
    company = made(shop)
    wrong = {"name": "x" * 300} | given
    answer = shop.data(LOCATION, {"id": company["id"], "i": wrong})["companyLocationCreate"]
    assert errors(answer) == [(["input", field], "INVALID_INPUT")]


def test_an_address_type_is_named_once(shop: Shop) -> None:
    """The same type twice is no request, whatever the address."""
    place = made(shop)["locations"]["nodes"][0]["id"]
    answer = shop.data(ADDRESS, {"id": place, "a": {}, "t": ["BILLING", "BILLING"]})["companyLocationAssignAddress"]
    assert (answer["addresses"], errors(answer)) == (None, [(None, "INVALID_INPUT")])


def test_lists_by_name_do_not_see_what_the_same_request_makes(shop: Shop) -> None:
    """The index serves lists that are not by id: it knows a new location only when the request is over."""
    query = """mutation($i: CompanyCreateInput!) { companyCreate(input: $i) { company { id
      byName: locations(first: 5, sortKey: NAME) { nodes { id } } byId: locations(first: 5) { nodes { id } } } } }"""
    company = shop.data(query, {"i": {"company": {"name": "Acme"}}})["companyCreate"]["company"]
    assert (len(company["byName"]["nodes"]), len(company["byId"]["nodes"])) == (0, 1)
    later = "query($id: ID!) { company(id: $id) { locations(first: 5, sortKey: NAME) { nodes { id } } } }"
    assert shop.data(later, {"id": company["id"]})["company"]["locations"] == company["byId"]


def test_the_last_location_stays(shop: Shop) -> None:
    """A company keeps one location; what is nowhere is not found."""
    company = made(shop)
    first = company["locations"]["nodes"][0]["id"]
    answer = shop.data(DROP_LOCATION, {"id": first})["companyLocationDelete"]
    assert errors(answer) == [(["companyLocationId"], "FAILED_TO_DELETE")]
    shop.data(LOCATION, {"id": company["id"], "i": {"name": "Second"}})
    answer = shop.data(DROP_LOCATION, {"id": first})["companyLocationDelete"]
    assert answer["deletedCompanyLocationId"] == first
    assert errors(shop.data(DROP_LOCATION, {"id": NOWHERE})["companyLocationDelete"]) == [
        (["companyLocationId"], "RESOURCE_NOT_FOUND")
    ]


def test_companies_are_deleted_in_part(shop: Shop) -> None:
    """Those that are there go with all they have, the others are named by their place."""
    company = made(shop, companyContact={"email": "a@b.de"})
    missing = "gid://shopify/Company/1"
    answer = shop.data(DELETE_MANY, {"ids": [missing, company["id"]]})["companiesDelete"]
    assert answer["deletedCompanyIds"] == [company["id"]]
    assert errors(answer) == [(["companyIds", "0"], "RESOURCE_NOT_FOUND")]
    assert shop.data(READ, {"id": company["id"]})["company"] is None
    assert errors(shop.data(DELETE, {"id": missing})["companyDelete"]) == [(["id"], "RESOURCE_NOT_FOUND")]


def test_lists_are_paged_by_name_both_ways(shop: Shop) -> None:
    """A cursor of a list by name leads on, forwards and backwards, with and without a search."""
    for name in ("alpha one", "Beta one", "gamma two"):
        made(shop, name)
    query = """query($after: String, $q: String, $r: Boolean) {
      companies(first: 1, after: $after, query: $q, sortKey: NAME, reverse: $r) {
        nodes { name } pageInfo { hasNextPage endCursor } } }"""

    def walk(**given: Any) -> list[str]:
        names, after = [], None
        while True:
            page = shop.data(query, {"after": after} | given)["companies"]
            names += [node["name"] for node in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                return names
            after = page["pageInfo"]["endCursor"]

    assert walk() == ["alpha one", "Beta one", "gamma two"]
    assert walk(r=True) == ["gamma two", "Beta one", "alpha one"]
    assert walk(q="name:one", r=True) == ["Beta one", "alpha one"]
    times = query.replace("NAME", "CREATED_AT")
    page = shop.data(times, {})["companies"]
    after = shop.data(times, {"after": page["pageInfo"]["endCursor"]})["companies"]
    assert [node["name"] for node in (*page["nodes"], *after["nodes"])] == ["alpha one", "Beta one"]
