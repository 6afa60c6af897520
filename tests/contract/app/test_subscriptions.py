"""Webhooks that the product subscribes to itself: made, corrected, removed, looked after, and what they then bring."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox.catalogue import CrmProduct
from shared import install
from shared.telemetry import metered
from tests.contract.app.hooked import ADDRESS, IN, OUT, PEOPLE, Hooked
from tests.support.plant import ENVIRONMENT

CHAIR = CrmProduct("CHAIR-1", "Oak Chair", "Made to last.", Decimal("49.90"))
CREATE = """
mutation($topic: WebhookSubscriptionTopic!, $w: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $w) { userErrors { message } }
}
"""
UPDATE = """
mutation($id: ID!, $w: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $w) { userErrors { message } }
}
"""
COMPANY = "mutation { companyCreate(input: { company: { name: \"Acme\" } }) { company { id } userErrors { message } } }"
CONTACT = """
mutation($id: ID!) { companyContactCreate(companyId: $id, input: { email: "ann@acme.example", lastName: "Ray" }) {
  userErrors { message } } }
"""
TITLE = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"
ENDPOINTS, STEPS, IMAGES = "serviceendpoints", "sdkmessageprocessingsteps", "sdkmessageprocessingstepimages"
ALL = 1 + 6 + 2 + 4
"""One endpoint, a step per message of two tables, two images of the price's product; three topics of Shopify,
and that the app was uninstalled."""


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hooked]:
    """A world that was set up, subscriptions included."""
    made = Hooked(monkeypatch)
    with made.shopify:
        yield made
    made.crm.close()


def held(plant: Hooked) -> dict[str, Any]:
    """Everything both systems hold of our subscriptions, without times and versions."""
    kept = ["url", "name", "authtype", "description", "statecode", "asyncautodelete", "filteringattributes"]
    kept += ["attributes", "imagetype"]
    crm = {
        entity_set: [{key: row.get(key) for key in kept} for row in plant.rows(entity_set)]
        for entity_set in (ENDPOINTS, STEPS, IMAGES)
    }
    return {**crm, "shopify": plant.subscriptions()}


def test_setup_makes_them_once_and_a_second_run_costs_three_calls(plant: Hooked) -> None:
    """Promise: everything is made by setup, and looking again changes nothing: two calls to CRM and one to Shopify."""
    assert sum(step.name.startswith(("webhook", "parent")) and step.done for step in plant.setup_steps) == ALL
    before, app = held(plant), plant.admin()
    list(install.subscribe(app))  # what a process asks once: tables, price list, tokens
    with metered() as usage:
        again = list(install.subscribe(app))
    assert (len(again), [step for step in again if step.needed], usage.calls) == (ALL, [], 3)
    assert held(plant) == before


def test_a_dry_run_says_it_all_and_makes_nothing(plant: Hooked) -> None:
    """Promise: with --dry-run nothing changes in either system, whatever there is to do."""
    before = held(plant)
    moved = plant.subscribe(dry_run=True, WEBHOOKS_URL="https://elsewhere.example")
    assert len(moved) == 1 + 4
    assert not any(step.done for step in moved)
    assert len(plant.subscribe(dry_run=True, PRODUCTS_CRM_TO_SHOPIFY_MODE="off")) == 1 + 6 + 2
    assert held(plant) == before


def test_edits_of_both_sides_arrive_without_a_timer(plant: Hooked) -> None:
    """Promise: what people do in CRM and in Shopify is told by real deliveries and carried over; no poll is needed."""
    plant.sales.create(CHAIR)
    assert [status for _, _, status in plant.deliver()] == [200, 200, 200]
    plant.work()
    (variant,) = plant.variants(CHAIR.number)
    plant.deliver()
    plant.work()
    (item,) = plant.product(CHAIR)["product_price_levels"]
    plant.sales.send("PATCH", f"productpricelevels({item['productpricelevelid']})", {"amount": 55})
    ((flow, body, status),) = plant.deliver()
    (before,) = body["PreEntityImages"][0]["value"]["Attributes"]
    assert (flow, status, before["key"]) == (OUT, 200, "productid")
    plant.work()
    assert plant.variants(CHAIR.number)[0]["price"] == "55.00"
    plant.clock.advance(5)
    plant.deliver()
    plant.merchant.call(TITLE, {"p": {"id": variant["product"]["id"], "title": "Oak Chair, oiled"}})
    ((flow, body, status),) = plant.deliver()
    assert (flow, sorted(body), status) == (IN, ["id", "updated_at"], 200)
    plant.work()
    assert plant.product(CHAIR)["new_shopifytitle"] == "Oak Chair, oiled"


def test_a_deleted_price_leads_to_its_product(plant: Hooked) -> None:
    """Promise: of a deleted price item only the image knows the product, and the product is what is queued."""
    plant.sales.create(CHAIR)
    plant.deliver()
    plant.work()
    product = plant.product(CHAIR)
    plant.sales.send("DELETE", f"productpricelevels({product['product_price_levels'][0]['productpricelevelid']})", {})
    plant.deliver()
    (message,) = plant.app.state.queue_service.receive("sync-products-crm-to-shopify", 1, 60)
    assert product["productid"] in message.text


def test_only_columns_that_matter_are_told(plant: Hooked) -> None:
    """Promise: an update of columns that the flow does not read, the marker among them, makes no delivery."""
    plant.sales.create(CHAIR)
    plant.deliver()
    address = f"products({plant.product(CHAIR)['productid']})"
    plant.sales.send("PATCH", address, {"size": "large", "new_shopifyvariantid_acme": "77"})
    assert plant.deliver() == []
    plant.sales.send("PATCH", address, {"vendorpartnumber": "VP-9"})
    assert len(plant.deliver()) == 1


def test_another_address_is_corrected_and_nothing_piles_up(plant: Hooked) -> None:
    """Promise: after a move of the app the same subscriptions point at its new address, with one write each."""
    steps = plant.subscribe(WEBHOOKS_URL="https://moved.example/")
    assert all(step.done for step in steps)
    assert len(steps) == 1 + 4
    now = held(plant)
    assert [row["url"] for row in now[ENDPOINTS]] == [f"https://moved.example/api/webhooks/{OUT}"]
    moved = {f"https://moved.example/api/webhooks/{flow}" for flow in (IN, PEOPLE)}
    assert {each["uri"] for each in now["shopify"]} == moved
    assert (len(now[STEPS]), len(now["shopify"])) == (6, 4)


def test_a_new_key_is_written_once(plant: Hooked) -> None:
    """Promise: a rotated key reaches Dataverse by one write, deliveries carry it, and it is shown nowhere."""
    key = 'new"<&>key'
    (step,) = plant.subscribe(DATAVERSE_WEBHOOK_KEY=key)
    assert step.done
    assert plant.subscribe(DATAVERSE_WEBHOOK_KEY=key) == []
    plant.app = plant.wired({**ENVIRONMENT, "DATAVERSE_WEBHOOK_KEY": key})
    plant.sales.create(CHAIR)
    assert [status for _, _, status in plant.deliver()] == [200, 200, 200]
    assert key not in str(held(plant))


def test_a_flow_that_is_off_hears_nothing_and_others_keep_theirs(plant: Hooked) -> None:
    """Promise: what is ours and not wanted goes; subscriptions to foreign hosts and foreign endpoints stay."""
    foreign = {"uri": "https://else.example/api/webhooks/products_shopify_to_crm", "format": "JSON"}
    stray = {"uri": f"{ADDRESS}/{IN}", "format": "JSON"}
    for topic, wanted in (("PRODUCTS_UPDATE", foreign), ("INVENTORY_ITEMS_UPDATE", stray)):
        assert not plant.as_app(CREATE, topic=topic, w=wanted)["webhookSubscriptionCreate"]["userErrors"]
    theirs = {"name": "theirs", "contract": 8, "authtype": 5, "url": f"{ADDRESS}/{OUT}", "authvalue": "<settings/>"}
    plant.change("POST", ENDPOINTS, theirs)
    (step,) = plant.subscribe()
    assert step.name == f"no webhook INVENTORY_ITEMS_UPDATE to {ADDRESS}/{IN}"
    off = {f"{flow.upper()}_MODE": "off" for flow in (IN, OUT)}
    assert all(step.done for step in plant.subscribe(**off))
    assert [row["name"] for row in plant.rows(ENDPOINTS)] == ["theirs"]
    assert plant.rows(STEPS) == plant.rows(IMAGES) == []
    left = {each["topic"]: each["uri"] for each in plant.subscriptions()}
    assert left == {"PRODUCTS_UPDATE": foreign["uri"], "APP_UNINSTALLED": f"{ADDRESS}/{PEOPLE}"}


def test_what_people_changed_is_put_right(plant: Hooked) -> None:
    """Promise: a disabled step, other columns, a lost image, a filter and whole payloads are found and mended."""
    before = held(plant)
    update = next(row for row in plant.rows(STEPS) if row["name"] == f"{OUT}: Update of product")
    address = f"{STEPS}({update['sdkmessageprocessingstepid']})"
    plant.change("PATCH", address, {"statecode": 1, "statuscode": 2, "filteringattributes": "name"})
    plant.change("DELETE", f"{IMAGES}({plant.rows(IMAGES)[0]['sdkmessageprocessingstepimageid']})")
    subscription = plant.subscriptions()[0]["id"]
    plant.as_app(UPDATE, id=subscription, w={"filter": "id:1", "includeFields": []})
    assert len(plant.subscribe()) == 3
    now = held(plant)
    assert sorted(now[STEPS], key=str) == sorted(before[STEPS], key=str)
    assert now[IMAGES] == before[IMAGES]
    assert sorted(each["includeFields"] for each in now["shopify"]) == [[], *[["id", "updated_at"]] * 3]
    assert not any(each["filter"] for each in now["shopify"])


def test_what_happens_to_people_and_locations_leads_to_their_company(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: real deliveries of a contact and a location name the company alone, and it arrives without a timer."""
    off = {f"{flow.upper()}_MODE": "off" for flow in (IN, OUT)}
    plant = Hooked(monkeypatch, COMPANIES_SHOPIFY_TO_CRM_MODE="on", **off)
    with plant.shopify:
        made = plant.merchant.call(COMPANY)["companyCreate"]["company"]["id"]
        plant.deliver()
        plant.work()
        plant.merchant.call(CONTACT, {"id": made})
        arrived = [(body, status) for _, body, status in plant.deliver() if "company" in body]
        assert [(sorted(body), status) for body, status in arrived] == [(["company", "updated_at"], 200)]
        assert arrived[0][0]["company"] == {"admin_graphql_api_id": made}
        plant.work()
        (row,) = plant.sales.get("contacts?$select=lastname")["value"]
        assert row["lastname"] == "Ray"
    plant.crm.close()
