"""Kind "customers": a Shopify customer is a CRM account with its contact, or a contact alone.

The mapping file chooses: `[target] table = "account"` with fields to `contact.…` is an account and its contact,
without them an account alone; `table = "contact"` is a contact alone (docs/decisions/0008).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.dataverse.accounts import AccountLifecycle
from shared.dataverse.definitions import NewColumn, TableKey, Wanted
from shared.dataverse.edits import Lifecycle
from shared.dataverse.selection import Child, TableConfig
from shared.kinds.ground import Ground
from shared.settings import Settings
from shared.shopify.client import ShopifyClient
from shared.shopify.roots import Root, RootSource, Windows
from shared.shopify.setup import Step

ROOT = Root(
    "Customer",
    "customers",
    {
        "defaultEmailAddress.emailAddress": "email",
        "defaultPhoneNumber.phoneNumber": "phone",
        "email": "email",
        "phone": "phone",
    },
)
TABLES = ("account", "contact")


def customer_marker(shop_key: str) -> str:
    """The column on accounts and contacts that holds a shop's customer id."""
    return f"new_shopifycustomerid_{shop_key}"


def contact_of(marker: str) -> Child:
    """The account's contact that carries the same mark; the account's primary contact is set to it when it is made."""
    return Child(
        name="contact",
        table="contact",
        navigation="contact_customer_accounts",
        parent="parentcustomerid_account",
        marker=marker,
        primary="primarycontactid",
    )


class CustomersKind:
    """See Kind."""

    name = "customers"
    constants: frozenset[str] = frozenset()
    scopes: Sequence[str] = ("read_customers", "read_customer_merge")
    looked_up: Sequence[str] = ()
    required: Sequence[str] = ()

    def shopify(self, ground: Ground, paths: Iterable[str]) -> RootSource:
        """See Kind."""
        windows = Windows(ground.settings.overlap_s, ground.settings.lag_s)
        return RootSource(ground.shopify, ROOT, paths, windows)

    def table(self, ground: Ground, table: str) -> TableConfig:
        """See Kind."""
        marker = customer_marker(ground.shop.key)
        return TableConfig(
            shop=ground.shop.shop,
            kind=self.name,
            table=table,
            paths=frozenset({"statecode"}),
            marker=marker,
            children=(contact_of(marker),) if table == "account" else (),
            active_only=True,
        )

    def lifecycle(self, settings: Settings) -> Lifecycle:
        """See Kind."""
        return AccountLifecycle(reactivate=settings.reactivate)

    def recreates(self, settings: Settings) -> bool:
        """See Kind."""
        return settings.recreate

    def wanted(self, shop_keys: Sequence[str]) -> Wanted:
        """A marker with its key per shop, on accounts and on contacts. Neither table is polled."""
        columns, keys = [], []
        for table in TABLES:
            for shop in shop_keys:
                column, label = customer_marker(shop), f"Shopify customer ({shop})"
                columns.append(NewColumn(table, column, f"Shopify customer id ({shop})", 20))
                keys.append(TableKey(table, f"new_shopifycustomerkey_{shop}", label, column))
        return Wanted(tuple(columns), tuple(keys), ())

    def definitions(self, client: ShopifyClient, paths: Iterable[str], *, dry_run: bool) -> Sequence[Step]:
        """None: nothing is written to customers in Shopify, and metafields that are read are the merchant's."""
        return ()

    def fields(self, client: ShopifyClient) -> Sequence[str]:
        """See Kind."""
        entry = client.schema.entry
        return [*entry("Customer")["f"], *(f"defaultAddress.{name}" for name in entry("MailingAddress")["f"])]
