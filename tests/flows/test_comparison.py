"""The nightly comparison over both sandboxes with the app's own parts: what nobody told of arrives, at a known cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sandbox.catalogue import CrmProduct, SeedProduct, SeedVariant
from shared import app as actions
from shared import wiring
from shared.flows import FLOWS
from shared.records import Message, Origin
from shared.sync.comparing import COMPARISON
from shared.telemetry import Usage, metered
from tests.support.plant import SHOP, Plant

IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"
PRODUCTS = tuple(flow for flow in FLOWS if flow.name in (IN, OUT))
EDIT = """mutation($p: ID!, $v: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $p, variants: $v) { userErrors { message } } }"""
RETITLE = """mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"""
GONE = """mutation($p: ID!, $v: [ID!]!) {
  productVariantsBulkDelete(productId: $p, variantsIds: $v) { userErrors { message } } }"""


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """Both systems with the app between them; the first load and a first comparison lie a day back."""
    made = Plant()
    monkeypatch.setattr(wiring, "app", lambda: made.app)
    with made.shopify:
        variants = [SeedVariant(f"LAMP-{size}", Decimal("20.00"), (size,)) for size in "SML"]
        made.merchant.create(SeedProduct("Brass Lamp", "", "ACTIVE", ("Size",), tuple(variants)))
        for number in range(3):
            made.sales.create(CrmProduct(f"CHAIR-{number}", f"Chair {number}", "", Decimal("49.90")))
        made.run()
        made.clock.advance(1000)
        compare(made)
        made.clock.advance(86_400)
        yield made
    made.crm.close()


def compare(plant: Plant) -> dict[str, int]:
    """A night: both flows compare, and what they found is worked; the records that each queued."""
    found = {}
    for flow in PRODUCTS:
        report = actions.poll(plant.app, flow.name, SHOP, restart=True, compare=True)
        assert report is not None
        assert not report.more
        found[flow.name] = report.records
    plant.work()
    return found


def lose(plant: Plant) -> None:
    """Whatever happened until now lies behind every cursor."""
    plant.clock.advance(1000)
    for flow in PRODUCTS:
        job = plant.app.job(flow.name, SHOP)
        for table in job.source.tables:
            cursors = plant.app.state.cursors
            here = cursors.get(SHOP, flow.name, table)
            cursors.put(SHOP, flow.name, table, replace(here, value={"token": job.source.start_token(table)}))


def price(plant: Plant, number: str) -> Decimal:
    """CRM's price of a product."""
    (item,) = plant.product(CrmProduct(number, "", "", Decimal(0)))["product_price_levels"]
    return Decimal(str(item["amount"]))


def test_nothing_missed_writes_nothing_and_queues_nothing(plant: Plant) -> None:
    """A quiet night: no record is queued on either side."""
    before = plant.writes()
    assert compare(plant) == {IN: 0, OUT: 0}
    assert plant.writes() == before


def test_what_the_merchant_did_unseen_arrives(plant: Plant) -> None:
    """A price, a title, a new product and a deleted variant, all behind the cursor: polls find none, the night all."""
    (small,), _, (large,) = (plant.variants(f"LAMP-{size}") for size in "SML")
    product = small["product"]["id"]
    plant.merchant.call(EDIT, {"p": product, "v": [{"id": small["id"], "price": "21.00"}]})
    plant.merchant.call(RETITLE, {"p": {"id": product, "title": "Copper Lamp"}})
    plant.merchant.call(GONE, {"p": product, "v": [large["id"]]})
    plant.merchant.create(
        SeedProduct("Vase", "", "ACTIVE", ("Size",), (SeedVariant("VASE-1", Decimal("5.00"), ("One",)),))
    )
    lose(plant)
    plant.run()
    assert price(plant, "LAMP-S") == Decimal("20.00")
    assert compare(plant) == {IN: 4, OUT: 0}
    assert price(plant, "LAMP-S") == Decimal("21.00")
    assert price(plant, "VASE-1") == Decimal("5.00")
    names = {each: plant.product(CrmProduct(each, "", "", Decimal(0))) for each in ("LAMP-S", "LAMP-M", "LAMP-L")}
    assert names["LAMP-M"]["name"].startswith("Copper Lamp")
    assert [row["statecode"] for row in names.values()] == [0, 0, 1]
    quiet(plant)


def test_what_sales_did_unseen_arrives(plant: Plant) -> None:
    """A number, a price (a row of another table), a new product and a deleted one, all behind the tokens."""
    chairs = [plant.product(CrmProduct(f"CHAIR-{number}", "", "", Decimal(0))) for number in range(3)]
    plant.sales.send("PATCH", f"products({chairs[0]['productid']})", {"productnumber": "STOOL-0"})
    (item,) = plant.sales.get(f"productpricelevels?$filter=_productid_value eq {chairs[1]['productid']}")["value"]
    plant.sales.send("PATCH", f"productpricelevels({item['productpricelevelid']})", {"amount": 12.5})
    (item,) = plant.sales.get(f"productpricelevels?$filter=_productid_value eq {chairs[2]['productid']}")["value"]
    plant.sales.send("DELETE", f"productpricelevels({item['productpricelevelid']})", {})
    plant.sales.send("DELETE", f"products({chairs[2]['productid']})", {})
    plant.sales.create(CrmProduct("DESK-1", "Desk", "", Decimal("300.00")))
    lose(plant)
    plant.run()
    assert plant.variants("CHAIR-0")
    assert compare(plant) == {IN: 0, OUT: 4}
    assert plant.variants("STOOL-0")
    assert plant.variants("CHAIR-1")[0]["price"] == "12.50"
    assert plant.variants("CHAIR-2")[0]["product"]["status"] == "DRAFT"
    assert plant.variants("DESK-1")[0]["price"] == "300.00"
    quiet(plant)


