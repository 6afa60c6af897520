"""The command line over both sandboxes in one process: real commands, app, clients and engine, state on its twins."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ops.cli import main
from sandbox.catalogue import CrmProduct, SeedProduct, SeedVariant
from shared import wiring
from shared.state.journal import OUTCOMES, PAGES
from tests.contract.ops.shapes import hold
from tests.support.commands import opened_in
from tests.support.leaks import seeded
from tests.support.plant import ENVIRONMENT, Plant

IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"
CUSTOMERS, COMPANIES, ORDERS = "customers_shopify_to_crm", "companies_shopify_to_crm", "orders_shopify_to_crm"
DOCUMENTS, BACK = "sales_documents_crm_to_shopify", "sales_documents_shopify_to_crm"
MAPPINGS = Path(__file__).resolve().parents[3] / "mappings"
CHAIR = CrmProduct("CHAIR-1", "Oak Chair", "Made to last.", Decimal("49.90"))
SHARED = CrmProduct("LAMP-S", "Lamp as sales know it", "", Decimal("19.00"))
LAMP = SeedProduct(
    "Brass Lamp",
    "<p>Warm light</p>",
    "ACTIVE",
    ("Size",),
    (SeedVariant("LAMP-S", Decimal("20.00"), ("S",)), SeedVariant("LAMP-M", Decimal("25.50"), ("M",))),
)
TWINS = SeedProduct(
    "Twin Hook",
    "",
    "ACTIVE",
    ("Size",),
    (SeedVariant("TWIN", Decimal("3.00"), ("S",)), SeedVariant("TWIN", Decimal("3.00"), ("M",))),
)


@dataclass(frozen=True)
class Said:
    """What one command line printed and ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which has to be one JSON value."""
        return json.loads(self.out)


class Desk:
    """Somebody at the command line of a running world: `desk("plan", IN)`; `desk.json("plan", IN)`."""

    def __init__(self, plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
        self.plant = plant
        self.environment: dict[str, str] = dict(ENVIRONMENT)
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Said:
        self._capsys.readouterr()
        code = main([str(each) for each in arguments], self.environment)
        printed = self._capsys.readouterr()
        secrets, _ = seeded()  # a terminal may show a record's values, never a secret
        assert not [secret for secret in secrets if secret in printed.out + printed.err]
        return Said(code, printed.out, printed.err)

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        """The command's JSON, which has to have the documented shape; the exit code has to be this one."""
        said = self("--json", *arguments)
        assert said.code == code, said
        hold([str(each) for each in arguments], said.json)
        return said.json

    def later(self) -> None:
        """Time goes on, until what was changed has settled."""
        self.plant.clock.advance(120)

    def remapped(self, folder: Path, flow: str, old: str, new: str) -> None:
        """From now on commands use mapping files in which that text is another."""
        shutil.copytree(MAPPINGS, folder, dirs_exist_ok=True)
        file = folder / f"{flow}.toml"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))
        self.environment["MAPPINGS_DIR"] = str(folder)

    def variant(self, sku: str, at: int = 0) -> str:
        """A variant's numeric id."""
        return str(self.plant.variants(sku)[at]["id"].rsplit("/", 1)[1])

    def product(self, number: str) -> str:
        """A CRM product's id."""
        return str(self.plant.product(CrmProduct(number, "", "", Decimal(0)))["productid"])

    def stored(self) -> Mapping[str, Any]:
        """Everything the state holds: rows of all tables, names of all blobs, depths of all queues."""
        state = self.plant.app.state
        rows = {name: dict(table._rows) for name, table in state.tables.items()}  # type: ignore[attr-defined]
        blobs = [blob.name for container in (PAGES, OUTCOMES) for blob in state.blobs.list(f"{container}/")]
        return {**rows, "blobs": blobs, "queues": [state.queues.depth(flow) for flow in (IN, OUT)]}


Sit = Callable[..., Desk]


@pytest.fixture
def sit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Sit]:
    """Somebody sits down at a world of that kind, under those settings; commands concern the one opened last."""
    opened: list[Plant] = []
    made, there = wiring.open_app, opened_in(lambda: opened[-1])

    def sitting(kind: type[Plant] = Plant, **environment: str) -> Desk:
        monkeypatch.setattr(wiring, "open_app", made)
        plant = kind(**environment)
        opened.append(plant)
        desk = Desk(plant, capsys)
        desk.environment |= getattr(plant, "environment", environment)
        monkeypatch.setattr(wiring, "open_app", there)
        return desk

    yield sitting
    for plant in opened:
        plant.close()


@pytest.fixture
def desk(sit: Sit) -> Desk:
    """Both systems set up: a product only sales has, one both have, one only the shop has, and a SKU used twice."""
    return stocked(sit())


def stocked(desk: Desk) -> Desk:
    """The products of the usual world."""
    plant = desk.plant
    plant.sales.create(CHAIR)
    plant.sales.create(SHARED)
    plant.merchant.create(LAMP)
    plant.merchant.create(TWINS)
    plant.clock.advance(120)
    return desk


@pytest.fixture
def synced(desk: Desk) -> Desk:
    """The same after both flows ran."""
    assert desk("sync").code == 1  # the twins are parked
    desk.later()
    return desk
