"""Our client on the Shopify sandbox, in process: one store, one clock for both, a merchant who edits by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from requests import PreparedRequest, Response

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.http import ConnectionDropped
from sandbox.shopify.server import ShopifySandbox, create
from sandbox.wsgi_adapter import WsgiAdapter
from shared.records import Action, Record, Write
from shared.shopify.client import Document, Secrets, ShopifyClient, connect
from shared.shopify.setup import ensure_definitions
from shared.shopify.variants import Variants

SHOP = "acme.myshopify.com"
MARKER = ("dynamics", "product_id")
PATHS = (
    "sku",
    "price",
    "barcode",
    "title",
    "legacyResourceId",
    "product.isGiftCard",
    "product.title",
    "product.descriptionHtml",
    "product.status",
    "product.vendor",
    "selectedOptions.name",
    "selectedOptions.value",
    'metafields."dynamics.vendor_part_number"',
)


class SandboxClock:
    """Our clock port on the sandbox's clock: sleeping moves its time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.advance(seconds)


class DroppingAdapter(WsgiAdapter):
    """In process there is no connection to drop: say it in the words of requests."""

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        try:
            return super().send(request, *args, **options)
        except ConnectionDropped:
            raise requests.ConnectionError("dropped") from None


class Shop:
    """The sandbox, our client and entity on it, and the merchant's own hands."""

    def __init__(self, sandbox: ShopifySandbox) -> None:
        self.sandbox = sandbox
        self.clock = SandboxClock(sandbox.clock)
        self.client = self.signed_in(Secrets(sandbox.config.client_id, sandbox.config.client_secret))
        self._merchant = self.signed_in(Secrets(token=sandbox.config.merchant_token))
        self.variants = Variants(self.client, PATHS)

    def signed_in(self, secrets: Secrets) -> ShopifyClient:
        client = connect(SHOP, secrets, clock=self.clock)
        client.transport.session.mount("https://", DroppingAdapter(self.sandbox.wsgi))
        return client

    def setup(self) -> None:
        """The definitions every write needs."""
        ensure_definitions(self.client, MARKER, PATHS, dry_run=False)

    def merchant(self, text: str, **variables: Any) -> Any:
        """What the merchant does; fails on userErrors."""
        data = self._merchant.execute(Document("Merchant", text), variables).data
        payload = next(iter(data.values()))
        assert not payload.get("userErrors"), payload
        return payload

    def members(self, product: str) -> list[str]:
        """The ids of the variants that a product has now, as the client finds them."""
        return [item.id for item in self.variants.members("products", [product]).items]

    def product(self, title: str, skus: Sequence[str], price: str = "10.00") -> dict[str, Any]:
        """A product with a variant per SKU, made by the merchant: {"id", "variants": [ids]}, numeric."""
        names = [f"Size {number}" for number in range(len(skus))]
        given = {
            "title": title,
            "productOptions": [{"name": "Size", "values": [{"name": name} for name in names]}],
            "variants": [
                {"optionValues": [{"optionName": "Size", "name": name}], "sku": sku, "price": price}
                for name, sku in zip(names, skus, strict=True)
            ],
        }
        payload = self.merchant(PRODUCT_SET, input=given)
        made = payload["product"]
        return {"id": made["legacyResourceId"], "variants": [v["legacyResourceId"] for v in made["variants"]["nodes"]]}

    def create(self, source_id: str, **values: Any) -> Record:
        """One record created through the entity; it must succeed."""
        wanted = {"sku": source_id.upper(), "price": "5.00", "product.title": f"Title {source_id}", **values}
        (result,) = self.variants.write([Write(Action.CREATE, source_id, wanted)])
        assert not isinstance(result, Exception), result
        return result.record

    def calls(self) -> int:
        """GraphQL requests our app has made."""
        return sum(1 for _ in self.sandbox.counters.calls)


PRODUCT_SET = """mutation Merchant($input: ProductSetInput!) {
  productSet(input: $input, synchronous: true) {
    product { legacyResourceId variants(first: 250) { nodes { legacyResourceId } } }
    userErrors { field message }
  }
}"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A store with the definitions in place, at noon."""
    with create(ShopifyConfig(), Clock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))) as sandbox:
        made = Shop(sandbox)
        made.setup()
        yield made
