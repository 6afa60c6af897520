"""Customers behave as recorded: identity, normalising, uniqueness, limits, consent, addresses, deletion."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.shopify.client import Shop

FIELDS = """id firstName lastName displayName email phone note tags locale state verifiedEmail taxExempt
  taxExemptions canDelete numberOfOrders amountSpent { amount currencyCode }
  defaultEmailAddress { emailAddress marketingState marketingOptInLevel marketingUpdatedAt }
  defaultPhoneNumber { phoneNumber marketingState marketingCollectedFrom }
  defaultAddress { id city } addressesV2(first: 10) { nodes { id firstName city countryCodeV2 province provinceCode
  formattedArea phone zip } }"""
CREATE = f"""mutation($i: CustomerInput!) {{ customerCreate(input: $i) {{
  customer {{ {FIELDS} }} userErrors {{ field message }} }} }}"""
UPDATE = f"""mutation($i: CustomerInput!) {{ customerUpdate(input: $i) {{
  customer {{ {FIELDS} }} userErrors {{ field message }} }} }}"""
SET = f"""mutation($i: CustomerSetInput!, $by: CustomerSetIdentifiers) {{ customerSet(input: $i, identifier: $by) {{
  customer {{ {FIELDS} }} userErrors {{ field message code }} }} }}"""
DELETE = """mutation($id: ID!) { customerDelete(input: {id: $id}) {
  deletedCustomerId shop { id } userErrors { field message } } }"""
ADDRESS = """mutation($c: ID!, $a: MailingAddressInput!, $d: Boolean) {
  customerAddressCreate(customerId: $c, address: $a, setAsDefault: $d) {
    address { id firstName name address1 city country countryCodeV2 province provinceCode phone formattedArea }
    userErrors { field message } } }"""
DEFAULT = """mutation($c: ID!, $a: ID!) { customerUpdateDefaultAddress(customerId: $c, addressId: $a) {
  customer { defaultAddress { id } } userErrors { field message } } }"""
DROP = """mutation($c: ID!, $a: ID!) { customerAddressDelete(customerId: $c, addressId: $a) {
  deletedAddressId userErrors { field message } } }"""
READ = f"query($id: ID!) {{ customer(id: $id) {{ {FIELDS} }} }}"
CONSENT = """mutation($i: CustomerEmailMarketingConsentUpdateInput!) {
  customerEmailMarketingConsentUpdate(input: $i) {
    customer { defaultEmailAddress { marketingState marketingOptInLevel marketingUpdatedAt } }
    userErrors { field message code } } }"""


def made(shop: Shop, **given: Any) -> dict[str, Any]:
    """A created customer."""
    answer = shop.data(CREATE, {"i": given})["customerCreate"]
    assert answer["userErrors"] == []
    return dict(answer["customer"])


def refused(shop: Shop, **given: Any) -> list[tuple[list[str] | None, str]]:
    """The errors of a refused creation."""
    answer = shop.data(CREATE, {"i": given})["customerCreate"]
    assert answer["customer"] is None
    return [(error["field"], error["message"]) for error in answer["userErrors"]]


def test_a_customer_needs_a_name_a_phone_or_an_email(shop: Shop) -> None:
    """One of them is enough and is how the customer is shown; without any nothing is made."""
    assert made(shop, lastName="Ibsen")["displayName"] == "Ibsen"
    assert made(shop, phone="+4930901820")["displayName"] == "+4930901820"
    text = "A name, phone number, or email address must be present"
    assert refused(shop, note="x", firstName="  ") == [(None, text)]


def test_texts_are_trimmed_and_tags_sorted(shop: Shop) -> None:
    """Blank names are none, an e-mail loses its blanks, tags are split, folded and sorted whatever their case."""
    row = made(shop, firstName=" ", lastName=" Ek ", email=" Ada @Example.com", tags=["b,a", "B", " c  d "], note="")
    assert (row["firstName"], row["lastName"], row["email"]) == (None, "Ek", "Ada@Example.com")
    assert (row["tags"], row["note"]) == (["a", "b", "c d"], "")


def test_phone_numbers_become_e164(shop: Shop) -> None:
    """A number with a calling code keeps it, one without is read in the shop's country."""
    assert made(shop, phone="+1 (613) 450-5293")["phone"] == "+16134505293"
    assert made(shop, phone="030 901820")["phone"] == "+4930901820"


