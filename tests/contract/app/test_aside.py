"""What becomes of messages that no worker can work: they are parked as themselves, and nothing else stops for them."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from sandbox.catalogue import SeedProduct
from shared import app as actions
from shared import aside, wiring
from shared.errors import Invalid
from shared.records import Message, Origin, ParkedRow
from shared.state.queues import HELD, POISON, queue_name, to_text
from shared.sync.returning import MESSAGE
from tests.support.plant import SHOP, Plant, signed

IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"
FOREIGN = Message(IN, "gone.myshopify.com", Origin.WEBHOOK, ids=("1",))
GONE = Message(IN, SHOP, Origin.POLL, blob=f"journal/{SHOP}/{IN}/2026/01/01/gone.jsonl.gz")
UNWORKABLE = {
    "no JSON": "half a mess",
    "JSON of something else": '{"records": []}',
    "the message of a later version": to_text(GONE).replace('"poll"', '"telepathy"'),
    "a message that names nothing": to_text(Message(IN, SHOP, Origin.RETRY)),
    "another flow's": to_text(Message(OUT, SHOP, Origin.WEBHOOK, ids=("1",))),
    "a shop that is not served any more": to_text(FOREIGN),
    "a table nobody knows": to_text(Message(IN, SHOP, Origin.WEBHOOK, ids=("1",), table="themes")),
    "a page that is gone": to_text(GONE),
}


def _aside(plant: Plant) -> list[ParkedRow]:
    return [row for row in plant.app.state.parked.list(SHOP, IN) if row.kind == MESSAGE]


@pytest.mark.parametrize("text", UNWORKABLE.values(), ids=UNWORKABLE)
def test_it_is_parked_with_its_text_and_told_once(plant: Plant, caplog: pytest.LogCaptureFixture, text: str) -> None:
    """At its first delivery: one row with the whole text and the command that finds what it was about, one alert."""
    with caplog.at_level(logging.ERROR):
        actions.work(IN, text.encode())
    (row,) = _aside(plant)
    assert (row.code, row.facts["text"]) == ("Unreadable", text)
    assert f"python -m ops sync {IN} --all" in row.sentence
    assert [record.__dict__["alert"] for record in caplog.records if record.message == "alert"] == ["message"]
    assert text not in caplog.text
    actions.work(IN, text.encode(), delivery=2)
    assert len(_aside(plant)) == 1


@pytest.mark.parametrize("text", UNWORKABLE.values(), ids=UNWORKABLE)
def test_on_a_poison_queue_it_stops_nobody(plant: Plant, lamp: SeedProduct, text: str) -> None:
    """Housekeeping sets it aside and goes on: it neither stays there until it expires, nor goes round by the held."""
    plant.run()
    ids = tuple(node["id"].rsplit("/", 1)[1] for node in plant.variants("LAMP-S"))
    queues, poison = plant.app.state.queue_service, queue_name("sync", IN) + POISON
    for each in (text, to_text(Message(IN, SHOP, Origin.POLL, ids=(*ids, "77")))):
        queues.send(poison, each)
    actions.housekeeping()
    assert [row.facts["text"] for row in _aside(plant)] == [text]
    assert (queues.depth(poison), plant.app.state.queues.held(IN), plant.app.state.queues.depth(IN)) == (0, 0, 2)


def test_it_is_not_held_for_ever(plant: Plant) -> None:
    """A text on the held queue that this version cannot read leaves it with the next release."""
    plant.app.state.queue_service.send(queue_name(HELD, IN), "half a mess")
    actions.housekeeping()
    plant.work()
    assert plant.app.state.queues.held(IN) == 0
    assert len(_aside(plant)) == 1


def test_what_it_was_about_is_found_by_a_full_listing(plant: Plant, lamp: SeedProduct) -> None:
    """Nothing is lost: the remedy that the row names brings what the lost page held, and the row stays for a person."""
    for flow in (IN, OUT):
        actions.tick(flow)
    for blob in list(plant.app.state.blobs.list(f"journal/{SHOP}/{IN}/")):
        plant.app.state.blobs.delete(blob.name)
    plant.work()
    assert len(_aside(plant)) == 1
    job = plant.app.job(IN, SHOP)
    actions.poll_job(plant.app, job, restart=True)
    plant.work()
    assert {row["productnumber"] for row in plant.sales.get("products?$select=productnumber")["value"]} == {
        "LAMP-S",
        "LAMP-M",
    }
    plant.run()
    assert len(_aside(plant)) == 1


def test_webhooks_after_it_are_worked(plant: Plant, lamp: SeedProduct) -> None:
    """The flow is not paused: the next message is worked as if nothing had been."""
    product = plant.variants("LAMP-S")[0]["product"]["id"].rsplit("/", 1)[1]
    actions.work(IN, b"half a mess")
    body = json.dumps({"id": int(product)}).encode()
    assert actions.receive(IN, signed(body, topic="products/create"), body)[0] == 200
    plant.work()
    assert len(plant.sales.get("products?$select=productnumber")["value"]) == 2


def test_a_message_that_is_refused_as_a_whole_does_not_go_round(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where opening it is what fails every time, it cannot be taken apart: it is set aside, not held and given back."""

    def refused(*_: object) -> None:
        raise Invalid("The vendor refused the whole query.")

    monkeypatch.setattr(type(plant.app.job(IN, SHOP).source), "members", refused)
    text = to_text(Message(IN, SHOP, Origin.WEBHOOK, ids=("1",), table="products"))
    plant.app.state.queue_service.send(queue_name("sync", IN) + POISON, text)
    actions.housekeeping()
    (row,) = _aside(plant)
    assert (row.code, row.facts["text"], plant.app.state.queues.held(IN)) == ("Invalid", text, 0)


def test_what_a_vendor_said_is_parked_and_not_logged(plant: Plant, caplog: pytest.LogCaptureFixture) -> None:
    """Promise: a refusal that quotes a person stands in the row that erasing finds, and in no log or alert."""
    said = "Contact jane@shoe.example is locked."
    error = Invalid(f"put task: {said}", facts={"vendor_code": "0x80040265"}, said=said)
    with caplog.at_level(logging.ERROR):
        aside.put(plant.app, IN, to_text(FOREIGN), error)
    (record,) = [each for each in caplog.records if each.message == "alert"]
    assert vars(record)["why"] == "put task: [0x80040265]"
    assert "jane@" not in str([vars(each) for each in caplog.records])
    assert said in _aside(plant)[0].sentence


def test_it_is_parked_under_the_shop_that_it_is_about(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: of two shops each lists its own message, where its erasure looks; the first the rest."""
    (own,) = plant.app.settings.shops
    two = (replace(own, shop="first.myshopify.com"), own)
    app = replace(plant.app, settings=replace(plant.app.settings, shops=two))
    monkeypatch.setattr(wiring, "app", lambda: app)
    for text in (to_text(GONE), "half a mess", to_text(FOREIGN)):
        actions.work(IN, text.encode())
    assert [row.facts["text"] for row in _aside(plant)] == [to_text(GONE)]
    others = {row.facts["text"] for row in app.state.parked.list("first.myshopify.com", IN)}
    assert others == {"half a mess", to_text(FOREIGN)}
