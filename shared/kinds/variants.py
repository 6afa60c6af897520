"""Kind "variants": every Shopify variant is one CRM product with its price in the configured list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from shared.dataverse.definitions import Wanted
from shared.dataverse.edits import Lifecycle
from shared.dataverse.products import PRICE_ITEM, ProductLifecycle, price_item
from shared.dataverse.selection import Child, TableConfig
from shared.dataverse.setup import marker_column, wanted_for_products
from shared.kinds.ground import Ground
from shared.mapping.model import FURTHER_LISTS
from shared.settings import Settings
from shared.shopify.client import ShopifyClient
from shared.shopify.setup import Step, ensure_definitions
from shared.shopify.variants import VariantOptions, Variants


def _further_price(ground: Ground, name: str) -> Child:
    """The product's price in another list, by the list's name as paths and constants have it."""
    constant = f"{FURTHER_LISTS}{name}"
    return price_item(ground.constants({constant})[constant], f"{PRICE_ITEM}_{name}")


class VariantsKind:
    """See Kind."""

    name = "variants"
    constants: frozenset[str] = frozenset({"price_list"})
    scopes: Sequence[str] = ("read_products", "write_products")
    """write_products includes reading metafields and their definitions."""
    looked_up: Sequence[str] = ("pricelevel", "uomschedule", "uom", "transactioncurrency")
    required: Sequence[str] = ("product.title",)

    def shopify(self, ground: Ground, paths: Iterable[str]) -> Variants:
        """See Kind."""
        options = VariantOptions(overlap_s=ground.settings.overlap_s, lag_s=ground.settings.lag_s)
        return Variants(ground.shopify, paths, options)

    def table(self, ground: Ground, table: str) -> TableConfig:
        """See Kind."""
        return TableConfig(
            shop=ground.shop.shop,
            kind=self.name,
            table=table,
            paths=frozenset(),
            marker=marker_column(ground.shop.key),
            children=(price_item(ground.constants({"price_list"})["price_list"]),),
            further=(f"{PRICE_ITEM}_", partial(_further_price, ground)),
        )

    def lifecycle(self, settings: Settings) -> Lifecycle:
        """See Kind."""
        return ProductLifecycle()

    def recreates(self, settings: Settings) -> bool:
        """See Kind."""
        return False

    def wanted(self, shop_keys: Sequence[str]) -> Wanted:
        """See Kind."""
        return wanted_for_products(shop_keys)

    def definitions(self, client: ShopifyClient, paths: Iterable[str], *, dry_run: bool) -> Sequence[Step]:
        """See Kind."""
        marker = (VariantOptions().namespace, VariantOptions().key)
        return ensure_definitions(client, marker, paths, dry_run=dry_run)

    def fields(self, client: ShopifyClient) -> Sequence[str]:
        """See Kind."""
        entry = client.schema.entry
        return [*entry("ProductVariant")["f"], *(f"product.{name}" for name in entry("Product")["f"])]
