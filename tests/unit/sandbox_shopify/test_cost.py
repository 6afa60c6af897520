"""The cost estimator against its rules and against recorded documents."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse, value_from_ast_untyped

from sandbox.shopify import schema
from sandbox.shopify.config import SCHEMA_FOLDER
from sandbox.shopify.cost import Estimator
from tests.support import evidence

SAMPLES = evidence.SHOPIFY / "cost_samples.jsonl.gz"


def estimator(query: str, variables: dict[str, Any] | None = None) -> tuple[Estimator, OperationDefinitionNode]:
    """An estimator for a document, and its operation."""
    document = parse(query)
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    values = dict(variables or {})
    for definition in operation.variable_definitions or ():
        if definition.default_value:
            values.setdefault(definition.variable.name.value, value_from_ast_untyped(definition.default_value))
    return Estimator(schema.load(SCHEMA_FOLDER, "2026-10").graphql, fragments, values), operation


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ shop { name } }", 1),
        ("{ productsCount { count } }", 10),
        ("{ products(first: 250) { nodes { id } } }", 13),
        ("{ products(first: 250) { nodes { id variants(first: 250) { nodes { id } } } } }", 156),
        ("{ products(first: 10) { nodes { id } edges { cursor node { id } } } }", 10),
        ('mutation { productUpdate(product: {id: "gid://shopify/Product/1"}) { product { id } } }', 10),
        ('{ node(id: "gid://shopify/Product/1") { id ... on Product { seo { title } } } }', 2),
    ],
)
def test_rules(query: str, cost: int) -> None:
    """Objects, counts, connections, mutations and fragments cost what the rules say."""
    made, operation = estimator(query)
    assert made.requested(operation) == cost


def test_input_has_a_price() -> None:
    """Variants and metafields of an input add to productSet."""
    query = "mutation($i: ProductSetInput!) { productSet(input: $i) { product { id } } }"
    variants = [{"price": "1", "metafields": [{"value": "1"}] * 2}] * 100
    made, operation = estimator(query, {"i": {"variants": variants}})
    assert made.requested(operation) == 10 + 20 + 80


def test_recorded_costs() -> None:
    """At least 95 % of the recorded documents get exactly the cost the store asked for."""
    if not SAMPLES.is_file():
        pytest.skip(f"recorded costs are not on this machine: {SAMPLES}")
    exact = actual = total = 0
    with gzip.open(SAMPLES, "rt") as lines:
        for line in lines:
            sample = json.loads(line)
            made, operation = estimator(sample["query"], sample["variables"])
            total += 1
            exact += made.requested(operation) == sample["requested"]
            actual += sample.get("data") is not None and made.actual(operation, sample["data"]) == sample["actual"]
    print(f"requested cost exact: {exact} of {total}; actual cost exact: {actual}")
    assert exact / total >= 0.95
    assert actual / total >= 0.80
