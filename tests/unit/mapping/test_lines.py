"""A record's lines: which, their ids, their fields, and the record around them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.errors import MappingFailed, MappingInvalid
from shared.mapping.apply import missing, references, wanted_lines
from shared.mapping.rules import join
from shared.records import Side
from tests.unit.mapping.builders import field, inward, outward, rules_of, table

BODY = (
    field("name", from_="name", to="name")
    + table("lines.items", from_="lineItems[?currentQuantity > `0`]", id="id", to="details")
    + table("lines.items.fields.quantity", from_="currentQuantity", to="quantity")
    + table("lines.items.fields.net", from_="header.taxesIncluded && net || price", to="price.amount")
    + table("lines.items.fields.product", pair={"kind": "variants", "id": "variant.id"}, to="productid")
)
CONTENT: dict[str, Any] = {
    "name": "#1",
    "taxesIncluded": True,
    "lineItems": [
        {"id": "11", "currentQuantity": 2, "net": Decimal("8.40"), "price": Decimal(10), "variant": {"id": "5"}},
        {"id": "12", "currentQuantity": 0, "variant": {"id": "6"}},
        {"id": "13", "currentQuantity": 1, "net": None, "price": Decimal(3), "variant": None},
    ],
}


def test_lines_are_wanted_in_order() -> None:
    """Each line that the filter leaves has its id and its fields, computed from the line and the record around it."""
    lines = wanted_lines(rules_of(BODY), CONTENT, constants={}, references={("variants", "5"): "p5"})
    assert [line.id for line in lines] == ["11", "13"]
    assert lines[0].values == {"quantity": 2, "net": Decimal("8.40"), "product": "p5"}
    assert lines[1].values == {"quantity": 1, "net": Decimal(3), "product": None}


def test_paths_of_lines() -> None:
    """Paths inside lines and of the record around them are full physical paths; the list itself is not read whole."""
    rules = rules_of(BODY)
    (items,) = rules.lines
    assert (items.name, items.owner, items.path, items.to) == ("items", "shopify", "lineItems", "details")
    net = next(rule for rule in items.fields if rule.name == "net")
    assert set(net.reads) == {"taxesIncluded", "lineItems.net", "lineItems.price"}
    assert net.to == "price.amount"
    assert rules.paths(Side.SHOPIFY) == (
        "lineItems.currentQuantity",
        "lineItems.id",
        "lineItems.net",
        "lineItems.price",
        "lineItems.variant.id",
        "name",
        "taxesIncluded",
    )
    assert rules.paths(Side.CRM) == ("details.price.amount", "details.productid", "details.quantity", "name")


def test_references_of_lines() -> None:
    """What the lines refer to is asked for with the record, and only for lines that are kept."""
    assert references(rules_of(BODY), CONTENT) == {("variants", "5")}
    assert missing(rules_of(BODY), CONTENT, {}) == {("variants", "5")}


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([{"id": "1", "currentQuantity": 1}, {"id": "1", "currentQuantity": 1}], "two lines share an id"),
        ([{"currentQuantity": 1}], "a line's id is empty"),
        ([{"id": "1", "currentQuantity": "x"}], "compared"),
    ],
)
def test_lines_that_cannot_be_told_apart(items: list[Any], said: str) -> None:
    """A doubled or missing line id fails the record instead of losing a line."""
    with pytest.raises(MappingFailed, match=said):
        wanted_lines(rules_of(BODY), {**CONTENT, "lineItems": items}, constants={}, references={})


@pytest.mark.parametrize(("items", "fails"), [(None, False), ([], False), ("text", True), (["a"], True), ({}, True)])
def test_a_list_is_a_list(items: object, fails: bool) -> None:
    """No list is no lines; anything that is not a list of objects fails."""
    body = BODY.replace("lineItems[?currentQuantity > `0`]", "lineItems")
    content = {**CONTENT, "lineItems": items}
    if not fails:
        assert wanted_lines(rules_of(body), content, constants={}, references={}) == ()
        return
    with pytest.raises(MappingFailed, match="a list of objects is needed"):
        wanted_lines(rules_of(body), content, constants={}, references={})


TIPS = table("lines.tips", from_="tipLines", id="id", to="details", owner="crm") + table(
    "lines.tips.fields.amount", from_="amount", to="price.amount"
)


def test_groups_share_a_collection() -> None:
    """Several lists become rows of one collection; ids are told apart by their group, and each group has its owner."""
    rules = rules_of(BODY + TIPS)
    content = {**CONTENT, "tipLines": [{"id": "11", "amount": Decimal(2)}]}
    lines = wanted_lines(rules, content, constants={}, references={("variants", "5"): "p5"})
    assert [(line.group, line.id) for line in lines] == [("items", "11"), ("items", "13"), ("tips", "11")]
    assert lines[2].values == {"amount": Decimal(2)}
    assert [group.owner for group in rules.lines] == ["shopify", "crm"]


@pytest.mark.parametrize("name", ["fields", "deleted"])
def test_a_group_is_not_called_like_a_table(name: str) -> None:
    """Names by which a shop's own file is laid over this one are refused."""
    with pytest.raises(MappingInvalid, match=f"a group of lines cannot be called {name}"):
        rules_of(BODY + TIPS.replace("lines.tips", f"lines.{name}"))


def test_without_lines() -> None:
    """A mapping without lines wants none."""
    assert wanted_lines(rules_of(field("a", value=1, to="a")), CONTENT, constants={}, references={}) == ()


OUT = (
    field("other", value=1, to="other")
    + table("lines.items", from_="details", id="detailid", to="lineItems")
    + table("lines.items.fields.quantity", from_="quantity", to="currentQuantity")
)


def test_lines_of_both_flows_are_joined() -> None:
    """A line's field that both flows write needs an owner like any other, and is joined by full paths."""
    with pytest.raises(MappingInvalid, match="quantity is written by both flows and has no owner"):
        join(inward(BODY), outward(OUT))
    rules = join(inward(BODY), outward(OUT + 'owner = "shopify"\n'))
    quantity = rules.lines[0].fields[0]
    assert (quantity.two_way, quantity.owner, quantity.reverse_writes) == (True, "shopify", "currentQuantity")
    assert quantity.reverse_reads == ("details.quantity",)
    assert "details.detailid" in rules.paths(Side.CRM)
