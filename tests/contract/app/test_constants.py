"""The rows that settings name for the mapping files: asked for where a mapping needs them, and not kept for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest

from sandbox.catalogue import CrmProduct, SeedProduct
from shared import settings
from shared.errors import AuthFailed, SettingMissing, Unavailable
from tests.support.plant import ENVIRONMENT, SHOP, Plant

IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"


@pytest.fixture
def told(plant: Plant) -> Callable[..., None]:
    """The same world with other names in the settings."""

    def tell(**names: str) -> None:
        known = settings.read({**ENVIRONMENT, **names}, flows=()).dataverse
        plant.app.settings = replace(plant.app.settings, dataverse=known)
        plant.app.__post_init__()

    return tell


def test_a_constant_that_no_mapping_names_stops_nothing(
    plant: Plant, told: Callable[..., None], chair: CrmProduct, lamp: SeedProduct
) -> None:
    """Promise: a misspelt team pauses no flow whose mapping does not set an owner."""
    told(CRM_TEAM="Nobody")
    plant.run()
    assert plant.product(replace(chair, number="LAMP-S"))
    assert not any(plant.app.state.switches.paused(target) for target in (IN, OUT, "crm"))


def test_a_constant_that_a_mapping_names_is_asked_for_before_it_runs(plant: Plant, told: Callable[..., None]) -> None:
    """Promise: a unit that does not exist is told before the first record, and only by the flow that writes units."""
    told(CRM_UNIT="Nothing")
    assert plant.app.job(OUT, SHOP)
    with pytest.raises(SettingMissing, match="There are: Primary Unit"):
        plant.app.job(IN, SHOP)


def test_a_price_list_that_replaces_another_of_its_name_is_found(
    plant: Plant, chair: CrmProduct, lamp: SeedProduct
) -> None:
    """Promise: within minutes prices go to the new list of that name, without a restart."""
    before = plant.app.job(IN, SHOP)
    assert plant.app.job(IN, SHOP) is before
    old = plant.sales.basics()["list"]
    euro = plant.sales.get("transactioncurrencies?$filter=isocurrencycode eq 'EUR'")["value"][0][
        "transactioncurrencyid"
    ]
    plant.sales.send("PATCH", f"pricelevels({old})", {"name": "Of last year"})
    body = {"name": "Standard", "transactioncurrencyid@odata.bind": f"/transactioncurrencies({euro})"}
    new = plant.sales.send("POST", "pricelevels", body).rpartition("(")[2].rstrip(")")
    plant.clock.advance(601)
    plant.run()
    after = plant.app.job(IN, SHOP)
    assert (before.in_force != after.in_force, after.constants()["price_list"]) == (True, new)
    product = plant.product(replace(chair, number="LAMP-S"))
    prices = plant.sales.get(f"productpricelevels?$filter=_productid_value eq {product['productid']}")["value"]
    assert [price["_pricelevelid_value"] for price in prices] == [new]


@pytest.mark.parametrize("trouble", [Unavailable, AuthFailed])
def test_a_row_that_cannot_be_asked_for_again_is_still_the_same(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, trouble: type[Unavailable | AuthFailed]
) -> None:
    """Promise: while Dataverse does not answer the rows found before hold; the outage is met, and told, by the work."""

    def unanswered(*_: str, **__: object) -> NoReturn:
        raise trouble("not now")

    job = plant.app.job(IN, SHOP)
    monkeypatch.setattr(plant.app.lookups, "named", unanswered)
    plant.clock.advance(601)
    assert plant.app.job(IN, SHOP) is job
