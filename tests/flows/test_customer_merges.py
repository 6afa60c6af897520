"""Rules 7 and 11 of customers: two who became one, and shops that the app was taken out of."""

from __future__ import annotations

import logging

import pytest

from shared import app as actions
from shared import install
from shared.records import PairState
from tests.flows.conftest import Open
from tests.support.clientele import FLOW, MARK, Clientele
from tests.support.plant import SHOP

HOUR = 3600


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


def _left(people: Clientele) -> str:
    """A customer brought over; then the app is uninstalled."""
    customer = people.customer(firstName="Jane", lastName="Doe", email="jane@shoe.example")
    people.run()
    people.run()
    assert people.told("app/uninstalled", {"id": 954889, "domain": SHOP}) == 200
    people.work()
    return customer


def _about_the_shop(people: Clientele, customer: str) -> list[str]:
    """What the state holds of the shop's customers, pages and cursors."""
    kept = [blob.name for place in ("journal", "outcomes") for blob in people.app.state.blobs.list(f"{place}/acme")]
    return [*kept, *people.held("jane", customer)]


def test_rule_11_an_uninstalled_shop_is_asked_nothing_more(
    people: Clientele, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise: no timer asks the shop, an alert says why, and what was kept stays for two days."""
    with caplog.at_level(logging.ERROR):
        customer = _left(people)
        people.told("app/uninstalled", {"id": 954889, "domain": SHOP})
        people.work()
    assert [vars(record).get("alert") for record in caplog.records] == ["uninstalled"]
    calls = people.shopify.counters["app"].calls
    people.told("customers/update", {"id": int(customer)})
    people.run()
    people.clock.advance(47 * HOUR)
    actions.housekeeping()
    assert people.pair(customer) is not None
    assert people.shopify.counters["app"].calls == calls


def test_rule_11_its_state_goes_after_two_days_and_crm_stays(people: Clientele) -> None:
    """Promise: after 48 hours the state knows nothing of the shop's customers; account and contact stay."""
    customer = _left(people)
    account = people.account_of(customer)
    people.clock.advance(49 * HOUR)
    actions.housekeeping()
    assert (people.pair(customer), _about_the_shop(people, customer)) == (None, [])
    assert people.account_of(customer) == account
    assert f"purged {SHOP}" in people.app.state.notes.all()


def test_rule_11_shop_redact_takes_it_at_once(people: Clientele) -> None:
    """Promise: Shopify's own request is not waited with, sent twice or not; CRM's rows stay."""
    customer = _left(people)
    for _ in range(2):
        assert people.told("shop/redact", {"shop_id": 954889, "shop_domain": SHOP}) == 200
        people.work()
    assert (people.pair(customer), _about_the_shop(people, customer)) == (None, [])
    assert len(people.rows("accounts")) == 1


def test_rule_11_child_pointers_of_products_go_too(opened: Open) -> None:
    """Promise: no table keeps rows of the shop, those that lead from a price to its product included."""
    people = opened()
    people.app.state.pointers.put(SHOP, "productpricelevel", {"11111111-2222-4333-8444-555555555555": "a-product"})
    _left(people)
    people.told("shop/redact", {"shop_id": 954889, "shop_domain": SHOP})
    people.work()
    assert people.held("a-product") == []


def test_rule_11_installed_again_and_set_up_it_is_served_again(people: Clientele) -> None:
    """Promise: `setup` has the shop served again: customers are found by their marks, nothing is made twice."""
    customer = _left(people)
    people.told("shop/redact", {"shop_id": 954889, "shop_domain": SHOP})
    people.work()
    people.edit(customer, firstName="Joan")
    assert people.app.state.switches.paused(SHOP)
    admin = people.wired({**people.environment, "DATAVERSE_TOKEN": "admin-token"})
    admin.state = people.app.state
    steps = list(install.set_up(admin))
    assert any(step.name == "served again" for step in steps)
    assert ("uninstalled", SHOP) not in people.app.state.alerts.open()
    people.run()
    assert len(people.rows("accounts")) == 1
    assert people.account_of(customer)["name"] == "Joan Doe"
    assert people.account_of(customer)[MARK] == customer


def test_rule_11_setup_before_two_days_keeps_the_state(people: Clientele) -> None:
    """Promise: who installs the app again in time loses nothing, and housekeeping purges nothing later."""
    customer = _left(people)
    admin = people.wired({**people.environment, "DATAVERSE_TOKEN": "admin-token"})
    admin.state = people.app.state
    list(install.set_up(admin))
    people.clock.advance(72 * HOUR)
    actions.housekeeping()
    assert people.pair(customer) is not None
    assert people.app.state.cursors.get(SHOP, FLOW, "customers").value
