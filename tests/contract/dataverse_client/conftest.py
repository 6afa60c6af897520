"""The client against the Dataverse sandbox, in process: nothing is faked but the wire itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.dataverse.clock import SandboxClock
from sandbox.dataverse.config import DataverseConfig
from sandbox.dataverse.server import DataverseSandbox, create
from sandbox.wsgi_adapter import WsgiAdapter
from shared.dataverse.client import Client, connect
from shared.dataverse.lookups import Lookups
from shared.dataverse.metadata import Metadata
from shared.dataverse.products import ProductLifecycle, price_item
from shared.dataverse.selection import TableConfig
from shared.dataverse.setup import marker_column, set_up, wanted_for_products
from shared.dataverse.tables import TableEntity
from shared.records import Action, Record, Write, WriteResult, Written
from shared.telemetry import metered

URL = "https://acme.crm.dynamics.com"
PATHS = frozenset({
    "productnumber", "name", "description", "statecode", "statuscode", "defaultuomid", "defaultuomscheduleid",
    "quantitydecimal", "productstructure", "new_shopifytitle", "new_shopifyproductid", "price_item.amount",
})  # fmt: skip


class Org:
    """One organization, its sandbox, and everything wiring would build over it."""

    def __init__(self, **config: Any) -> None:
        clock = SandboxClock(datetime(2026, 5, 4, 10, 0, tzinfo=UTC))
        self.clock = clock
        self.sandbox: DataverseSandbox = create(DataverseConfig(seed="t", clock=clock, **config))
        self.app = self.client("app-token")
        self.admin = self.client("admin-token")
        self.person = self.client("salesperson-token")
        self.metadata = Metadata(self.app)

    def client(self, token: str) -> Client:
        """A client that signs in with this token."""
        source = SimpleNamespace(get_token=lambda *_: SimpleNamespace(token=token, expires_on=4_000_000_000))
        client = connect(URL, source, self.clock)
        client.transport.session.mount(URL, WsgiAdapter(self.sandbox.wsgi))
        return client

    def install(self) -> None:
        """What `ops setup` does."""
        set_up(self.admin, Metadata(self.admin), wanted_for_products(["acme"]))

    def products(self, **changes: Any) -> TableEntity:
        """The entity of kind variants over this organization's product table."""
        lookups = Lookups(self.app, self.metadata)
        self.price_list = lookups.price_list()
        self.unit_group = lookups.unit_group("Default Unit")
        self.unit = lookups.unit("Primary Unit", self.unit_group)
        config = TableConfig(
            shop="acme",
            kind="variants",
            table="product",
            paths=changes.pop("paths", PATHS),
            marker=marker_column("acme"),
            children=(price_item(self.price_list),),
            **changes,
        )
        return TableEntity(self.app, self.metadata, config, ProductLifecycle())


class Shelf:
    """Products written through the entity, in few words."""

    def __init__(self, org: Org, entity: TableEntity) -> None:
        self.org = org
        self.entity = entity

    def values(self, number: str, **more: Any) -> dict[str, Any]:
        """What a variant's create writes."""
        return {
            "productnumber": number,
            "name": f"Product {number}",
            "defaultuomid": self.org.unit,
            "defaultuomscheduleid": self.org.unit_group,
            "quantitydecimal": 0,
            "productstructure": 1,
            "statecode": 0,
            "price_item.amount": Decimal("10.50"),
            **more,
        }

    def new(self, source_id: str, number: str, **more: Any) -> Write:
        """A create."""
        values = {name: value for name, value in self.values(number, **more).items() if value is not ...}
        return Write(Action.CREATE, source_id, values, id=self.entity.new_id(source_id, 0))

    def add(self, source_id: str, number: str, **more: Any) -> Record:
        """A created product."""
        return written(self.entity.write([self.new(source_id, number, **more)])[0])

    def change(self, record: Record, **values: Any) -> Write:
        """An update of what was seen; `price_item__amount` is the path `price_item.amount`."""
        paths = {name.replace("__", "."): value for name, value in values.items()}
        return Write(Action.UPDATE, record.marker or "0", paths, id=record.id, current=record)

    def live(self, record_id: str) -> Record:
        """The row as it is."""
        return self.entity.read([record_id]).records[record_id]


def written(result: WriteResult) -> Record:
    """The record of a write that happened; the error of one that did not fails the test."""
    if not isinstance(result, Written):
        raise result
    return result.record


def calls_of(action: Any) -> tuple[Any, int]:
    """What an action gave, and how many requests it took."""
    with metered() as usage:
        result = action()
    return result, usage.calls


@pytest.fixture
def org() -> Iterator[Org]:
    """An organization that was set up."""
    made = Org()
    made.install()
    yield made
    made.sandbox.close()


@pytest.fixture
def shelf(org: Org) -> Shelf:
    """Its products."""
    return Shelf(org, org.products())