@pytest.mark.parametrize("email", ["x", "a@b", ".a@b.de", "a..b@c.de", "a@-b.de", "a@1.2.3.4", "a@b.de (c)"])
def test_what_is_no_email_is_refused(shop: Shop, email: str) -> None:
    """Addresses without a host, with stray dots or comments are refused."""
    assert refused(shop, email=email) == [(["email"], "Email is invalid")]


def test_email_and_phone_are_unique(shop: Shop) -> None:
    """Whatever the case or notation, an e-mail or phone belongs to one customer; the owner may keep it."""
    row = made(shop, email="a@b.de", phone="+4930901820")
    assert refused(shop, email="A@B.de") == [(["email"], "Email has already been taken")]
    assert refused(shop, phone="+49 30 901820") == [(["phone"], "Phone has already been taken")]
    again = shop.data(UPDATE, {"i": {"id": row["id"], "email": "A@b.de"}})["customerUpdate"]
    assert again["customer"]["email"] == "A@b.de"


def test_limits_are_reported_together(shop: Shop) -> None:
    """Every text that is too long is named in one answer."""
    found = refused(shop, firstName="f" * 256, lastName="l" * 256, note="n" * 5001, tags=["t" * 256])
    assert [path for path, _ in found] == [["firstName"], ["lastName"], ["note"], ["tags"]]
    many = ",".join(f"t{number}" for number in range(251))
    assert refused(shop, email="a@b.de", tags=[many]) == [(["tags"], "Tags cannot be more than 250")]


def test_an_update_leaves_what_it_does_not_name_and_clears_nulls(shop: Shop) -> None:
    """Fields left out stay; null clears; clearing the last identity is refused and changes nothing."""
    row = made(shop, email="a@b.de", firstName="Ada", note="n")
    after = shop.data(UPDATE, {"i": {"id": row["id"], "firstName": None}})["customerUpdate"]["customer"]
    assert (after["firstName"], after["email"], after["note"]) == (None, "a@b.de", "n")
    answer = shop.data(UPDATE, {"i": {"id": row["id"], "email": None, "note": "m"}})["customerUpdate"]
    assert answer["customer"] is None
    assert answer["userErrors"][0]["field"] is None
    assert shop.data(READ, {"id": row["id"]})["customer"]["note"] == "n"


def test_consent_is_given_at_creation_and_not_by_update(shop: Shop) -> None:
    """Consent at creation needs its address; an update points to the mutation that changes it."""
    consent = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "SINGLE_OPT_IN"}
    row = made(shop, email="a@b.de", emailMarketingConsent=consent | {"consentUpdatedAt": "2026-05-01T10:00:00Z"})
    shown = row["defaultEmailAddress"]
    assert (shown["marketingState"], shown["marketingUpdatedAt"]) == ("SUBSCRIBED", "2026-05-01T10:00:00Z")
    text = "A phone number is required to set the SMS consent state."
    assert refused(shop, email="c@b.de", smsMarketingConsent=consent) == [(["smsMarketingConsent"], text)]
    answer = shop.data(UPDATE, {"i": {"id": row["id"], "emailMarketingConsent": consent}})["customerUpdate"]
    assert answer["userErrors"][0]["message"].endswith("customerEmailMarketingConsentUpdate Mutation instead")


def test_consent_updates_check_level_and_time(shop: Shop) -> None:
    """A refused consent answers with the customer unchanged; states of Shopify's own fail the field."""
    row = made(shop, email="a@b.de")
    consent: dict[str, Any] = {"marketingState": "PENDING", "marketingOptInLevel": "SINGLE_OPT_IN"}
    given = {"customerId": row["id"], "emailMarketingConsent": consent}
    answer = shop.data(CONSENT, {"i": given})["customerEmailMarketingConsentUpdate"]
    assert answer["customer"]["defaultEmailAddress"]["marketingState"] == "NOT_SUBSCRIBED"
    assert answer["userErrors"][0]["code"] == "INVALID"
    consent |= {"marketingOptInLevel": "CONFIRMED_OPT_IN", "consentUpdatedAt": "2999-01-01T00:00:00Z"}
    answer = shop.data(CONSENT, {"i": given})["customerEmailMarketingConsentUpdate"]
    assert answer["userErrors"][0]["message"] == "Consent updated at must not be in the future"
    consent |= {"consentUpdatedAt": "2026-01-01T00:00:00Z"}
    answer = shop.data(CONSENT, {"i": given})["customerEmailMarketingConsentUpdate"]
    assert answer["customer"]["defaultEmailAddress"]["marketingState"] == "PENDING"
    body = shop.run(CONSENT, {"i": given | {"emailMarketingConsent": consent | {"marketingState": "INVALID"}}})
    assert body["data"] == {"customerEmailMarketingConsentUpdate": None}
    assert body["errors"][0]["extensions"]["code"] == "INVALID"


