"""Locations of companies: addresses, taxes, terms, deleting and lists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.shopify.client import Shop
from tests.contract.shopify.test_companies import (
    ADDRESS,
    CHANGE_LOCATION,
    DELETE,
    DELETE_MANY,
    DROP_ADDRESS,
    DROP_LOCATION,
    LOCATION,
    NOWHERE,
    READ,
    TAXES,
    errors,
    made,
)


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
