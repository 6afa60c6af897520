"""From a mapping's paths to a fragment, and from the answer back to content."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from typing import Any

import jmespath
import pytest
from graphql import FieldNode, parse, validate

from shared.errors import SchemaMismatch
from shared.shopify.documents import _skeleton, document
from shared.shopify.graph import Reader, any_of
from shared.shopify.schema import load
from shared.shopify.selection import Selection, split
from shared.shopify.shaping import metafield_value
from shared.shopify.variants import Variants
from tests.unit.shopify.shop import client, data, graphql_schema

VENDOR_PART = 'metafields."dynamics.vendor_part_number"'


def selection(*paths: str, on: str = "ProductVariant") -> Selection:
    """A selection on a type of the shipped schema."""
    return Selection(load(), on, paths)


def read(chosen: Selection, raw: dict[str, Any], *more: Any) -> dict[str, Any]:
    """The content of an answer, with further pages from `more`."""
    made, _ = client(*(more or (data({}),)))
    return Reader(made, chosen).shape(raw)


@pytest.mark.parametrize(
    "paths",
    [
        ["sku", "price", "product.title", VENDOR_PART, "selectedOptions.name"],
        ['product.metafields."custom.size"', "inventoryItem.unitCost.amount"],
        ['"image(maxWidth: 100)".url', "inventoryItem.inventoryLevels.nodes.updatedAt"],
        ['media.nodes."... on MediaImage".image.url', 'media.nodes."... on Video".duration', "media.nodes.alt"],
        ['product."collections(sortKey: TITLE)".nodes.title', "product.media.edges.node.id"],
    ],
)
def test_fragments_are_valid(paths: list[str]) -> None:
    """Promise: what is generated for these paths is valid GraphQL on Shopify's schema."""
    text = "query Q($ids: [ID!]!) { nodes(ids: $ids) { ...F } } " + selection(*paths).fragment("F")
    assert validate(graphql_schema(), parse(text)) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("product.titel", "did you mean 'title'"),
        ("nonsense", "ProductVariant has no field 'nonsense'"),
        ("product", "name a field of it"),
        ('"image(maxWidht: 1)".url', "does not take 'maxWidht'"),
        ("contextualPricing.price.amount", "needs 'context'"),
        ('media.nodes."... on Product".id', "never a Product"),
        ('metafields."nodot"', "namespace.key"),
        ("a..b", "not a path"),
        ('"image(maxWidth: 1) { url } evil: image(maxWidth: 2)".url', "not plain literals"),
    ],
)
def test_wrong_paths_are_explained(path: str, said: str) -> None:
    """Promise: a path that cannot be read is refused with the path, the type and the fix."""
    with pytest.raises(SchemaMismatch) as caught:
        selection(path)
    assert said in str(caught.value)


def test_paths_resolve_literally_in_the_content() -> None:
    """Promise: the same text that selects a value finds it in the content with JMESPath, with its exact type."""
    image = '"image(maxWidth: 100)".url'
    chosen = selection("price", "legacyResourceId", "selectedOptions.value", VENDOR_PART, image, "product.tags")
    parts = chosen.root.parts
    metafield = parts["metafields"].parts["dynamics.vendor_part_number"].answer
    raw = {
        "price": "10.50",
        "legacyResourceId": "90071992547409931",
        "selectedOptions": [{"value": "S"}],
        "product": {"tags": ["a"]},
        metafield: {"type": "single_line_text_field", "value": "007", "jsonValue": "007"},
        parts["image(maxWidth: 100)"].answer: {"url": "u"},
    }
    content = read(chosen, raw)
    found = {path: jmespath.search(path, content) for path in chosen.paths if "selected" not in path}
    assert found == {
        "price": Decimal("10.50"),
        "legacyResourceId": "90071992547409931",
        VENDOR_PART: "007",
        image: "u",
        "product.tags": ["a"],
    }
    assert jmespath.search("selectedOptions[].value", content) == ["S"]


def test_nothing_is_none_not_missing() -> None:
    """Promise: a null object or a missing metafield reads as None, never as an error."""
    content = read(selection("unitPrice.amount", VENDOR_PART, "compareAtPrice"), {"unitPrice": None})
    assert content == {"unitPrice": None, "metafields": {"dynamics.vendor_part_number": None}, "compareAtPrice": None}


def test_unions_keep_their_types_apart() -> None:
    """Promise: fields of different union members do not collide, and the member that is not there is None."""
    chosen = selection('media.nodes."... on MediaImage".id', 'media.nodes."... on Video".id')
    text = chosen.body()
    assert "onMediaImage_id: id" in text
    page = {
        "nodes": [{"__typename": "Video", "onVideo_id": "v1"}, {"__typename": "MediaImage", "onMediaImage_id": "i1"}],
        "pageInfo": {"hasNextPage": False, "endCursor": None},
    }
    nodes = read(chosen, {"id": "gid://shopify/ProductVariant/1", "media": page})["media"]["nodes"]
    assert [node["... on Video"] for node in nodes] == [{"id": "v1"}, None]
    assert [node["... on MediaImage"] for node in nodes] == [None, {"id": "i1"}]


