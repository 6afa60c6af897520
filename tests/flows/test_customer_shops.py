"""Rule 11 of customers: a shop that the app was taken out of, is asked nothing more, and leaves nothing behind."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from shared import app as actions
from shared import install, privacy
from shared.errors import Unavailable
from tests.flows.conftest import Open
from tests.support.clientele import FLOW, MARK, Clientele
from tests.support.plant import SHOP

HOUR = 3600


def _left(people: Clientele) -> str:
    """A customer brought over; then the app is uninstalled."""
    customer = people.customer(firstName="Jane", lastName="Doe", email="jane@shoe.example")
    people.run()
    people.shopify.installation.uninstall()
    assert people.told("app/uninstalled", {"id": 954889, "domain": SHOP}) == 200
    people.work()
    return customer


def _about_the_shop(people: Clientele, customer: str) -> list[str]:
    """What the state holds of the shop's customers, pages and cursors."""
    kept = [blob.name for place in ("journal", "outcomes") for blob in people.app.state.blobs.list(f"{place}/acme")]
    return [*kept, *people.held("jane", customer)]


def test_rule_11_an_uninstalled_shop_is_asked_nothing_more(people: Clientele, caplog: pytest.LogCaptureFixture) -> None:
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
    proof = people.app.state.notes.all()[f"purged {SHOP}"]
    people.clock.advance(72 * HOUR)
    actions.housekeeping()
    assert people.app.state.notes.all()[f"purged {SHOP}"] == proof


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
    people.run()
    assert people.account_of(customer)["name"] == "Jane Doe"
    people.shopify.installation.install()
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
    people.shopify.installation.install()
    admin = people.wired({**people.environment, "DATAVERSE_TOKEN": "admin-token"})
    admin.state = people.app.state
    list(install.set_up(admin))
    people.clock.advance(72 * HOUR)
    actions.housekeeping()
    assert people.pair(customer) is not None
    assert people.app.state.cursors.get(SHOP, FLOW, "customers").value


def test_rule_11_a_refusal_alone_takes_no_state(people: Clientele) -> None:
    """Promise: where a person let the shop go on, a pause because it refused us is no reason to purge it."""
    customer = _left(people)
    people.clock.advance(49 * HOUR)
    people.app.state.switches.resume(SHOP)
    people.app.state.switches.back_off(SHOP, "Its credential was refused.")
    actions.housekeeping()
    assert people.pair(customer) is not None


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact"])
def test_rule_11_what_the_shop_itself_says_decides(people: Clientele, topic: str) -> None:
    """Promise: an old notice, or a signed body sent again under this topic, stops no shop and takes no state."""
    customer = people.customer(firstName="Jane", lastName="Doe")
    people.run()
    assert people.told(topic, {"id": 1, "shop_id": 1}) == 200
    people.work()
    actions.housekeeping()
    assert (people.app.state.switches.paused(SHOP), people.app.state.queues.depth(FLOW)) == ("", 0)
    assert people.pair(customer) is not None
    people.edit(customer, firstName="Joan")
    people.run()
    assert people.account_of(customer)["name"] == "Joan Doe"


def test_rule_11_tokens_that_outlive_the_notice_are_asked_again(people: Clientele) -> None:
    """Promise: where the shop still let us in when the notice came, it is asked once more after a while."""
    people.told("app/uninstalled", {"id": 1})
    assert people._work_one(FLOW, "sync")
    people.shopify.installation.uninstall()
    people.work()
    assert "uninstalled" in people.app.state.switches.paused(SHOP)


def test_rule_11_a_shop_that_does_not_answer_is_asked_until_it_does(
    people: Clientele, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: no answer is no proof: the notice comes back."""
    real, left = privacy.shop_facts, [Unavailable("No answer.")] * 2

    def facts(client: Any) -> Any:
        if left:
            raise left.pop()
        return real(client)

    monkeypatch.setattr(privacy, "shop_facts", facts)
    people.shopify.installation.uninstall()
    people.told("shop/redact", {"shop_id": 1})
    people.work()
    assert f"purged {SHOP}" in people.app.state.notes.all()
