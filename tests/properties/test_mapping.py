"""Properties of the mapping: it fails only as it says, reads no more than it says, and gives the same every time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jmespath
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from shared.errors import MappingFailed, MappingInvalid
from shared.mapping.apply import references, skip_reason, wanted
from shared.mapping.expressions import Expression, ExpressionFailed, ExpressionInvalid, compiled
from shared.mapping.load import MappingFile, load, parse
from shared.mapping.paths import get, join_path, split_path
from shared.mapping.rules import join
from shared.mapping.select import tree
from shared.mapping.text import html_to_text, text_to_html, truncate, units
from tests.properties.expressions import (
    INTEGRAL,
    OTHER_LEAVES,
    OWN,
    RECORDS,
    SHAPES,
    STANDARD,
    contents,
    expressions,
    has_float,
    leaves,
    reordered,
    replaced,
)

REPOSITORY = Path(__file__).parents[2]
FAILED = object()


def compile_or_skip(text: str) -> Expression:
    """The compiled expression; a text that is none ends the example."""
    try:
        return compiled(text)
    except ExpressionInvalid:
        event("not an expression")
        assume(False)
        raise


def result(expression: Expression, content: Any) -> Any:
    """What an expression gives, a failure included."""
    try:
        return expression.evaluate(content)
    except ExpressionFailed:
        return FAILED


def assert_sound(expression: Expression, content: dict[str, Any], others: list[Any]) -> int:
    """Change all values outside the paths read, once per other value; how many values that were."""
    read = [split_path(path) for path in expression.reads]
    outside = [
        steps
        for path, steps in leaves(content)
        if not any(path[: len(one)] == one or one[: len(path)] == path for one in read)
    ]
    before = result(expression, content)
    for first in range(len(others) if outside else 0):
        changed = content
        for index, steps in enumerate(outside):
            changed = replaced(changed, steps, others[(first + index) % len(others)])
        after = result(expression, changed)
        assert (before is FAILED) == (after is FAILED), expression.text
        assert before is FAILED or before == after, expression.text
    return len(outside)


@settings(max_examples=300, deadline=None)
@given(expressions(), contents())
def test_reads_are_sound(text: str, content: dict[str, Any]) -> None:
    """A value outside the paths an expression is said to read never changes its result."""
    assume(assert_sound(compile_or_skip(text), content, list(OTHER_LEAVES)))


@pytest.mark.parametrize("shape", SHAPES + STANDARD + OWN)
def test_reads_are_sound_in_every_construct(shape: str) -> None:
    """The same for every construct around every other construct, over records made to meet them."""
    checked = 0
    for inner in SHAPES + STANDARD + OWN:
        for text in (
            shape.format(inner.format("a", "b"), "c"),
            shape.format("a", inner.format("b", "a")),
            shape.format(inner.format("c", "'x'"), "'x'"),
        ):
            try:
                expression = compiled(text)
            except ExpressionInvalid:
                continue
            checked += sum(assert_sound(expression, record, [None, 2, "z"]) for record in RECORDS)
    assert checked > 100


@settings(max_examples=400, deadline=None)
@given(expressions(), contents())
def test_an_expression_fails_only_as_it_says(text: str, content: dict[str, Any]) -> None:
    """Any expression over any record gives a value without floats, or the one failure, and the same a second time."""
    expression = compile_or_skip(text)
    first = result(expression, content)
    assert not has_float(first)
    second = result(expression, reordered(content))
    assert first is second if first is FAILED else first == second


@settings(max_examples=400, deadline=None)
@given(expressions(own=False), contents(INTEGRAL))
def test_the_language_is_jmespath(text: str, content: dict[str, Any]) -> None:
    """Where no fractions and none of our functions are involved, the result is the library's own."""
    expression = compile_or_skip(text)
    assume(not re.search(r"\*(?!\])|values|keys|to_string|merge", text))  # objects have no order in the library
    try:
        expected = jmespath.search(text, content)
    except (JMESPathError, TypeError):
        assert result(expression, content) is FAILED
        return
    assert result(expression, content) == expected


FIELD_KEYS = st.fixed_dictionaries(
    {},
    optional={
        "blank": st.just("keep"),
        "values": st.just({"x": "mapped", "1": 2}),
        "other": st.sampled_from(["keep", "park", "blank", 5]),
    },
)


def mapping_of(texts: list[str], keys: list[dict[str, Any]], order: list[int]) -> MappingFile:
    """A mapping file with one field per expression, written in that order."""
    head = 'flow = "x_shopify_to_crm"\nkind = "x"\n[source]\ntype = "X"\n[target]\ntable = "x"\n'
    parts = []
    for index in order:
        lines = [f"[fields.f{index}]", f"from = '''{texts[index]}'''", f'to = "t{index}"']
        chosen = dict(keys[index])
        if "values" not in chosen:
            chosen.pop("other", None)
        if "values" in chosen:
            lines.append('values = { x = "mapped", 1 = 2 }')
        lines.extend(f"{key} = {value!r}" for key, value in chosen.items() if key != "values")
        parts.append("\n".join(lines))
    skip = f"[[skip]]\nwhen = '''{texts[0]}'''\nreason = 'r'\n"
    pair = "[fields.pair]\nto = 'p'\npair = { kind = 'k', id = 'a', fallback = 'c' }\n"
    return parse(head + "\n".join(parts) + "\n" + pair + skip)


