from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dataverse.metadata import Column
from shared.dataverse.selection import Version
from shared.dataverse.values import same, wire_value
from shared.errors import Invalid
from shared.fields import FieldInfo


def column(kind: str, wire: str = "", precision: int | None = None) -> Column:
    """A column of a type."""
    return Column("x", wire, FieldInfo("x", kind, precision=precision))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", 12, "12"),
        ("text", "", ""),
        ("text", Decimal("1.50"), "1.50"),
        ("integer", "7", 7),
        ("choice", Decimal("2.0"), 2),
        ("decimal", "12.30", Decimal("12.30")),
        ("decimal", "", None),
        ("boolean", False, False),
        ("datetime", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00Z"),
        ("date", date(2026, 1, 2), "2026-01-02"),
        ("datetime", None, None),
    ],
)
def test_a_value_takes_the_form_of_its_column(kind: str, value: Any, expected: Any) -> None:
    """Text that holds a number becomes one where the column is one, and the reverse."""
    found = wire_value(column(kind), value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", True),
        ("text", {"a": 1}),
        ("integer", "1.5"),
        ("integer", True),
        ("choice", "Active"),
        ("decimal", 1.5),
        ("decimal", "ten"),
        ("decimal", "NaN"),
        ("boolean", "yes"),
        ("datetime", 5),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(kind: str, value: Any) -> None:
    """Nothing is guessed: the record is parked with the column."""
    with pytest.raises(Invalid) as caught:
        wire_value(column(kind), value)
    assert caught.value.facts["column"] == "x"


@given(st.integers(-(10**30), 10**30), st.integers(0, 6), st.integers(0, 6))
def test_a_number_is_sent_whole_or_not_at_all(digits: int, places: int, limit: int) -> None:
    """What has more decimals than the column is refused; trailing zeros do not count, size does not matter."""
    number = Decimal(f"{digits}e-{places}")
    if digits % 10 ** max(0, places - limit) == 0:
        assert wire_value(column("decimal", precision=limit), number) == number
    else:
        with pytest.raises(Invalid):
            wire_value(column("decimal", precision=limit), number)


def test_money_without_a_known_precision_holds_four_places() -> None:
    """The platform's money type ends there, whatever the currency."""
    assert wire_value(column("decimal", "Money"), "1.2345") == Decimal("1.2345")
    with pytest.raises(Invalid):
        wire_value(column("decimal", "Money"), "1.23456")


@pytest.mark.parametrize(
    ("wanted", "found", "equal"),
    [
        ("10.0", Decimal("10.0000"), True),
        ("", None, True),
        (None, "", True),
        ("a\r\nb", "a\nb", True),
        ("A", "a", False),
        (True, 1, False),
        (0, None, False),
        ("x", Decimal(1), False),
        ("0A67DAE0-1B4B-5E6E-B61D-3FD1665DE1FE", "0a67dae0-1b4b-5e6e-b61d-3fd1665de1fe", True),
    ],
)
def test_what_was_sent_is_recognised_when_it_comes_back(wanted: Any, found: Any, equal: bool) -> None:
    """Numbers compare as numbers and blanks as one; letters count."""
    assert same(wanted, found) is equal


@given(
    st.from_regex(r'W/"[0-9]+"', fullmatch=True),
    st.dictionaries(st.sampled_from(["a", "b"]), st.none() | st.tuples(st.text(), st.text())),
)
def test_a_version_survives_its_text(etag: str, children: dict[str, tuple[str, str] | None]) -> None:
    """The versions of a row and of its children travel with the record and come back whole."""
    version = Version(etag, children)
    assert Version.of(version.text()) == version
    assert Version.of(None) is None
