"""Webhooks of both systems: a table of requests and the statuses they must get."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from shared import app as actions
from shared.state.queues import from_text, queue_name
from tests.support.plant import KEY, Plant, notice, signed

IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"
BODY = json.dumps({"id": 788032119674292922, "title": "must never be believed"}).encode()
ROW = "11111111-2222-4333-8444-555555555555"

SHOPIFY: list[tuple[str, Callable[[], tuple[dict[str, str], bytes]], int, int]] = [
    ("signed", lambda: (signed(BODY, topic="products/update"), BODY), 200, 1),
    ("wrong secret", lambda: (signed(BODY, topic="products/update", secret="other"), BODY), 401, 0),
    ("another body", lambda: (signed(BODY, topic="products/update"), BODY + b" "), 401, 0),
    ("no headers", lambda: ({}, BODY), 401, 0),
    ("another shop", lambda: (signed(BODY, topic="products/update", shop="evil.myshopify.com"), BODY), 404, 0),
    ("unknown topic", lambda: (signed(BODY, topic="themes/update"), BODY), 200, 0),
    ("no id", lambda: (signed(b"{}", topic="products/update"), b"{}"), 400, 0),
    ("too large", lambda: (signed(b"", topic="products/update"), b"x" * (10 * 1024 * 1024 + 1)), 413, 0),
]


@pytest.mark.parametrize(("name", "request_of", "status", "messages"), SHOPIFY, ids=[case[0] for case in SHOPIFY])
def test_shopify_webhooks_get_their_status(
    plant: Plant, name: str, request_of: Callable[[], tuple[dict[str, str], bytes]], status: int, messages: int
) -> None:
    """Only a signed webhook of our shop and our topics leads to one queue write; each other gets its own answer."""
    headers, body = request_of()
    assert actions.receive(IN, headers, body)[0] == status
    assert plant.app.state.queues.depth(IN) == messages


def test_a_message_carries_ids_and_nothing_else(plant: Plant) -> None:
    """What the payload says of the record never reaches the queue."""
    actions.receive(IN, signed(BODY, topic="products/update"), BODY)
    (taken,) = plant.app.state.queue_service.receive(queue_name("sync", IN), 1, 60)
    assert "believed" not in taken.text
    message = from_text(taken.text)
    assert (message.ids, message.table, message.correlation_id) == (("788032119674292922",), "products", "w-1")


CRM: list[tuple[str, dict[str, str], bytes, int, int]] = [
    ("right key", {"x-api-key": KEY}, notice("product", ROW), 200, 1),
    ("delete", {"X-API-Key": KEY}, notice("product", ROW, "Delete"), 200, 1),
    ("price item", {"x-api-key": KEY}, notice("productpricelevel", ROW), 200, 1),
    ("another table", {"x-api-key": KEY}, notice("account", ROW), 200, 0),
    ("wrong key", {"x-api-key": "guess"}, notice("product", ROW), 401, 0),
    ("no key", {}, notice("product", ROW), 401, 0),
    ("no json", {"x-api-key": KEY}, b"<xml/>", 400, 0),
]


@pytest.mark.parametrize(("name", "headers", "body", "status", "messages"), CRM, ids=[case[0] for case in CRM])
def test_dataverse_webhooks_get_their_status(
    plant: Plant, name: str, headers: dict[str, str], body: bytes, status: int, messages: int
) -> None:
    """Only the shared key opens the door, and only rows of the flow's tables lead to a message."""
    assert actions.receive(OUT, headers, body)[0] == status
    assert plant.app.state.queues.depth(OUT) == messages


def test_a_delete_is_passed_on_as_a_delete(plant: Plant) -> None:
    """The engine learns that the row is said to be gone, and will confirm it by a read of its own."""
    actions.receive(OUT, {"x-api-key": KEY}, notice("product", ROW, "Delete"))
    (taken,) = plant.app.state.queue_service.receive(queue_name("sync", OUT), 1, 60)
    assert from_text(taken.text).deleted == (ROW,)
