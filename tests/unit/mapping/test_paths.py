"""Physical paths: one text form, and reading through lists."""

from __future__ import annotations

import pytest

from shared.mapping.paths import canonical, get, join_path, split_path, within
from shared.mapping.select import Tree, tree


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("sku", ("sku",)),
        ("product.title", ("product", "title")),
        ('metafields."dynamics.vendor_part_number"', ("metafields", "dynamics.vendor_part_number")),
        ('node."... on Product".title', ("node", "... on Product", "title")),
        (r'"a\"b"."ü"', ('a"b', "ü")),
    ],
)
def test_segments(text: str, segments: tuple[str, ...]) -> None:
    """A quoted name is one segment, and the text comes back as it was."""
    assert split_path(text) == segments
    assert join_path(segments) == text


def test_needless_quotes_go() -> None:
    """Two ways to write one path are one path."""
    assert canonical('"product"."title"') == canonical("product.title") == "product.title"


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a b", "a[0]", "a || b", "lower(a)", '"a', "a.'b'", "9a"])
def test_not_a_path(text: str) -> None:
    """An expression is never taken for a path."""
    with pytest.raises(ValueError, match="is not a path"):
        split_path(text)


def test_reading() -> None:
    """Lists on the way give the list of their elements' values, and what is missing gives None."""
    content = {"a": {"b": 1}, "rows": [{"x": {"y": 2}}, {"x": None}, {}], "t": ["p", "q"], "deep": [[{"z": 1}]]}
    assert get(content, "a.b") == 1
    assert get(content, "a.c") is None
    assert get(content, "a.b.c") is None
    assert get(content, "nothing.at.all") is None
    assert get(content, "rows.x.y") == [2, None, None]
    assert get(content, "t") == ["p", "q"]
    assert get(content, "t.x") == [None, None]
    assert get(content, "deep.z") == [[1]]


def test_a_quoted_key_is_one_step() -> None:
    """A metafield's dotted key is looked up whole, never step by step."""
    content = {"metafields": {"dynamics.part": "x", "dynamics": {"part": "wrong"}}}
    assert get(content, 'metafields."dynamics.part"') == "x"


def test_within() -> None:
    """Inside means by segments, not by the beginning of the text."""
    assert within("a.b.c", "a.b")
    assert within("a.b", "a.b")
    assert not within("a.bc", "a.b")
    assert not within("a", "a.b")


def test_selection_tree() -> None:
    """Paths become one tree with names in order and quoted keys whole, however the paths are given."""
    paths = ["product.title", "sku", 'metafields."dynamics.part"', "product.id", "product"]
    expected: Tree = {"metafields": {"dynamics.part": {}}, "product": {"id": {}, "title": {}}, "sku": {}}
    assert tree(paths) == expected
    assert list(tree(paths)) == list(tree(reversed(paths))) == ["metafields", "product", "sku"]
