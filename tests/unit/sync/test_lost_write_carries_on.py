"""A lost write of one field may be news to another field that reads the same path."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from shared.errors import UnknownOutcome
from shared.mapping.load import parse
from shared.mapping.rules import join
from shared.records import Pair, PairState, Record, Side, Write, WriteResult
from shared.sync.digest import digest
from shared.sync.plan import Decision, Sides, decide
from tests.support.things import things
from tests.support.verdicts import paired

FORWARD = """
flow = "a_shopify_to_crm"
kind = "things"
[source]
type = "Thing"
[target]
table = "thing"
[fields.copy]
from = "title"
to = "shopify_title"
[fields.number]
from = "sku"
to = "number"
owner = "crm"
"""
BACK = """
flow = "a_crm_to_shopify"
kind = "things"
[source]
table = "thing"
[target]
type = "Thing"
[fields.title]
from = "name"
to = "title"
on_create = true
[fields.number]
from = "number"
to = "sku"
owner = "crm"
"""


def test_what_a_lost_create_put_there_reaches_the_fields_that_only_read_it() -> None:
    """After a create whose answer was lost, the new record's title still arrives in the column that copies it."""
    rules = join(parse(FORWARD), parse(BACK))
    content = {"title": "Lamp", "sku": "L-1"}
    sent = {Side.SHOPIFY: {path: (digest(value),) for path, value in content.items()}}
    crm = {"shopify_title": None, "number": "L-1"}
    pair = Pair(
        "acme", "things", Side.CRM, PairState.PAIRED, "thing", bases={Side.CRM: {p: digest(v) for p, v in crm.items()}}
    )
    digests = {path: digest(value) for path, value in content.items()}
    sides = Sides(Side.SHOPIFY, Record("1", content), Record("c", crm), pair, digests, sent=sent)
    assert decide(rules.field_named("copy"), "Lamp", None, sides) is Decision.WRITE
    assert decide(rules.field_named("number"), "L-1", "L-0", sides) is not Decision.WRITE


def doubtful(source_side: Side, content: dict[str, str], actual: dict[str, str], sent: str) -> Sides:
    """A pair agreed on L-1 on both sides, while the digest of `sent` is perhaps on its way to Shopify's sku."""
    bases = {Side.SHOPIFY: {"sku": digest("L-1")}, Side.CRM: {"number": digest("L-1")}}
    pair = Pair("acme", "things", Side.CRM, PairState.PAIRED, "thing", bases=bases)
    digests = {path: digest(value) for path, value in content.items()}
    lost = {Side.SHOPIFY: {"sku": (digest(sent),)}}
    return Sides(source_side, Record("1", content), Record("c", actual), pair, digests, sent=lost)


def test_a_lost_write_that_was_normalised_never_wins_over_the_owner() -> None:
    """Shopify stored our late write in its own spelling: the flow from there must not take it for an edit."""
    inward = join(parse(FORWARD), parse(BACK)).field_named("number")
    sides = doubtful(Side.SHOPIFY, {"title": "Lamp", "sku": "l-0"}, {"number": "L-1"}, sent="L-0")
    assert decide(inward, "l-0", "L-1", sides) is Decision.OWNER_KEEPS
    outward = join(parse(BACK), parse(FORWARD)).field_named("number")
    sides = doubtful(Side.CRM, {"number": "L-1"}, {"sku": "l-0"}, sent="L-0")
    assert decide(outward, "L-1", "l-0", sides) is Decision.UNDO


@pytest.mark.parametrize("stored", [str, str.lower], ids=["as it was sent", "normalised"])
def test_a_write_that_outlived_its_claim_without_an_answer_is_undone(stored: Callable[[str], str]) -> None:
    """A worker stalls past its lease, another one brings the owner's newer value over, then the old write lands."""
    world = things()
    shopify, crm = paired(world)
    world.shopify.normalise = {"sku": lambda value: stored(str(value))}
    write = world.shopify.write

    def stalled(writes: Sequence[Write]) -> Sequence[WriteResult]:
        world.shopify.write = write  # type: ignore[method-assign]
        world.clock.sleep(600)
        world.crm.edit(crm, {"number": "NEW-2"})
        world.apply(world.outward, crm)
        write(writes)
        return [UnknownOutcome("No answer.") for _ in writes]

    world.crm.edit(crm, {"number": "NEW-1"})
    world.shopify.write = stalled  # type: ignore[method-assign]
    world.apply(world.outward, crm)
    assert world.shopify.value(shopify, "sku") == stored("NEW-1")
    world.clock.sleep(600)
    world.run()
    assert world.crm.value(crm, "number") == "NEW-2"
    assert world.shopify.value(shopify, "sku") == stored("NEW-2")
