"""Workers under damaged journal pages: every record of a whole page has its verdict, any other page is named."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.errors import Unreadable
from shared.records import Message, Origin, Page
from shared.state.journal import _packed
from shared.state.lines import page_to_lines
from shared.state.queues import to_text
from tests.fuzz.messages import IN, OUT, Put
from tests.fuzz.mutations import ODD_VALUES, damaged_bytes, damaged_json
from tests.fuzz.test_fuzz_messages import Workshop, shop
from tests.support.plant import SHOP

__all__ = ["shop"]


def _page(workshop: Workshop, flow: str) -> Page:
    """A page as the journal holds it: what was read of all records, a little later than it was applied."""
    page = workshop.plant.app.state.journal.get_page(workshop.known.blobs[flow])
    return replace(page, read_at=workshop.plant.clock.now())


def _damaged(chance: random.Random, page: Page) -> bytes | None:
    """The stored bytes of the page, changed on the medium or by a program; None: the blob is gone."""
    lines = list(page_to_lines(page))
    kind = chance.randrange(10)
    if kind == 0:
        return None
    if kind < 4:
        return damaged_bytes(chance, _packed(iter(lines)))
    if kind < 6:
        text = damaged_bytes(chance, "".join(f"{line}\n" for line in lines).encode())
        return gzip.compress(text, 1)
    place = chance.randrange(len(lines))
    if kind < 9:
        return _repacked([*lines[:place], _bent(chance, lines[place]), *lines[place + 1 :]])
    return _repacked([line for at, line in enumerate(lines) if at != place])


def _bent(chance: random.Random, line: str) -> str:
    """The line's head or its item, with other values at any depth."""
    try:
        return json.dumps(damaged_json(chance, json.loads(line)))
    except ValueError:  # a number that this language does not print
        return json.dumps(chance.choice(ODD_VALUES[:6]))


def _repacked(lines: Sequence[str]) -> bytes:
    return gzip.compress("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"), 1)


@pytest.mark.parametrize("cases", [range(300), pytest.param(range(300, 20_000), marks=pytest.mark.long)], ids=str)
@pytest.mark.timeout(1800)
def test_no_page_breaks_a_worker_or_vanishes(shop: Workshop, cases: range) -> None:
    """A page that can be read leads to a verdict for every record in it; of any other its message is parked."""
    state, unreadable = shop.plant.app.state, 0
    for number in cases:
        chance = random.Random(number)
        flow = IN if number % 2 else OUT
        name = f"journal/{SHOP}/{flow}/2026/11/23/fuzz-{number}.jsonl.gz"
        shop.plant.clock.advance(10)  # newer than what was applied: the page's content is believed
        data = _damaged(chance, _page(shop, flow))
        if data is not None:
            state.blobs.put(name, data)
        known = _items(shop, name)
        message = to_text(Message(flow, SHOP, Origin.POLL, blob=name, first_at=shop.plant.clock.now()))
        runs = shop.traces()[0]
        shop.put(Put(number, flow, message))
        shop.work()
        assert not shop.raised, f"case {number}: {shop.raised[0]}"
        if known is None:
            unreadable += 1
            assert _aside(shop, flow, message) == [message], f"case {number}: the page is gone and nobody says so"
        else:
            assert shop.traces()[0] > runs, f"case {number}: no run"
            assert not _aside(shop, flow, message)
    assert len(cases) / 3 < unreadable < len(cases)


def _items(workshop: Workshop, name: str) -> int | None:
    """How many records the page names; None where it cannot be read."""
    try:
        return len(workshop.plant.app.state.journal.get_page(name).items)
    except Unreadable:
        return None


def _aside(workshop: Workshop, flow: str, message: str) -> list[str]:
    """The text of the parked row that stands for the message."""
    name = f"message-{hashlib.sha256(message.encode()).hexdigest()[:16]}"
    rows = workshop.plant.app.state.parked.known(SHOP, flow, [name]).values()
    return [row.facts["text"] for row in rows if row.code == "Unreadable"]


def test_a_page_cut_anywhere_is_known_to_be_cut(shop: Workshop) -> None:
    """A page of which the end is missing is never taken for a shorter page: its check sum is missing too."""
    state, page = shop.plant.app.state, _page(shop, IN)
    whole = _packed(page_to_lines(page))
    for end in range(len(whole)):
        state.blobs.put("journal/cut", whole[:end], overwrite=True)
        with pytest.raises(Unreadable):
            state.journal.get_page("journal/cut")
    state.blobs.put("journal/cut", whole, overwrite=True)
    assert state.journal.get_page("journal/cut") == page
