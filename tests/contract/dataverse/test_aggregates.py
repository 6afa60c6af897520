"""`$apply` (webapi/query/aggregate-data)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from .conftest import Org, fault

SHOWN = "@OData.Community.Display.V1.FormattedValue"


@pytest.fixture
def filled(org: Org) -> Org:
    """Four accounts, two with the same contact, one inactive and empty."""
    contact = org.create("contacts", {"firstname": "Ann", "lastname": "Bee"})
    chief = {"primarycontactid@odata.bind": f"/contacts({contact})"}
    org.create("accounts", {"name": "A", "revenue": 10, "numberofemployees": 1, "address1_city": "X", **chief})
    org.create("accounts", {"name": "B", "revenue": 20.5, "numberofemployees": 2, "address1_city": "X", **chief})
    org.create("accounts", {"name": "C", "revenue": 0.01, "numberofemployees": 2, "address1_city": "Y"})
    org.patch(f"accounts({org.create('accounts', {'name': 'D'})})", {"statecode": 1})
    return org


def applied(org: Org, text: str, more: str = "", **headers: str) -> list[dict[str, Any]]:
    """The groups a `$apply` answers."""
    found: list[dict[str, Any]] = org.get(f"accounts?$apply={quote(text)}{more}", **headers)["value"]
    return found


def test_distinct_values(filled: Org) -> None:
    """groupby alone lists the different values."""
    # aggregate-data: list of unique statuses
    assert applied(filled, "groupby((statuscode))") == [{"statuscode": 1}, {"statuscode": 2}]


def test_distinct_combinations_leave_empty_values_out(filled: Org) -> None:
    """A group without a value lacks the property instead of showing null."""
    # aggregate-data: distinct column values
    found = applied(filled, "groupby((address1_city,statecode))")
    assert found == [{"statecode": 1}, {"address1_city": "X", "statecode": 0}, {"address1_city": "Y", "statecode": 0}]


def test_count_by_group(filled: Org) -> None:
    """$count counts the rows of each group."""
    # aggregate-data: count by status values
    found = applied(filled, "groupby((statuscode),aggregate($count as count))")
    assert found == [{"statuscode": 1, "count": 3}, {"statuscode": 2, "count": 1}]


def test_sum(filled: Org) -> None:
    """A sum without groups is one row, exact to the last digit."""
    # aggregate-data: aggregate sum of revenue
    assert applied(filled, "aggregate(revenue with sum as total)") == [{"total": Decimal("30.510000000")}]


def test_average_leaves_empty_values_out(filled: Org) -> None:
    """Empty values do not count in an average."""
    # aggregate-data: average revenue; fetchxml/aggregate-data: nulls are excluded
    found = applied(filled, "groupby((address1_city),aggregate(revenue with average as mean))")
    assert found == [{}, {"address1_city": "X", "mean": Decimal("15.250000000")},
                     {"address1_city": "Y", "mean": Decimal("0.010000000")}]


def test_average_of_whole_numbers_is_whole(filled: Org) -> None:
    """The average of a whole-number column is whole."""
    # fetchxml/aggregate-data: avg of Number of Employees, a whole number
    assert applied(filled, "aggregate(numberofemployees with average as mean)") == [{"mean": 1}]


def test_first_and_last(filled: Org) -> None:
    """min and max work on times."""
    # aggregate-data: last and first created record
    found = applied(filled, "aggregate(createdon with max as last,createdon with min as first)")
    assert found == [{"last": "2026-03-01T12:00:00Z", "first": "2026-03-01T12:00:00Z"}]


def test_group_by_a_related_column(filled: Org) -> None:
    """A related row's column groups under the name of its table and column."""
    # aggregate-data: total revenue by primary contact name
    found = applied(filled, "groupby((primarycontactid/fullname),aggregate(revenue with sum as total))")
    assert {"contact_fullname": "Ann Bee", "total": Decimal("30.500000000")} in found


def test_filter_first(filled: Org) -> None:
    """filter(...) before the grouping limits the rows."""
    # aggregate-data: primary contact names for accounts in 'WA'
    found = applied(filled, "filter(address1_city eq 'x')/groupby((primarycontactid/fullname))")
    assert found == [{"contact_fullname": "Ann Bee"}]


def test_filter_with_an_alias(filled: Org) -> None:
    """Parameter aliases work inside $apply."""
    # query/filter-rows: parameter aliases
    found = applied(filled, "filter(address1_city eq @c)/aggregate($count as n)", "&@c='Y'")
    assert found == [{"n": 1}]


def test_labels(filled: Org) -> None:
    """Formatted values come with groups and aggregates."""
    # aggregate-data: samples with annotations
    found = applied(filled, "groupby((statuscode),aggregate($count as n,revenue with sum as total))",
                    Prefer='odata.include-annotations="*"')
    assert (found[0][f"statuscode{SHOWN}"], found[0][f"n{SHOWN}"]) == ("Active", "3")
    assert found[0][f"total{SHOWN}"] == "€30.51"


def test_groups_can_be_ordered(filled: Org) -> None:
    """$orderby takes a grouped column, $top cuts."""
    # aggregate-data: only aggregate values cannot be ordered by
    found = applied(filled, "groupby((numberofemployees))", "&$orderby=numberofemployees desc&$top=1")
    assert found == [{"numberofemployees": 2}]


def test_aggregates_cannot_be_ordered(filled: Org) -> None:
    """$orderby with an aggregate value is refused with the documented words."""
    # aggregate-data: note on $orderby
    text = quote("groupby((statuscode),aggregate($count as n))")
    answer = filled.call("GET", f"accounts?$apply={text}&$orderby=n")
    assert fault(answer) == (400, "0x80060888")
    assert "The query node SingleValueOpenPropertyAccess is not supported" in answer.text


@pytest.mark.parametrize("text", [
    "groupby((createdon))",  # note: groupby with datetime values is not supported
    "aggregate(name with countdistinct as n)",  # limitations: distinct number
    "aggregate(name with sum as n)", "aggregate(name)", "groupby(statuscode)", "groupby((nope))",
    "topcount(1,revenue)", "aggregate($count as n)/groupby((statuscode))", "filter(name eq 'A')"])
def test_refused_transformations(filled: Org, text: str) -> None:
    """What the page does not document is refused."""
    # aggregate-data: Dataverse supports only a subset; limitations
    assert fault(filled.call("GET", f"accounts?$apply={quote(text)}")) == (400, "0x80060888")


def test_money_is_aggregated_in_the_base_currency(org: Org) -> None:
    """Amounts in several currencies add up in the organization's own."""
    # fetchxml, aggregate data; an assumption
    dollars = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({org.id_of('currency/USD')})"}
    org.create("accounts", {"name": "A", "revenue": 11, **dollars})
    org.create("accounts", {"name": "B", "revenue": 5})
    assert applied(org, "aggregate(revenue with sum as total)") == [{"total": Decimal(15)}]


def test_fifty_thousand_rows_at_most(org: Org) -> None:
    """More than 50,000 rows cannot be aggregated."""
    # aggregate-data: limited to a collection of 50,000 records
    store, table = org.sandbox.core.store, org.sandbox.core.registry.tables["account"]
    with store.transaction():
        for number in range(50_001):
            store.insert(table, {"accountid": f"00000000-0000-0000-0000-{number:012d}"})
    assert fault(org.call("GET", "accounts?$apply=aggregate($count as n)")) == (400, "0x8004E023")
    assert org.get("accounts?$apply=filter(accountid ne 00000000-0000-0000-0000-000000000007)/aggregate($count as n)"
                   )["value"] == [{"n": 50_000}]