def test_set_finds_by_email_phone_and_id(shop: Shop) -> None:
    """customerSet makes what its e-mail does not find, changes what it finds, and needs the two to agree."""
    by = {"email": "a@b.de"}
    first = shop.data(SET, {"i": {"email": "A@b.de", "firstName": "Ada"}, "by": by})["customerSet"]["customer"]
    again = shop.data(SET, {"i": {"email": "a@b.de", "lastName": "Ek"}, "by": by})["customerSet"]["customer"]
    assert (again["id"], again["displayName"]) == (first["id"], "Ada Ek")
    answer = shop.data(SET, {"i": {"firstName": "X"}, "by": by})["customerSet"]
    assert [error["code"] for error in answer["userErrors"]] == ["MISSING_FIELD_REQUIRED"]
    answer = shop.data(SET, {"i": {"email": "c@b.de"}, "by": by})["customerSet"]
    assert [error["code"] for error in answer["userErrors"]] == ["INPUT_MISMATCH"]
    answer = shop.data(SET, {"i": {"firstName": "X"}, "by": {"id": "gid://shopify/Customer/1"}})["customerSet"]
    assert [(error["field"], error["code"]) for error in answer["userErrors"]] == [(["input"], "NOT_FOUND")]


def test_an_address_is_read_by_code_before_name(shop: Shop) -> None:
    """The country's code wins over its name; a country without zones has no province; unknown ones are refused."""
    row = made(shop, firstName="Ada", lastName="Ek")
    given = {"city": "Berlin", "countryCode": "DE", "country": "Canada", "provinceCode": "ON", "phone": "030 901820"}
    shown = shop.data(ADDRESS, {"c": row["id"], "a": given})["customerAddressCreate"]["address"]
    assert (shown["country"], shown["province"], shown["phone"]) == ("Germany", None, "+4930901820")
    assert (shown["name"], shown["formattedArea"]) == ("Ada Ek", "Berlin, Germany")
    for place, wrong in (
        ({"country": "Atlantis"}, "country"),
        ({"countryCode": "CA", "provinceCode": "TX"}, "province"),
        ({"city": "<b>x</b>"}, "city"),
    ):
        answer = shop.data(ADDRESS, {"c": row["id"], "a": place})["customerAddressCreate"]
        assert [error["field"] for error in answer["userErrors"]] == [["address", wrong]]
    answer = shop.data(ADDRESS, {"c": row["id"], "a": given})["customerAddressCreate"]
    assert answer["userErrors"] == [{"field": ["address"], "message": "Address already exists"}]


def test_one_address_is_always_the_default(shop: Shop) -> None:
    """The first becomes it, another when asked, the next when it is deleted."""
    row = made(shop, firstName="Ada")
    cities = ("Berlin", "Bonn", "Kiel")
    ids = [
        shop.data(ADDRESS, {"c": row["id"], "a": {"city": city}})["customerAddressCreate"]["address"]["id"]
        for city in cities
    ]
    assert shop.data(READ, {"id": row["id"]})["customer"]["defaultAddress"]["id"] == ids[0]
    shop.data(DEFAULT, {"c": row["id"], "a": ids[1]})
    assert shop.data(READ, {"id": row["id"]})["customer"]["defaultAddress"]["id"] == ids[1]
    assert shop.data(DROP, {"c": row["id"], "a": ids[1]})["customerAddressDelete"]["deletedAddressId"] == ids[1]
    assert shop.data(READ, {"id": row["id"]})["customer"]["defaultAddress"]["id"] == ids[0]


