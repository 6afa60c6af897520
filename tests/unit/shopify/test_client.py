"""What the GraphQL client makes of answers, modelled on recorded ones."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import (
    AuthFailed,
    ConnectionDown,
    Invalid,
    SchemaMismatch,
    SettingMissing,
    SyncError,
    Throttled,
    Unavailable,
    UnknownOutcome,
)
from shared.shopify.answers import UserError, refusal, user_errors
from shared.shopify.client import Document, ShopifyClient
from shared.shopify.mutations import Done, Mutation, Sender
from shared.telemetry import metered
from tests.unit.shopify.shop import COST, SHOP, client, data, errors
from tests.unit.transport.replay import Reply

READ = Document("Shop", "query Shop { shop { id } }")
LISTED = Document("Listed", "query Listed { productVariants(first: 250) { nodes { id product { id } } } }")
WRITE = Document(
    "Tag", "mutation Tag($id: ID!, $t: [String!]!) { tagsAdd(id: $id, tags: $t) { userErrors { message } } }"
)
TAG = Mutation("tagsAdd", {"id": ("ID!", "1"), "tags": ("[String!]!", ["x"])}, "userErrors { message }")
VARIABLES = {"id": "gid://shopify/Product/1", "t": ["x"]}
RATE = {"throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 4, "restoreRate": 100.0}}


def slept(made: ShopifyClient) -> list[float]:
    """Every wait so far."""
    return made._clock.slept  # type: ignore[attr-defined]


def sender(made: ShopifyClient, seconds: float = 90.0) -> Sender:
    """What runs mutations for so long."""
    return Sender(made, made.now() + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("code", "read", "write"),
    [
        ("ACCESS_DENIED", AuthFailed, AuthFailed),
        ("INTERNAL_SERVER_ERROR", Unavailable, UnknownOutcome),
        ("MAX_COST_EXCEEDED", SchemaMismatch, SchemaMismatch),
        ("undefinedField", SchemaMismatch, SchemaMismatch),
        ("MAX_INPUT_SIZE_EXCEEDED", Invalid, Invalid),
        ("RESOURCE_NOT_FOUND", Invalid, Invalid),
        ("SOMETHING_NEW", Unavailable, UnknownOutcome),
    ],
)
def test_top_level_errors_without_data(code: str, read: type[SyncError], write: type[SyncError]) -> None:
    """Promise: an error's code decides its family; on a mutation what proves nothing is an unknown outcome."""
    for document, expected in ((READ, read), (WRITE, write)):
        made, _ = client(errors(code))
        with pytest.raises(SyncError) as caught:
            made.execute(document, VARIABLES)
        assert type(caught.value) is expected
        assert caught.value.facts["vendor_code"] == code


def test_errors_beside_data_are_unknown_for_a_mutation() -> None:
    """Promise: an error about a mutation that may have run is unknown even where its code sounds harmless."""
    made, replay = client(errors("BAD_REQUEST", data={"tagsAdd": None}))
    with pytest.raises(UnknownOutcome):
        made.execute(WRITE, VARIABLES)
    assert len(replay.seen) == 1


def test_partial_data_is_a_failed_read() -> None:
    """Promise: a read with errors and data is never used."""
    made, _ = client(errors("INTERNAL_SERVER_ERROR", data={"shop": {"id": "1"}}))
    with pytest.raises(Unavailable):
        made.execute(READ, {})


def test_throttled_mutations_are_sent_again() -> None:
    """Promise: THROTTLED proves that nothing was run, so even a mutation waits and is repeated."""
    throttled = errors("THROTTLED", extensions={"cost": {"requestedQueryCost": 10, "actualQueryCost": None, **RATE}})
    made, replay = client(throttled, data({"tagsAdd": {"userErrors": []}}))
    with metered() as usage:
        made.execute(WRITE, VARIABLES)
    assert len(replay.seen) == 2
    assert 0.06 < slept(made)[0] < 0.2
    assert usage.points == COST["actualQueryCost"]


