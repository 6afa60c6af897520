"""The functions of a mapping, each as a user calls it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.mapping.expressions import ExpressionFailed, compiled
from shared.mapping.functions import OWN_FUNCTIONS

CONTENT: dict[str, Any] = {
    "price": Decimal("12.345"),
    "text_price": "19.90",
    "count": 3,
    "none": None,
    "empty": "",
    "off": False,
    "name": "  Wool Hat ",
    "html": "<p>a &amp; b</p>",
    "tags": "red, blue,,green ",
    "at": "2026-03-01T23:30:00Z",
    "amounts": [Decimal("0.1"), Decimal("0.2"), 1],
    "mixed": [Decimal("1.5"), "x"],
    "rows": [{"n": Decimal("2.5"), "c": "b"}, {"n": 1, "c": "a"}],
}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("truncate(name, `6`)", "  Wool"),
        ("truncate(none, `6`)", None),
        ("html_to_text(html)", "a & b"),
        ("html_to_text(none)", None),
        ("text_to_html('a & b')", "<p>a &amp; b</p>"),
        ("lower('ÄB')", "äb"),
        ("upper('straße')", "STRASSE"),
        ("trim(name)", "Wool Hat"),
        ("split(tags, ',')", ["red", "blue", "green"]),
        ("split('a', '')", ["a"]),
        ("split(none, ',')", None),
        ("e164('+32 2 555 12 12')", "+3225551212"),
        ("e164('02/555.12.12', 'BE')", "+3225551212"),
        ("e164('02/555.12.12', 'be')", "+3225551212"),
        ("e164('0032 2 5551212', 'BE')", "+3225551212"),
        ("e164('+1 (613) 555-0142 ext. 7', 'BE')", "+16135550142"),
        ("e164('02/555.12.12')", None),
        ("e164('02/555.12.12', none)", None),
        ("e164('555-0142', 'US')", None),
        ("e164('ask Una', 'BE')", None),
        ("e164('02/555.12.12', 'Belgium')", None),
        ("e164(empty, 'BE')", None),
        ("e164(none)", None),
        ("money(price)", Decimal("12.35")),
        ("money(price, `0`)", Decimal("12")),
        ("money(price, `3`)", Decimal("12.345")),
        ("money(text_price)", Decimal("19.90")),
        ("money('0.005')", Decimal("0.01")),
        ("money(empty)", None),
        ("decimal(text_price)", Decimal("19.90")),
        ("decimal(' 7 ')", Decimal("7")),
        ("decimal(count)", Decimal(3)),
        ("decimal(none)", None),
        ("date(at)", "2026-03-01"),
        ("date(at, 'Europe/Berlin')", "2026-03-02"),
        ("date('2026-03-01', 'Pacific/Auckland')", "2026-03-01"),
        ("date('2026-03-01T10:00:00')", "2026-03-01"),
        ("date(none)", None),
        ("date(empty)", None),
        ("default(none, 'x')", "x"),
        ("default(empty, 'x')", "x"),
        ("default(off, `true`)", False),
        ("default(`[]`, 'x')", "x"),
    ],
)
def test_ours(text: str, result: object) -> None:
    """Each function of ours gives what docs/mapping.md says, and null for null."""
    assert compiled(text).evaluate(CONTENT) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("sum(amounts)", Decimal("1.3")),
        ("sum(`[0.1, 0.2]`)", Decimal("0.3")),
        ("avg(amounts)", Decimal("1.3") / 3),
        ("avg(`[]`)", None),
        ("max(amounts)", 1),
        ("min(amounts)", Decimal("0.1")),
        ("sort(amounts)[0]", Decimal("0.1")),
        ("sort_by(rows, &n)[0].c", "a"),
        ("max_by(rows, &n).c", "b"),
        ("min_by(rows, &c).n", 1),
        ("abs(`-1.5`)", Decimal("1.5")),
        ("ceil(price)", 13),
        ("floor(price)", 12),
        ("to_number(text_price)", Decimal("19.90")),
        ("to_number('42')", 42),
        ("to_number('1e2')", Decimal(100)),
        ("to_number('abc')", None),
        ("to_number('NaN')", None),
        ("to_number('1_000')", None),
        ("to_number(off)", None),
        ("to_number(price)", Decimal("12.345")),
        ("to_string(price)", "12.345"),
        ("to_string(`1.10`)", "1.10"),
        ("to_string(rows[0])", '{"c":"b","n":2.5}'),
        ("to_string(amounts)", "[0.1,0.2,1]"),
        ("to_string(none)", "null"),
        ("type(price)", "number"),
        ("type(off)", "boolean"),
        ("price > `12.3`", True),
        ("price == `12.345`", True),
        ("amounts[?@ > `0.15`]", [Decimal("0.2"), 1]),
        ("`1.5`", Decimal("1.5")),
        ('`[1.5, {"a": 2.25}]`', [Decimal("1.5"), {"a": Decimal("2.25")}]),
        ("length(name)", 11),
        ("join(' ', ['a', 'b'])", "a b"),
        ("not_null(none, price)", Decimal("12.345")),
        ("keys(rows[0])", ["c", "n"]),
        ("values(rows[0])", ["b", Decimal("2.5")]),
        ("rows[0].*", ["b", Decimal("2.5")]),
        ("map(&n, rows)", [Decimal("2.5"), 1]),
    ],
)
def test_numbers_are_exact(text: str, result: object) -> None:
    """JMESPath's own functions take Decimals, compare them and never give a float."""
    value = compiled(text).evaluate(CONTENT)
    assert value == result
    assert "float" not in _types(value)


