"""Which lists of Shopify's can be a table, how what changed in them is found, and their records' ids."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from shared.errors import SchemaMismatch
from shared.shopify.members import members_of
from shared.shopify.root_names import SEARCHED_BY_TIME, Way, global_id, named, record_id
from shared.shopify.schema import load

SCHEMA = load()
PACKAGE = Path(__file__).parents[3] / "node_modules/@shopify/dev-mcp/dist/data/admin_2026-10.json.gz"


@pytest.mark.parametrize(
    ("text", "way", "searched"),
    [
        ("draftOrders", Way.SORTED, True),
        ("giftCards", Way.SORTED, False),
        ("abandonedCheckouts", Way.SEARCHED, True),
        ('metaobjects(type: "x")', Way.SEARCHED, True),
        ("locations(includeInactive: true)", Way.LISTED, False),
        ("marketingEvents", Way.LISTED, False),
    ],
)
def test_changes_are_asked_for_only_where_that_is_documented(text: str, way: Way, searched: bool) -> None:
    """An unknown search field matches everything: gift cards are sorted and never searched, events only listed."""
    root = named(SCHEMA, text)
    assert (root.way, root.searched) == (way, searched)


def test_the_list_of_evidence_is_what_shopifys_own_words_say() -> None:
    """Every list whose `query` is documented to take updated_at, of a type that has one, is searched, and no other."""
    if not PACKAGE.is_file():
        pytest.skip("node_modules is not installed")
    types = json.loads(gzip.decompress(PACKAGE.read_bytes()))["data"]["__schema"]["types"]
    (root,) = [each for each in types if each["name"] == SCHEMA.query_type]
    words = {field["name"]: arg["description"] or "" for field in root["fields"] for arg in field["args"]
             if arg["name"] == "query"}  # fmt: skip
    told = {name for name, text in words.items() if re.search(r"^\| updated_at \|", text, re.MULTILINE)}
    kept = {name for name in told if _dated(name)}
    assert kept == SEARCHED_BY_TIME


def _dated(name: str) -> bool:
    found = SCHEMA.field(SCHEMA.query_type, name)
    nodes = SCHEMA.field(found.type_name, "nodes") if found else None
    hearing = name == "webhookSubscriptions"  # what we hear of is nobody's table
    return nodes is not None and not hearing and SCHEMA.field(nodes.type_name, "updatedAt") is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("draftOrdrs", "did you mean 'draftOrders'?"),
        ("returns", "no connection 'returns', did you mean 'orders'?"),
        ("shop", "is no list of records"),
        ("productTags", "has no id"),
        ("metaobjects", "needs 'type'"),
        ("orders(first: 5)", "first is the flow's own"),
        ("orders(colour: 5)", "does not take 'colour'"),
    ],
)
def test_what_cannot_be_a_table_is_refused_with_the_reason(text: str, said: str) -> None:
    """Each refusal names what is wrong, and what was probably meant."""
    with pytest.raises(SchemaMismatch, match=re.escape(said)) as refused:
        named(SCHEMA, text)
    assert refused.value.sentence.endswith(("?", "."))
    assert not refused.value.sentence.endswith("?.")


def test_updated_at_is_refused_where_nothing_can_be_asked_by_it() -> None:
    """Whoever insists on it for locations is told; listing can be insisted on anywhere."""
    with pytest.raises(SchemaMismatch, match="cannot be asked for what changed"):
        named(SCHEMA, "locations", "updated_at")
    assert named(SCHEMA, "orders", "listing").way is Way.LISTED


@pytest.mark.parametrize(
    ("gid", "kind", "expected"),
    [
        ("gid://shopify/Location/12", "Location", "12"),
        ("gid://shopify/InventoryLevel/5?inventory_item_id=7", "InventoryLevel", "5.3Finventory_item_id.3D7"),
        ("gid://shopify/MediaImage/9", "File", "MediaImage.2F9"),
        ("gid://shopify/Thing/a.b~c", "Thing", "a.2Eb.7Ec"),
    ],
)
def test_an_id_that_is_no_number_is_encoded_and_read_back(gid: str, kind: str, expected: str) -> None:
    """It can stand in keys and addresses, holds no ~, and leads to the same global id."""
    assert record_id(gid, kind) == expected
    assert global_id(expected, kind) == gid
    assert re.fullmatch(r"[\w.-]+", expected)


@pytest.mark.parametrize(
    ("each", "key", "said"),
    [
        ("taxLines", None, "has no id of its own"),
        ("refunds", "note", "has an id: take key out"),
        ("lineItems", None, "name lineItems.nodes"),
        ("tags", None, "is no list of records"),
        ("refund", None, "did you mean 'refunds'?"),
    ],
)
def test_members_need_an_id_or_a_key(each: str, key: str | None, said: str) -> None:
    """A list whose members cannot be told apart is refused, and so is a key that is not needed."""
    with pytest.raises(SchemaMismatch, match=re.escape(said)):
        members_of(SCHEMA, named(SCHEMA, "orders"), each, key)
