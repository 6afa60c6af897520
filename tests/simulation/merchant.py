"""The merchant at work in Shopify, by the public API as anybody. Nothing here knows the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.catalogue import SeedProduct, SeedVariant
from sandbox.seed import SeedFailedError, Shop
from tests.simulation.book import SHOPIFY, Entry
from tests.simulation.office import Office

LIST = """
query { products(first: 50) { nodes { id title status variants(first: 10) { nodes { id legacyResourceId sku } } } } }
"""
VARIANTS = """
mutation($id: ID!, $variants: [ProductVariantsBulkInput!]!) {
  done: productVariantsBulkUpdate(productId: $id, variants: $variants) { userErrors { message } }
}
"""
PRODUCT = """
mutation($product: ProductUpdateInput!) { done: productUpdate(product: $product) { userErrors { message } } }
"""
REMOVE = "mutation($id: ID!) { done: productDelete(input: { id: $id }) { userErrors { message } } }"
DROP = """
mutation($id: ID!, $variants: [ID!]!) {
  done: productVariantsBulkDelete(productId: $id, variantsIds: $variants) { userErrors { message } }
}
"""


class Merchant:
    """Each method makes one edit and says what it was; an empty text: there was nothing to do."""

    def __init__(self, shop: Shop, office: Office, standing: Callable[[str], Mapping[str, Any]]) -> None:
        self._shop, self._office, self._standing = shop, office, standing

    def sell(self) -> str:
        """A new product with one to three variants."""
        office = self._office
        if office.full():
            return ""
        sizes = ("S", "M", "L")[: office.chance.among((1, 1, 2, 3))]
        variants = tuple(SeedVariant(office.fresh("SKU"), office.price(), (size,)) for size in sizes)
        self._shop.create(SeedProduct(f"Thing {office.made}", "<p>Good.</p>", "ACTIVE", ("Size",), variants))
        for node in self.variants():
            for variant in variants:
                if node["sku"] == variant.sku:
                    office.book.note(SHOPIFY, node["legacyResourceId"], number=variant.sku, price=variant.price)
        office.topic = (variants[0].sku, "")
        return variants[0].sku

    def reprice(self) -> str:
        """Another price."""
        return self._edit_variant("price", lambda price: {"price": str(price)}, self._office.price())

    def number(self) -> str:
        """Another SKU."""
        return self._edit_variant("number", lambda sku: {"inventoryItem": {"sku": sku}}, self._office.fresh("NEW"))

    def _edit_variant(self, name: str, change: Callable[[Any], Mapping[str, Any]], value: Any) -> str:
        office = self._office
        variant = office.any(self.variants(), "sku")
        if variant is None:
            return ""
        between, standing = office.between(), self._standing(name)
        self._send(VARIANTS, id=variant["product"], variants=[{"id": variant["id"], **change(value)}])
        office.book.entries.append(Entry(SHOPIFY, variant["legacyResourceId"], name, value, between, standing))
        office.topic = (value if name == "number" else variant["sku"], name)
        return f"{variant['legacyResourceId']} {value}"

    def retitle(self) -> str:
        """Another title of a product."""
        title = f"Title {self._office.chance.below(10_000)}"
        product = self._edit_product({"title": title})
        if product:
            self._office.book.note(SHOPIFY, product, title=title)
        return f"{product} {title}" if product else ""

    def archive(self) -> str:
        """A product is archived."""
        return self._edit_product({"status": "ARCHIVED"})

    def _edit_product(self, change: Mapping[str, Any]) -> str:
        product = self._office.any(self._products(), "")
        if product is None:
            return ""
        self._send(PRODUCT, product={"id": product["id"], **change})
        return str(product["id"].rpartition("/")[2])

    def remove(self) -> str:
        """A product is deleted."""
        product = self._office.any(self._products(), "")
        if product is None:
            return ""
        self._send(REMOVE, id=product["id"])
        self._office.book.removed += [(SHOPIFY, node["legacyResourceId"]) for node in product["variants"]["nodes"]]
        return str(product["id"][-6:])

    def drop(self) -> str:
        """One of several variants is deleted."""
        product = self._office.any([each for each in self._products() if len(each["variants"]["nodes"]) > 1], "")
        if product is None:
            return ""
        variant = self._office.any(product["variants"]["nodes"], "sku")
        self._send(DROP, id=product["id"], variants=[variant["id"]])
        self._office.book.removed.append((SHOPIFY, variant["legacyResourceId"]))
        return str(variant["legacyResourceId"])

    def variants(self) -> list[dict[str, Any]]:
        """All that are not archived."""
        return [
            {**variant, "product": product["id"]}
            for product in self._products()
            for variant in product["variants"]["nodes"]
        ]

    def _products(self) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = self._shop.call(LIST)["products"]["nodes"]
        return [node for node in nodes if node["status"] != "ARCHIVED"]

    def _send(self, text: str, **variables: Any) -> None:
        errors = self._shop.call(text, variables)["done"]["userErrors"]
        if errors:
            raise SeedFailedError(f"{errors}")
