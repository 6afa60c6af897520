"""Every GraphQL document our app sends, by letting it do each of its jobs once on a sandbox; and what a schema says.

`python -m tests.contract.shopify_client.documents` reports what the next version of the API would refuse.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from graphql import parse, validate

from sandbox.shopify import schema
from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create
from shared.records import Action, Write
from shared.shopify.schema import load
from shared.shopify.selection import Selection
from shared.shopify.subscriptions import subscribe
from shared.shopify.variant_reads import VariantOptions
from shared.shopify.variants import Variants
from tests.contract.shopify_client.conftest import PATHS, Shop

NEXT = "unstable"
LONG = ("inventoryItem.inventoryLevels.nodes.updatedAt", "media.nodes.alt")


def collect() -> dict[str, set[str]]:
    """Document texts by the name of their operation."""
    config = ShopifyConfig()
    with create(config, Clock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))) as sandbox:
        sent = _listen(sandbox)
        _every_job(Shop(sandbox))
    found: dict[str, set[str]] = {}
    for text in sent:
        named = re.match(r"\s*(?:query|mutation)\s+(\w+)", text)
        name = named[1] if named else ""
        if name != "Merchant":
            found.setdefault(name, set()).add(text)
    found["ConnectionContinued"] = set(_continued())
    return found


def _continued() -> Iterator[str]:
    """The document of a list's next page, for each list of a selection; it is sent only when a list is long."""
    selection = Selection(load(), "ProductVariant", LONG)
    for owner in (selection.root, *selection.root.walk()):
        for part in owner.parts.values():
            if part.connection:
                yield selection.continuation(owner, part)


def _listen(sandbox: ShopifySandbox) -> list[str]:
    sent: list[str] = []
    run = sandbox.executor.run

    def heard(call: Any, request: dict[str, Any]) -> Any:
        sent.append(str(request["query"]))
        return run(call, request)

    sandbox.executor.run = heard  # type: ignore[method-assign]
    return sent


def _every_job(shop: Shop) -> None:
    shop.setup()
    reads = shop.variants = Variants(shop.client, PATHS, VariantOptions(variants=2))
    token = reads.start_token("products")
    made = shop.create("c1", **{'metafields."dynamics.vendor_part_number"': "VP"})
    shirt = shop.product("Shirt", ["A", "B", "C"])
    changed = {"price": "7.00", "product.title": "New", "sku": "N", 'metafields."dynamics.vendor_part_number"': "W"}
    reads.write([Write(Action.UPDATE, "c1", changed, id=made.id, current=made)])
    reads.write([Write(Action.UPDATE, "c2", {"price": "8.00"}, id=shirt["variants"][0])])
    for action in Action:
        if action not in (Action.CREATE, Action.UPDATE):
            reads.write([Write(action, "c1", {}, id=made.id, current=made)])
    shop.sandbox.clock.advance(600)
    reads.changes("products", token)
    reads.listing("")
    reads.members("products", [shirt["id"]])
    large = shop.product("Large", [f"L{number}" for number in range(251)])
    reads.members("products", [large["id"]])
    reads.siblings([shirt["id"], large["id"]])
    reads.read(shirt["variants"])
    reads.find("sku", ["A", "nowhere"])
    reads.taken(["c1"])
    created = ["products/create"]
    for address, topics in (("https://a.example", created), ("https://b.example", created), ("https://b.example", [])):
        list(subscribe(shop.client, address, {"flow": topics}, dry_run=False))


def refused(texts: dict[str, set[str]], version: str) -> Iterator[str]:
    """One line per rule of that version's schema that a document breaks."""
    config = ShopifyConfig()
    known = schema.load(config.schema_folder, version).graphql
    for name, documents in sorted(texts.items()):
        for problem in {error.message for text in documents for error in validate(known, parse(text))}:
            yield f"{name}: {problem}"


def main() -> int:
    """Print the report; it informs and never fails."""
    texts = collect()
    lines = list(refused(texts, NEXT))
    print("\n".join(lines))
    print(f"{len(lines)} problems in {len(texts)} documents under the schema {NEXT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
