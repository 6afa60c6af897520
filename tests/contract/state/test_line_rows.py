"""Lines of pairs: rows of their own, in transactions of a hundred, under versions, gone or bare when they must be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.errors import Busy, Invalid, SyncError
from shared.lines import LinePair
from shared.records import Pair, PairState, Side
from shared.state.erasing import Person, erase
from shared.sync.ports import LineChanges, LineKey
from tests.contract.state.conftest import Bench
from tests.contract.state.pairs import crm_id, good, intent

KIND = "orders"
BASES = {"shopify": {"items.quantity": "0123456789abcdef"}, "crm": {"quantity": "fedcba9876543210"}}


def pair_of(bench: Bench, number: int, born: Side = Side.SHOPIFY) -> Pair:
    """A pair that need not be stored."""
    return Pair(bench.shop, KIND, born, PairState.PAIRED, "salesorder", str(number), crm_id(number))


def lines(count: int, **more: object) -> list[LinePair]:
    """New lines of a group."""
    return [LinePair("items", str(number), f"row-{number}", BASES, **more) for number in range(count)]  # type: ignore[arg-type]


def save(bench: Bench, pair: Pair, *new: LinePair, gone: tuple[LinePair, ...] = ()) -> dict[LineKey, LinePair]:
    """Stored, all of them."""
    result = bench.state.lines.save([LineChanges(pair, new, gone)])[0]
    assert not isinstance(result, SyncError), result
    return dict(result)


def known(bench: Bench, pair: Pair) -> dict[LineKey, LinePair]:
    """What lies there."""
    return dict(bench.state.lines.load([pair])[0])


@pytest.mark.parametrize(("count", "transactions"), [(1, 1), (100, 1), (101, 2), (260, 3), (1200, 12)])
def test_a_hundred_rows_a_transaction(bench: Bench, count: int, transactions: int) -> None:
    """Promise: an order's lines are stored in as few transactions as there are hundreds, a thousand a query."""
    pair, before = pair_of(bench, 1), bench.cost("lines")
    stored = save(bench, pair, *lines(count))
    assert bench.cost("lines") - before == transactions
    before = bench.cost("lines")
    assert known(bench, pair) == stored
    assert bench.cost("lines") - before == 1 + (count > 1000)
    assert all(line.version and line.bases == BASES for line in stored.values())


def test_lines_are_replaced_and_forgotten_under_their_versions(bench: Bench) -> None:
    """Promise: whoever changes a line by an old version gets Busy, and what lies there is the other's."""
    pair = pair_of(bench, 2)
    one, two = save(bench, pair, *lines(2)).values()
    newer = save(bench, pair, replace(one, sent={"quantity": "aa"}))["items", "0"]
    late = bench.state.lines.save([LineChanges(pair, [replace(one, sent={"quantity": "bb"})], [])])[0]
    assert isinstance(late, Busy)
    assert isinstance(bench.state.lines.save([LineChanges(pair, [], [one])])[0], Busy)
    assert known(bench, pair) == {("items", "0"): newer, ("items", "1"): two}
    save(bench, pair, gone=(newer,))
    save(bench, pair, gone=(newer,))  # gone already is gone
    assert set(known(bench, pair)) == {("items", "1")}


def test_a_line_that_another_agreed_on_alike_is_as_it_should_be(bench: Bench) -> None:
    """Promise: who wrote a record ends it although one who only read it was faster to agree on its lines, if alike."""
    pair = pair_of(bench, 30)
    sent = LinePair("items", "1", "row-1", sent={"quantity": "aa"})
    (announced,) = save(bench, pair, sent).values()
    agreed = replace(announced, bases=BASES, sent={})
    theirs = save(bench, pair, agreed)
    assert save(bench, pair, agreed) == theirs
    other = replace(agreed, bases={side: dict.fromkeys(values, "else") for side, values in BASES.items()})
    assert isinstance(bench.state.lines.save([LineChanges(pair, [other], [])])[0], Busy)


def test_only_what_was_never_agreed_on_is_taken_over(bench: Bench) -> None:
    """Promise: a row left by a refused write does not stand in the way of the next; a line that is known does."""
    pair = pair_of(bench, 3)
    left = LinePair("items", "1", "row-1", sent={"quantity": "aa"})
    save(bench, pair, left)
    taken = save(bench, pair, replace(left, sent={"quantity": "bb"}))
    assert taken["items", "1"].sent == {"quantity": "bb"}
    save(bench, pair, replace(taken["items", "1"], bases=BASES, sent={}))
    assert isinstance(bench.state.lines.save([LineChanges(pair, [left], [])])[0], Busy)