def test_a_list_cut_off_is_read_on() -> None:
    """Promise: a nested list longer than its page is completed by its owner's id, page by page."""
    chosen = selection("inventoryItem.inventoryLevels.nodes.updatedAt")

    def page(stamp: str, cursor: str | None) -> dict[str, Any]:
        return {
            "nodes": [{"updatedAt": stamp}],
            "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor},
        }

    raw = {"inventoryItem": {"id": "gid://shopify/InventoryItem/5", "inventoryLevels": page("1", "c1")}}
    made, replay = client(data({"node": {"page": page("2", "c2")}}), data({"node": {"page": page("3", None)}}))
    content = Reader(made, chosen).shape(raw)
    levels = content["inventoryItem"]["inventoryLevels"]
    assert [level["updatedAt"] for level in levels["nodes"]] == ["1", "2", "3"]
    assert replay.sent(0)["variables"] == {"id": "gid://shopify/InventoryItem/5", "after": "c1"}
    assert validate(graphql_schema(), parse(replay.sent(0)["query"])) == []


@pytest.mark.parametrize(
    ("kind", "value", "json_value", "expected"),
    [
        ("number_integer", "12", 12, 12),
        ("number_decimal", "1.10", "1.10", Decimal("1.10")),
        ("boolean", "false", False, False),
        ("single_line_text_field", "a", "a", "a"),
        ("id", "7", "7", "7"),
        ("list.single_line_text_field", '["a"]', ["a"], ["a"]),
        ("money", "{}", {"amount": "1.0"}, {"amount": "1.0"}),
    ],
)
def test_metafields_have_types(kind: str, value: str, json_value: Any, expected: Any) -> None:
    """Promise: a metafield's value has the type that its definition says."""
    assert metafield_value({"type": kind, "value": value, "jsonValue": json_value}) == expected


def test_describe_speaks_for_the_mapping_check() -> None:
    """Promise: a path's type, lists and enum values are known without selecting it; a wrong one is None."""
    chosen = selection()
    price, options = chosen.describe("price"), chosen.describe("selectedOptions.name")
    status = chosen.describe("product.status")
    assert price is not None
    assert options is not None
    assert status is not None
    assert (price.type, options.is_list, status.type) == ("decimal", True, "choice")
    assert "DRAFT" in status.options
    assert chosen.describe("product.nothing") is None
    whole = chosen.describe("product")
    assert whole is not None
    assert whole.type == "object"


def test_the_digest_follows_the_selection() -> None:
    """Promise: order and repetition of paths do not matter, another path does."""
    assert selection("sku", "price").digest == selection("price", "sku", "sku").digest
    assert selection("sku").digest != selection("sku", "price").digest


def test_searches_are_quoted_and_bounded() -> None:
    """Promise: quotes and backslashes in a value cannot end its quotes, blanks are not searched, chunks stay small."""
    assert list(any_of("sku", ["a'b", "c\\d", " ", ""])) == ["sku:'a\\'b' OR sku:'c\\\\d'"]
    assert [query.count("sku:") for query in any_of("sku", [str(n) for n in range(120)])] == [50, 50, 20]


def test_every_document_is_valid() -> None:
    """Promise: every .graphql file with fragments on its types is valid against the shipped schema."""
    made, _ = client(data({}))
    fragments = Variants(made, ["sku", "product.title"]).fragments()
    names = [entry.name.removesuffix(".graphql") for entry in (files("shared.shopify") / "queries").iterdir()]
    assert len(names) >= 9
    for name in names:
        _, text = _skeleton(name)
        used = [part for part in fragments if f"...{part.split()[1]}" in text]
        assert validate(graphql_schema(), parse(document(name, *used).text)) == [], name


def test_quoted_names_keep_their_dots() -> None:
    """Promise: a path splits at dots outside quotes only."""
    assert split('product.metafields."a.b"') == ("product", "metafields", "a.b")


def test_no_list_is_read_without_its_end() -> None:
    """Promise: every connection in every document asks whether there is more."""
    seen = 0
    for entry in (files("shared.shopify") / "queries").iterdir():
        for node in _fields(parse(entry.read_text(), no_location=True)):
            if any(argument.name.value in ("first", "last") for argument in node.arguments or ()):
                seen += 1
                chosen = {getattr(child, "name", None) and child.name.value for child in node.selection_set.selections}
                assert "pageInfo" in chosen, f"{entry.name}: {node.name.value}"
    assert seen >= 7


def _fields(node: Any) -> Iterator[FieldNode]:
    if isinstance(node, FieldNode):
        yield node
    for child in getattr(node, "definitions", ()) or getattr(getattr(node, "selection_set", None), "selections", ()):
        yield from _fields(child)
