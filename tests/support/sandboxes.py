"""The same world over the two sandboxes in process: real clients, real entities, one clock that moves by hand.

Shopify's merchant and CRM's salesperson edit by their own tokens, through the vendors' own interfaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sandbox.dataverse.config import DataverseConfig
from sandbox.dataverse.server import create as create_dataverse
from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import create as create_shopify
from sandbox.wsgi_adapter import WsgiAdapter
from shared.dataverse.client import Client, connect
from shared.dataverse.lookups import Lookups
from shared.dataverse.metadata import Metadata
from shared.dataverse.products import ProductLifecycle, price_item
from shared.dataverse.selection import TableConfig
from shared.dataverse.setup import marker_column, set_up, wanted_for_products
from shared.dataverse.tables import TableEntity
from shared.flows import FLOWS
from shared.mapping.load import load
from shared.mapping.rules import join
from shared.records import Record, Side, Write, WriteResult
from shared.shopify.client import Document, Secrets, ShopifyClient
from shared.shopify.client import connect as connect_shopify
from shared.shopify.setup import ensure_definitions
from shared.shopify.variants import Variants
from tests.support.faults import Faults
from tests.support.world import SHOP, Couple, World

URL = "https://acme.crm.dynamics.com"
FOLDER = Path(__file__).resolve().parents[2] / "mappings"
SET = """mutation Merchant($input: ProductSetInput!) { productSet(input: $input, synchronous: true) {
  product { legacyResourceId variants(first: 10) { nodes { legacyResourceId } } } userErrors { field message } } }"""
VARIANT = """mutation Merchant($product: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $product, variants: $variants) { userErrors { field message } } }"""
DISCARD = """mutation Merchant($product: ID!, $variants: [ID!]!) {
  productVariantsBulkDelete(productId: $product, variantsIds: $variants) { userErrors { field message } } }"""
REMOVE = """mutation Merchant($input: ProductDeleteInput!) {
  productDelete(input: $input) { userErrors { field message } } }"""
PRODUCT = """mutation Merchant($product: ProductUpdateInput!) {
  productUpdate(product: $product) { userErrors { field message } } }"""


class OneClock(Clock):
    """One time for both sandboxes and for us; sleeping moves it."""

    def sleep(self, seconds: float) -> None:
        """Time passes at once."""
        self.advance(seconds)


class Counted:
    """An entity whose writes are counted, as the fakes count theirs."""

    def __init__(self, inner: Any, side: Side, clock: OneClock, faults: Faults) -> None:
        self._inner = inner
        self._side = side.value
        self.clock = clock
        self.faults = faults
        self.writes: list[Write] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        """Count and pass on."""
        self.writes.extend(writes)
        act = self.faults.meanwhile.pop(f"{self._side}.write", None)
        if act is not None:
            act()
        return self._inner.write(writes)

    def all(self) -> dict[str, Record]:
        """Every record there is."""
        page = self._inner.listing("")
        records = [item.record for item in page.items if item.record]
        while page.more:
            page = self._inner.listing(page.token)
            records += [item.record for item in page.items if item.record]
        return {record.id: record for record in records}


class Sandboxes:
    """Both sandboxes, set up as `ops setup` does, and the world over them."""

    def __init__(self) -> None:
        self.clock = OneClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
        self.dataverse = create_dataverse(DataverseConfig(seed="t", clock=self.clock))  # type: ignore[arg-type]
        self.store = create_shopify(ShopifyConfig(), self.clock)
        inward, outward = (load(FOLDER, flow) for flow in ("products_shopify_to_crm", "products_crm_to_shopify"))
        switches = {"publish": True}
        rules = join(inward, outward, settings=switches)
        config = self.store.config
        app = self._shop(Secrets(config.client_id, config.client_secret))
        self._merchant = self._shop(Secrets(token=config.merchant_token))
        self._person = self._crm("salesperson-token")
        ensure_definitions(app, ("dynamics", "product_id"), rules.paths(Side.SHOPIFY), dry_run=False)
        admin = self._crm("admin-token")
        set_up(admin, Metadata(admin), wanted_for_products(["acme"]))
        faults = Faults()
        shopify = Counted(Variants(app, rules.paths(Side.SHOPIFY)), Side.SHOPIFY, self.clock, faults)
        crm = Counted(self._products(rules.paths(Side.CRM)), Side.CRM, self.clock, faults)
        couple = Couple(rules, join(outward, inward, settings=switches), "product")
        self.world = World(couple, shopify, crm)  # type: ignore[arg-type]
        self.world.constants = self.constants
        for flow in (flow for flow in FLOWS if flow.kind == rules.kind):
            self.world.change(flow.name, flow=flow)

    def close(self) -> None:
        """Let go of both databases."""
        self.dataverse.close()
        self.store.close()

    def _crm(self, token: str) -> Client:
        source = SimpleNamespace(get_token=lambda *_: SimpleNamespace(token=token, expires_on=4_000_000_000))
        client = connect(URL, source, self.clock)
        client.transport.session.mount(URL, WsgiAdapter(self.dataverse.wsgi))
        return client

    def _shop(self, secrets: Secrets) -> ShopifyClient:
        client = connect_shopify(SHOP, secrets, clock=self.clock)
        client.transport.session.mount("https://", WsgiAdapter(self.store.wsgi))
        return client

    def _products(self, paths: Sequence[str]) -> TableEntity:
        client = self._crm("app-token")
        metadata = Metadata(client)
        lookups = Lookups(client, metadata)
        price_list, group = lookups.price_list(), lookups.unit_group("Default Unit")
        unit = lookups.unit("Primary Unit", group)
        self.constants = {"price_list": price_list, "unit_group": group, "unit": unit}
        config = TableConfig(
            shop=SHOP,
            kind="variants",
            table="product",
            paths=frozenset(paths),
            marker=marker_column("acme"),
            children=(price_item(price_list),),
        )
        return TableEntity(client, metadata, config, ProductLifecycle())

    # -- people -------------------------------------------------------------------------------------------------

    def sell(self, title: str, skus: Sequence[str], price: str = "10.00") -> list[str]:
        """The merchant makes a product with a variant per SKU; the variants' ids."""
        names = [f"Size {number}" for number in range(len(skus))]
        variants = [
            {"optionValues": [{"optionName": "Size", "name": name}], "sku": sku, "price": price}
            for name, sku in zip(names, skus, strict=True)
        ]
        options = [{"name": "Size", "values": [{"name": name} for name in names]}]
        made = self._edit(SET, input={"title": title, "productOptions": options, "variants": variants})["product"]
        self.product = f"gid://shopify/Product/{made['legacyResourceId']}"
        return [str(node["legacyResourceId"]) for node in made["variants"]["nodes"]]

    def reprice(self, product: str, variant: str, price: str) -> None:
        """The merchant changes a price."""
        self._edit(
            VARIANT, product=product, variants=[{"id": f"gid://shopify/ProductVariant/{variant}", "price": price}]
        )

    def retitle(self, product: str, title: str) -> None:
        """The merchant changes a title."""
        self._edit(PRODUCT, product={"id": product, "title": title})

    def discard(self, product: str, variant: str) -> None:
        """The merchant deletes a variant."""
        self._edit(DISCARD, product=product, variants=[f"gid://shopify/ProductVariant/{variant}"])

    def archive(self, product: str) -> None:
        """The merchant archives a product."""
        self._edit(PRODUCT, product={"id": product, "status": "ARCHIVED"})

    def remove(self, product: str) -> None:
        """The merchant deletes a whole product."""
        self._edit(REMOVE, input={"id": product})

    def _edit(self, text: str, **variables: Any) -> Any:
        payload = next(iter(self._merchant.execute(Document("Merchant", text), variables).data.values()))
        assert not payload["userErrors"], payload
        return payload

    def stock(self, number: str, name: str, price: str) -> str:
        """The salesperson makes a product with its price, and publishes it."""
        values = {"productnumber": number, "name": name, "quantitydecimal": 2, "productstructure": 1}
        binds = {
            "defaultuomid@odata.bind": f"/uoms({self.constants['unit']})",
            "defaultuomscheduleid@odata.bind": f"/uomschedules({self.constants['unit_group']})",
        }
        product = self._post("products", {**values, **binds})
        item = {
            "productid@odata.bind": f"/products({product})",
            "pricelevelid@odata.bind": f"/pricelevels({self.constants['price_list']})",
            "uomid@odata.bind": f"/uoms({self.constants['unit']})",
            "amount": Decimal(price),
            "pricingmethodcode": 1,
            "quantitysellingcode": 1,
        }
        self._post("productpricelevels", item)
        self.amend(product, statecode=0, statuscode=1)
        return product

    def retire(self, product: str) -> None:
        """The salesperson takes a product off the price list and retires it."""
        for item in self._items(product):
            self._person.send("DELETE", f"productpricelevels({item})", name="edit")
        self.amend(product, statecode=1, statuscode=2)

    def _items(self, product: str) -> list[str]:
        url = f"products({product})?$select=productid&$expand=product_price_levels($select=productpricelevelid)"
        rows = self._person.get(url, name="prices").data["product_price_levels"]
        return [row["productpricelevelid"] for row in rows]

    def amend(self, product: str, **values: Any) -> None:
        """The salesperson changes columns of a product."""
        self._person.send("PATCH", f"products({product})", values, name="edit")

    def _post(self, table: str, values: dict[str, Any]) -> str:
        reply = self._person.send("POST", table, values, name="new")
        return str(reply.answer.headers["OData-EntityId"])[-37:-1]
