"""How much longer a page of products takes in a large store than in a small one.

Both stores are measured in turns within one process, so that the ratio does not depend on the machine. A page costs
what it holds: the ratio is to stay near one.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import Client

from sandbox.bench import many_products
from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create

PAGE = 250
ROUNDS = 4
NODES = """{ pageInfo { hasNextPage endCursor } nodes { id title handle status updatedAt totalVariants
  variants(first: 10) { nodes { id sku title price inventoryQuantity selectedOptions { name value } } } } }"""
LISTS = {
    "by id": f"query($n: Int!, $a: String) {{ products(first: $n, after: $a) {NODES} }}",
    "by update": f"query($n: Int!, $a: String) {{ products(first: $n, after: $a, sortKey: UPDATED_AT) {NODES} }}",
    "searched": f'query($n: Int!, $a: String) {{ products(first: $n, after: $a, query: "status:active") {NODES} }}',
}


@dataclass
class Measured:
    """One list in both stores: seconds per page, and how the large one compares."""

    name: str
    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The fastest pages compared, in seconds of this thread: what else the machine does only ever adds."""
        return min(self.large) / min(self.small)

    def line(self) -> str:
        """As it is printed."""
        small, large = (statistics.median(times) * 1000 for times in (self.small, self.large))
        return f"{self.name:10} small {small:7.1f} ms  large {large:7.1f} ms  ratio {self.ratio:.2f}"


def measure(small: int, large: int, variants: int = 10) -> list[Measured]:
    """Pages in stores of these many products, at the start and further on."""
    config = ShopifyConfig(plan="enterprise")
    with create(config, Clock()) as one, create(config, Clock()) as other:
        for box, count in ((one, small), (other, large)):
            many_products.add(box.store, count, variants)
        found = [Measured(name) for name in LISTS]
        for _ in range(ROUNDS):
            for entry in found:
                entry.small += _pages(one, LISTS[entry.name])
                entry.large += _pages(other, LISTS[entry.name])
    return found


def _pages(box: ShopifySandbox, query: str) -> list[float]:
    # Two pages each time: the first, and the one behind it, which is reached by a cursor.
    times = []
    after = None
    for _ in range(2):
        started = time.thread_time()
        body = _ask(box, query, {"n": PAGE, "a": after})
        times.append(time.thread_time() - started)
        page = body["data"]["products"]
        assert len(page["nodes"]) == PAGE, "a page was not full"  # noqa: S101 - a measurement of less says nothing
        after = page["pageInfo"]["endCursor"]
    return times


def _ask(box: ShopifySandbox, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    path = f"/admin/api/{box.config.api_version}/graphql.json"
    headers = {"X-Shopify-Access-Token": box.config.token}
    answer = Client(box.wsgi).post(path, json={"query": query, "variables": variables}, headers=headers)
    body: dict[str, Any] = answer.get_json()
    assert "errors" not in body, body["errors"]  # noqa: S101 - a refused page measures nothing
    return body