@settings(max_examples=200, deadline=None)
@given(st.data(), contents())
def test_a_mapping_fails_only_as_it_says(data: st.DataObject, content: dict[str, Any]) -> None:
    """Whatever file was accepted, a record gives its wanted values or MappingFailed, in any order of the fields."""
    texts = data.draw(st.lists(expressions(), min_size=1, max_size=3))
    keys = data.draw(st.lists(FIELD_KEYS, min_size=len(texts), max_size=len(texts)))
    order = data.draw(st.permutations(range(len(texts))))
    try:
        rules = join(mapping_of(texts, keys, list(range(len(texts)))), None)
    except MappingInvalid:
        assume(False)
        raise
    again = join(mapping_of(texts, keys, order), None)
    assert again.digest == rules.digest
    outcomes = []
    for one in (rules, again):
        try:
            references(one, content)
            skip_reason(one, content)
            outcomes.append(wanted(one, content, constants={"c": "C"}, references={}))
        except MappingFailed:
            outcomes.append({})
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("flow", ["products_shopify_to_crm", "products_crm_to_shopify"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_product_mappings_never_surprise(flow: str, data: st.DataObject) -> None:
    """Our own product mappings give values or MappingFailed for records with any values at the paths they read."""
    rules = join(load(REPOSITORY / "mappings", flow), _reverse(flow), settings={"publish": True})
    scalar = st.one_of(st.none(), st.booleans(), st.integers(), st.decimals(-99, 99, places=4), st.text(max_size=200))
    content = _filled(tree(rules.paths(rules.source)), scalar, data)
    constants = dict.fromkeys(rules.constants, "id")
    try:
        skip_reason(rules, content)
        values = wanted(rules, content, constants=constants, references={})
    except MappingFailed as error:
        event(str(error.facts["field"]))
        return
    assert set(values) == {rule.name for rule in rules.fields}
    assert not has_float(list(values.values()))


def _reverse(flow: str) -> MappingFile:
    crm, shopify = "products_crm_to_shopify", "products_shopify_to_crm"
    return load(REPOSITORY / "mappings", shopify if flow == crm else crm)


def _filled(paths: dict[str, Any], scalar: st.SearchStrategy[Any], data: st.DataObject) -> dict[str, Any]:
    """A record with a value at each path; an object may be missing, or be a list of objects."""
    record: dict[str, Any] = {}
    for name, inner in paths.items():
        shape = data.draw(st.sampled_from(["one", "one", "list", "none"])) if inner else "scalar"
        if shape == "scalar":
            record[name] = data.draw(scalar)
        elif shape == "list":
            record[name] = [_filled(inner, scalar, data) for _ in range(data.draw(st.integers(0, 2)))]
        else:
            record[name] = _filled(inner, scalar, data) if shape == "one" else None
    return record


@given(st.lists(st.text(min_size=1).filter(str.isprintable), min_size=1, max_size=5), st.integers())
def test_paths_go_there_and_back(segments: list[str], value: int) -> None:
    """A path of any names has one text, which leads to the value it was made for."""
    text = join_path(segments)
    assert split_path(text) == tuple(segments)
    content: Any = value
    for segment in reversed(segments):
        content = {segment: content}
    assert get(content, text) == value


@given(st.text(max_size=60), st.integers(0, 40))
def test_truncate_fits(text: str, length: int) -> None:
    """A cut text fits its column, is the beginning of the text, and is not cut again."""
    cut = truncate(text, length)
    assert units(cut) <= length
    assert text.startswith(cut)
    assert truncate(cut, length) == cut


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(
    ["<p>", "</p>", "<li>", "<br", "<!", "<![", "<?", "&", "&#", "<script>", "</", "<!--", "-->", "<a href='", ">"]
)), max_size=10))  # fmt: skip
def test_any_markup_is_read(parts: list[str]) -> None:
    """No text is refused as HTML, and what comes out needs no second reading to be the same lines."""
    seen = html_to_text("".join(parts))
    assert "\n\n" not in seen
    assert seen == seen.strip()
    assert isinstance(text_to_html(seen), str)


GOOD = (REPOSITORY / "mappings" / "products_shopify_to_crm.toml").read_text(encoding="utf-8")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 30), st.text(max_size=6))
def test_a_damaged_file_is_refused_with_a_line(start: int, cut: int, put: str) -> None:
    """A file damaged anywhere is accepted or refused with file, line and fix; nothing else is ever raised."""
    try:
        parse(GOOD[:start] + put + GOOD[start + cut :])
    except MappingInvalid as error:
        refusal = error
    else:
        return
    line = refusal.facts["line"]
    assert re.match(r"mapping\.toml, line \d+, column \d+: .+; .+[.?]", refusal.sentence, re.DOTALL)
    assert isinstance(line, int)
    assert 1 <= line <= GOOD.count("\n") + 8
