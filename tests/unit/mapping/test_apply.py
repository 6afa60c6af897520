"""Wanted values: tables, blanks, constants, references, create-only fields, skips, keys."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.errors import MappingFailed
from shared.mapping.apply import KEEP, match_keys, missing, references, skip_reason, wanted
from tests.unit.mapping.builders import field, rules_of, table, want


def failure(body: str, content: dict[str, Any], **constants: Any) -> MappingFailed:
    """The failure of a record under a mapping."""
    with pytest.raises(MappingFailed) as caught:
        want(body, content, **constants)
    return caught.value


def test_the_four_ways() -> None:
    """A value comes from the record, the file, the settings, or a reference's counterpart."""
    rules = rules_of(
        field("a", from_="x.y", to="a")
        + field("b", value=["p", "q"], to="b")
        + field("c", constant="unit", to="c")
        + field("d", pair={"kind": "customers", "id": "customer.id"}, to="d")
    )
    values = wanted(
        rules,
        {"x": {"y": Decimal("1.50")}, "customer": {"id": "7"}},
        constants={"unit": "u1"},
        references={("customers", "7"): "guid-7"},
    )
    assert values == {"a": Decimal("1.50"), "b": ["p", "q"], "c": "u1", "d": "guid-7"}


@pytest.mark.parametrize("blank", [None, "", []])
def test_blanks_are_one(blank: object) -> None:
    """Null, an empty text and an empty list are the same: cleared by default, kept where the file says so."""
    body = field("a", from_="x", to="a") + field("b", from_="x", to="b", blank="keep")
    assert want(body, {"x": blank}) == {"a": None, "b": KEEP}
    assert want(field("a", constant="c", to="a"), {}, c=blank) == {"a": None}


def test_every_text_is_legible() -> None:
    """Control characters go from texts and from texts in lists; what is left empty is blank."""
    body = field("a", from_="x", to="a") + field("b", from_="y", to="b") + field("c", from_="z", to="c")
    assert want(body, {"x": "ri\x07ng", "y": ["o\x00ne", "two"], "z": "\x1b"}) == {
        "a": "ring",
        "b": ["one", "two"],
        "c": None,
    }


@pytest.mark.parametrize("value", [0, False, Decimal(0), " ", {"a": 1}])
def test_what_is_no_blank(value: object) -> None:
    """A zero, a false and a space are values."""
    assert want(field("a", from_="x", to="a", blank="keep", required=False), {"x": value}) == {"a": value}


def test_required() -> None:
    """A required field without a value fails by its name."""
    error = failure(field("name", from_="title", to="name", required=True), {"title": ""})
    assert error.facts == {"field": "name", "expression": "title", "reason": "it is required and has no value"}


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("ARCHIVED", 1),
        (0, "zero"),
        (Decimal("0.00"), "zero"),
        (Decimal("1.50"), "half"),
        (True, "yes"),
        (False, KEEP),
        ("other", KEEP),
        (None, KEEP),
    ],
)
def test_values_table(value: object, result: object) -> None:
    """A table's keys are texts, and numbers and booleans meet them as one would write them."""
    table_ = {"ARCHIVED": 1, "0": "zero", "1.5": "half", "true": "yes"}
    assert want(field("a", from_="x", to="a", values=table_, other="keep"), {"x": value}) == {"a": result}


@pytest.mark.parametrize(
    ("other", "unknown", "empty"), [("keep", KEEP, KEEP), ("blank", None, None), (9, 9, None), ("Else", "Else", None)]
)
def test_values_not_in_the_table(other: object, unknown: object, empty: object) -> None:
    """What is not in the table follows `other`; an empty value is blank unless `other` keeps."""
    body = field("a", from_="x", to="a", values={"A": 1}, other=other)
    assert want(body, {"x": "B"}) == {"a": unknown}
    assert want(body, {"x": None}) == {"a": empty}


def test_values_park_by_default() -> None:
    """An unknown choice parks the record, never guessed and never created."""
    error = failure(field("a", from_="x", to="a", values={"A": 1}), {"x": "Secret"})
    assert "not in its values table; add it, or set other" in error.sentence
    assert "Secret" not in error.sentence + str(error.facts)
    assert "one value" in failure(field("a", from_="x", to="a", values={"A": 1}), {"x": ["A"]}).sentence


