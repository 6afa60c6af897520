"""Whatever happens in between, both systems come to rest equal: under any interleaving of edits, duplicates, disorder,
lost answers, refusals, deaths of workers at any call, and systems that store values in their own form."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from shared.mapping.apply import wanted
from shared.sync.digest import digest, digests
from shared.sync.plan import Sides, plan_record
from tests.support.entity import Normalise
from tests.support.schedule import Life
from tests.support.things import things

MANY = settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""Lives are drawn by seed: a failing one is repeated by its number, and there is nothing to shrink."""

seeds = st.integers(0, 2**32)


def trimmed(value: Any) -> Any:
    """Without spaces around it."""
    return value.strip() if isinstance(value, str) else value


def lowered(value: Any) -> Any:
    """Trimmed, in small letters."""
    return value.strip().lower() if isinstance(value, str) else value


def raised(value: Any) -> Any:
    """Trimmed, in capitals."""
    return value.strip().upper() if isinstance(value, str) else value


def cents(value: Any) -> Any:
    """Rounded to two places."""
    return Decimal(value).quantize(Decimal("0.01"))


QUARREL: dict[str, dict[str, Normalise]] = {
    "shopify_normalises": {"sku": lowered, "price": cents, "note": trimmed, "parent.title": trimmed},
    "crm_normalises": {"number": raised, "item.amount": cents, "remark": raised, "name": trimmed, "label": raised},
}
"""Two systems that never store a text the same way: a digest of what was sent would go back and forth for ever."""


def live(seed: int, *, faults: int, peers: dict[str, dict[str, Normalise]]) -> Life:
    """A life of random length, brought to rest and checked."""
    random = Random(seed)
    life = Life(things(**peers), random.randrange, faults)  # type: ignore[arg-type]
    try:
        life.live(20 + random.randrange(60))
        life.end()
        life.check()
    except BaseException:
        note("\n".join(life.trace))
        raise
    return life


@MANY
@given(seeds)
def test_two_exact_systems_come_to_rest_equal(seed: int) -> None:
    """Edits on both sides, doubled and disordered messages: equal, one counterpart each, no owner's edit lost."""
    live(seed, faults=0, peers={})


@MANY
@given(seeds)
def test_systems_that_normalise_come_to_rest_equal(seed: int) -> None:
    """The same where each side stores texts and amounts in a form of its own."""
    live(seed, faults=0, peers=QUARREL)


@MANY
@given(seeds, st.sampled_from([4, 8, 20]))
def test_faults_and_deaths_at_any_call_change_nothing_of_it(seed: int, faults: int) -> None:
    """Lost answers, refusals, throttling and killed workers at any call to either system or to the state."""
    live(seed, faults=faults, peers={})


@MANY
@given(seeds, st.sampled_from([5, 12]))
def test_faults_among_systems_that_normalise(seed: int, faults: int) -> None:
    """All of it at once."""
    live(seed, faults=faults, peers=QUARREL)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2000))
def test_many_seeds(seed: int) -> None:
    """Two thousand fixed lives; a failing one is repeated by its number."""
    live(seed, faults=(0, 3, 6, 15)[seed % 4], peers=QUARREL if seed % 3 else {})


words = st.text(max_size=6)
amounts = st.decimals(min_value=0, max_value=1000, places=2)


@given(words, amounts, words, words, words)
def test_a_plan_of_equal_sides_is_empty(sku: str, price: Decimal, remark: str, title: str, label: str) -> None:
    """plan(a, a): where the target holds what is wanted, nothing is written whatever the bases say."""
    world = things()
    shopify = world.shopify.add(
        {"sku": sku, "price": price, "note": remark, "parent.title": title, "label": label}, record_id="1"
    )
    record = world.shopify.read([shopify]).records[shopify]
    rules = world.jobs[world.inward].rules
    values = wanted(rules, record.content, constants={}, references={})
    crm = world.crm.add({rule.to: values[rule.name] for rule in rules.fields}, record_id="c")
    sides = Sides(
        source_side=world.jobs[world.inward].flow.source,
        source=record,
        target=world.crm.read([crm]).records[crm],
        pair=None,
        source_digests=digests(record.content, rules.paths(world.shopify.side)),
    )
    plan = plan_record(rules.fields, values, sides)
    assert plan.values == {}
    assert plan.error is None


json = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | words | amounts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(words, json, max_size=5))
def test_a_digest_does_not_know_the_order_of_keys(value: dict[str, Any]) -> None:
    """Two answers that differ in the order of their keys alone are the same value."""
    assert digest(value) == digest(dict(reversed(value.items())))


@given(json, words)
def test_digests_do_not_know_what_is_not_mapped(value: Any, other: Any) -> None:
    """A field that nobody maps never makes a record look changed."""
    assert digests({"a": value, "b": other}, ["a"]) == digests({"a": value, "b": "else"}, ["a"])
