"""Strategies: records as the systems answer them, and expressions over their fields."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "d.e")
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.decimals(-5, 5, places=2),
    st.sampled_from(["", "x", "y", "1.5", "<p>h</p>", "2026-03-01T10:00:00Z", "🇩🇪e\u0301"]),
)
INTEGRAL: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "x", "y", "1"])
)


def contents(scalars: st.SearchStrategy[Any] = SCALARS) -> st.SearchStrategy[dict[str, Any]]:
    """Records: under each name a value, an object, a list of values or of objects, and these inside each other."""

    def objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries(dict.fromkeys(NAMES[:2], values), optional=dict.fromkeys(NAMES[2:], values))

    def shaped(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        lists = st.lists(inner, min_size=1, max_size=3)
        return st.one_of(scalars, objects(scalars), st.lists(objects(scalars), min_size=1, max_size=3), lists)

    return objects(shaped(st.one_of(scalars, objects(shaped(scalars)))))


FIELDS = st.sampled_from(["a", "b", "c", '"d.e"'])
LITERALS = st.sampled_from(["'x'", "''", "`1`", "`0`", "`1.5`", "`true`", "`null`", "`[]`", '`{"a": 1}`', "`[1, 2]`"])
PLAIN_LITERALS = st.sampled_from(["'x'", "''", "`1`", "`0`", "`true`", "`null`", "`[]`", '`{"a": 1}`'])
OWN = (
    "truncate({0}, `2`)", "html_to_text({0})", "text_to_html({0})", "lower({0})", "upper({0})", "trim({0})",
    "split({0}, 'x')", "money({0})", "money({0}, `1`)", "decimal({0})", "date({0})", "default({0}, {1})",
)  # fmt: skip
STANDARD = (
    "not_null({0}, {1})", "to_string({0})", "to_array({0})", "to_number({0})", "type({0})", "length({0})",
    "join('-', [{0}, {1}])", "join('-', {0})", "sum({0})", "max({0})", "min({0})", "sort({0})", "reverse({0})",
    "contains({0}, {1})", "merge({0}, {1})", "map(&{0}, {1})", "sort_by({0}, &{1})", "max_by({0}, &{1})",
    "min_by({0}, &{1})", "keys({0})", "values({0})", "starts_with({0}, {1})",
)  # fmt: skip
SHAPES = (
    "({0} || {1})", "({0} && {1})", "!{0}", "({0} == {1})", "({0} != {1})", "({0} < {1})", "[{0}, {1}]",
    "{{a: {0}, b: {1}}}", "({0} | {1})", "{0}.a", "{0}.{{a: {1}}}", "{0}.[{1}]", "{0}[0]", "{0}[-1].b", "{0}[*].b",
    "{0}[].c", "{0}[?{1}].a", "{0}[?{1}]", "{0}[0:2].a", "{0}.*", "{0}[*].[a, {1}]", "@.{0}", "{0}[*].not_null({1})",
)  # fmt: skip


def expressions(*, own: bool = True) -> st.SearchStrategy[str]:
    """Expressions of every construct over NAMES; not all of them compile (a literal has no field on its right)."""
    shapes = SHAPES + STANDARD + (OWN if own else ())

    def built(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.builds(lambda shape, one, two: shape.format(one, two), st.sampled_from(shapes), inner, inner)

    return st.recursive(st.one_of(FIELDS, FIELDS, LITERALS if own else PLAIN_LITERALS), built, max_leaves=6)


Path = tuple[str, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, list[str | int]]]:
    """Every leaf: its physical path (lists transparent), and the steps that lead to it."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            for found, steps in leaves(inner, (*path, name)):
                yield found, [name, *steps]
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            for found, steps in leaves(inner, path):
                yield found, [index, *steps]
    else:
        yield path, []


def replaced(value: Any, steps: list[str | int], leaf: Any) -> Any:
    """A copy with one leaf changed."""
    if not steps:
        return leaf
    step, rest = steps[0], steps[1:]
    if isinstance(value, list):
        return [replaced(inner, rest, leaf) if index == step else inner for index, inner in enumerate(value)]
    return {name: replaced(inner, rest, leaf) if name == step else inner for name, inner in value.items()}


def reordered(value: Any) -> Any:
    """The same content with every object's names in the opposite order."""
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(value)}
    return [reordered(inner) for inner in value] if isinstance(value, list) else value


def has_float(value: Any) -> bool:
    """Whether a float is anywhere inside."""
    if isinstance(value, dict):
        return any(map(has_float, value.values()))
    return any(map(has_float, value)) if isinstance(value, list) else isinstance(value, float)


OTHER_LEAVES = (None, True, False, 0, 7, Decimal("9.75"), "", "other", "a much longer text")

RECORDS: tuple[dict[str, Any], ...] = (
    {
        "a": [{"a": 1, "b": "x", "c": None}, {"a": None, "b": "", "c": 2}],
        "b": {"a": "x", "b": [1, 2], "c": {"a": "q"}},
        "c": "x",
    },
    {"a": {"a": 3, "b": {"a": "x"}, "c": ["p", "q"]}, "b": [{"a": False, "b": 1}, {"a": True, "b": 0}], "c": [2, 1]},
    {"a": ["x", ""], "b": "x", "c": [{"a": [{"b": 1, "c": "x"}], "b": None, "c": ["x"]}]},
    {"a": None, "b": {"a": None, "b": []}, "c": []},
    {"a": [None, {"a": None}], "b": [[]], "c": None},
)
"""Lists of objects, objects, lists of values, values and nothing under each name: every construct meets each once."""
