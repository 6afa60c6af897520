"""What each trigger does, over both sandboxes in one process."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import pytest

from sandbox.catalogue import CrmProduct, SeedProduct
from shared import app as actions
from shared import install, wiring
from shared.doctor import doctor
from shared.errors import Invalid, SettingMissing, Throttled, Unavailable
from shared.flows import FLOWS
from shared.records import Message, Origin
from shared.state.queues import POISON, from_text, queue_name, to_text
from tests.support.plant import ENVIRONMENT, SHOP, Plant, signed

EDIT = """
mutation($p: ID!, $v: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $p, variants: $v) { userErrors { message } }
}
"""
VARIANTS_GONE = """
mutation($p: ID!, $v: [ID!]!) {
  productVariantsBulkDelete(productId: $p, variantsIds: $v) { userErrors { message } }
}
"""
IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"


def test_ticks_bring_products_to_both_sides_and_then_rest(plant: Plant, chair: CrmProduct, lamp: SeedProduct) -> None:
    """Timers and workers alone make both sides hold everything once, and then write nothing more."""
    plant.run()
    (variant,) = plant.variants(chair.number)
    assert (variant["price"], variant["product"]["title"]) == ("49.90", chair.name)
    for seeded in lamp.variants:
        row = plant.product(CrmProduct(seeded.sku, "", "", Decimal(0)))
        assert [Decimal(str(item["amount"])) for item in row["product_price_levels"]] == [seeded.price]
        assert row["statecode"] == 0
    before = plant.writes()
    plant.run()
    assert plant.writes() == before


def test_an_edit_by_webhook_arrives_without_a_tick(plant: Plant, lamp: SeedProduct) -> None:
    """A signed webhook is enough for a price to arrive: no timer has to fire."""
    plant.run()
    (variant,) = plant.variants("LAMP-S")
    plant.merchant.call(EDIT, {"p": variant["product"]["id"], "v": [{"id": variant["id"], "price": "21.00"}]})
    body = json.dumps({"id": int(variant["product"]["id"].rsplit("/", 1)[1])}).encode()
    status, _ = actions.receive(IN, signed(body, topic="products/update"), body)
    plant.work()
    assert status == 200
    row = plant.product(CrmProduct("LAMP-S", "", "", Decimal(0)))
    assert Decimal(str(row["product_price_levels"][0]["amount"])) == Decimal("21.00")


def test_a_webhooks_id_goes_with_all_that_it_causes(
    plant: Plant, lamp: SeedProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: what a webhook leads to is found in both systems' logs and in ours under the webhook's own id."""
    plant.run()
    told: dict[str, set[str]] = {}
    for name, transport in {"crm": plant.app.crm.transport, "shopify": plant.app.shopify[SHOP].transport}.items():
        request = transport.session.request

        def noted(*args: Any, _name: str = name, _request: Any = request, **named: Any) -> Any:
            told.setdefault(_name, set()).add(str(named["headers"].get("X-Correlation-Id")))
            return _request(*args, **named)

        monkeypatch.setattr(transport.session, "request", noted)
    (variant,) = plant.variants("LAMP-S")
    plant.merchant.call(EDIT, {"p": variant["product"]["id"], "v": [{"id": variant["id"], "price": "21.00"}]})
    body = json.dumps({"id": int(variant["product"]["id"].rsplit("/", 1)[1])}).encode()
    actions.receive(IN, signed(body, topic="products/update"), body)
    plant.work()
    assert told == {"crm": {"w-1"}, "shopify": {"w-1"}}


def test_a_refused_credential_pauses_and_keeps_the_queue(plant: Plant, chair: CrmProduct) -> None:
    """With a wrong token nothing is parked: the work is paused with its reason and its messages are kept."""
    plant.run()
    plant.sales.send("PATCH", f"products({plant.product(chair)['productid']})", {"productnumber": "CHAIR-2"})
    plant.app = plant.wired({**ENVIRONMENT, "DATAVERSE_TOKEN": "wrong"})
    message = Message(OUT, SHOP, Origin.COMMAND, ids=(plant_id(plant, "CHAIR-2"),))
    actions.work(OUT, to_text(message).encode())
    paused = {target: plant.app.state.switches.paused(target) for target in (OUT, "crm")}
    assert any(paused.values())
    assert plant.app.state.queues.held(OUT) == 1
    assert list(plant.app.state.parked.list(SHOP, OUT)) == []


