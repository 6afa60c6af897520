"""The whole app in one process, and what each side begins with."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from sandbox.catalogue import CrmProduct, SeedProduct, SeedVariant
from shared import wiring
from tests.support.plant import Plant


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """A world that is set up and empty, with the app's actions bound to it."""
    made = Plant()
    monkeypatch.setattr(wiring, "app", lambda: made.app)
    with made.shopify:
        yield made
    made.crm.close()


@pytest.fixture
def chair(plant: Plant) -> CrmProduct:
    """One product that sales made."""
    row = CrmProduct("CHAIR-1", "Oak Chair", "Made to last.", Decimal("49.90"))
    plant.sales.create(row)
    return row


@pytest.fixture
def lamp(plant: Plant) -> SeedProduct:
    """One product that the merchant made, with two variants."""
    variants = (SeedVariant("LAMP-S", Decimal("20.00"), ("S",)), SeedVariant("LAMP-M", Decimal("25.50"), ("M",)))
    product = SeedProduct("Brass Lamp", "<p>Warm light</p>", "ACTIVE", ("Size",), variants)
    plant.merchant.create(product)
    return product
