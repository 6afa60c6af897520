"""Units into transactions, ids into messages: within the limits, nothing left out, nothing twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Busy, Invalid
from shared.records import Message, Origin
from shared.state import limits, queues
from shared.state.commits import Commits, Refusal, Unit, packed
from shared.state.reads import InTurn
from shared.state.tables import Change, Row, Verb, check_changes
from tests.support.memory import MemoryTable

units = st.builds(
    lambda place, rows, size: [(f"p{place}", f"r{row}", "x" * size) for row in rows],
    st.integers(0, 1),
    st.sets(st.integers(0, 300), min_size=1, max_size=4),
    st.sampled_from([0, 10, 30_000]),
)


@given(st.lists(units, max_size=150))
def test_every_unit_is_in_one_transaction_that_the_service_takes(made: list[list[tuple[str, str, str]]]) -> None:
    """Units stay whole and in one partition; no transaction is too long, too large, or names a row twice."""
    whole = [
        Unit(index, tuple(Change(Verb.INSERT, Row(place, key, {"v": text})) for place, key, text in rows))
        for index, rows in enumerate(made)
    ]
    batches = list(packed(whole))
    for batch in batches:
        check_changes([change for unit in batch for change in unit.changes])
    assert sorted(unit.index for batch in batches for unit in batch) == list(range(len(whole)))


def test_full_transactions_are_full() -> None:
    """250 pairs of two rows are five transactions, and 100,000 units pack in linear time."""
    pairs = [Unit(n, tuple(Change(Verb.DELETE, Row("p", f"{half}{n}")) for half in "sk")) for n in range(250)]
    assert [len(batch) for batch in packed(pairs)] == [50] * 5
    many = [Unit(n, (Change(Verb.DELETE, Row("p", f"r{n}")),)) for n in range(100_000)]
    assert sum(1 for _ in packed(many)) == 1000


def test_a_row_that_never_settles_ends_as_busy() -> None:
    """A remedy that always wants to try again is stopped after a few rounds."""
    table = MemoryTable("t")
    table.submit([Change(Verb.INSERT, Row("p", "r"))])
    tries: list[Refusal] = []

    def again(refusal: Refusal) -> Unit:
        tries.append(refusal)
        return refusal.unit

    commits = Commits(table, InTurn(), lambda: "mark")
    answers = commits.run([Unit(0, (Change(Verb.INSERT, Row("p", "r")),))], again)
    assert isinstance(answers[0], Busy)
    assert len(tries) == 4


@given(st.lists(st.text(min_size=1, max_size=40), max_size=3000), st.lists(st.text(max_size=40), max_size=200))
def test_a_message_is_split_without_loss(ids: list[str], deleted: list[str]) -> None:
    """All ids in order, none twice, in messages of at most 48 KiB."""
    parts = queues.split(Message("f", "s", Origin.POLL, ids=tuple(ids) * 3, deleted=tuple(deleted)))
    assert [identifier for part in parts for identifier in part.ids] == ids * 3
    assert [identifier for part in parts for identifier in part.deleted] == deleted
    assert all(len(queues.to_text(part).encode()) <= queues.MESSAGE_BYTES < limits.MESSAGE_BYTES for part in parts)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", "null", '{"flow":"f","shop":"s","origin":"mars"}', "\x00", '{"flow":1', "[" * 100_000),
        '{"flow":"f","shop":"s","origin":"poll"}',
        '{"flow":"f","shop":"s","origin":"poll","ids":"12"}',
        '{"flow":"f","shop":"s","origin":"poll","ids":[1]}',
        '{"flow":"f","shop":"s","origin":"poll","ids":[""]}',
        '{"flow":"f","shop":"\\ud800","origin":"poll","ids":["1"]}',
        '{"flow":"f","shop":"s","origin":"poll","ids":["1"],"attempt":-1}',
        '{"flow":"f","shop":"s","origin":"poll","ids":["1"],"first_at":"2026-01-01T00:00:00"}',
        '{"flow":"f","shop":"s","origin":"poll","ids":["1"],"first_at":"0001-01-01T00:00:00+14:00"}',
    ],
)
def test_what_is_not_a_message_is_invalid(text: str) -> None:
    """Any text that cannot be a message is refused in one way."""
    with pytest.raises(Invalid):
        queues.from_text(text)


def test_a_message_of_a_later_version_is_still_read() -> None:
    """Entries that this version does not know are left out."""
    text = '{"flow":"f","shop":"s","origin":"poll","ids":["1"],"tomorrow":1}'
    assert queues.from_text(text) == Message("f", "s", Origin.POLL, ids=("1",))
