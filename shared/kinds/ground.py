"""What a kind of record is to everybody who puts flows together: its two entities, and what both systems need for it.

A kind knows its records on either side and decides nothing about them. One module per kind; shared/kinds/__init__.py
lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.dataverse.client import Client
from shared.dataverse.definitions import Wanted
from shared.dataverse.edits import Lifecycle
from shared.dataverse.metadata import Metadata
from shared.dataverse.selection import TableConfig
from shared.fields import FieldInfo
from shared.settings import Settings, ShopifySettings
from shared.shopify.client import ShopifyClient
from shared.shopify.setup import Step
from shared.sync.ports import Entity


@dataclass(frozen=True, slots=True)
class Ground:
    """What the entities of one shop stand on. `constants` gives the ids of rows that settings name."""

    shop: ShopifySettings
    shopify: ShopifyClient
    crm: Client
    metadata: Metadata
    settings: Settings
    constants: Callable[[Collection[str]], Mapping[str, str]]


class Described(Entity, Protocol):
    """An entity that can say what its paths are. `type_name`: of its records; `searchable`: paths `find` takes."""

    @property
    def type_name(self) -> str:
        """The type that its records have in the Admin API."""

    @property
    def searchable(self) -> Collection[str]:
        """The paths by which its records can be found."""

    def describe(self, path: str) -> FieldInfo | None:
        """What the schema says of a path; None where it does not exist."""


class Kind(Protocol):
    """One kind of record.

    `constants`: the rows its entities always need. `scopes`: what the app has to be granted in the shop. `looked_up`:
    tables of CRM that are only read. `required`: paths without which a create in Shopify is refused.
    """

    name: str
    constants: frozenset[str]
    scopes: Sequence[str]
    looked_up: Sequence[str]
    required: Sequence[str]

    def shopify(self, ground: Ground, paths: Iterable[str]) -> Described:
        """The records in Shopify, those paths selected."""

    def table(self, ground: Ground, table: str) -> TableConfig:
        """The rows in CRM, nothing selected but what the kind itself needs."""

    def lifecycle(self, settings: Settings) -> Lifecycle:
        """How its rows move between states."""

    def recreates(self, settings: Settings) -> bool:
        """Whether a row that was deleted in CRM is made anew, where nothing flows back."""

    def wanted(self, shop_keys: Sequence[str]) -> Wanted:
        """What CRM needs before the first run."""

    def definitions(self, client: ShopifyClient, paths: Iterable[str], *, dry_run: bool) -> Sequence[Step]:
        """What the shop needs before the first run, made or named."""

    def fields(self, client: ShopifyClient) -> Sequence[str]:
        """Paths of the Shopify type, to guess which one was meant."""
