"""Steps 1 to 5: accept, pair, depend, map, settle, each by its own promise, on two systems in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import NotYet
from shared.mapping.load import parse
from shared.mapping.rules import join
from shared.records import Item, Message, Origin, Page, PairState, ParkedRow, Side, Verdict
from tests.support.things import INWARD, OUTWARD
from tests.support.verdicts import THING, only, paired
from tests.support.world import SHOP, World

# 1 accept


def test_accept_skips_with_the_mappings_own_reason(world: World) -> None:
    """A filtered record costs no call to the target, and says why in the words of the mapping."""
    shopify = world.shopify.add({**THING, "secret": True})
    assert only(world.apply(world.inward, shopify)) == (Verdict.SKIPPED, "Secret things stay in Shopify.")
    assert not any(name.startswith("crm.") for name in world.faults.calls)


def test_accept_judges_what_the_source_says_now(world: World) -> None:
    """A page that was journaled while the record was filtered does not hide that it is not any more."""
    shopify, _ = paired(world)
    world.shopify.edit(shopify, {"secret": True})
    stale = world.shopify.changes("things", str(len(world.shopify.log) - 1))
    world.clock.sleep(400)
    world.shopify.edit(shopify, {"secret": False, "label": "other"})
    page = Page(world.inward, SHOP, stale.items, Origin.POLL, stale.read_at, world.shopify.selection)
    assert only(world.engine(world.inward).apply(page))[0] is Verdict.UPDATED


def test_accept_parks_a_record_whose_filter_cannot_be_computed(world: World) -> None:
    """One record's broken value is that record's failure; the rest of the page goes on."""
    rules = join(parse(INWARD.replace('when = "secret"', 'when = "price > label"')), parse(OUTWARD))
    world.change(world.inward, rules=rules)
    bad = world.shopify.add({**THING, "label": "text"})
    good = world.shopify.add({**THING, "sku": "A-2", "label": None})
    verdicts = {each.source_id: each.verdict for each in world.apply(world.inward, bad, good).outcomes}
    assert verdicts[bad] is Verdict.PARKED
    assert world.parked(world.inward) == {bad: "MappingFailed"}


# 2 pair


def test_pair_reads_live_what_is_older_than_what_was_applied(world: World) -> None:
    """A page from the journal that is not newer than the last read applied is read again, never applied."""
    shopify, crm = paired(world)
    world.shopify.edit(shopify, {"label": "first"})
    old = world.shopify.listing("")
    world.clock.sleep(5)
    world.shopify.edit(shopify, {"label": "second"})
    world.apply(world.inward, shopify)
    world.clock.sleep(5)
    page = Page(world.inward, SHOP, old.items, Origin.POLL, old.read_at, world.shopify.selection)
    world.engine(world.inward).apply(page)
    assert world.crm.value(crm, "label") == "second"


def test_pair_never_applies_content_read_before_the_other_flow_wrote(world: World) -> None:
    """The record is read after its pair: an edit that the other flow brings meanwhile is not taken back."""
    shopify, crm = paired(world)
    world.crm.edit(crm, {"number": "A-9"})
    world.faults.meanwhile["crossrefs.load"] = lambda: (world.apply(world.outward, crm), world.clock.sleep(2))[1]
    world.apply(world.inward, shopify)
    world.run()
    assert world.shopify.value(shopify, "sku") == world.crm.value(crm, "number") == "A-9"


def test_pair_reads_again_what_was_read_under_another_selection(world: World) -> None:
    """Content that may lack a mapped field is not believed."""
    shopify = world.shopify.add(THING)
    page = world.shopify.listing("")
    items = tuple(Item(item.id, replace(item.record, content={})) for item in page.items if item.record)
    result = world.engine(world.inward).apply(Page(world.inward, SHOP, items, Origin.LOAD, page.read_at, "older"))
    assert only(result)[0] is Verdict.CREATED
    assert world.crm.value(str(result.outcomes[0].target_id), "number") == "A-1"
    assert shopify == result.outcomes[0].source_id


def test_what_was_read_after_an_event_satisfies_its_message(world: World) -> None:
    """Ten events of one edit cost one read: the others were applied with it. An event after that is read."""
    shopify, crm = paired(world)
    event = world.clock.now()
    world.shopify.edit(shopify, {"label": "used"})
    world.clock.sleep(5)
    message = Message(world.inward, SHOP, Origin.WEBHOOK, ids=(shopify,), seen_at=event)
    for _ in range(10):
        world.state.queues.send(message)
    before = world.faults.calls["shopify.read"]
    world.drain()
    assert world.crm.value(crm, "label") == "used"
    assert world.faults.calls["shopify.read"] == before + 1
    world.shopify.edit(shopify, {"label": "new"})
    world.state.queues.send(replace(message, seen_at=world.clock.now()))
    world.drain()
    assert world.crm.value(crm, "label") == "new"


@pytest.mark.parametrize("doubt", [{"moved": frozenset({Side.CRM})}, {"state": PairState.WRITING}, {"parked": True}])
def test_a_record_in_doubt_is_read_whatever_its_message_is(world: World, doubt: dict[str, Any]) -> None:
    """An event is only satisfied where nothing is open: no side marked as moved, no claim, not parked."""
    shopify, _ = paired(world)
    pair = world.pair(shopify=shopify)
    assert pair is not None
    if doubt.pop("parked", False):
        world.state.parked.put([waiting(world, shopify)])
    else:
        world.state.crossrefs.save([replace(pair, **doubt)])
    before = world.faults.calls["shopify.read"]
    old = world.clock.now() - timedelta(hours=1)
    world.state.queues.send(Message(world.inward, SHOP, Origin.WEBHOOK, ids=(shopify,), seen_at=old))
    world.drain()
    assert world.faults.calls["shopify.read"] == before + 1


def waiting(world: World, shopify: str) -> ParkedRow:
    """A parked row of that record."""
    now = world.clock.now()
    return ParkedRow(SHOP, world.inward, "things", shopify, "Invalid", "It was wrong.", {}, 1, now, now)


def test_a_record_with_our_mark_is_adopted_by_it_before_any_key(world: World) -> None:
    """Lost state is rebuilt from the marks, whatever the keys say now."""
    crm = world.crm.add({"number": "C-1"})
    shopify = world.shopify.add({**THING, "sku": "other"})
    world.shopify.rows[shopify].marker = crm
    world.apply(world.inward, shopify)
    pair = world.pair(shopify=shopify)
    assert pair is not None
    assert pair.crm_id == crm
    assert len(world.crm.rows) == 1


def test_a_mark_of_a_record_that_is_gone_is_parked(world: World) -> None:
    """Nobody knows whether it is to be made anew: a person says so."""
    shopify = world.shopify.add(THING)
    world.shopify.rows[shopify].marker = "crm-gone"
    assert only(world.apply(world.inward, shopify))[0] is Verdict.PARKED
    assert not world.crm.rows


# 3 depend, 4 map


def test_a_record_that_has_to_wait_for_another_comes_back(world: World) -> None:
    """NotYet is nobody's fault: the record is tried again later, and not parked."""

    def not_yet() -> dict[str, str]:
        raise NotYet("Its customer has no pair yet.", retry_after_s=60)

    shopify = world.shopify.add(THING)
    world.change(world.inward, constants=not_yet)
    world.send(world.inward, shopify)
    world.drain()
    assert world.waiting() == 1
    assert not world.parked(world.inward)
    world.change(world.inward, constants=dict)
    world.run()
    assert world.pair(shopify=shopify) is not None


