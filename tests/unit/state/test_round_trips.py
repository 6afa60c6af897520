"""What is stored comes back equal, whatever it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given

from shared.records import Message, Page, Pair, ParkedRow
from shared.state import exact, limits
from shared.state.journal import StoredJournal
from shared.state.pair_rows import Version, first_anchor, from_row, to_row
from shared.state.parked import StoredParked
from shared.state.queues import from_text, to_text
from tests.support.memory import MemoryBlobs, MemoryTable
from tests.unit.state import values

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@given(values.pairs)
def test_a_pair_comes_back_from_its_row(pair: Pair) -> None:
    """Every field of a pair survives its row, the row is one the service takes, and the version names it."""
    row = to_row(pair, first_anchor(pair), claim="k~1", etag="e")
    limits.check_row(row.partition, row.key, row.values)
    back = from_row(row)
    assert Version.of(back) == Version(first_anchor(pair), "k~1", "e")
    assert replace(back, version=None) == pair


@given(values.pages)
def test_a_page_comes_back_from_the_journal(page: Page) -> None:
    """Every value of a page survives, told apart by its text so that 10 is not 10.0 and 1 is not True."""
    journal = StoredJournal(MemoryBlobs(lambda: NOW), lambda: NOW, lambda: "id")
    assert repr(journal.get_page(journal.put_page(page))) == repr(page)


@given(values.messages)
def test_a_message_comes_back_from_its_text(message: Message) -> None:
    """Every field of a message survives, and its text is plain ASCII that no queue can spoil."""
    text = to_text(message)
    assert text.isascii()
    assert from_text(text) == message


@given(values.parked_rows)
def test_a_parked_row_comes_back_from_its_table(row: ParkedRow) -> None:
    """Every field of a parked record survives, whatever characters its id holds."""
    parked = StoredParked(MemoryTable("parked"))
    parked.put([row])
    assert repr(parked.known(row.shop, row.flow, [row.source_id])) == repr({row.source_id: row})
    assert list(parked.list(row.shop, row.flow)) == [row]
    parked.remove([row])
    assert list(parked.list(row.shop, row.flow)) == []


@given(values.contents)
@example({"\ue000d": "1"})
@example({"a": [{"\ue000t": "2026-03-01T00:00:00+00:00"}], "\ue000\ue000e": {"\ue000e": 1}})
@example({"\ue000e": {"a": 1}})
@example({"a": "\\ue000", "b": "\ue000"})
def test_stored_json_never_makes_a_float(content: dict[str, Any]) -> None:
    """Decimals, times and keys that look like our own tags come back as they were."""
    assert repr(exact.loads(exact.dumps(content))) == repr(content)
