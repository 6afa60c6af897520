"""Kind "orders": a Shopify order is a CRM sales order with its lines.

What the mapping cannot say is added to each order before it is mapped: `money` (shared/flows/orders) and `crm`, the
rows it refers to. A row that is on its way is waited for; one that does not come has the order go on without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from shared.dataverse.collections import Collection
from shared.dataverse.definitions import NewColumn, TableKey, Wanted
from shared.dataverse.edits import STATE, Lifecycle
from shared.dataverse.order_notes import COLUMNS, NOTES, TABLE
from shared.dataverse.orders import SalesOrderLifecycle
from shared.dataverse.selection import TableConfig
from shared.fields import FieldInfo, Tree, described, kinds
from shared.flows.orders.paths import LINES, PATHS
from shared.kinds.ground import Ground
from shared.settings import Settings
from shared.shopify.client import ShopifyClient
from shared.shopify.roots import Root, RootSource, Windows
from shared.shopify.setup import Step

ROOT = Root("Order", "orders", {"name": "name"})
ITEM = "money.lines.item"
"""The line item that a line of the money stands for, with what a mapping reads of it."""
PENDING = "new_shopifypending"
TOTALS = ("totalamount", "totaltax", "totallineitemamount", "freightamount")
READ = (
    *PATHS, "createdAt", "cancelledAt", "displayFinancialStatus", "customer.legacyResourceId",
    'purchasingEntity."... on PurchasingCompany".company.id',
)  # fmt: skip
DETAILS = Collection("order_details", "salesorderdetail", "order_details", "salesorderid")
HEADER = (
    ("new_shopifyponumber", "Shopify PO number", 255),
    ("new_shopifychannel", "Shopify channel", 100),
    ("new_shopifylocation", "Shopify location", 255),
    ("new_shopifyshipping", "Shopify shipping method", 500),
    ("new_shopifyterms", "Shopify payment terms", 100),
)
"""Columns of the sales order for what Shopify says once: name, label, length."""
_LINE = kinds(
    text="id kind title sku variant_id product unit",
    boolean="write_in gift_card",
    integer="quantity",
    decimal="price_per_unit manual_discount rounding tax channel_tax net extended",
    object="item",
)
_REFUND = kinds(text="id told", datetime="at", integer="units", decimal="amount goods shipping tax pending")
_PAYMENTS: Tree = {
    "gateways": "text[]",
    "refunds": [_REFUND],
    **kinds(
        decimal="received refunded net outstanding authorized discrepancy cash_rounding cash_rounding_refunded "
        "gift_cards pending pending_refunds"
    ),
}
_MONEY: Tree = {
    "lines": [_LINE],
    "status": [kinds(text="id")],
    "payments": _PAYMENTS,
    **kinds(
        text="currency",
        decimal="freight header_discount lines_total tax total channel_tax shopify_total rounding",
    ),
}
_CRM = kinds(text="account currency price_list", boolean="before_start awaits_payment replaced")
ADDED: Tree = {"money": _MONEY, "crm": _CRM}
"""What is added to an order: shared/flows/orders/plain.py and shared/completing.py make it."""


def order_marker(shop_key: str) -> str:
    """The column on sales orders that holds a shop's order id."""
    return f"new_shopifyorderid_{shop_key}"


def _as_read(path: str) -> str:
    """The path as Shopify knows it, of what each of the money's lines has of the line item it stands for."""
    return f"{LINES}.nodes.{path.removeprefix(ITEM + '.')}" if path.startswith(f"{ITEM}.") else path


class OrderSource(RootSource):
    """Orders with the paths that are added to them described, though Shopify knows nothing of those."""

    def __init__(self, client: ShopifyClient, paths: Iterable[str], windows: Windows) -> None:
        read = map(_as_read, paths)
        plain = [path for path in read if path.partition(".")[0] not in ADDED]
        super().__init__(client, ROOT, [*plain, *READ], windows)

    def describe(self, path: str) -> FieldInfo | None:
        """What the schema says of a path, or this module of what it adds."""
        read = _as_read(path)
        if path == ITEM or path != read:
            found = super().describe(read if path != ITEM else f"{LINES}.nodes")
            return replace(found, path=path) if found else None
        return described(ADDED, path) if path.partition(".")[0] in ADDED else super().describe(path)


class OrdersKind:
    """See Kind."""

    name = "orders"
    constants: frozenset[str] = frozenset()
    scopes: Sequence[str] = ("read_orders", "read_payment_terms")
    looked_up: Sequence[str] = ("transactioncurrency", "pricelevel")
    required: Sequence[str] = ()

    def shopify(self, ground: Ground, paths: Iterable[str]) -> OrderSource:
        """See Kind."""
        return OrderSource(ground.shopify, paths, Windows(ground.settings.overlap_s, ground.settings.lag_s))

    def table(self, ground: Ground, table: str) -> TableConfig:
        """See Kind."""
        config = TableConfig(ground.shop.shop, self.name, table, frozenset({*STATE, *TOTALS}))
        return replace(config, marker=order_marker(ground.shop.key), lines=(DETAILS, NOTES), pending=PENDING)

    def lifecycle(self, settings: Settings) -> Lifecycle:
        """See Kind."""
        return SalesOrderLifecycle(beside=(NOTES.name,), reopens=settings.orders_reopen)

    def recreates(self, settings: Settings) -> bool:
        """Never: an order that was deleted in CRM was deleted by somebody."""
        return False

    def wanted(self, shop_keys: Sequence[str]) -> Wanted:
        """A marker with its key per shop, columns for what has none in CRM, and the table beside orders."""
        columns = [NewColumn("salesorder", PENDING, "Shopify lines are being written", 100)]
        columns += [NewColumn("salesorder", name, label, length) for name, label, length in HEADER]
        columns += COLUMNS
        keys = []
        for shop in shop_keys:
            column = order_marker(shop)
            columns.append(NewColumn("salesorder", column, f"Shopify order id ({shop})", 20))
            keys.append(TableKey("salesorder", f"new_shopifyorderkey_{shop}", f"Shopify order ({shop})", column))
        return Wanted(tuple(columns), tuple(keys), (), tables=(TABLE,))

    def definitions(self, client: ShopifyClient, paths: Iterable[str], *, dry_run: bool) -> Sequence[Step]:
        """None: nothing is written to orders in Shopify."""
        return ()

    def fields(self, client: ShopifyClient) -> Sequence[str]:
        """See Kind."""
        added = [f"{top}.{name}" for top, tree in ADDED.items() for name in tree]
        return [*client.schema.entry("Order")["f"], *ADDED, *added]
