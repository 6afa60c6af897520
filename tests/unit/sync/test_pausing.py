"""What stops with a system that does not serve us, and what lets it go on: nobody is parked for it."""

from __future__ import annotations

import logging

import pytest

from shared.errors import AuthFailed, ConnectionDown, SchemaMismatch, SettingMissing, TooManyDeletes, Unavailable
from shared.records import Side
from shared.state.switches import StoredSwitches
from shared.sync.pausing import POLL, STORM, WORK, as_down, stop, stopped, works
from tests.support.verdicts import THING
from tests.support.world import SHOP, World

DOWN = ConnectionDown("The shop is frozen.", facts={"side": "shopify"})


def alerts(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Kind and target of every alert so far."""
    return [(record.alert, record.target) for record in caplog.records if record.message == "alert"]  # type: ignore[attr-defined]


def test_a_pause_ends_by_itself_and_lasts_longer_each_time(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A minute, two, four, to an hour; one alert at the beginning, however often it is renewed."""
    switches, lasted = world.state.switches, []
    for _ in range(8):
        stop(switches, "flow", DOWN)
        began = world.clock.now()
        while switches.paused("shopify"):
            world.clock.sleep(30)
        lasted.append(round((world.clock.now() - began).total_seconds() / 60))
    assert lasted == [1, 2, 4, 8, 16, 32, 60, 60]
    assert alerts(caplog) == [("paused", "shopify")]


def test_many_workers_that_fail_together_count_once(world: World) -> None:
    """Twenty messages that meet the same outage do not make it last an hour."""
    for _ in range(20):
        stop(world.state.switches, "flow", DOWN)
    world.clock.sleep(61)
    assert not world.state.switches.paused("shopify")


def test_what_works_again_is_told_once_and_starts_from_the_beginning(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """After a success the next outage is news again and its first pause is a minute."""
    caplog.set_level(logging.WARNING)
    switches = world.state.switches
    for _ in range(2):
        stop(switches, "flow", DOWN)
        works(switches, "flow", Side)
        assert switches.paused("shopify")  # a success elsewhere says nothing while it holds
        world.clock.sleep(61)
        works(switches, "flow", Side)
        works(switches, "flow", Side)
    assert alerts(caplog) == [("paused", "shopify"), ("resumed", "shopify")] * 2


def test_a_person_s_pause_and_the_many_deletes_wait_for_a_person(world: World) -> None:
    """No time and no success ends them, and an outage meanwhile does not put an end to them either."""
    switches = world.state.switches
    switches.pause("crm", "maintenance")
    stop(switches, "flow", TooManyDeletes("300 of 400 were deleted."))
    stop(switches, "flow", AuthFailed("The token was refused.", facts={"side": "crm"}))
    world.clock.sleep(86_400)
    works(switches, "flow", Side)
    assert switches.paused("crm") == "maintenance"
    assert switches.paused("flow")


def test_of_several_shops_the_one_that_is_named_is_paused(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Promise: a refusal, a wrong address or a storm at one shop stops that shop alone, and its own answer ends it."""
    caplog.set_level(logging.WARNING)
    switches, facts = world.state.switches, {"side": "shopify", "shop": "b.myshopify.com"}
    storm = as_down(Unavailable("No answer.", facts=facts), STORM)
    assert storm is not None
    assert storm.sentence.startswith("b.myshopify.com has not answered")
    for error in (AuthFailed("401", facts=facts), SettingMissing("404", facts=facts), storm):
        stop(switches, "flow", error)
        assert list(switches.all()) == ["b.myshopify.com"]
        assert stopped(switches, "flow", "a.myshopify.com") is None
        assert stopped(switches, "flow", "a.myshopify.com", "b.myshopify.com") is not None
        world.clock.sleep(61)
        works(switches, "flow", [*Side, "a.myshopify.com"])
        assert switches.troubled("b.myshopify.com")
        works(switches, "flow", [Side.SHOPIFY, "b.myshopify.com"])
        assert not switches.troubled("b.myshopify.com")
    assert alerts(caplog) == [("paused", "b.myshopify.com"), ("resumed", "b.myshopify.com")] * 3


def test_an_answer_takes_no_uninstalled_shop_s_pause_back(world: World) -> None:
    """Promise: what was paused for good stays so, whatever refusal came before and whatever answer comes after."""
    switches, shop = world.state.switches, "b.myshopify.com"
    refused = AuthFailed("401", facts={"side": "shopify", "shop": shop})
    stop(switches, "flow", refused)
    switches.pause(shop, "The app was uninstalled.")
    stop(switches, "flow", refused)
    world.clock.sleep(86_400)
    works(switches, "flow", [*Side, shop])
    assert switches.paused(shop) == "The app was uninstalled."


def test_only_an_answer_of_the_system_itself_lifts_its_pause(world: World) -> None:
    """A poll of CRM says nothing about Shopify, and a poll that asked nobody says nothing at all."""
    switches = world.state.switches
    stop(switches, "flow", DOWN)
    world.clock.sleep(61)
    works(switches, "flow", [Side.CRM], by=POLL)
    works(switches, "flow", [])
    assert switches.troubled("shopify")
    works(switches, "flow", [Side.SHOPIFY], by=POLL)
    assert not switches.troubled("shopify")


@pytest.mark.parametrize(("cause", "other"), [(POLL, WORK), (WORK, POLL)])
def test_a_flow_goes_on_when_what_stopped_it_works(world: World, cause: str, other: str) -> None:
    """A missing column of the target is not found again by polling the source, nor the other way round."""
    switches = world.state.switches
    stop(switches, "flow", SchemaMismatch("Column thing.label does not exist."), by=cause)
    world.clock.sleep(61)
    works(switches, "flow", Side, by=other)
    works(switches, "flow", [], by=cause)  # it asked nobody
    assert switches.troubled("flow")
    works(switches, "flow", Side, by=cause)
    assert not switches.troubled("flow")


def test_work_that_asked_one_system_only_does_not_lift_a_flow_s_pause(world: World) -> None:
    """Records that need no write are done without the target, whose column is still missing."""
    switches = world.state.switches
    stop(switches, "flow", SchemaMismatch("Column thing.label does not exist."))
    world.clock.sleep(61)
    works(switches, "flow", [Side.SHOPIFY])
    assert switches.troubled("flow")


def test_a_person_s_pause_survives_a_worker_that_ends_just_then(world: World) -> None:
    """Another process believed for two seconds that the pause before it was over: it reads again before it lifts it."""
    mine, theirs = (StoredSwitches(world.state.tables["switches"], world.clock.now) for _ in range(2))
    mine.back_off("crm", "401")
    world.clock.sleep(61)
    assert not mine.paused("crm")
    theirs.pause("crm", "month end")
    assert not mine.recovered("crm")
    world.clock.sleep(5)
    assert theirs.paused("crm") == "month end"


def test_what_concerns_one_flow_stops_only_that_flow(world: World) -> None:
    """A missing column or a missing scope is no reason to stop the other flows."""
    stop(world.state.switches, "flow", SchemaMismatch("Column thing.label does not exist.", facts={"side": "crm"}))
    stop(world.state.switches, "other", AuthFailed("A permission is missing."))
    assert set(world.state.switches.all()) == {"flow", "other"}


@pytest.mark.parametrize("shop", ["", SHOP])
def test_a_system_that_never_answers_is_paused_and_nobody_is_parked(world: World, shop: str) -> None:
    """Days without an answer: the message is held, comes back when the system does, and no record is given up."""
    shopify = world.shopify.add(THING)
    real = world.shopify.read

    def away(ids: object) -> object:
        raise Unavailable("No answer.", facts={"side": "shopify", "shop": shop})

    world.shopify.read = away  # type: ignore[assignment, method-assign]
    world.send(world.inward, shopify)
    for _ in range(200):
        world.drain()
        if not world.state.switches.paused(shop or "shopify"):
            world.state.queues.release(world.inward)
        world.clock.sleep(1800)
    assert not world.parked(world.inward)
    world.shopify.read = real  # type: ignore[method-assign]
    world.clock.sleep(3600)
    world.state.queues.release(world.inward)
    world.drain()
    assert world.pair(shopify=shopify) is not None
    assert not world.state.switches.all()


@pytest.mark.parametrize(("attempt", "facts"), [(STORM - 2, {"side": "crm"}), (STORM, {}), (STORM, {"side": "blob"})])
def test_a_passing_trouble_pauses_nothing(attempt: int, facts: dict[str, object]) -> None:
    """Too few tries, or a storage that does not answer: the message just comes back later."""
    assert as_down(Unavailable("No answer.", facts=facts), attempt) is None