def test_values_for_empty() -> None:
    """The key "" says what an empty value becomes."""
    body = field("a", from_="x", to="a", values={"": 0, "A": 1}, other="keep")
    sources: list[object] = [None, "", [], "A", "B"]
    assert [want(body, {"x": value})["a"] for value in sources] == [0, 0, 0, 1, KEEP]


def test_references() -> None:
    """A reference takes its counterpart, then the fallback; without both it fails, and without an id it is blank."""
    plain = field("a", pair={"kind": "customers", "id": "customer.id"}, to="a")
    guest = field("b", pair={"kind": "customers", "id": "customer.id", "fallback": "guest"}, to="b")
    rules = rules_of(plain + guest)
    content = {"customer": {"id": 7}}
    assert references(rules, content) == {("customers", "7")}
    assert missing(rules, content, {}) == {("customers", "7")}
    assert missing(rules, content, {("customers", "7"): "g"}) == set()
    known = wanted(rules, content, constants={"guest": "G"}, references={("customers", "7"): "g"})
    assert known == {"a": "g", "b": "g"}
    nobody: dict[str, Any] = {"customer": None}
    assert references(rules, nobody) == set()
    assert wanted(rules, nobody, constants={"guest": "G"}, references={}) == {"a": None, "b": "G"}
    only_guest = rules_of(guest)
    assert missing(only_guest, content, {}) == set()
    assert wanted(only_guest, content, constants={"guest": "G"}, references={}) == {"b": "G"}
    with pytest.raises(MappingFailed, match="has no pair, and the field has no fallback"):
        wanted(rules, content, constants={"guest": "G"}, references={})


def test_an_unknown_constant() -> None:
    """A constant the flow does not resolve fails by its name."""
    assert "the constant unit is not known" in failure(field("a", constant="unit", to="a"), {}).sentence


def test_failures_name_field_and_expression_only() -> None:
    """A failure says which field and expression, with kinds and lengths, and nothing of the person."""
    error = failure(field("mail", from_="lower(email)", to="mail"), {"email": ["jane@example.com"]})
    assert "field mail cannot be computed from 'lower(email)'" in error.sentence
    assert "jane" not in error.sentence + str(error.facts)
    assert "text of length 16" in error.sentence


STATE = field("state", from_="status", to="code", values={"OFF": 1}, other="keep")
ON_CREATE = field("state_on_create", value=0, to="code", on_create=True)


@pytest.mark.parametrize("body", [STATE + ON_CREATE, ON_CREATE + STATE])
def test_create_only_fields_come_first(body: str) -> None:
    """Whichever stands first in the file, the create-only value is laid first, so that another value wins a create."""
    assert [rule.name for rule in rules_of(body).fields] == ["state_on_create", "state"]
    assert want(body, {"status": "OFF"}) == {"state_on_create": 0, "state": 1}
    assert want(body, {"status": "ON"}) == {"state_on_create": 0, "state": KEEP}


def test_skip_reasons() -> None:
    """The first rule that holds gives the reason; a rule that cannot be computed fails by its place."""
    skips = "[[skip]]\nwhen = 'gift'\nreason = 'Gift.'\n[[skip]]\nwhen = 'amount < `1`'\nreason = 'Small.'\n"
    rules = rules_of(field("a", value=1, to="a") + skips)
    assert skip_reason(rules, {"gift": True, "amount": 0}) == "Gift."
    assert skip_reason(rules, {"gift": False, "amount": Decimal("0.5")}) == "Small."
    assert skip_reason(rules, {"gift": None, "amount": 2}) is None
    with pytest.raises(MappingFailed, match=r"field skip\.1 cannot be computed"):
        skip_reason(rules, {"amount": "x"})


@pytest.mark.parametrize(("sku", "key"), [(" A1 ", "A1"), ("", None), ("  ", None), (None, None), (42, "42")])
def test_match_keys(sku: object, key: str | None) -> None:
    """The key is trimmed text; a blank one matches nothing."""
    body = field("number", from_="sku", to="n", blank="keep") + table("[match]", field="number")
    rules = rules_of(body)
    assert match_keys(rules, {"sku": sku}, wanted(rules, {"sku": sku}, constants={}, references={})) == (
        {"number": key} if key else {}
    )
    unmatched = rules_of(field("number", from_="sku", to="n"))
    assert match_keys(unmatched, {}, {"number": "A1"}) == {}