def quiet(plant: Plant) -> None:
    """Polls and a further night write nothing more."""
    before = plant.writes()
    plant.run()
    plant.clock.advance(86_400)
    compare(plant)
    assert plant.writes() == before


def test_housekeeping_begins_it_once_a_night_and_the_loader_finishes_it(plant: Plant) -> None:
    """Outside its hours nothing begins; inside, the first housekeeping does, the others of the night do not."""
    cursors = plant.app.state.cursors
    plant.clock.advance(_until(plant, 1))
    actions.housekeeping()
    assert not plant.app.state.queues.depth(IN)
    plant.clock.advance(_until(plant, 2))
    (small,) = plant.variants("LAMP-S")
    plant.merchant.call(EDIT, {"p": small["product"]["id"], "v": [{"id": small["id"], "price": "21.00"}]})
    lose(plant)
    actions.housekeeping()
    assert plant.app.state.queues.depth(IN) == 1
    plant.work()
    assert price(plant, "LAMP-S") == Decimal("21.00")
    assert cursors.get(SHOP, IN, COMPARISON).value["done"]
    plant.clock.advance(600)
    actions.housekeeping()
    assert not plant.app.state.queues.depth(IN)


def test_records_that_wait_for_a_later_try_do_not_keep_it_from_looking(plant: Plant) -> None:
    """Promise: thirty hidden retries, and the night's comparison still finds and sends what webhooks and polls lost."""
    for number in range(30):
        later = Message(IN, SHOP, Origin.RETRY, ids=(f"9{number}",), attempt=5)
        plant.app.state.queues.send(later, delay_s=86_000)
    (small,) = plant.variants("LAMP-S")
    plant.merchant.call(EDIT, {"p": small["product"]["id"], "v": [{"id": small["id"], "price": "21.00"}]})
    lose(plant)
    actions.poll(plant.app, IN, SHOP, restart=True, compare=True)
    assert plant.app.state.queues.depth(IN) == 31


def test_a_comparison_that_was_broken_off_is_taken_up_again(plant: Plant) -> None:
    """Its message was lost in the middle of the night: half an hour later housekeeping sends it on."""
    plant.clock.advance(_until(plant, 2))
    actions.housekeeping()
    plant.work()
    cursors = plant.app.state.cursors
    here = cursors.get(SHOP, IN, COMPARISON)
    cursors.put(SHOP, IN, COMPARISON, replace(here, value={**here.value, "done": False}))
    for minutes, waiting in ((10, 0), (30, 1)):
        plant.clock.advance(minutes * 60)
        actions.housekeeping()
        assert plant.app.state.queues.depth(IN) == waiting
    plant.work()
    assert cursors.get(SHOP, IN, COMPARISON).value["done"]


def _until(plant: Plant, hour: int) -> float:
    now = plant.clock.now()
    then = now.replace(hour=hour, minute=5)
    return (then + timedelta(days=then <= now) - now).total_seconds()


def cost(plant: Plant, flow: str) -> tuple[Usage, int]:
    """What one comparison of a flow takes from the vendor and from the storage."""
    before = sum(plant.app.state.transactions().values())
    job = plant.app.job(flow, SHOP)  # asks for the rows of its constants again, every ten minutes
    with metered() as usage:
        report = actions.poll_job(plant.app, job, restart=True, compare=True)
    assert not report.more
    return usage, sum(plant.app.state.transactions().values()) - before


@pytest.mark.parametrize("flow", [IN, OUT])
def test_it_compares_at_the_stated_cost(plant: Plant, flow: str) -> None:
    """One call lists, one asks for the pairs; eight storage requests, one a page and one for the pairs."""
    cost(plant, flow)
    plant.clock.advance(3600)
    usage, requests = cost(plant, flow)
    assert (usage.calls, requests) == (2, 8 + 1 + 1 + 1)


def test_a_full_page_of_shopify_costs_the_stated_points(plant: Plant) -> None:
    """250 records listed: 35 points, 57 with content; 250 asked for by id: 3."""
    bare, client = plant.app.bare(SHOP, plant.app.job(IN, SHOP).rules)[0], plant.app.shopify[SHOP]
    names = [f"gid://shopify/ProductVariant/{number}" for number in range(250)]
    listed = client.cost(bare._document("variants_listed", both=True), {"first": 250, "after": None})
    asked = client.cost(bare._document("variants_read", both=True), {"ids": names})
    assert (listed, asked) == (35, 3)
