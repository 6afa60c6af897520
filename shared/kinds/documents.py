"""Kind "documents": a CRM opportunity, order or invoice is a Shopify order.

The settings name the tables (DOCUMENTS). What the mapping cannot say is added to each document before it is mapped
(shared/documenting); what became of its order comes back into columns that `setup` makes on all three tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from shared.dataverse.definitions import NewColumn, Wanted
from shared.dataverse.document_notes import COLUMNS as NOTE_COLUMNS
from shared.dataverse.document_notes import TABLES as TABLES_BESIDE
from shared.dataverse.document_notes import notes_of
from shared.dataverse.documents import LINES, DocumentLifecycle, Documents, Marks, columns_of
from shared.dataverse.edits import Lifecycle
from shared.dataverse.selection import TableConfig
from shared.flows.documents.lines import COLUMNS
from shared.kinds.ground import Ground
from shared.kinds.orders import order_marker
from shared.settings import Settings
from shared.settings_list import TABLES
from shared.shopify.client import ShopifyClient
from shared.shopify.roots import Windows
from shared.shopify.sale_content import WRITTEN
from shared.shopify.sale_reads import KEY, NAMESPACE
from shared.shopify.sales import SaleOptions, Sales
from shared.shopify.setup import Step, ensure_marker

BACK = (
    ("new_shopifyordername", "Shopify order", 100),
    ("new_shopifyorderid", "Shopify order id", 20),
    ("new_shopifystatus", "Shopify status", 50),
    ("new_shopifypayment", "Shopify payment", 50),
    ("new_shopifyfulfilment", "Shopify fulfilment", 50),
    ("new_shopifytracking", "Shopify tracking", 500),
    ("new_shopifyterms", "Shopify payment terms", 100),
)
"""Name, label and length of the columns that say what became of a document's order."""


class DocumentsKind:
    """See Kind."""

    name = "documents"
    constants: frozenset[str] = frozenset()
    scopes: Sequence[str] = (
        "write_orders",
        "write_draft_orders",
        "write_order_edits",
        "write_payment_terms",
        "read_customers",
        "read_fulfillments",
    )
    looked_up: Sequence[str] = ("transactioncurrency", "account", "contact")
    required: Sequence[str] = ()

    def shopify(self, ground: Ground, paths: Iterable[str]) -> Sales:
        """See Kind."""
        wished, windows = ground.settings.documents, Windows(ground.settings.overlap_s, ground.settings.lag_s)
        options = SaleOptions(wished.route, wished.stock, notify=wished.notify, windows=windows, tax=wished.tax)
        return Sales(ground.shopify, paths, options)

    def table(self, ground: Ground, table: str) -> TableConfig:
        """See Kind."""
        lines = (LINES[table], notes_of(table))
        return TableConfig(ground.shop.shop, self.name, table, columns_of(table, COLUMNS), lines=lines)

    def crm(self, ground: Ground, paths: Iterable[str], *, bare: int = 0) -> Documents:
        """The documents of all tables that are sent; `bare`: nothing but ids, that many a page."""
        configs = [self.table(ground, table) for table in ground.settings.documents.tables]
        if bare:
            configs = [replace(each, paths=frozenset(), page_size=bare) for each in configs]
        marks = () if bare else tuple(order_marker(shop.key) for shop in ground.settings.shops)
        return Documents(ground.crm, ground.metadata, configs, paths, Marks("salesorder", marks))

    def lifecycle(self, settings: Settings) -> Lifecycle:
        """See Kind."""
        return DocumentLifecycle()

    def recreates(self, settings: Settings) -> bool:
        """See Kind."""
        return False

    def wanted(self, shop_keys: Sequence[str]) -> Wanted:
        """The columns of what comes back, the table beside documents, and tracking of all their tables."""
        columns = [NewColumn(table, name, label, size) for table in TABLES for name, label, size in BACK]
        tracked = [each for table in TABLES for each in (table, LINES[table].table)]
        return Wanted((*columns, *NOTE_COLUMNS), (), tuple(tracked), tables=TABLES_BESIDE)

    def definitions(self, client: ShopifyClient, paths: Iterable[str], *, dry_run: bool) -> Sequence[Step]:
        """The mark of orders: of type id, so that two orders can never carry the same document."""
        return [ensure_marker(client, "ORDER", (NAMESPACE, KEY), dry_run=dry_run)]

    def fields(self, client: ShopifyClient) -> Sequence[str]:
        """See Kind."""
        sale = ["lines", *sorted(WRITTEN)]
        return [*client.schema.entry("Order")["f"], *(f"sale.{name}" for name in sale)]