def test_map_parks_what_cannot_be_computed_and_goes_on(world: World) -> None:
    """A record that the mapping cannot translate is parked with the field's name; its neighbours are created."""
    text = INWARD.replace('from = "label"\nto = "label"', 'from = "label"\nto = "label"\nvalues = { new = "NEW" }')
    world.change(world.inward, rules=join(parse(text), parse(OUTWARD)))
    good = world.shopify.add(THING)
    bad = world.shopify.add({**THING, "sku": "A-2", "label": "unheard of"})
    verdicts = {each.source_id: each.verdict for each in world.apply(world.inward, good, bad).outcomes}
    assert verdicts == {good: Verdict.CREATED, bad: Verdict.PARKED}
    (row,) = world.state.parked.list(SHOP, world.inward)
    assert row.facts["field"] == "label"


# 5 settle


def test_settle_costs_no_call_to_the_target(world: World) -> None:
    """An unchanged record is known by its digests alone."""
    shopify, _ = paired(world)
    assert only(world.apply(world.inward, shopify)) == (Verdict.UNCHANGED, "Nothing that is mapped changed.")
    assert not any(name.startswith("crm.") for name in world.faults.calls)
    assert world.faults.calls["crossrefs.save"] == 0


def test_settle_ignores_fields_that_nobody_maps(world: World) -> None:
    """A touched record whose mapped fields are what they were is unchanged."""
    shopify, _ = paired(world)
    world.shopify.edit(shopify, {"parent.vendor": "Acme"})
    assert only(world.apply(world.inward, shopify))[0] is Verdict.UNCHANGED
    assert not any(name.startswith("crm.") for name in world.faults.calls)


def test_settle_looks_again_after_the_mapping_changed(world: World) -> None:
    """A new mapping is carried to records that did not change."""
    shopify, crm = paired(world)
    rules = join(parse(INWARD.replace('from = "label"', "from = \"join('-', [label, sku])\"")), parse(OUTWARD))
    world.change(world.inward, rules=rules)
    assert only(world.apply(world.inward, shopify))[0] is Verdict.UPDATED
    assert world.crm.value(crm, "label") == "new-A-1"
    assert only(world.apply(world.inward, shopify))[0] is Verdict.UNCHANGED