@pytest.mark.parametrize("fault", ["lose", "repeat"])
def test_a_lost_answer_is_healed(bench: Bench, fault: str) -> None:
    """Promise: rows whose answer was lost are read again and reported as stored, with their versions."""
    pair = pair_of(bench, 4)
    bench.state.lines.load([pair])
    bench.fail_submit(fault)
    stored = save(bench, pair, *lines(3))
    assert known(bench, pair) == stored


def test_one_records_trouble_is_not_anothers(bench: Bench) -> None:
    """Promise: results come per pair; a line that cannot be stored fails its own record alone."""
    good_pair, bad_pair = pair_of(bench, 5), pair_of(bench, 6)
    huge = replace(lines(1)[0], bases={"crm": {"x" * 40_000: "a"}})
    results = bench.state.lines.save([LineChanges(good_pair, lines(1)), LineChanges(bad_pair, [huge])])
    assert not isinstance(results[0], SyncError)
    assert isinstance(results[1], Invalid)


def test_pairs_and_groups_are_kept_apart(bench: Bench) -> None:
    """Promise: equal line ids of other orders, kinds and groups are other lines; any text is an id."""
    one, other = pair_of(bench, 7), pair_of(bench, 8)
    tip = LinePair("tips", "0", "row-t", BASES)
    odd = LinePair("items", "gid://x/1?a#b~c", "row-o", BASES)
    save(bench, one, *lines(1), tip, odd)
    assert set(known(bench, one)) == {("items", "0"), ("tips", "0"), ("items", odd.id)}
    assert known(bench, other) == known(bench, replace(one, kind="drafts")) == {}
    assert [len(each) for each in bench.state.lines.load([other, one])] == [0, 3]


def test_a_pair_born_in_crm_has_its_lines_under_the_crm_id(bench: Bench) -> None:
    """Promise: lines lie under the id that the pair has from its first moment on, so completing it moves none."""
    born = replace(pair_of(bench, 9, Side.CRM), shopify_id=None)
    stored = save(bench, born, *lines(1))
    assert known(bench, replace(born, shopify_id="9")) == stored


def test_lines_of_an_ended_pair_are_removed(bench: Bench) -> None:
    """Promise: a pair that ends leaves no line behind, however many it had; others keep theirs."""
    one, other = pair_of(bench, 10), pair_of(bench, 11)
    save(bench, one, *lines(130))
    save(bench, other, *lines(1))
    bench.state.lines.remove([one])
    bench.state.lines.remove([one])
    assert known(bench, one) == {}
    assert len(known(bench, other)) == 1


def test_an_erased_persons_lines_keep_ids_only(bench: Bench) -> None:
    """Promise: no digest of her orders' lines stays, which rows are ours stays known; those being written are left."""
    refs = bench.state.crossrefs
    hers, held = (replace(intent(bench, number, crm_id=crm_id(number)), kind=KIND) for number in (12, 13))
    (done,) = good(refs.complete(good(refs.begin([hers]))))
    good(refs.begin([held]))
    for pair in (done, held):
        save(bench, pair, *lines(3, sent={"quantity": "aa"}))
    person = Person({KIND: [crm_id(12), "13"]}, ())
    for _ in range(2):
        erase(bench.state, bench.shop, [bench.flow], person, bench.clock.now(), lambda _: None)
    assert [(line.row, line.bases, line.sent) for line in known(bench, done).values()] == [
        (f"row-{number}", {}, {}) for number in range(3)
    ]
    assert all(line.bases == BASES for line in known(bench, held).values())


def test_lines_are_found_by_their_id_and_stripped_alone(bench: Bench) -> None:
    """Promise: a person's lines of all records are found by his id, and emptied without those beside them."""
    first, second = pair_of(bench, 21), pair_of(bench, 22)
    for pair in (first, second):
        save(bench, pair, *lines(3, sent={"quantity": "aa"}))
    found = dict(bench.state.lines.named(bench.shop, KIND, "1"))
    assert {record: line.row for record, line in found.items()} == {"21": "row-1", "22": "row-1"}
    assert dict(bench.state.lines.named(bench.shop, KIND, "9")) == {}
    for _ in range(2):
        bench.state.lines.strip_one(bench.shop, KIND, "21", found["21"])
    left = {line.id: bool(line.bases or line.sent) for line in known(bench, first).values()}
    assert left == {"0": True, "1": False, "2": True}
    assert all(line.bases == BASES for line in known(bench, second).values())
