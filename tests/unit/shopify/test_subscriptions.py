"""Which subscriptions are ours and what is done about them, by what the shop says it has."""

from __future__ import annotations

from typing import Any

import pytest

from shared.shopify.subscriptions import subscribe, wanted_for
from tests.unit.shopify.shop import client, data

ADDRESS = "https://app.example/api/webhooks"
FLOWS = {"products_in": ["products/update"], "orders_in": []}
MUTATIONS = ("webhookSubscriptionCreate", "webhookSubscriptionUpdate", "webhookSubscriptionDelete")


def node(number: int = 1, **other: Any) -> dict[str, Any]:
    """A subscription as it should be, but for what is other."""
    found = {
        "id": f"gid://shopify/WebhookSubscription/{number}",
        "name": "products_in-products_update",
        "topic": "PRODUCTS_UPDATE",
        "uri": f"{ADDRESS}/products_in",
        "format": "JSON",
        "filter": None,
        "includeFields": ["updated_at", "id"],
        "metafieldNamespaces": [],
    }
    return found | other


def run(*found: dict[str, Any], refused: str = "") -> tuple[list[tuple[str, str]], list[Any]]:
    """Each step's first words and state, and the variables of every mutation sent."""
    listed = {"webhookSubscriptions": {"nodes": list(found), "pageInfo": {"hasNextPage": False, "endCursor": None}}}
    errors = [{"field": ["webhookSubscription"], "message": refused}] if refused else []
    done = {name: {"userErrors": errors} for name in MUTATIONS}
    made, sent = client(data(listed), data(done))
    steps = [(" ".join(step.name.split()[:2]), step.state) for step in subscribe(made, ADDRESS, FLOWS, dry_run=False)]
    return steps, [sent.sent(number)["variables"] for number in range(1, len(sent.seen))]


def test_what_is_right_is_left_alone() -> None:
    """Promise: the order of fields and an empty filter make no difference; nothing is sent."""
    assert run(node()) == ([("webhook PRODUCTS_UPDATE", "present")], [])


@pytest.mark.parametrize(
    ("wrong", "written"),
    [
        ({"uri": "https://old.example/api/webhooks/products_in"}, {"uri": f"{ADDRESS}/products_in"}),
        ({"uri": f"{ADDRESS}/products_ni"}, {"uri": f"{ADDRESS}/products_in"}),  # the same letters
        ({"includeFields": []}, {"includeFields": ["id", "updated_at"]}),
        ({"format": "XML"}, {"format": "JSON"}),
        ({"filter": "id:1"}, {"filter": ""}),
        ({"metafieldNamespaces": ["custom"]}, {"metafieldNamespaces": []}),
        ({"name": None}, {"name": "products_in-products_update"}),
    ],
)
def test_one_that_is_wrong_is_corrected_in_what_is_wrong(wrong: dict[str, Any], written: dict[str, Any]) -> None:
    """Promise: ours at an old address, or ours at this address without a name, gets what it lacks and nothing else."""
    assert run(node(**wrong)) == ([("webhook PRODUCTS_UPDATE", "done")], [{"id": node()["id"], "wanted": written}])


@pytest.mark.parametrize(
    "foreign",
    [
        {"uri": "https://else.example/hook", "name": None},
        {"uri": "https://app.example/other", "name": "theirs"},
        {"uri": f"{ADDRESS}-of-others/products_in", "name": ""},
        {"uri": "pubsub://project:topic", "name": "products"},
    ],
)
def test_those_of_others_are_not_touched(foreign: dict[str, Any]) -> None:
    """Promise: neither another host, nor another path of this host, nor another kind of address is ours."""
    steps, (created,) = run(node(**foreign))
    assert steps == [("webhook PRODUCTS_UPDATE", "done")]
    assert created["topic"] == "PRODUCTS_UPDATE"
    assert "filter" not in created["wanted"]


def test_what_is_not_wanted_goes_first() -> None:
    """Promise: a double and one of a flow that is off are removed before anything is written in their place."""
    off = node(2, name="orders_in-orders_create", topic="ORDERS_CREATE", uri="https://old.example/orders_in")
    double = node(3, name=None)
    steps, sent = run(off, double, node(1, uri="https://old.example/products_in"))
    assert [step[0] for step in steps] == ["no webhook", "no webhook", "webhook PRODUCTS_UPDATE"]
    assert [each["id"][-1] for each in sent] == ["2", "3", "1"]


def test_a_refusal_is_told_and_ends_nothing() -> None:
    """Promise: what Shopify refuses is a step that went wrong, not an end of the others."""
    off = node(2, name="orders_in-orders_create", topic="ORDERS_CREATE")
    assert run(off, refused="no") == ([("no webhook", "wrong"), ("webhook PRODUCTS_UPDATE", "wrong")], [*run(off)[1]])


def test_a_level_names_its_item_because_it_has_no_id() -> None:
    """Promise: each topic's payload holds an id that the intake reads, and a value that always changes."""
    made = wanted_for("f", "u", ["inventory_levels/update", "a/b"])
    fields = {each.member: each.values["includeFields"] for each in made}
    assert fields == {"INVENTORY_LEVELS_UPDATE": ["inventory_item_id", "updated_at"], "A_B": ["id", "updated_at"]}
