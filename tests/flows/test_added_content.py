"""What is added to records before they are mapped is what the mapping check believes it to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ops.explaining import _examined
from shared.dataverse.documents import DOCUMENT
from shared.fields import described, kinds
from shared.kinds.orders import ADDED
from tests.support.orders import JANE, ORDERS, Trade
from tests.support.papers import OUTWARD, Papers, text
from tests.support.plant import SHOP
from tests.support.till import bought, item

KINDS = {"text": str, "boolean": bool, "integer": (int, Decimal), "decimal": (Decimal, int), "object": dict}


def wrong(tree: Any, value: Any, at: str) -> Iterator[str]:
    """Where a value is not of its tree: names that are not there or too many, values of another kind."""
    if value is None:
        return
    if isinstance(tree, list):
        for each in value:
            yield from wrong(tree[0], each, at)
    elif isinstance(tree, Mapping):
        yield from (f"{at}.{name}" for name in tree.keys() ^ value.keys())
        for name in tree.keys() & value.keys():
            yield from wrong(tree[name], value[name], f"{at}.{name}")
    elif not plain(tree, value):
        yield f"{at}: {value!r} is no {tree}"


def plain(kind: str, value: Any) -> bool:
    """Whether a value is of that kind."""
    if kind.endswith("[]"):
        return all(isinstance(each, str) for each in value)
    if kind == "datetime":
        return datetime.fromisoformat(value).utcoffset() is not None
    return isinstance(value, KINDS[kind])


def test_the_money_of_an_order_is_what_the_check_knows(trade: Trade) -> None:
    """Promise: `money` and `crm` have exactly the names, lists and kinds of values that are checked against."""
    (variant,) = trade.offer("L-1")
    trade.run()
    order = trade.order(bought(variant, "20.00", 2, tax="8.00"), item("Tea", "10.00"), by=JANE)
    trade.refund(order, Tea=1)
    trade.run()
    work, _ = _examined(trade.app, trade.app.job(ORDERS, SHOP), order)
    assert work.record is not None
    for name in ("money", "crm"):
        assert list(wrong(ADDED[name], work.record.content[name], name)) == []
    assert work.record.content["money"]["payments"]["refunds"]


def test_a_document_is_what_the_check_knows(papers: Papers) -> None:
    """Promise: so has `document`."""
    document = papers.sold(text("Tea", 10, 2))
    work, _ = _examined(papers.app, papers.app.job(OUTWARD, SHOP), document)
    assert work.record is not None
    assert list(wrong(DOCUMENT["document"], work.record.content["document"], "document")) == []
    assert work.record.content["document"]["lines"]


def test_a_tree_describes_its_own_paths_and_no_other() -> None:
    """Promise: objects, lists, what is in lists; a name that is not there, or behind a value, is none."""
    tree = {"a": [kinds(text="b", decimal="c")], "d": "text[]", "e": kinds(boolean="f")}
    told = {path: described(tree, path) for path in ("a", "a.b", "d", "e", "e.f", "x", "a.x", "e.f.g")}
    assert {path: info and (info.type, info.is_list) for path, info in told.items()} == {
        "a": ("object", True),
        "a.b": ("text", True),
        "d": ("text", True),
        "e": ("object", False),
        "e.f": ("boolean", False),
        "x": None,
        "a.x": None,
        "e.f.g": None,
    }
    assert told["a"] is not None
    assert told["a"].inside == ("b", "c")
