"""The Web API's query functions, one by one (query function reference; query/filter-rows)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from .conftest import START, Org, fault

# START is Sunday, 1 March 2026, noon.
MOMENTS = {
    "2024-03-01": "2024-03-01T12:00:00Z", "2025-02-28": "2025-02-28T12:00:00Z", "2025-12-31": "2025-12-31T23:59:59Z",
    "2026-01-15": "2026-01-15T00:00:00Z", "2026-02-20": "2026-02-20T08:00:00Z", "2026-02-28": "2026-02-28T23:00:00Z",
    "2026-03-01": "2026-03-01T09:00:00Z"}


@pytest.fixture(scope="module")
def dated() -> Any:
    """Accounts with backdated creation."""
    org = Org()
    assert org.sandbox.clock.now() == START == datetime(2026, 3, 1, 12, tzinfo=UTC)
    for name, moment in MOMENTS.items():
        org.create("accounts", {"name": name, "overriddencreatedon": moment})
    yield org
    org.sandbox.close()


def found(org: Org, function: str, number: int | None = None) -> list[str]:
    """The days that a function over createdon finds."""
    value = "" if number is None else f",PropertyValue={number}"
    text = quote(f"Microsoft.Dynamics.CRM.{function}(PropertyName='createdon'{value})")
    return [r["name"] for r in org.get(f"accounts?$select=name&$orderby=name&$filter={text}")["value"]]


@pytest.mark.parametrize(("function", "days"), [
    ("Today", ["2026-03-01"]), ("Yesterday", ["2026-02-28"]), ("Tomorrow", []),
    ("Last7Days", ["2026-02-28", "2026-03-01"]), ("Next7Days", []),
    ("ThisWeek", ["2026-03-01"]), ("LastWeek", ["2026-02-28"]), ("NextWeek", []),
    ("ThisMonth", ["2026-03-01"]), ("LastMonth", ["2026-02-20", "2026-02-28"]), ("NextMonth", []),
    ("ThisYear", ["2026-01-15", "2026-02-20", "2026-02-28", "2026-03-01"]),
    ("LastYear", ["2025-02-28", "2025-12-31"]), ("NextYear", [])])
def test_named_spans(dated: Org, function: str, days: list[str]) -> None:
    """A date function without a number finds the rows of its day, week, month or year."""
    # query function reference: Today … NextYear
    assert found(dated, function) == days


@pytest.mark.parametrize(("function", "number", "days"), [
    ("LastXHours", 4, ["2026-03-01"]), ("LastXDays", 1, ["2026-02-28", "2026-03-01"]),
    ("LastXWeeks", 2, ["2026-02-20", "2026-02-28", "2026-03-01"]),
    ("LastXMonths", 2, ["2026-01-15", "2026-02-20", "2026-02-28", "2026-03-01"]),
    ("LastXYears", 1, ["2025-12-31", "2026-01-15", "2026-02-20", "2026-02-28", "2026-03-01"]),
    ("NextXHours", 4, []), ("NextXDays", 4, []), ("NextXWeeks", 4, []), ("NextXMonths", 4, []), ("NextXYears", 4, []),
    ("OlderThanXYears", 1, ["2024-03-01", "2025-02-28"]),
    ("OlderThanXMonths", 2, ["2024-03-01", "2025-02-28", "2025-12-31"]),
    ("OlderThanXWeeks", 1, ["2024-03-01", "2025-02-28", "2025-12-31", "2026-01-15", "2026-02-20"]),
    ("OlderThanXDays", 9, ["2024-03-01", "2025-02-28", "2025-12-31", "2026-01-15"]),
    ("OlderThanXHours", 14, sorted(MOMENTS)[:-2]), ("OlderThanXMinutes", 1, sorted(MOMENTS))])
def test_numbered_spans(dated: Org, function: str, number: int, days: list[str]) -> None:
    """A date function with a number looks that many hours, days, weeks, months or years away."""
    # query function reference: LastXHours … OlderThanXMinutes
    assert found(dated, function, number) == days


@pytest.mark.parametrize(("function", "days"), [
    ("On", ["2026-02-20"]), ("OnOrAfter", ["2026-02-20", "2026-02-28", "2026-03-01"]),
    ("OnOrBefore", ["2024-03-01", "2025-02-28", "2025-12-31", "2026-01-15", "2026-02-20"])])
def test_functions_of_a_day(dated: Org, function: str, days: list[str]) -> None:
    """On, OnOrAfter and OnOrBefore compare whole days."""
    # query function reference: On, OnOrAfter, OnOrBefore
    text = quote(f"Microsoft.Dynamics.CRM.{function}(PropertyName='createdon',PropertyValue='2026-02-20')")
    rows = dated.get(f"accounts?$select=name&$orderby=name&$filter={text}")["value"]
    assert [r["name"] for r in rows] == days


@pytest.mark.parametrize(("function", "count"), [
    ("EqualUserId", 7), ("NotEqualUserId", 0)])
def test_the_callers_own_rows(dated: Org, function: str, count: int) -> None:
    """EqualUserId and NotEqualUserId compare with the caller."""
    # query function reference: EqualUserId, NotEqualUserId
    text = quote(f"Microsoft.Dynamics.CRM.{function}(PropertyName='ownerid')").replace("ownerid", "_ownerid_value")
    assert len(dated.get(f"accounts?$select=name&$filter={text}")["value"]) == count


@pytest.mark.parametrize(("function", "count"), [("EqualBusinessId", 7), ("NotEqualBusinessId", 0)])
def test_the_callers_business_unit(dated: Org, function: str, count: int) -> None:
    """EqualBusinessId and NotEqualBusinessId compare with the caller's business unit."""
    # query function reference: EqualBusinessId, NotEqualBusinessId
    text = quote(f"Microsoft.Dynamics.CRM.{function}(PropertyName='_owningbusinessunit_value')")
    assert len(dated.get(f"accounts?$select=name&$filter={text}")["value"]) == count


@pytest.mark.parametrize("function", [
    "ThisFiscalYear", "InFiscalPeriodAndYear", "Under", "AboveOrEqual", "EqualUserOrUserTeams", "ContainValues",
    "EqualUserLanguage"])
def test_functions_the_sandbox_lacks_say_so(dated: Org, function: str) -> None:
    """A function that exists on the platform and not here answers 501 with its name."""
    # own rule: nothing is canned
    answer = dated.call("GET", f"accounts?$filter=Microsoft.Dynamics.CRM.{function}(PropertyName='createdon')")
    assert fault(answer) == (501, "0x80040216")
    assert function in answer.text


def test_aliases_for_names_and_lists(dated: Org) -> None:
    """Parameter aliases stand for property names and lists, double quotes around an apostrophe included."""
    # filter-rows: manage single quotes, sample
    text = quote("Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)")
    listed = quote('["2026-03-01","O\'Brian"]')
    rows = dated.get(f"accounts?$select=name&$filter={text}&@p1='name'&@p2={listed}")["value"]
    assert [r["name"] for r in rows] == ["2026-03-01"]
