"""Which values are the same: the rules by which an echo is recognised and a change found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from shared.sync.digest import BLANK, digest, fingerprint, same

SAME = [
    (None, ""),
    (None, []),
    ("", {}),
    (10, Decimal("10.00")),
    (Decimal("-0.0"), 0),
    (1000, Decimal("1E+3")),
    ("a\r\nb", "a\nb"),
    ("é", "e\u0301"),
    ({"a": 1, "b": 2}, {"b": 2, "a": Decimal("1.0")}),
    (datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 13, tzinfo=timezone(timedelta(hours=1)))),
]
DIFFERENT = [
    ("a", "A"),
    ("a", "a "),
    (0, None),
    (False, None),
    (True, "True"),
    (1, Decimal("1.01")),
    (["a", "b"], ["b", "a"]),
    (["ab"], ["a", "b"]),
    (["1:a"], [["a"]]),
    (["a,1:b"], ["a", "b"]),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_one_value_in_two_forms_is_one_value(left: Any, right: Any) -> None:
    """Blanks, forms of a number, line ends, Unicode composition and time zones do not count."""
    assert same(left, right)
    assert digest(left) == digest(right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_two_values_are_two_values(left: Any, right: Any) -> None:
    """Case, spaces, order, and a zero or a false against a blank do count; lists cannot imitate each other."""
    assert not same(left, right)
    assert digest(left) != digest(right)


def test_a_blank_has_a_digest_of_its_own() -> None:
    """It is stored like any other, so that 'blank' and 'never agreed on' stay apart."""
    assert digest(None) == BLANK


def test_a_fingerprint_knows_where_its_parts_end() -> None:
    """Moving a letter from one part to the next changes it."""
    assert fingerprint(["ab", "c"]) != fingerprint(["a", "bc"])
