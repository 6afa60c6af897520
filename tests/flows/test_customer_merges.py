"""Rule 7 of customers: two who became one in Shopify."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest

from shared.records import Pair, PairState, Side
from tests.support.clientele import Clientele
from tests.support.faults import Killed
from tests.support.plant import SHOP


def _two(people: Clientele) -> tuple[str, str]:
    """Two customers, both brought over."""
    one = people.customer(firstName="Jane", lastName="Doe", email="jane@shoe.example")
    two = people.customer(firstName="Joan", lastName="Roe", email="joan@shoe.example")
    people.run()
    return one, two


def _merged_with_one_account(people: Clientele) -> tuple[str, str, str]:
    """Two customers merged, of whom only the one that is gone had an account: kept, gone, account."""
    one, two = _two(people)
    accounts = {each: people.account_of(each)["accountid"] for each in (one, two)}
    kept, gone = people.merge(one, two)
    pair = people.pair(kept)
    assert pair is not None
    people.app.state.crossrefs.abandon([pair])
    people.delete("contacts", people.contact_of(kept)["contactid"])
    people.delete("accounts", accounts[kept])
    return kept, gone, accounts[gone]


def _taken_over(people: Clientele, kept: str, gone: str, account: str) -> None:
    """The account and its contact are the kept customer's, and nobody else's."""
    found, pair, old = people.account_of(kept), people.pair(kept), people.pair(gone)
    assert pair is not None
    assert old is not None
    assert (found["accountid"], pair.state, pair.crm_id) == (account, PairState.PAIRED, account)
    assert old.state is PairState.TOMBSTONE
    assert people.contact_of(kept)["_parentcustomerid_value"] == account
    for table in ("accounts", "contacts"):
        assert len(people.rows(table)) == 1
    assert (people.parked(kept), people.parked(gone)) == (None, None)


def test_rule_07_one_account_goes_with_the_customer_that_was_kept(people: Clientele) -> None:
    """Promise: the link moves to the kept id, with the marks on account and contact; nothing is made anew."""
    kept, gone, account = _merged_with_one_account(people)
    assert people.merged(kept, gone) == 200
    people.run()
    _taken_over(people, kept, gone, account)


@pytest.mark.parametrize("first", ["delete", "merge"])
def test_rule_07_the_order_of_merge_and_delete_decides_nothing(people: Clientele, first: str) -> None:
    """Promise: Shopify tells of the merge and of the customer that is gone, in either order."""
    kept, gone, account = _merged_with_one_account(people)
    tell = [lambda: people.told("customers/delete", {"id": int(gone)}), lambda: people.merged(kept, gone)]
    for each in tell if first == "delete" else reversed(tell):
        assert each() == 200
        people.work()
    people.run()
    _taken_over(people, kept, gone, account)


def test_rule_07_told_twice_it_is_done_once(people: Clientele) -> None:
    """Promise: a repeated notice finds nothing left to do, and writes nothing."""
    kept, gone, account = _merged_with_one_account(people)
    people.merged(kept, gone)
    people.run()
    before = people.writes()
    people.merged(kept, gone)
    people.run()
    _taken_over(people, kept, gone, account)
    assert people.writes() == before


@pytest.mark.parametrize("row", ["no pair", "an intent"])
@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("method", ["begin", "save"])
def test_rule_07_a_merge_that_dies_is_finished_by_its_repeat(
    people: Clientele, monkeypatch: pytest.MonkeyPatch, method: str, after: int, row: str
) -> None:
    """Promise: wherever the process dies while a link goes over, the notice's repeat knows which account it was."""
    kept, gone, account = _merged_with_one_account(people)
    if row == "an intent":
        unmade = Pair(SHOP, "customers", Side.SHOPIFY, PairState.INTENT, "account", kept, None)
        people.app.state.crossrefs.begin([unmade])
    people.merged(kept, gone)
    with monkeypatch.context() as patched, suppress(Killed):
        _dies(patched, people, method, after)
        people.work()
    people.clock.advance(700)
    people.run()
    _taken_over(people, kept, gone, account)


def _dies(monkeypatch: pytest.MonkeyPatch, people: Clientele, method: str, after: int) -> None:
    """The process dies right after so many of these calls were carried out, or before the first."""
    refs, calls = people.app.state.crossrefs, list[int]()
    real = getattr(refs, method)

    def call(pairs: Sequence[Pair]) -> object:
        calls.append(1)
        if after == 0:
            raise Killed
        done = real(pairs)
        if len(calls) == after:
            raise Killed
        return done

    monkeypatch.setattr(refs, method, call)


def test_rule_07_two_accounts_both_stay_and_one_gets_a_task(people: Clientele) -> None:
    """Promise: accounts are never merged: the kept one stays linked, the other rests, and a task names both."""
    one, two = _two(people)
    accounts = {each: people.account_of(each)["accountid"] for each in (one, two)}
    kept, gone = people.merge(one, two)
    for _ in range(2):
        people.merged(kept, gone)
        people.told("customers/delete", {"id": int(gone)})
        people.run()
    assert people.account_of(kept)["accountid"] == accounts[kept]
    assert people.account_of(gone)["accountid"] == accounts[gone]
    (task,) = people.rows("tasks")
    assert task["_regardingobjectid_value"] == accounts[gone]
    assert all(part in task["description"] for part in (kept, gone))
    assert not any(name in f"{task['subject']}{task['description']}" for name in ("Jane", "Joan", "@"))
    old = people.pair(gone)
    assert old is not None
    assert old.state is PairState.TOMBSTONE


def test_rule_07_customers_nobody_knew_are_merged_without_a_trace(people: Clientele) -> None:
    """Promise: a merge before anything was brought over leaves one account, the kept customer's."""
    one = people.customer(firstName="Jane", lastName="Doe", email="jane@shoe.example")
    two = people.customer(firstName="Joan", lastName="Roe", email="joan@shoe.example")
    kept, gone = people.merge(one, two)
    people.merged(kept, gone)
    people.run()
    assert len(people.rows("accounts")) == 1
    assert people.account_of(kept)["accountid"] == people.rows("accounts")[0]["accountid"]


def test_rule_07_an_account_that_was_announced_and_never_made_holds_up_no_merge(people: Clientele) -> None:
    """Promise: the gone customer's link names a row that does not exist: there is nothing for a person to merge."""
    one, two = _two(people)
    accounts = {each: people.account_of(each)["accountid"] for each in (one, two)}
    kept, gone = people.merge(one, two)
    people.delete("contacts", people.contact_of(gone)["contactid"])
    people.delete("accounts", accounts[gone])
    assert people.merged(kept, gone) == 200
    people.run()
    old = people.pair(gone)
    assert old is not None
    assert (old.state, old.crm_id, people.rows("tasks")) == (PairState.TOMBSTONE, None, [])
    assert people.account_of(kept)["accountid"] == accounts[kept]
