"""Kind "companies": a Shopify company is a CRM account; its people are the account's contacts, its locations addresses.

People and locations are lines of the company (docs/decisions/0011). What of them changes may leave the company's own
`updatedAt` as it is, so its time of change is never taken for known: the nightly comparison looks at every company.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.dataverse.accounts import AccountLifecycle
from shared.dataverse.collections import Collection
from shared.dataverse.definitions import NewColumn, TableKey, Wanted
from shared.dataverse.edits import Lifecycle
from shared.dataverse.selection import TableConfig
from shared.fields import FieldInfo, Tree, described, kinds
from shared.kinds.ground import Ground
from shared.records import Changes, Item, Record
from shared.settings import Settings
from shared.shopify.client import ShopifyClient
from shared.shopify.graph import number
from shared.shopify.roots import Root, RootReads, RootSource, Windows
from shared.shopify.setup import Step

ROOT = Root("Company", "companies", {"externalId": "external_id", "name": "name"})
BESIDE = {
    "companyLocations": (Root("CompanyLocation", "companyLocations"), "company.id"),
    "customers": (Root("Customer", "customers"), "companyContactProfiles.company.id"),
}
"""Connections whose records belong to companies, and where they say to which. A contact's name is its customer's."""
FIRST, LOCATIONS, PEOPLE, MAIN = "first_location", "locations", "contacts", "mainContact"
ADDED: Tree = {"crm": kinds(text="main_contact")}
"""What shared/membership.py adds."""
CONTACTS = Collection(
    "contact_customer_accounts", "contact", "contact_customer_accounts", "parentcustomerid_account",
    only="statecode eq 0",
)  # fmt: skip
ADDRESSES = Collection(
    "Account_CustomerAddress", "customeraddress", "Account_CustomerAddress", "parentid_account",
    only="(addressnumber gt 2 or addressnumber eq null)",
)  # fmt: skip
"""Without the two rows that are the account's own columns."""


def company_marker(shop_key: str) -> str:
    """The column on accounts that holds a shop's company id."""
    return f"new_shopifycompanyid_{shop_key}"


class CompanySource(RootSource):
    """Companies with the oldest of their locations beside the list of all: `first_location`.

    A field that is read from a list would count as changed whenever anything of that list changes.
    """

    def __init__(self, client: ShopifyClient, paths: Iterable[str], windows: Windows) -> None:
        customer = "customer.legacyResourceId"
        whole = [f"{PEOPLE}.nodes.{customer}", f"{MAIN}.{customer}", f"{LOCATIONS}.nodes.id"]
        plain = [path for path in paths if path.partition(".")[0] not in ADDED]
        super().__init__(client, ROOT, [*map(_listed, plain), *whole], windows)
        self.tables = (ROOT.connection, *BESIDE)
        self._beside = {name: RootReads(client, root, [path], windows) for name, (root, path) in BESIDE.items()}

    def describe(self, path: str) -> FieldInfo | None:
        """What the schema says of a path; of the first location's as of any one's."""
        if path == FIRST:
            return FieldInfo(path, "object", inside=tuple(self.client.schema.entry("CompanyLocation")["f"]))
        if path.partition(".")[0] in ADDED:
            return described(ADDED, path)
        found = super().describe(_listed(path))
        return found if found is None or path == _listed(path) else replace(found, path=path, is_list=False)

    def changes(self, table: str, token: str) -> Changes:
        """One page of what changed: of companies, or of what leads to them."""
        if table == ROOT.connection:
            return super().changes(table, token)
        found = self._beside[table].changes(table, token)
        return replace(found, items=_owners(table, [item.record for item in found.items if item.record]))

    def members(self, table: str, ids: Sequence[str]) -> Changes:
        """Those companies, or the companies of those customers and locations; one call, and one more to read them."""
        if table == ROOT.connection:
            return super().members(table, ids)
        reading = self._beside[table].read(ids)
        return Changes(_owners(table, reading.records.values()), reading.read_at)

    def _record(self, node: Mapping[str, Any]) -> Record:
        record = super()._record(node)
        first = next(iter(record.content[LOCATIONS]["nodes"]), None)
        return replace(record, content={**record.content, FIRST: first}, modified_at=None)


def _listed(path: str) -> str:
    """The path as Shopify knows it."""
    head, dot, rest = path.partition(".")
    return f"{LOCATIONS}.nodes.{rest}" if head == FIRST and dot else path


def _owners(table: str, records: Iterable[Record]) -> tuple[Item, ...]:
    """The companies of those records, each once, without content: they are read live."""
    _, path = BESIDE[table]
    found = (each for record in records for each in _at(record.content, path.split(".")))
    return tuple(Item(number(each)) for each in dict.fromkeys(found))


def _at(value: Any, names: Sequence[str]) -> Iterator[str]:
    if isinstance(value, list):
        yield from (found for each in value for found in _at(each, names))
    elif names and isinstance(value, Mapping):
        yield from _at(value.get(names[0]), names[1:])
    elif isinstance(value, str):
        yield value


class CompaniesKind:
    """See Kind."""

    name = "companies"
    constants: frozenset[str] = frozenset()
    scopes: Sequence[str] = ("read_customers", "read_companies")
    looked_up: Sequence[str] = ()
    required: Sequence[str] = ()

    def shopify(self, ground: Ground, paths: Iterable[str]) -> CompanySource:
        """See Kind."""
        return CompanySource(ground.shopify, paths, Windows(ground.settings.overlap_s, ground.settings.lag_s))

    def table(self, ground: Ground, table: str) -> TableConfig:
        """See Kind."""
        config = TableConfig(ground.shop.shop, self.name, table, frozenset({"statecode"}), active_only=True)
        return replace(config, marker=company_marker(ground.shop.key), lines=(CONTACTS, ADDRESSES))

    def lifecycle(self, settings: Settings) -> Lifecycle:
        """See Kind."""
        return AccountLifecycle(reactivate=settings.reactivate)

    def recreates(self, settings: Settings) -> bool:
        """See Kind."""
        return settings.recreate

    def wanted(self, shop_keys: Sequence[str]) -> Wanted:
        """A marker with its key per shop, on accounts; customers have another one there."""
        columns, keys = [], []
        for shop in shop_keys:
            column, label = company_marker(shop), f"Shopify company ({shop})"
            columns.append(NewColumn("account", column, f"Shopify company id ({shop})", 20))
            keys.append(TableKey("account", f"new_shopifycompanykey_{shop}", label, column))
        return Wanted(tuple(columns), tuple(keys), ())

    def definitions(self, client: ShopifyClient, paths: Iterable[str], *, dry_run: bool) -> Sequence[Step]:
        """None: nothing is written to companies in Shopify."""
        return ()

    def fields(self, client: ShopifyClient) -> Sequence[str]:
        """See Kind."""
        entry = client.schema.entry
        locations = [f"{FIRST}.{name}" for name in entry("CompanyLocation")["f"]]
        return [*entry("Company")["f"], *locations, "crm.main_contact"]
