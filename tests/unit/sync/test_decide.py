"""Step 7 as a table: who moved, who owns, what is decided. `v` is wanted, `w` actual, `o` was agreed on before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import Conflict
from shared.mapping.apply import KEEP
from shared.mapping.load import parse
from shared.mapping.rules import FieldRule, join
from shared.records import Pair, PairState, Record, Side
from shared.sync.digest import digest
from shared.sync.plan import Decision, Sides, decide, plan_record

FIELDS = """
[fields.field]
from = "source"
to = "target"
{extra}
"""
HEAD = """
flow = "{flow}"
kind = "things"
[source]
{source}
[target]
{target}
"""
SHOPIFY, CRM = 'type = "Thing"', 'table = "thing"'
T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def field(kind: str) -> FieldRule:
    """A field from Shopify to CRM: owned by one side, by the latest, or written by one flow only."""
    extra = {"accept": "", "repair": 'drift = "repair"'}.get(kind, f'owner = "{kind}"')
    forward = parse(HEAD.format(flow="a_shopify_to_crm", source=SHOPIFY, target=CRM) + FIELDS.format(extra=extra))
    back = HEAD.format(flow="b_crm_to_shopify", source=CRM, target=SHOPIFY)
    if kind in ("accept", "repair"):
        back += '[fields.other]\nfrom = "x"\nto = "y"\n'
    else:
        back += f'[fields.field]\nfrom = "target"\nto = "source"\nowner = "{kind}"\n'
    return join(forward, parse(back)).fields[0]


def sides(
    source: Any,
    target: Any,
    bases: tuple[Any, Any] = (None, None),
    *,
    source_at: int = 0,
    target_at: int = 0,
    **more: Any,
) -> Sides:
    """Both sides as they are; a base of ... stands for none."""
    known = {
        side: {path: digest(value)}
        for side, path, value in ((Side.SHOPIFY, "source", bases[0]), (Side.CRM, "target", bases[1]))
        if value is not ...
    }
    pair = Pair("shop", "things", Side.SHOPIFY, PairState.PAIRED, "thing", "1", "c", bases=known)
    return Sides(
        source_side=Side.SHOPIFY,
        source=Record("1", {"source": source}, T0 + timedelta(seconds=source_at)),
        target=Record("c", {"target": target}, T0 + timedelta(seconds=target_at)),
        pair=more.pop("pair", pair),
        source_digests={"source": digest(source)},
        **more,
    )


NEITHER, SOURCE, TARGET, BOTH = ("v", "w"), ("o", "w"), ("v", "o"), ("o", "o")
"""The bases that make neither, one, or both sides look moved when the source says v and the target w."""

TABLE = [
    ("shopify", NEITHER, Decision.SETTLED),
    ("crm", NEITHER, Decision.SETTLED),
    ("repair", NEITHER, Decision.SETTLED),
    ("shopify", SOURCE, Decision.WRITE),
    ("crm", SOURCE, Decision.WRITE),
    ("latest", SOURCE, Decision.WRITE),
    ("accept", SOURCE, Decision.WRITE),
    ("shopify", TARGET, Decision.TARGET_WINS),
    ("crm", TARGET, Decision.TARGET_WINS),
    ("latest", TARGET, Decision.TARGET_WINS),
    ("accept", TARGET, Decision.ACCEPT),
    ("repair", TARGET, Decision.REPAIR),
    ("shopify", BOTH, Decision.OWNER_WRITES),
    ("crm", BOTH, Decision.OWNER_KEEPS),
    ("accept", BOTH, Decision.OWNER_WRITES),
    ("repair", BOTH, Decision.OWNER_WRITES),
    ("shopify", (..., ...), Decision.OWNER_WRITES),
    ("crm", (..., ...), Decision.OWNER_KEEPS),
    ("accept", (..., ...), Decision.OWNER_WRITES),
    ("crm", (..., "w"), Decision.WRITE),
    ("shopify", ("v", ...), Decision.TARGET_WINS),
]


@pytest.mark.parametrize(("owner", "bases", "expected"), TABLE)
def test_who_moved_and_who_owns_decide(owner: str, bases: tuple[Any, Any], expected: Decision) -> None:
    """Only one side moved: that side wins. Both moved: the owner decides. One flow only: it belongs to its source."""
    assert decide(field(owner), "v", "w", sides("v", "w", bases)) is expected


@pytest.mark.parametrize("owner", ["shopify", "crm", "latest", "accept", "repair"])
@pytest.mark.parametrize("bases", [NEITHER, SOURCE, TARGET, BOTH, (..., ...)])
def test_equal_sides_are_never_written(owner: str, bases: tuple[Any, Any]) -> None:
    """Where both hold the same nothing is written, whatever moved."""
    assert decide(field(owner), "v", "v", sides("v", "v", bases)) is Decision.SAME


def test_a_mapping_that_keeps_its_field_writes_nothing() -> None:
    """KEEP is not a value."""
    assert decide(field("shopify"), KEEP, "w", sides("v", "w", BOTH)) is Decision.KEEP


@pytest.mark.parametrize("owner", ["shopify", "crm", "latest", "accept"])
def test_a_blank_that_was_never_agreed_on_overwrites_nothing(owner: str) -> None:
    """A side without a base counts as moved, but its blank never overwrites."""
    assert decide(field(owner), None, "w", sides(None, "w", (..., ...))) is Decision.BLANK


@pytest.mark.parametrize("owner", ["shopify", "crm", "latest", "accept"])
def test_a_blank_target_that_was_never_agreed_on_is_filled(owner: str) -> None:
    """Nor does the target's blank defend itself, even where the target owns the field."""
    assert decide(field(owner), "v", None, sides("v", None, (..., ...))) is Decision.FILL


