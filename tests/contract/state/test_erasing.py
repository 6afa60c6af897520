"""A person is erased from everything the state holds: a search over all tables, queues and blobs then finds nothing.

Everybody here is made up. The search knows nothing of the code that erases: it decodes all there is and looks.
"""

from __future__ import annotations

import gzip
import re
import string
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.errors import Ambiguous, Busy, SyncError
from shared.records import (
    FieldChange,
    Item,
    Message,
    Origin,
    Outcome,
    Page,
    Pair,
    PairState,
    ParkedRow,
    Record,
    RunRow,
    Side,
    Verdict,
)
from shared.state.erasing import Erased, Person, erase
from shared.state.queues import HELD, LIVE, LOAD, POISON, queue_name, to_text
from shared.state.store import State
from tests.contract.state.conftest import Bench
from tests.contract.state.pairs import KIND, crm_id, good, intent
from tests.contract.state.search import everything

JANE, KIM, ORDER, NEW, HELD_ID = "7001", "7002", "7003", "7004", "7005"



class Her:
    """Somebody with words of her own in every test: the account is shared, and searched whole."""

    def __init__(self, bench: Bench) -> None:
        number = int("".join(filter(str.isdigit, bench.shop)))
        letters = string.ascii_lowercase[number // 26 % 26] + string.ascii_lowercase[number % 26]
        self.mail, self.name = f"Marisol.Quin{letters}@Example.org", f"Marisól Quin{letters}illa"
        self.phone, self.street = f"+49 171 555{number:05d}", f"Lindwurm{letters}gasse 12"
        self.short = f"Q{letters}"

    @property
    def words(self) -> tuple[str, ...]:
        """All that she is called."""
        return (self.mail, self.phone, self.name, self.street, self.short)

    @property
    def person(self) -> Person:
        """Her, as a request names her."""
        return Person({KIND: [JANE, ORDER]}, self.words)

    def found(self, state: State) -> set[str]:
        """Which of her words a search finds: in any case and composition; the number however it is written."""
        number, short = re.sub(r"\D", "", self.phone)[2:], self.short.casefold()
        hits = set()
        for text in everything(state):
            flat = " ".join(unicodedata.normalize("NFC", text).casefold().split())
            hits |= {word for word in (self.mail, self.name, self.street) if word.casefold() in flat}
            hits |= {self.phone} if number in re.sub(r"[\s()/.+-]", "", text) else set()
            hits |= {self.short} if re.search(rf"\b{short}\b", flat) else set()
        return hits


def run(bench: Bench, state: State | None = None, person: Person | None = None) -> Erased:
    """Erase her, as of now."""
    flows = [bench.flow, f"{bench.flow}_back"]
    person = person or Her(bench).person
    return erase(state or bench.state, bench.shop, flows, person, bench.clock.now(), lambda _: None)


def record(identifier: str, **content: Any) -> Record:
    """A record as a page holds it, marked with its CRM row."""
    marker = content.pop("marker", crm_id(int(identifier)))
    return Record(identifier, {"id": identifier, "total": Decimal("10.00"), **content}, None, 'W/"1"', marker)


def page(bench: Bench, moment: datetime) -> Page:
    """Her record, Kim's, an order of hers, records that name her by words, by mark and by reference, a delete."""
    her = Her(bench)
    name, phone = unicodedata.normalize("NFD", her.name.upper()), f"(0171) {her.phone[8:11]}-{her.phone[11:]}"
    jane = record(JANE, email=her.mail.upper(), name=name, phone=phone)
    items = (
        Item(JANE, jane),
        Item(KIM, record(KIM, email="kim@example.org", note="fine")),
        Item(ORDER, record(ORDER, address={"lines": ["c/o", f"x\n{her.street}"]})),
        Item("7009", record("7009", note=f"for\n{her.short}, see " + her.name.replace(" ", "\t \n"))),
        Item("7010", record("7010", note=f"{her.short}x is another name")),
        Item("7013", record("7013", marker=crm_id(1))),
        Item("7014", record("7014", customer={"id": f"gid://shopify/Customer/{JANE}"})),
        Item(JANE, deleted=True),
    )
    return Page(bench.flow, bench.shop, items, Origin.POLL, moment, "selection", moment)


def outcomes(her: Her) -> list[Outcome]:
    """What runs said of her, of Kim, and of Kim in words that name her."""
    error = Ambiguous(f"Two records have {her.mail}.", facts={"key": her.mail, "same_key_in_shopify": [JANE]})
    changes = (FieldChange("name", None, her.name, "new record"), FieldChange("phone", "", her.phone, "new record"))
    return [
        Outcome(JANE, Verdict.CREATED, "It did not exist.", crm_id(1), changes),
        Outcome(crm_id(1), Verdict.UNCHANGED, "Nothing changed.", JANE),
        Outcome("7011", Verdict.PARKED, f"Two records have {her.mail}.", None, (), error),
        Outcome(KIM, Verdict.UPDATED, "It changed.", crm_id(2), (FieldChange("name", "Kim", "Kim B", "changed"),)),
    ]


def parked(bench: Bench, source_id: str, **facts: Any) -> ParkedRow:
    """A row that waits."""
    now = bench.clock.now()
    why = f"The key '{facts.get('key', '')}' is not unique."
    return ParkedRow(bench.shop, bench.flow, KIND, source_id, "Ambiguous", why, facts, 2, now, now, "a change", "ab")


@pytest.fixture
def told(bench: Bench) -> tuple[Bench, str]:
    """A state full of her; and the name of her page, to which a message points."""
    state, shop, flow = bench.state, bench.shop, bench.flow
    state.ensure([flow])
    name = state.journal.put_page(page(bench, bench.clock.now()))
    state.journal.put_page(replace(page(bench, bench.clock.now() - timedelta(days=9)), flow="an_old_flow"))
    for at, which in enumerate((flow, f"{flow}_back")):
        blob = state.journal.put_outcomes(shop, which, f"run{at}", outcomes(Her(bench)))
        state.runs.put(RunRow(shop, which, f"run{at}", Origin.POLL, bench.clock.now(), 1.0, 4, {}, 1, 1, blob))
    rows = [parked(bench, JANE, key="x", waits_for=[["makers", "1"]]), parked(bench, KIM, key="kim@example.org")]
    state.parked.put([*rows, parked(bench, "7012", key=Her(bench).mail, same_key_in_shopify=[JANE], deleted=True)])
    _pairs(bench)
    for use in (LIVE, LOAD, HELD):
        state.queue_service.send(queue_name(use, flow), to_text(Message(flow, shop, Origin.POLL, blob=name, offset=2)))
    state.queue_service.send(queue_name(LIVE, flow) + POISON, to_text(Message(flow, shop, Origin.RETRY, ids=(JANE,))))
    return bench, name


def _pairs(bench: Bench) -> None:
    """Her pair in peace, a stale intent that claims her e-mail, and one that a worker holds now."""
    refs, now = bench.state.crossrefs, bench.clock.now()
    stale = {"lease_until": now - timedelta(seconds=1)}
    known, other = (intent(bench, int(number), crm_id=crm_id(at)) for at, number in enumerate((JANE, KIM), start=1))
    bases = {Side.SHOPIFY: {"email": "0123456789abcdef"}, Side.CRM: {"email": "0123456789abcdef"}}
    done = good(refs.complete(good(refs.begin([known, other]))))
    good(refs.save([replace(pair, bases=bases, read_at={Side.SHOPIFY: now}) for pair in done]))
    good(refs.begin([intent(bench, int(NEW), natural_key=Her(bench).mail, **stale)]))
    good(refs.begin([intent(bench, int(HELD_ID), natural_key=Her(bench).street)]))


def stored(bench: Bench, shopify_id: str) -> Pair:
    """A pair as it lies there."""
    return bench.state.crossrefs.load(bench.shop, KIND, Side.SHOPIFY, [shopify_id])[shopify_id]


def test_a_search_finds_nothing_afterwards(told: tuple[Bench, str]) -> None:
    """Promise: after the repeat nothing that the account holds names her; before it every word was there."""
    bench, _ = told
    her = Her(bench)
    assert her.found(bench.state) == set(her.words)
    first = run(bench)
    assert first == Erased(pages=2, outcomes=2, parked=2, pairs=2, busy=1)
    assert her.found(bench.state) == {her.street}  # the natural key of what a worker was making just then
    bench.clock.advance(300)
    assert run(bench) == Erased(pairs=1)
    assert her.found(bench.state) == set()


def test_a_repeat_changes_nothing(told: tuple[Bench, str]) -> None:
    """Promise: once all is erased a repeat writes no row and no blob."""
    bench, name = told
    bench.clock.advance(300)
    run(bench)
    blob, version = bench.state.blobs.get(name), stored(bench, JANE).version
    assert run(bench) == Erased()
    assert (bench.state.blobs.get(name), stored(bench, JANE).version) == (blob, version)


def test_what_is_not_hers_stays(told: tuple[Bench, str]) -> None:
    """Promise: others keep their content, verdicts, parked rows and digests, and lines keep their places."""
    bench, name = told
    before = bench.state.journal.get_page(name)
    run(bench)
    after = bench.state.journal.get_page(name)
    assert [(item.id, item.deleted) for item in after.items] == [(item.id, item.deleted) for item in before.items]
    assert [item.record is not None for item in after.items] == [False, True, False, False, True, False, False, False]
    assert replace(after, items=()) == replace(before, items=())
    assert after.items[1] == before.items[1]
    told_of = bench.state.journal.get_outcomes(bench.state.runs.last(bench.shop, bench.flow, 1)[0].outcomes_blob)
    assert told_of[3] == outcomes(Her(bench))[3]
    assert [(one.source_id, one.verdict, one.changes) for one in told_of[:3]] == [
        (one.source_id, one.verdict, ()) for one in outcomes(Her(bench))[:3]
    ]
    assert isinstance(told_of[2].error, Ambiguous)
    rows = bench.state.parked.known(bench.shop, bench.flow, [JANE, KIM, "7012"])
    assert rows[KIM] == parked(bench, KIM, key="kim@example.org")
    assert rows[JANE].facts == {"waits_for": [["makers", "1"]]}
    assert rows["7012"].facts == {"same_key_in_shopify": [JANE], "deleted": True}
    assert stored(bench, KIM).bases != {}


def test_a_pair_is_in_doubt_and_its_claim_is_gone(told: tuple[Bench, str]) -> None:
    """Promise: her pair keeps its ids and nothing else; both sides are read live next; her key can be claimed again."""
    bench, _ = told
    old = stored(bench, JANE)
    run(bench)
    pair = stored(bench, JANE)
    assert (pair.state, pair.crm_id, pair.bases, pair.read_at) == (PairState.WRITING, crm_id(1), {}, old.read_at)
    assert stored(bench, NEW).state is PairState.INTENT
    assert isinstance(bench.state.crossrefs.save([old])[0], Busy)  # whoever read it before is thrown back
    good(bench.state.crossrefs.begin([intent(bench, 7006, natural_key=Her(bench).mail)]))


def test_ids_of_the_other_side_are_enough(told: tuple[Bench, str]) -> None:
    """Promise: the CRM id finds the pair, and by it what stands under the Shopify id."""
    bench, name = told
    assert run(bench, person=Person({KIND: [crm_id(1).upper()]}, ())).pairs == 1
    assert bench.state.journal.get_page(name).items[0].record is None


class Dying:
    """Blobs at whose call with that number the process dies, before or after it."""

    def __init__(self, inner: Any, at: int, *, after: bool) -> None:
        self._inner, self._left, self._after = inner, at, after

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._inner, attribute)

    def edit(self, name: str, edited: Callable[[bytes], bytes | None]) -> bool:
        """One edit, or the end."""
        self._left -= 1
        if self._left < 0 and not self._after:
            raise KeyboardInterrupt
        answer = bool(self._inner.edit(name, edited))
        if self._left < 0:
            raise KeyboardInterrupt
        return answer


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(4))
def test_a_repeat_finishes_what_a_crash_left(told: tuple[Bench, str], at: int, after: bool) -> None:
    """Promise: wherever the process died, the next one ends with nothing left."""
    bench, _ = told
    bench.clock.advance(300)
    with pytest.raises(KeyboardInterrupt):
        run(bench, replace(bench.state, blobs=Dying(bench.state.blobs, at, after=after)))
    run(bench)
    assert Her(bench).found(bench.state) == set()


@pytest.mark.parametrize("fault", ["refuse", "lose", "repeat"])
def test_a_storage_that_fails_is_tried_again(told: tuple[Bench, str], fault: str) -> None:
    """Promise: an answer that was lost or refused ends the run at worst, and a repeat finishes."""
    bench, _ = told
    bench.clock.advance(300)
    bench.fail_submit(fault)
    with suppress(SyncError):
        run(bench)
    bench.forget()
    run(bench)
    assert Her(bench).found(bench.state) == set()


@pytest.mark.parametrize("damage", [b"no gzip", gzip.compress(b"x")[:-6], gzip.compress("\u00e9".encode())], ids=len)
def test_a_blob_that_nobody_can_read_goes(told: tuple[Bench, str], damage: bytes) -> None:
    """Promise: damage does not stop an erasure; what cannot be searched is deleted, because it may name her."""
    bench, name = told
    bench.clock.advance(300)
    for blob in (name, bench.state.runs.last(bench.shop, bench.flow, 1)[0].outcomes_blob):
        bench.state.blobs.put(blob, damage, overwrite=True)
    assert run(bench).pages == 2
    assert Her(bench).found(bench.state) == set()
    assert bench.state.blobs.get(name) is None