def test_a_poll_whose_question_is_refused_pauses_its_flow(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that Shopify refuses is refused at every tick: the flow says so once and tries again ever more rarely."""
    plant.run()
    asked = Mock(side_effect=Invalid("Shopify refused it: a name.", said="a name", facts={"vendor_code": "undefined"}))
    with monkeypatch.context() as patched:
        patched.setattr(actions, "poll_job", asked)
        actions.tick(IN)
        actions.tick(IN)
    reason = plant.app.state.switches.paused(IN)
    assert asked.call_count == 1
    assert "What products_shopify_to_crm polls with is refused: Shopify refused it: [undefined]." in reason
    plant.clock.advance(3600)
    plant.run()
    assert not plant.app.state.switches.paused(IN)


@pytest.mark.parametrize(("asked_s", "wait_s"), [(7.0, 7.0), (None, 30.0), (900.0, 60.0)])
def test_a_cold_process_tries_again_soon_where_a_system_does_not_answer(
    plant: Plant, lamp: SeedProduct, monkeypatch: pytest.MonkeyPatch, asked_s: float | None, wait_s: float
) -> None:
    """Promise: a message that came before CRM told what its flow needs is back within a minute, or when CRM says, and
    no try of its records is counted."""
    plant.run()
    plant.app = plant.wired(ENVIRONMENT)
    asked = {} if asked_s is None else {"retry_after_s": asked_s}
    silent = Mock(side_effect=Throttled("429", facts={"side": "crm"}, **asked))
    message = Message(IN, SHOP, Origin.WEBHOOK, ids=("1",), attempt=2, first_at=plant.clock.now())
    with monkeypatch.context() as patched:
        patched.setattr(plant.app.crm, "get", silent)
        patched.setattr(plant.app.crm, "pages", silent)
        actions.work(IN, to_text(message).encode())
    service, live = plant.app.state.queue_service, queue_name("sync", IN)
    assert plant.app.state.queues.held(IN) == 0
    plant.clock.advance(wait_s - 1)
    assert not service.receive(live, 1, 600)
    plant.clock.advance(1)
    (back,) = service.receive(live, 1, 600)
    assert from_text(back.text) == replace(message, failed=1)


def test_a_cold_process_pauses_a_system_that_never_answers(
    plant: Plant, lamp: SeedProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: without an answer nothing comes back for ever and nothing is parked: the system is paused like any."""
    plant.run()
    plant.app = plant.wired(ENVIRONMENT)
    silent = Mock(side_effect=Unavailable("No answer.", facts={"side": "crm"}))
    monkeypatch.setattr(plant.app.crm, "get", silent)
    monkeypatch.setattr(plant.app.crm, "pages", silent)
    plant.app.state.queues.send(Message(IN, SHOP, Origin.WEBHOOK, ids=("1",)))
    plant.work()
    assert plant.app.state.switches.paused("crm")
    assert (plant.app.state.queues.held(IN), list(plant.app.state.parked.list(SHOP, IN))) == (1, [])


def test_what_is_held_comes_back_as_new(
    plant: Plant, lamp: SeedProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause of days ends no retries: what waited through it is tried as if it had just come."""
    plant.run()
    number = plant.variants("LAMP-S")[0]["id"].rsplit("/", 1)[1]
    plant.app = plant.wired(ENVIRONMENT)
    tried = Message(IN, SHOP, Origin.RETRY, ids=(number,), attempt=4, failed=2, first_at=plant.clock.now())
    text = to_text(tried).encode()
    with monkeypatch.context() as patched:
        patched.setattr(plant.app.crm, "get", Mock(side_effect=Unavailable("No answer.", facts={"side": "crm"})))
        plant.app.state.switches.pause("crm", "maintenance")
        actions.work(IN, text)
    assert plant.app.state.queues.held(IN) == 1
    held = from_text(plant.app.state.queue_service.peek(queue_name("held", IN))[0])
    assert (held.attempt, held.failed, held.first_at) == (0, 0, None)  # a pause of days ends no retries
    plant.app.state.switches.resume("crm")
    actions.housekeeping()
    plant.work()
    assert plant.app.state.queues.held(IN) == 0


def test_one_part_of_housekeeping_that_fails_keeps_no_other_from_being_done(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect is told by the failed function; everything else is done all the same, the alerts too."""
    plant.run()
    looked = Mock()
    monkeypatch.setattr(actions.watching, "watch", looked)
    monkeypatch.setattr(actions.releasing, "release", Mock(side_effect=KeyError("defect")))
    with pytest.raises(KeyError):
        actions.housekeeping()
    assert looked.called


def test_a_poisoned_message_that_nobody_can_open_does_not_stop_the_sweep(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where opening it raises what no error of ours is, it is set aside."""
    plant.run()
    monkeypatch.setattr(type(plant.app.job(IN, SHOP).source), "members", Mock(side_effect=KeyError("defect")))
    text = to_text(Message(IN, SHOP, Origin.WEBHOOK, ids=("1",), table="products"))
    plant.app.state.queue_service.send(queue_name("sync", IN) + POISON, text)
    actions.housekeeping()
    (row,) = plant.app.state.parked.list(SHOP, IN)
    assert (row.code, row.facts["text"]) == ("Unreadable", text)


def test_a_poisoned_page_is_split_and_its_records_come_back_alone(plant: Plant, lamp: SeedProduct) -> None:
    """Housekeeping takes a message that kept failing apart, so that one bad record cannot hold the others back."""
    plant.run()
    ids = tuple(node["id"].rsplit("/", 1)[1] for sku in ("LAMP-S", "LAMP-M") for node in plant.variants(sku))
    poison = queue_name("sync", IN) + POISON
    plant.app.state.queue_service.send(poison, to_text(Message(IN, SHOP, Origin.POLL, ids=ids)))
    actions.housekeeping()
    assert plant.app.state.queues.depth(IN) == 2
    plant.work()
    assert list(plant.app.state.parked.list(SHOP, IN)) == []


def test_a_record_that_poisons_alone_is_parked(plant: Plant, lamp: SeedProduct) -> None:
    """A single record that fails every worker comes once more; failing again it waits for a person, named."""
    live = queue_name("sync", IN)
    plant.app.state.queue_service.send(live + POISON, to_text(Message(IN, SHOP, Origin.RETRY, ids=("77",))))
    actions.housekeeping()
    assert list(plant.app.state.parked.list(SHOP, IN)) == []
    plant.clock.advance(3600)
    (again,) = plant.app.state.queue_service.receive(live, 32, 60)
    plant.app.state.queue_service.send(live + POISON, again.text)
    actions.housekeeping()
    assert [row.source_id for row in plant.app.state.parked.list(SHOP, IN)] == ["77"]


def test_what_was_held_comes_back_when_the_flow_may_run(plant: Plant, chair: CrmProduct) -> None:
    """Messages of a paused flow are held, not lost, and housekeeping gives them back after the resume."""
    plant.app.state.switches.pause(OUT, "a person said so")
    actions.work(OUT, to_text(Message(OUT, SHOP, Origin.COMMAND, ids=(plant_id(plant, chair.number),))).encode())
    assert plant.app.state.queues.held(OUT) == 1
    actions.housekeeping()
    assert plant.app.state.queues.held(OUT) == 1
    plant.app.state.switches.resume(OUT)
    actions.housekeeping()
    plant.work()
    assert len(plant.variants(chair.number)) == 1


def test_health_names_what_is_missing(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 with every flow's mode when all is well; 503 with the sentence that helps when it is not."""
    status, body = actions.health()
    assert status == 200
    assert {name: state["mode"] for name, state in json.loads(body)["flows"].items()} == {
        flow.name: "on" if flow.kind == "variants" else "off" for flow in FLOWS
    }

    def broken() -> wiring.App:
        raise SettingMissing("Setting SHOPIFY_SHOPS is missing: look there.")

    monkeypatch.setattr(wiring, "app", broken)
    status, body = actions.health()
    assert (status, json.loads(body)["why"]) == (503, "Setting SHOPIFY_SHOPS is missing: look there.")


def test_setup_is_done_once_and_doctor_is_content(plant: Plant) -> None:
    """After setup nothing is needed any more, and doctor finds every area fine."""
    assert any(step.needed and step.done for step in plant.setup_steps)
    assert [step.name for step in install.set_up(plant.app, dry_run=True) if step.needed] == []
    assert [finding for finding in doctor(plant.app) if not finding.fine] == []


def plant_id(plant: Plant, number: str) -> str:
    """A product's id by its number."""
    return str(plant.product(CrmProduct(number, "", "", Decimal(0)))["productid"])


def test_a_deleted_variant_and_a_deleted_product_retire_their_rows(plant: Plant, lamp: SeedProduct) -> None:
    """The event names the product only; the variants that are gone are found and their CRM products retired."""
    plant.run()
    product = plant.variants("LAMP-S")[0]["product"]["id"]
    body = json.dumps({"id": int(product.rsplit("/", 1)[1])}).encode()
    plant.merchant.call(VARIANTS_GONE, {"p": product, "v": [plant.variants("LAMP-S")[0]["id"]]})
    actions.receive(IN, signed(body, topic="products/update"), body)
    plant.work()
    assert [plant.product(CrmProduct(sku, "", "", Decimal(0)))["statecode"] for sku in ("LAMP-S", "LAMP-M")] == [1, 0]
    plant.merchant.call(
        "mutation($i: ProductDeleteInput!) { productDelete(input: $i) { userErrors { message } } }",
        {"i": {"id": product}},
    )
    actions.receive(IN, signed(body, topic="products/delete"), body)
    plant.work()
    assert plant.product(CrmProduct("LAMP-M", "", "", Decimal(0)))["statecode"] == 1