def test_a_cleared_source_clears_the_target() -> None:
    """A blank that replaces an agreed value is a change like any other."""
    assert decide(field("shopify"), None, "w", sides(None, "w", ("o", "w"))) is Decision.WRITE


@pytest.mark.parametrize(
    ("source_at", "target_at", "expected"),
    [(9, 5, Decision.OWNER_WRITES), (5, 9, Decision.OWNER_KEEPS), (5, 5, Decision.UNDECIDED)],
)
def test_the_newer_edit_wins_where_latest_owns(source_at: int, target_at: int, expected: Decision) -> None:
    """Equal times decide nothing, so the record is parked."""
    state = sides("v", "w", BOTH, source_at=source_at, target_at=target_at)
    assert decide(field("latest"), "v", "w", state) is expected


def test_a_time_that_our_own_write_set_is_nobodys_edit() -> None:
    """The target is newer only because we wrote to it: the source's edit wins."""
    pair = Pair(
        "shop",
        "things",
        Side.SHOPIFY,
        PairState.PAIRED,
        "thing",
        bases={Side.SHOPIFY: {"source": digest("o")}, Side.CRM: {"target": digest("o")}},
        own_at={Side.CRM: T0 + timedelta(seconds=9)},
    )
    state = sides("v", "w", source_at=5, target_at=9, pair=pair)
    assert decide(field("latest"), "v", "w", state) is Decision.OWNER_WRITES


def test_latest_does_not_guess_about_records_that_are_just_being_adopted() -> None:
    """Both filled, neither agreed on: the times of whole records say nothing about a field, so it is parked."""
    state = sides("v", "w", pair=None, source_at=9)
    plan = plan_record((field("latest"),), {"field": "v"}, state)
    assert isinstance(plan.error, Conflict)
    assert plan.error.facts == {"field": "field"}


def test_latest_trusts_the_times_of_a_record_that_we_made() -> None:
    """After a create whose answer was lost, what differs is somebody's edit."""
    assert decide(field("latest"), "v", "w", sides("v", "w", pair=None, source_at=9, made=True)) is (
        Decision.OWNER_WRITES
    )


@pytest.mark.parametrize("owner", ["shopify", "crm", "latest", "accept", "repair"])
def test_what_our_own_lost_write_left_is_nobodys_edit(owner: str) -> None:
    """The target holds what we sent before the answer was lost; the source went on: the source wins."""
    state = sides("v", "w", ("o", "o"), sent={Side.CRM: {"target": (digest("w"),)}}, target_at=9)
    assert decide(field(owner), "v", "w", state) is Decision.WRITE


@pytest.mark.parametrize(("sent", "expected"), [("v", Decision.OWNER_KEEPS), ("u", Decision.OWNER_WRITES)])
def test_a_lost_write_that_came_out_otherwise_yields_only_to_a_newer_source(sent: str, expected: Decision) -> None:
    """Normalised by the target or edited since, it stays; if the source moved on, the source wins."""
    state = sides("v", "w", BOTH, sent={Side.CRM: {"target": (digest(sent),)}}, target_at=9)
    assert decide(field("latest"), "v", "w", state) is expected


@pytest.mark.parametrize(
    ("owner", "bases", "expected"),
    [
        ("shopify", NEITHER, Decision.WRITE),
        ("accept", NEITHER, Decision.WRITE),
        ("crm", NEITHER, Decision.SETTLED),
        ("shopify", TARGET, Decision.TARGET_WINS),
        ("crm", TARGET, Decision.TARGET_WINS),
        ("accept", TARGET, Decision.OWNER_WRITES),
    ],
)
def test_a_changed_mapping_is_applied_but_overrides_nobody(
    owner: str, bases: tuple[Any, Any], expected: Decision
) -> None:
    """It counts as a move of the source, except against the owner of a field or an edit that is not carried yet."""
    assert decide(field(owner), "v", "w", sides("v", "w", bases, mapping_changed=True)) is expected


def test_a_record_to_be_created_gets_what_is_filled() -> None:
    """Blanks are left out of a create."""
    state = Sides(Side.SHOPIFY, Record("1", {}), None, None, {})
    assert decide(field("shopify"), "v", None, state) is Decision.CREATE
    assert decide(field("shopify"), None, None, state) is Decision.KEEP


def test_a_field_that_is_always_written_goes_before_one_written_once() -> None:
    """Archived in the shop and active by default: the create says archived."""
    text = HEAD.format(flow="a_shopify_to_crm", source=SHOPIFY, target=CRM) + (
        '[fields.first]\nvalue = 0\nto = "state"\non_create = true\n'
        '[fields.state]\nfrom = "archived"\nto = "state"\nvalues = { true = 1 }\nother = "keep"\n'
    )
    rules = join(parse(text), None)
    state = Sides(Side.SHOPIFY, Record("1", {}), None, None, {})
    assert plan_record(rules.fields, {"first": 0, "state": 1}, state).values == {"state": 1}
    assert plan_record(rules.fields, {"first": 0, "state": KEEP}, state).values == {"state": 0}
    existing = Sides(Side.SHOPIFY, Record("1", {}), Record("c", {"state": 3}), None, {"archived": "x"})
    assert plan_record(rules.fields, {"first": 0, "state": KEEP}, existing).values == {}