def test_anothers_address_is_refused_and_an_unknown_one_fails(shop: Shop) -> None:
    """An address of someone else is a user error, one that is nowhere fails the field before the customer is read."""
    one, two = made(shop, firstName="A"), made(shop, firstName="B")
    address = shop.data(ADDRESS, {"c": one["id"], "a": {"city": "Bonn"}})["customerAddressCreate"]["address"]["id"]
    answer = shop.data(DROP, {"c": two["id"], "a": address})["customerAddressDelete"]
    assert answer["userErrors"] == [{"field": ["addressId"], "message": "Address does not exist"}]
    missing = "gid://shopify/MailingAddress/1"
    body = shop.run(DROP, {"c": "gid://shopify/Customer/1", "a": missing})
    assert body["errors"][0]["message"] == f"Invalid id: {missing}"
    assert body["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"


def test_a_list_of_addresses_replaces_the_old_ones(shop: Shop) -> None:
    """Named addresses change in place, unnamed ones come once each, the others go."""
    row = made(shop, firstName="Ada", addresses=[{"city": "Bonn", "zip": "1"}, {"city": "Kiel"}])
    kept = row["addressesV2"]["nodes"][1]["id"]
    given = [{"id": kept, "zip": "2"}, {"city": "Ulm"}, {"city": "Ulm"}]
    after = shop.data(UPDATE, {"i": {"id": row["id"], "addresses": given}})["customerUpdate"]["customer"]
    assert [(node["city"], node["zip"]) for node in after["addressesV2"]["nodes"]] == [("Kiel", "2"), ("Ulm", None)]
    assert after["defaultAddress"]["id"] == kept
    text = "Customer address cannot be blank."
    assert refused(shop, firstName="X", addresses=[{"city": " "}]) == [(["addresses", "0"], text)]


def test_a_deleted_customer_is_gone(shop: Shop) -> None:
    """Deleting answers with the id and the shop; a second time the customer cannot be found."""
    row = made(shop, email="a@b.de")
    answer = shop.data(DELETE, {"id": row["id"]})["customerDelete"]
    assert answer["deletedCustomerId"] == row["id"]
    assert answer["shop"]["id"].startswith("gid://shopify/Shop/")
    assert shop.data(READ, {"id": row["id"]})["customer"] is None
    again = shop.data(DELETE, {"id": row["id"]})["customerDelete"]
    assert again["userErrors"] == [{"field": ["id"], "message": "Customer can't be found"}]
    assert made(shop, email="a@b.de")["id"] != row["id"]


def test_customers_are_found_by_word_tag_and_country(shop: Shop) -> None:
    """E-mail is searched by its words, tags and countries as a whole, `-` turns a condition round."""
    made(shop, email="ada@one.example", tags=["vip"], addresses=[{"countryCode": "DE"}])
    made(shop, email="bob@two.example", firstName="Ada")
    query = "query($q: String!) { customers(first: 5, query: $q) { nodes { email } } }"

    def found(text: str) -> list[str]:
        return [node["email"] for node in shop.data(query, {"q": text})["customers"]["nodes"]]

    assert found("email:one") == ["ada@one.example"]
    assert found("tag:VIP") == ["ada@one.example"]
    assert found("country:Germany") == found("country:DE") == ["ada@one.example"]
    assert found("-tag:vip") == ["bob@two.example"]
    assert found("ada") == ["ada@one.example", "bob@two.example"]


def test_a_count_knows_fewer_fields_than_a_list(shop: Shop) -> None:
    """An e-mail narrows the list of customers and not their count, which warns; ids and times narrow both."""
    first, _ = made(shop, email="ada@one.example"), made(shop, email="bob@two.example")
    query = "query($q: String!) { customersCount(query: $q) { count } customers(first: 5, query: $q) { nodes { id } } }"
    body = shop.run(query, {"q": "email:one"})
    assert (body["data"]["customersCount"]["count"], len(body["data"]["customers"]["nodes"])) == (2, 1)
    assert [entry["warnings"][0]["code"] for entry in body["extensions"]["search"]] == ["invalid_field"]
    number = first["id"].rsplit("/", 1)[-1]
    found = shop.data(query, {"q": f"id:{number}"})
    assert (found["customersCount"]["count"], found["customers"]["nodes"]) == (1, [{"id": first["id"]}])