def test_an_empty_bucket_goes_back_to_the_queue() -> None:
    """Promise: throttling beyond our patience is Throttled with the wait it needs, not an endless loop."""
    empty = {"throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 0, "restoreRate": 0.1}}
    made, replay = client(errors("THROTTLED", extensions={"cost": {"requestedQueryCost": 10, **empty}}))
    with pytest.raises(Throttled) as caught:
        made.execute(WRITE, VARIABLES)
    assert caught.value.retry_after_s > 60
    assert len(replay.seen) == 1


def test_a_known_shortage_is_waited_out_before_sending() -> None:
    """Promise: when the last answer left too few points, we wait for them instead of being refused."""
    made, replay = client(
        data({"shop": {"id": "1"}}, extensions={"cost": {**COST, **RATE}}), data({"productVariants": {}})
    )
    made.execute(READ, {})
    assert slept(made) == []
    made.execute(LISTED, {})
    wanted = made.cost(LISTED, {})
    assert wanted == 24
    assert (wanted - 4) / 100 <= sum(slept(made)) < 0.4
    assert len(replay.seen) == 2


def test_another_version_is_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    """Promise: when Shopify serves another API version than asked, one warning says so."""
    reply = Reply({"data": {"shop": {"id": "1"}}}, headers={"X-Shopify-API-Version": "2027-01"})
    made, _ = client(reply)
    with caplog.at_level(logging.WARNING):
        made.execute(READ, {})
        made.execute(READ, {})
    assert caplog.text.count("2027-01") == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [(402, ConnectionDown), (423, ConnectionDown), (403, AuthFailed), (404, SettingMissing), (301, SettingMissing)],
)
def test_statuses_that_are_no_graphql(status: int, expected: type[SyncError]) -> None:
    """Promise: a frozen shop, a refused app and a wrong domain are told apart, and none is an unknown outcome."""
    made, _ = client(Reply({"errors": "x"}, status=status))
    with pytest.raises(expected):
        made.execute(WRITE, VARIABLES)


@pytest.mark.parametrize("failure", [*(Reply("{}", status=each) for each in (401, 402, 403, 404, 423, 500)), OSError()])
def test_what_a_shop_refuses_names_the_shop(failure: Reply | OSError) -> None:
    """Promise: who decides what is paused finds the one shop in the facts, and in the meter when it has answered."""
    made, _ = client(failure)
    with pytest.raises(SyncError) as caught:
        made.execute(READ, {})
    assert (caught.value.facts["side"], caught.value.facts["shop"]) == ("shopify", SHOP)
    made, _ = client(data({"shop": {"id": "1"}}))
    with metered() as usage:
        made.execute(READ, {})
    assert usage.answered == {"shopify", SHOP}


def test_values_go_as_variables_only() -> None:
    """Promise: the request holds the document as it is, and values only beside it."""
    made, replay = client(data({"tagsAdd": {"userErrors": []}}))
    made.execute(WRITE, {"id": "gid://shopify/Product/1", "t": ['") { evil }']})
    assert replay.sent() == {"query": WRITE.text, "variables": {"id": "gid://shopify/Product/1", "t": ['") { evil }']}}


def test_user_errors_name_field_and_code() -> None:
    """Promise: userErrors become Invalid with every field path and code; a missing definition asks for setup."""
    payload: dict[str, Any] = {
        "userErrors": [
            {"field": ["variants", "3", "price"], "message": "must be positive for jane@example.com", "code": "X"},
            {"field": None, "message": "no"},
        ]
    }
    found = user_errors(payload)
    assert found[0].index("variants") == 3
    assert found[1].index("variants") is None
    error = refusal("productSet", found)
    assert isinstance(error, Invalid)
    assert error.facts == {"vendor_code": "X", "field": "variants.3.price, "}
    assert "jane" not in str(error)
    typed = refusal("m", [UserError(("input", "metafields", "0", "type"), "can't be blank", "BLANK")])
    assert isinstance(typed, SchemaMismatch)
    assert "ops setup" in str(typed)


def test_aliased_mutations_have_their_own_outcome() -> None:
    """Promise: one mutation's error leaves the other's proven result alone."""
    answered = {"g0m0": {"userErrors": []}, "g1m0": None}
    error = {"message": "boom", "path": ["g1m0"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    made, _ = client(Reply({"data": answered, "errors": [error]}))
    (first,), (second,) = sender(made).run("Tags", [[TAG], [TAG]], "")
    assert isinstance(first, Done)
    assert isinstance(second, UnknownOutcome)


def test_what_stops_everything_stops_the_next_request() -> None:
    """Promise: after a refusal for access no further request is sent, and every mutation carries that error."""
    made, replay = client(errors("ACCESS_DENIED"))
    results = sender(made).run("Tags", [[TAG]] * 45, "")
    assert len(replay.seen) == 1
    assert all(isinstance(result, AuthFailed) for (result,) in results)


def test_behind_a_lost_request_nothing_is_sent_or_called_unknown() -> None:
    """Promise: after a lost answer the following mutations are not sent, and are told apart as not having happened."""
    made, replay = client(Reply(status=502))
    results = sender(made).run("Tags", [[TAG]] * 45, "")
    assert len(replay.seen) == 1
    assert [type(result) for (result,) in results] == [UnknownOutcome] * 20 + [Unavailable] * 25


def test_a_lease_is_never_outlived() -> None:
    """Promise: when the time for a page is used up, the rest is handed back unsent."""
    made, replay = client(data({f"g{n}m0": {"userErrors": []} for n in range(45)}))
    results = sender(made, seconds=-1).run("Tags", [[TAG]] * 3, "")
    assert replay.seen == []
    assert all(isinstance(result, Throttled) for (result,) in results)