def _types(value: object) -> set[str]:
    if isinstance(value, list):
        return set().union(*(_types(member) for member in value)) if value else set()
    if isinstance(value, dict):
        return _types(list(value.values()))
    return {type(value).__name__}


@pytest.mark.parametrize(
    "text",
    [
        "truncate(price, `3`)",
        "truncate(name, name)",
        "lower(count)",
        "money('12,50')",
        "decimal('abc')",
        "decimal(off)",
        "money(price, `99`)",
        "date('01/02/2026')",
        "date(at, name)",
        "date(at, join('', ['../../etc', '/passwd']))",
        "sum(mixed)",
        "join(' ', [name, none])",
        "sort(mixed)",
        "name > `1`",
        "max_by(rows, &none)",
        "contains(name, `1`)",
        "rows[::0]",
    ],
)
def test_failures_carry_no_values(text: str) -> None:
    """What cannot be computed fails with kinds and lengths, never with the record's own texts."""
    with pytest.raises(ExpressionFailed) as failure:
        compiled(text).evaluate(CONTENT)
    assert "Wool" not in str(failure.value)
    assert "12.345" not in str(failure.value)
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__


def test_join_names_the_way_out() -> None:
    """An empty part in join() is the most frequent mistake, so its message says what helps, and that helps."""
    with pytest.raises(ExpressionFailed, match=r"\[\?@\] behind the list"):
        compiled("join(' ', [name, none])").evaluate(CONTENT)
    assert compiled("join(' ', [name, none][?@])").evaluate(CONTENT) == "  Wool Hat "


def test_floats_in_a_record_become_exact() -> None:
    """Even a float that slipped into a record leaves as the Decimal it was written as."""
    assert compiled("a").evaluate({"a": 0.1}) == Decimal("0.1")
    with pytest.raises(ExpressionFailed):
        compiled("a").evaluate({"a": float("nan")})


def test_own_functions() -> None:
    """The set of our functions is what the guide documents, no more."""
    assert {
        "truncate", "html_to_text", "text_to_html", "lower", "upper", "trim",
        "split", "money", "decimal", "date", "default", "e164",
    } == OWN_FUNCTIONS  # fmt: skip
