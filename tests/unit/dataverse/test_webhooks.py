from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.dataverse.webhooks import MAX_BODY, Notice, WebhookRefused, read_notice

ID = "0a67dae0-1b4b-5e6e-b61d-3fd1665de1fe"
PARENT = "ca1c90a1-5f89-5b69-ac78-612eb31685a7"
HEADERS = {"X-Api-Key": "new", "x-ms-dynamics-entity-name": "product"}
PARENTS = {"productpricelevel": "productid"}


def context(table: str = "product", message: str = "Update", **more: Any) -> bytes:
    """A RemoteExecutionContext as small as Dataverse makes it."""
    body = {"MessageName": message, "PrimaryEntityName": table, "PrimaryEntityId": ID.upper(), "InputParameters": []}
    return json.dumps({**body, **more}).encode()


def entity(*attributes: tuple[str, Any]) -> dict[str, Any]:
    """An entity as a parameter or image holds it."""
    return {"Attributes": [{"key": key, "value": value} for key, value in attributes], "LogicalName": "x"}


def test_a_message_becomes_an_id() -> None:
    """Table, id and what happened; the payload's values are not read at all."""
    assert read_notice(HEADERS, context(), ["new"]) == Notice("product", ID, "Update")
    assert read_notice(HEADERS, context(message="Delete"), ["new"]).deleted


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("/Date(1764086400123)/", datetime(2025, 11, 25, 16, 0, 0, 123000, tzinfo=UTC)),
        ("/Date(1764086400000+0100)/", datetime(2025, 11, 25, 16, 0, tzinfo=UTC)),
        ("2025-11-25T16:00:00Z", None),
        ("/Date(99999999999999999)/", None),
        (17, None),
        (None, None),
    ],
)
def test_when_it_happened_is_read_from_the_operation(text: Any, at: datetime | None) -> None:
    """The operation's time is .NET's milliseconds, UTC whatever the zone says; what cannot be read is no time."""
    assert read_notice(HEADERS, context(OperationCreatedOn=text), ["new"]).at == at


@pytest.mark.parametrize("keys", [["new"], ["new", "old"], ["other", "new"]])
def test_both_keys_count_while_they_are_rotated(keys: list[str]) -> None:
    """The current key and the one before it are accepted, in any case of the header's name."""
    assert read_notice(HEADERS, context(), keys).id == ID


@pytest.mark.parametrize(
    ("offered", "keys"), [("bad", ["new"]), ("", [""]), ("", ["new"]), ("new", []), ("né", ["new"])]
)
def test_a_wrong_key_is_refused(offered: str, keys: list[str]) -> None:
    """Without the key nothing is read, and an empty key never opens."""
    with pytest.raises(WebhookRefused) as caught:
        read_notice({"x-api-key": offered}, context(), keys)
    assert caught.value.status == 401


def test_size_comes_before_everything() -> None:
    """A body larger than Dataverse sends is refused unread, whatever its key."""
    with pytest.raises(WebhookRefused) as caught:
        read_notice({}, b"x" * (MAX_BODY + 1), ["new"])
    assert caught.value.status == 413


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"\xff", b'{"MessageName":"Update"}'])
def test_a_body_that_names_no_row_is_refused(body: bytes) -> None:
    """What cannot be read is a 400, never an exception."""
    with pytest.raises(WebhookRefused) as caught:
        read_notice(HEADERS, body, ["new"])
    assert caught.value.status == 400


def test_a_stripped_message_still_names_its_row() -> None:
    """Beyond 256 KB Dataverse leaves the values out; the row is known and is read anyway."""
    headers = {**HEADERS, "x-ms-dynamics-msg-size-exceeded": "300000"}
    body = context("productpricelevel", InputParameters=None, PreEntityImages=None)
    assert read_notice(headers, body, ["new"], PARENTS) == Notice("productpricelevel", ID, "Update", stripped=True)


@pytest.mark.parametrize("place", ["InputParameters", "PostEntityImages", "PreEntityImages"])
def test_a_child_row_names_its_parent_where_the_payload_does(place: str) -> None:
    """A price leads to its product by the target or by an image, so a delete does too where an image is registered."""
    target = entity(("amount", {"Value": 1}), ("productid", {"Id": PARENT.upper(), "LogicalName": "product"}))
    body = context("productpricelevel", "Delete", **{place: [{"key": "Target", "value": target}]})
    assert read_notice(HEADERS, body, ["new"], PARENTS).parent == PARENT


def test_a_child_row_without_a_parent_is_told_so() -> None:
    """An update that did not touch the product names none; the pointers know it."""
    body = context("productpricelevel", InputParameters=[{"key": "Target", "value": entity(("amount", {"Value": 1}))}])
    assert read_notice(HEADERS, body, ["new"], PARENTS).parent is None
