"""Queries (webapi/query/overview and its pages)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from .conftest import Org, fault


@pytest.fixture
def filled(org: Org) -> Org:
    """An organization with four accounts."""
    for name, staff, credit, fax in (("Alpha", 1, 10.5, None), ("beta", 2, 20, "1"), ("Café", 3, None, "2"),
                                     ("O'Neil", 4, -0, "1")):
        body: dict[str, Any] = {"name": name, "numberofemployees": staff}
        body |= {"creditlimit": credit} if credit is not None else {}
        body |= {"fax": fax} if fax else {}
        org.create("accounts", body)
    return org


def names(org: Org, text: str) -> list[str]:
    """The names of the accounts a filter finds, in order."""
    return [r["name"] for r in org.get(f"accounts?$select=name&$orderby=name&$filter={quote(text)}")["value"]]


@pytest.mark.parametrize(("text", "found"), [
    ("name eq 'ALPHA'", ["Alpha"]),  # query/filter: case-insensitive
    ("name eq 'cafe'", ["Café"]),  # language-collations: 1033 is _CI_AI
    ("name eq 'O''Neil'", ["O'Neil"]),  # query/filter: doubled quotes
    ("name eq 'beta  '", ["beta"]),  # SQL Server ignores trailing blanks
    ("contains(name,'ET')", ["beta"]),  # query/filter: contains
    ("startswith(name,'al')", ["Alpha"]),
    ("endswith(name,'A')", ["Alpha", "beta"]),
    ("not contains(name,'a')", ["O'Neil"]),
    ("numberofemployees gt 1 and numberofemployees le 3", ["beta", "Café"]),
    ("numberofemployees eq 1 or name eq 'beta'", ["Alpha", "beta"]),
    ("(numberofemployees eq 1 or numberofemployees eq 2) and not (name eq 'beta')", ["Alpha"]),
    ("creditlimit eq null", ["Café"]),
    ("creditlimit ne null", ["Alpha", "beta", "O'Neil"]),
    ("creditlimit ge 10.50", ["Alpha", "beta"]),
    ("creditlimit lt 10.5", ["O'Neil"]),
    ("creditlimit gt -1", ["Alpha", "beta", "O'Neil"]),
    ("fax ne '1'", ["Alpha", "Café"]),  # ne also finds nulls [M]
    ("statecode eq 0", ["Alpha", "beta", "Café", "O'Neil"]),
    ("donotemail eq true", []),
    ("createdon ge 2026-03-01T12:00:00Z", ["Alpha", "beta", "Café", "O'Neil"]),
    ("createdon gt 2026-03-01T12:00:00Z", []),
    ("Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['alpha','beta'])", ["Alpha", "beta"]),
    # filter-rows: manage single quotes
    ("Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=[\"alpha\",\"o'neil\"])", ["Alpha", "O'Neil"]),
    ('Microsoft.Dynamics.CRM.In(PropertyName=\'name\',PropertyValues=["a\\"b","beta"])', ["beta"]),
    ("Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=[\"o'neil\"]) and contains(name,'n')", ["O'Neil"]),
    # filter-rows: use wildcard characters
    ("contains(name,'b%a')", ["beta"]), ("startswith(name,'_lph')", ["Alpha"]),
    ("endswith(name,'n[a-e]il')", ["O'Neil"]),
    ("contains(name,'[^a-z]n')", ["O'Neil"]), ("name eq 'b%'", []),
    # filter-rows: column comparison
    ("createdon eq modifiedon", ["Alpha", "beta", "Café", "O'Neil"]), ("name ne fax", ["beta", "Café", "O'Neil"]),
    ("Microsoft.Dynamics.CRM.In(PropertyName='numberofemployees',PropertyValues=['2','3'])", ["beta", "Café"]),
    ("Microsoft.Dynamics.CRM.NotIn(PropertyName='numberofemployees',PropertyValues=['2','3'])", ["Alpha", "O'Neil"]),
    ('Microsoft.Dynamics.CRM.Between(PropertyName=\'numberofemployees\',PropertyValues=["2","4"])',
     ["beta", "Café", "O'Neil"]),
    ("Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=1)", ["Alpha", "beta", "Café", "O'Neil"]),
    ("Microsoft.Dynamics.CRM.On(PropertyName='createdon',PropertyValue='2026-03-02')", []),
    ("Microsoft.Dynamics.CRM.Today(PropertyName='createdon') and name eq 'beta'", ["beta"]),
])
def test_filters(filled: Org, text: str, found: list[str]) -> None:
    """The filter finds exactly these accounts."""
    # query/filter-rows, query/filter-rows standard query functions
    assert names(filled, text) == found


def test_parameter_alias(filled: Org) -> None:
    """Parameter aliases stand for values given elsewhere in the query."""
    # query/overview: parameter aliases
    found = filled.get("accounts?$select=name&$filter=name eq @p1&@p1='beta'")["value"]
    assert [r["name"] for r in found] == ["beta"]


def test_filter_on_lookups(org: Org) -> None:
    """Lookups are filtered by their value property or by a column of the row they lead to."""
    # query/filter-rows: filter by lookup
    account = org.create("accounts", {"name": "A", "primarycontactid": {"lastname": "Chief"}})
    org.create("accounts", {"name": "B"})
    contact = org.get(f"accounts({account})")["_primarycontactid_value"]
    for text in (f"_primarycontactid_value eq {contact}", f"primarycontactid/contactid eq {contact}",
                 "primarycontactid/lastname eq 'chief'"):
        assert names(org, text) == ["A"]


@pytest.mark.parametrize(("text", "found"), [
    ("contact_customer_accounts/any(c:c/lastname eq 'One')", ["A"]),
    ("contact_customer_accounts/any()", ["A", "B"]),
    ("not contact_customer_accounts/any()", ["C"]),
    ("contact_customer_accounts/all(c:startswith(c/lastname,'T'))", ["B", "C"]),
])
def test_lambdas(org: Org, text: str, found: list[str]) -> None:
    """any and all look into collections."""
    # query/filter-rows: lambda operators
    org.create("accounts", {"name": "A", "contact_customer_accounts": [{"lastname": "One"}, {"lastname": "Two"}]})
    org.create("accounts", {"name": "B", "contact_customer_accounts": [{"lastname": "Three"}]})
    org.create("accounts", {"name": "C"})
    assert names(org, text) == found


@pytest.mark.parametrize("text", [
    "name eq 5", "numberofemployees eq '5'", "_primarycontactid_value eq 'x'", "nope eq 1", "name eq", "name",
    "tolower(name) eq 'a'", "name eq numberofemployees",
    "Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['o''neil'])",
    "Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon')",
    "Microsoft.Dynamics.CRM.Nope(PropertyName='name')", "name in ('a','b')",
    "numberofemployees eq -name"])
def test_filters_that_are_refused(org: Org, text: str) -> None:
    """Filters with wrong types, unknown names or unsupported functions answer 400."""
    # query/filter-rows; OData type rules
    assert org.call("GET", f"accounts?$filter={quote(text)}").status_code == 400


@pytest.mark.parametrize("option", ["$skip=1", "$search=a", "$format=json", "$compute=a"])
def test_unsupported_options(org: Org, option: str) -> None:
    """Query options the Web API does not have are refused."""
    # query/overview: unsupported OData query options
    assert org.call("GET", f"accounts?{option}").status_code == 400


def test_select_always_brings_the_key(filled: Org) -> None:
    """Whatever is selected, the primary key and the ETag come along."""
    # query/select-columns
    row = filled.get("accounts?$select=fax&$top=1")["value"][0]
    assert set(row) == {"@odata.etag", "fax", "accountid"}


def test_without_select_all_columns_come(org: Org) -> None:
    """Without $select every readable column comes, empty ones as null."""
    # query/select-columns
    org.create("accounts", {"name": "A"})
    row = org.get("accounts")["value"][0]
    assert len(row) == 158 + 1  # 159 columns, one of them not readable, and the ETag
    assert row["telephone1"] is None


def test_order(filled: Org) -> None:
    """Rows come in the order asked for, several columns and directions, nulls lowest."""
    # query/order-rows
    rows = filled.get("accounts?$select=name&$orderby=fax desc,name")["value"]
    assert [r["name"] for r in rows] == ["Café", "beta", "O'Neil", "Alpha"]


def test_top(filled: Org) -> None:
    """$top limits the answer and brings no next link."""
    # query/page-results: $top
    body = filled.get("accounts?$select=name&$top=2", Prefer="odata.maxpagesize=1")
    assert len(body["value"]) == 2
    assert "@odata.nextLink" not in body


def test_count(filled: Org) -> None:
    """$count tells how many rows match, not how many the page holds."""
    # query/count-rows
    body = filled.get("accounts?$select=name&$count=true&$filter=numberofemployees gt 1",
                      Prefer="odata.maxpagesize=1")
    assert (body["@odata.count"], len(body["value"])) == (3, 1)


def test_count_segment(filled: Org) -> None:
    """/$count answers plain text."""
    # query/count-rows
    answer = filled.call("GET", "accounts/$count?$filter=numberofemployees gt 1")
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.content.decode("utf-8-sig") == "3"


def test_count_is_capped(org: Org) -> None:
    """Counts stop at 5,000."""
    # query/count-rows: limited to 5,000
    store, table = org.sandbox.core.store, org.sandbox.core.registry.tables["account"]
    with store.transaction():
        for number in range(5010):
            store.insert(table, {"accountid": f"00000000-0000-0000-0000-{number:012d}", "name": "n"})
    body = org.get("accounts?$select=name&$count=true&$top=1", Prefer='odata.include-annotations="*"')
    assert body["@odata.count"] == 5000
    assert body["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] is True
    assert len(org.get("accounts?$select=name")["value"]) == 5000


def test_formatted_values(org: Org) -> None:
    """Annotations bring labels of choices, names of lookups and shown money."""
    # query/select-columns: formatted values
    product = org.product(price=10, **{"transactioncurrencyid@odata.bind":
                                       f"/transactioncurrencies({org.id_of('currency/EUR')})"})
    row = org.get(f"products({product})?$select=statecode,price,_defaultuomid_value",
                  Prefer='odata.include-annotations="OData.Community.Display.V1.FormattedValue"')
    shown = "@OData.Community.Display.V1.FormattedValue"
    assert (row[f"statecode{shown}"], row[f"_defaultuomid_value{shown}"]) == ("Draft", "Primary Unit")
    assert row[f"price{shown}"] == "€10.00"


def test_expand_single_and_collection(org: Org) -> None:
    """Expands bring related rows with their own options, nested ones too."""
    # query/join-tables
    product = org.product()
    org.price(product)
    row = org.get(f"products({product})?$select=name&$expand=defaultuomid($select=name),product_price_levels("
                  "$select=amount;$filter=amount gt 5;$expand=pricelevelid($select=name))")
    assert row["defaultuomid"]["name"] == "Primary Unit"
    assert row["product_price_levels"][0]["pricelevelid"]["name"] == "Standard"
    assert row["product_price_levels@odata.nextLink"].endswith("$expand=pricelevelid($select=name)")


def test_expand_options_of_collections(org: Org) -> None:
    """$filter, $orderby and $top work inside an expanded collection, per parent row."""
    # query/join-tables: nested options
    for name in "AB":
        org.create("accounts", {"name": name, "contact_customer_accounts": [
            {"lastname": "x"}, {"lastname": "y"}, {"lastname": "z"}]})
    rows = org.get("accounts?$select=name&$expand=contact_customer_accounts($select=lastname;"
                   "$filter=lastname ne 'x';$orderby=lastname desc;$top=1)")["value"]
    assert [[c["lastname"] for c in r["contact_customer_accounts"]] for r in rows] == [["z"], ["z"]]


def test_expand_of_an_empty_lookup(org: Org) -> None:
    """An empty lookup expands to null, an empty collection to an empty array."""
    # query/join-tables
    org.create("accounts", {"name": "A"})
    row = org.get("accounts?$select=name&$expand=primarycontactid,contact_customer_accounts")["value"][0]
    assert (row["primarycontactid"], row["contact_customer_accounts"]) == (None, [])


def test_expand_reference(org: Org) -> None:
    """A lookup can be expanded to its address only; a collection cannot."""
    # query/join-tables: nav/$ref
    org.create("accounts", {"name": "A", "primarycontactid": {"lastname": "C"}})
    row = org.get("accounts?$select=name&$expand=primarycontactid/$ref")["value"][0]
    assert list(row["primarycontactid"]) == ["@odata.id"]
    assert fault(org.call("GET", "accounts?$expand=contact_customer_accounts/$ref")) == (400, "0x80060888")


def test_unknown_expand(org: Org) -> None:
    """An unknown navigation property answers 0x80060888."""
    # reference a.8
    assert fault(org.call("GET", "accounts?$expand=nope")) == (400, "0x80060888")


def test_too_many_expands(org: Org) -> None:
    """More than fifteen expands are refused."""
    # query/join-tables: limit 15
    assert org.call("GET", "accounts?$expand=" + ",".join(["primarycontactid"] * 16)).status_code == 400


def test_paging_reaches_every_row_once(org: Org) -> None:
    """Following the next links brings every row exactly once, whatever the order."""
    # query/page-results
    for number in range(7):
        org.create("accounts", {"name": f"N{number % 3}", "fax": str(number) if number % 2 else None} if number % 2
                   else {"name": f"N{number % 3}"})
    for order in ("", "&$orderby=name desc", "&$orderby=fax,name desc"):
        body = org.get(f"accounts?$select=name{order}", Prefer="odata.maxpagesize=2")
        seen, pages = [r["accountid"] for r in body["value"]], 1
        while "@odata.nextLink" in body:
            body = org.get(body["@odata.nextLink"], Prefer="odata.maxpagesize=2")
            seen += [r["accountid"] for r in body["value"]]
            pages += 1
        assert (len(seen), len(set(seen)), pages) == (7, 7, 4)


def test_next_link_looks_like_the_documented_one(org: Org) -> None:
    """The next link holds a cookie with page number, escaped paging cookie and istracking."""
    # query/page-results: sample
    for name in "ABC":
        org.create("accounts", {"name": name})
    link = org.get("accounts?$select=name", Prefer="odata.maxpagesize=2")["@odata.nextLink"]
    assert "$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie%2520page%253d%25221%2522" in link
    assert link.endswith("%22%20istracking=%22False%22%20/%3E")


def test_bad_cookie(org: Org) -> None:
    """A cookie that is none answers 400."""
    # query/page-results: do not change the cookie
    assert org.call("GET", "accounts?$skiptoken=nonsense").status_code == 400
