"""The estimate of a query's cost against what Shopify charged."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from graphql import parse

from shared.shopify.costs import estimate
from shared.shopify.schema import load
from tests.support import evidence

SAMPLES = evidence.SHOPIFY / "cost_samples.jsonl.gz"


@pytest.mark.parametrize(
    ("text", "variables", "cost"),
    [
        ("{ shop { id } }", {}, 1),
        ("{ productsCount { count } }", {}, 10),
        ("{ customers(first: 250) { nodes { id } } }", {}, 13),
        ("query Q($n: Int!) { customers(first: $n) { nodes { id } } }", {"n": 20}, 7),
        ("{ customers(first: 250) { edges { cursor node { id } } pageInfo { hasNextPage } } }", {}, 13),
        ("{ productVariants(first: 250) { nodes { id } pageInfo { hasNextPage } } }", {}, 13),
        ("{ productVariants(first: 10) { nodes { id } edges { node { id } } } }", {}, 10),
        ("{ products(first: 250) { nodes { variants(first: 250) { nodes { id } } } } }", {}, 156),
        ("mutation { tagsAdd(id: 1, tags: []) { node { id } userErrors { field } } }", {}, 10),
        ("{ nodes(ids: []) { ... on Product { seo { title } } ... on Order { id } } }", {}, 2),
        ("{ orders(first: 0) { nodes { id } } }", {}, 2),
    ],
)
def test_the_rules(text: str, variables: dict[str, int], cost: int) -> None:
    """Promise: the published rules give these costs (several are figures Shopify itself names)."""
    assert estimate(text, variables, load()) == cost


def test_product_inputs_weigh() -> None:
    """Promise: 1,000 variants in a productSet cost 200 more than none; metafieldsSet costs its 10 points."""
    text = "mutation M($input: ProductSetInput!) { productSet(input: $input) { product { id } } }"
    assert estimate(text, {"input": {"variants": [{}] * 1000}}, load()) == 210
    text = "mutation M($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { userErrors { field } } }"
    assert estimate(text, {"m": [{}] * 25}, load()) == 10


@pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded costs are not on this machine")
def test_recorded_costs() -> None:
    """Promise: 94 % of the recorded requests are met to the point, and of products' and orders' few cost more."""
    exact = count = ours = below = 0
    with gzip.open(SAMPLES, "rt") as lines:
        for line in lines:
            sample = json.loads(line)
            found = estimate(sample["query"], sample["variables"] or {}, load())
            count += 1
            exact += found == sample["requested"]
            operation = next(node for node in parse(sample["query"]).definitions if hasattr(node, "operation"))
            roots = [node.name.value for node in operation.selection_set.selections if hasattr(node, "name")]
            if all(re.match("product|order|draftOrder|inventory|metafields|location", root) for root in roots):
                ours += 1
                below += found < 0.9 * sample["requested"]
    assert ours > 300
    assert exact / count > 0.94
    assert below / ours < 0.02
