"""Expressions: what they read, and what is refused before any record is seen."""

from __future__ import annotations

import re

import jmespath
import pytest

from shared.mapping.expressions import ExpressionFailed, ExpressionInvalid, compiled


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("sku", ["sku"]),
        ("product.title", ["product.title"]),
        ("sku || join('-', ['SHOPIFY', legacyResourceId])", ["sku", "legacyResourceId"]),
        ("selectedOptions[?name=='Color'].value | [0]", ["selectedOptions.name", "selectedOptions.value"]),
        ('metafields."dynamics.vendor_part_number"', ['metafields."dynamics.vendor_part_number"']),
        ('node."... on Product".title', ['node."... on Product".title']),
        ("product.[title, vendor]", ["product.title", "product.vendor"]),
        ("product.{t: title, v: vendor}.t", ["product.title"]),
        ("{t: product.title}.t", ["product.title"]),
        ("[product.title, sku][0]", ["product.title", "sku"]),
        ("lines[*].{a: amount, b: tax.amount}[].a", ["lines.amount", "lines.tax.amount"]),
        ("lines[].discounts[].amount", ["lines.discounts.amount"]),
        ("lines[0:2].sku", ["lines.sku"]),
        ("lines[-1].sku", ["lines.sku"]),
        ("sum(lines[*].amount)", ["lines.amount"]),
        ("sort_by(lines, &position)[0].sku", ["lines.position", "lines.sku"]),
        ("map(&join('-', [a, b]), lines)", ["lines.a", "lines.b"]),
        ("max_by(lines, &amount).sku", ["lines.amount", "lines.sku"]),
        ("length(lines[?sku])", ["lines.sku"]),
        ("length(lines)", ["lines"]),
        ("tags[?@ == 'x'] | [0]", ["tags"]),
        ("product && product.title", ["product.title"]),
        ("product.id && 'yes' || 'no'", ["product.id"]),
        ("product && 'yes'", ["product"]),
        ("product != `null` && product.title", ["product.title"]),
        ("to_string(product)", ["product"]),
        ("product.*", ["product"]),
        ("product.* | [0].x", ["product", "product.x"]),
        ("keys(product)", ["product"]),
        ("merge(product, {extra: sku}).title", ["sku", "product.title"]),
        ("not_null(a.x, b.x)", ["a.x", "b.x"]),
        ("default(a, b) == 'x'", ["a", "b"]),
        ("!archived && title", ["archived", "title"]),
        ("reverse(lines)[0].sku", ["lines.sku"]),
        ("to_array(product)[0].title", ["product.title"]),
        ("lines[?amount > `0` && kind == 'x'].sku", ["lines.amount", "lines.kind", "lines.sku"]),
        ("a.b.c | d.e", ["a.b.c.d.e"]),
        ("{x: reverse(a)}.y", ["a"]),
        ("a.['x']", ["a"]),
        ("a[*].not_null('x')", ["a"]),
        ("[[a, b], c][]", ["a", "b", "c"]),
        ("max_by([a, b], &x).y", ["a.x", "b.x", "a.y", "b.y"]),
        ("[a, b].c", []),
        ("'text'", []),
        ('`{"a": 1}`.a', []),
        ("@.sku", ["sku"]),
    ],
)
def test_reads(text: str, reads: list[str]) -> None:
    """The paths an expression reads follow from its text, through every construct, first use first."""
    assert sorted(compiled(text).reads) == sorted(reads)
    if text.startswith("sku ||"):
        assert compiled(text).reads[0] == "sku"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("a.b", "a.b"),
        ("lines[?x > `0`]", "lines"),
        ("lines[*]", "lines"),
        ("lines[].rows[]", "lines.rows"),
        ("lower(a)", None),
        ("a || b", None),
        ("[a]", None),
        ("lines[*].{a: a}", None),
        ("'x'", None),
    ],
)
def test_origin(text: str, origin: str | None) -> None:
    """Content passed on unchanged is known by its path; anything made up is not."""
    assert compiled(text).origin == origin


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("", "empty", "single quotes"),
        ("a ==", "not JMESPath", "end it with a value"),
        ("a == 2", "not JMESPath", "backticks"),
        ("a b", "'b' was not expected", "single quotes"),
        ("a == `ACTIVE`", "is not JSON", "single quotes"),
        ("`NaN`", "is not JSON", "backticks"),
        ("truncat(a, `1`)", "no function truncat", r"did you mean truncate\(\)"),
        ("date(a, 'Europe/Berlni')", "no time zone 'Europe/Berlni'", "Europe/Berlin"),
        ("date(a, '../../etc/passwd')", "no time zone", "Europe/Berlin"),
        ("frobnicate(a)", "no function frobnicate", "lists the functions"),
        ("a[?lowr(@) == 'x']", "no function lowr", "lower"),
        ("truncate(a)", "takes 2 values, not 1", "example"),
        ("money(a, `1`, `2`)", "takes 1 or 2 values, not 3", "example"),
        ("not_null()", "at least 1", "example"),
        ("active == true", "true is read as the name of a field", "`true` in backticks"),
        ("x[?y != null]", "null is read as the name of a field", "`null` in backticks"),
        ("!a.b", "! belongs to the first name alone", r"!\(a\.b\)"),
        ("&a", "& stands where no function", "leave out"),
        ("not_null(&a, b)", "& stands where no function", "leave out"),
        ("map(a, &b)", r"map\(\) takes an expression as its first", "write &"),
        ("sort_by(a, b)", r"sort_by\(\) takes an expression as its second", "write &"),
        ("@", "whole record", "name the fields"),
        ("to_string(@)", "whole record", "name the fields"),
        ("*", "whole record", "name the fields"),
        ("[" * 3000 + "a", "not JMESPath|nested", "single quotes|split"),
    ],
)
def test_refused_before_any_record(text: str, what: str, fix: str) -> None:
    """A mistake in an expression is named with its fix when it is compiled."""
    with pytest.raises(ExpressionInvalid) as refusal:
        compiled(text)
    assert re.search(what, refusal.value.what)
    assert re.search(fix, refusal.value.fix)


def test_a_missing_field_is_null() -> None:
    """Nothing on the way is null, never an error; a list has no fields of its own."""
    content = {"a": None, "s": "text", "l": [{"x": 1}], "m": {"l": [1]}}
    for text in ("a.b.c", "s.x", "l.x", "m.l.x", "nothing", "nothing[0].x", "nothing[*].x"):
        assert compiled(text).evaluate(content) is None


def test_our_parser_keeps_to_itself() -> None:
    """Compiling here never changes what the library's own search gives to others, nor the other way round."""
    text = "`1.5`"
    assert isinstance(jmespath.search(text, {}), float)
    assert not isinstance(compiled(text).evaluate({}), float)
    assert isinstance(jmespath.search(text, {}), float)


def test_truth_is_jmespaths() -> None:
    """Only null, false and what is empty are false: a zero is true."""
    for value, truth in ((0, True), ("", False), ([], False), ({}, False), (False, False), (None, False), ("x", True)):
        assert compiled("a").true({"a": value}) is truth


def test_a_failure_says_what_to_do() -> None:
    """Comparing a number with a text fails with the way out."""
    with pytest.raises(ExpressionFailed, match="convert one of them"):
        compiled("a > `1`").evaluate({"a": "2"})
