"""What a case's answers show of records from before is planted; what the case makes itself is not."""

from __future__ import annotations

from typing import Any

from sandbox.conformance.cases import Case, Step
from sandbox.conformance.replay import replay
from sandbox.conformance.seeding.records import shown

PRODUCT = "gid://shopify/Product/9990001112223"
VARIANT = "gid://shopify/ProductVariant/9990001114445"
MADE = "gid://shopify/Product/9990009998887"
TAGS = "mutation($id: ID!, $t: [String!]!) { tagsAdd(id: $id, tags: $t) { node { id } userErrors { field message } } }"
READ = """query($id: ID!) { thing: product(id: $id) { id title tags
  variants(first: 5) { nodes { id price sku inventoryQuantity } } } }"""
MAKE = """mutation($p: ProductCreateInput!) { productCreate(product: $p) { product { id title }
  userErrors { field message } } }"""


def _case(*steps: tuple[str, dict[str, Any], dict[str, Any]]) -> Case:
    made = tuple(Step(query, variables, {"data": data}) for query, variables, data in steps)
    return Case("own", "2026-10", "products", "", frozenset(), made)


def _read(**fields: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:
    variant = {"id": VARIANT, "price": "12.50", "sku": "K-1", "inventoryQuantity": 0}
    thing = {"id": PRODUCT, "title": "Kettle", "tags": ["iron"], "variants": {"nodes": [variant]}} | fields
    return READ, {"id": PRODUCT}, {"thing": thing}


def test_record_from_before_is_there() -> None:
    """A product that the case only reads stands in the sandbox with its variant, under the recorded ids."""
    assert replay(_case(_read())).problem is None


def test_what_is_planted_is_not_the_answer() -> None:
    """Planting goes by the first answer; a later one that contradicts it is a difference."""
    problem = replay(_case(_read(), _read(title="Pot"))).problem
    assert problem is not None
    assert "title" in problem


def test_accepted_write_shows_its_object() -> None:
    """An id that a mutation took without complaint was there, although no answer says what it was like."""
    data = {"tagsAdd": {"node": {"id": PRODUCT}, "userErrors": []}}
    assert replay(_case((TAGS, {"id": PRODUCT, "t": ["new"]}, data))).problem is None


def test_missed_record_is_not_planted() -> None:
    """An id that the store did not know stays unknown."""
    error = {"field": ["id"], "message": "Product does not exist"}
    found = shown(_case((TAGS, {"id": PRODUCT, "t": ["x"]}, {"tagsAdd": {"node": None, "userErrors": [error]}})))
    assert found.existing == []


def test_made_record_is_not_planted() -> None:
    """What a mutation of the case makes is left for the sandbox to make."""
    data = {"productCreate": {"product": {"id": MADE, "title": "Pan"}, "userErrors": []}}
    case = _case((MAKE, {"p": {"title": "Pan"}}, data), (READ, {"id": MADE}, {"thing": None}))
    assert shown(case).existing == []
    assert replay(case).step == 2
