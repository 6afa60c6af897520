"""Rules 90 and 91 and texts that are too long: what a field's own keys say of values that the target cannot take."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.records import Outcome
from tests.flows.conftest import Open, OpenTrade
from tests.support.clientele import FLOW, Clientele
from tests.support.orders import JANE, ORDERS
from tests.support.plant import SHOP
from tests.support.power_apps import admin, buyer
from tests.support.till import item

MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
CHOICE = """
[fields.contact_method]
from = "defaultEmailAddress.marketingState"
to = "preferredcontactmethodcode"
values = { SUBSCRIBED = 2 }
"""
Mapped = Callable[[str, str], str]


@pytest.fixture
def mapped(tmp_path: Path) -> Mapped:
    """The folder of the mapping files with a piece at the end of one."""

    def apply(flow: str, piece: str) -> str:
        folder = tmp_path / "mappings"
        shutil.copytree(MAPPINGS, folder)
        with (folder / f"{flow}.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n{piece}")
        return str(folder)

    return apply


def outcomes(world: Clientele, record: str, flow: str = FLOW) -> list[Outcome]:
    """What all runs said of a record, the oldest first."""
    runs = reversed(list(world.app.state.runs.last(SHOP, flow, 200)))
    told = [world.app.state.journal.get_outcomes(run.outcomes_blob) for run in runs if run.outcomes_blob]
    return [each for found in told for each in found if each.source_id == record]


def method(people: Clientele, customer: str) -> Any:
    """How the customer's account is best reached."""
    return people.account_of(customer)["preferredcontactmethodcode"]


def test_rule_90_a_word_that_the_table_does_not_list_parks(opened: Open, mapped: Mapped) -> None:
    """Promise: without `other` the record waits with the field's name, and nothing of it is written."""
    people = opened(MAPPINGS_DIR=mapped(FLOW, CHOICE))
    customer = people.customer(**JANE)
    people.run()
    assert people.rows("accounts") == []
    parked = people.parked(customer)
    assert parked is not None
    assert (parked.code, parked.facts["field"]) == ("MappingFailed", "contact_method")
    assert "is not in its values table; add it, or set other" in parked.sentence


@pytest.mark.parametrize(("other", "held"), [("4", 4), ('"blank"', None), ('"keep"', None)])
def test_rule_90_a_word_that_is_not_listed_has_what_other_says(
    opened: Open, mapped: Mapped, other: str, held: int | None
) -> None:
    """Promise: a default, an empty field, or nothing said: and the rest of the record goes on."""
    people = opened(MAPPINGS_DIR=mapped(FLOW, f"{CHOICE}other = {other}\n"))
    customer = people.customer(**JANE)
    people.run()
    assert (people.account_of(customer)["name"], method(people, customer)) == ("Jane Doe", held)


def test_rule_90_what_crm_has_is_kept(opened: Open, mapped: Mapped) -> None:
    """Promise: with `keep` a word that is not listed leaves what sales chose, and a listed one still counts."""
    people = opened(MAPPINGS_DIR=mapped(FLOW, f'{CHOICE}other = "keep"\n'))
    customer = people.customer(**JANE)
    people.run()
    people.change("accounts", people.account_of(customer)["accountid"], preferredcontactmethodcode=3)
    people.edit(customer, firstName="Joan")
    people.run()
    assert (people.account_of(customer)["name"], method(people, customer)) == ("Joan Doe", 3)


def test_rule_90_no_option_is_made(opened: Open, mapped: Mapped) -> None:
    """Promise: a number that is no option of the column parks the record, and the column has the options it had."""
    piece = '\n[fields.category]\nfrom = "length(tags)"\nto = "accountcategorycode"\n'
    people = opened(MAPPINGS_DIR=mapped(FLOW, piece))
    before = people.app.metadata.table("account").columns["accountcategorycode"].info.options
    one, three = people.customer(**JANE, tags=["a"]), people.customer(email="j@x.example", tags=["a", "b", "c"])
    people.run()
    assert people.account_of(one)["accountcategorycode"] == 1
    parked = people.parked(three)
    assert parked is not None
    assert "accountcategorycode" in parked.sentence
    people.app.metadata.forget("account")
    assert people.app.metadata.table("account").columns["accountcategorycode"].info.options == before


@pytest.mark.parametrize("way", ['from = "truncate(note, `10`)"\n', 'from = "note"\nlength = 10\n'])
def test_a_text_that_was_cut_is_told(opened: Open, mapped: Mapped, way: str) -> None:
    """Promise: by a key or by the function: the outcome names the field and both lengths, and never a word of it."""
    people = opened(MAPPINGS_DIR=mapped(FLOW, f'[fields.short]\n{way}to = "tickersymbol"\n'))
    customer = people.customer(**JANE, note="A note of twenty-four let")
    people.run()
    assert people.account_of(customer)["tickersymbol"] == "A note of"
    (created,) = outcomes(people, customer)
    assert created.reason == "It did not exist on the other side. Texts were cut to fit: short."
    (change,) = [each for each in created.changes if each.name == "short"]
    assert change.decision == "new record; cut from 25 to 10 characters"
    people.edit(customer, firstName="Joan")
    people.run()
    assert outcomes(people, customer)[-1].reason == "Its mapped fields changed."  # nothing was cut this time
    people.edit(customer, note="Another note, not short")
    people.run()
    assert outcomes(people, customer)[-1].reason == "Its mapped fields changed. Texts were cut to fit: short."
    people.edit(customer, note="Short")
    people.run()
    assert outcomes(people, customer)[-1].reason == "Its mapped fields changed."
    before = people.writes()
    people.list_all()
    assert people.writes() == before


def test_a_text_that_is_too_long_parks_where_the_file_says_so(opened: Open, mapped: Mapped) -> None:
    """Promise: nothing is written, the reason has both lengths; a shorter text brings the record by itself."""
    piece = '[fields.short]\nfrom = "note"\nto = "tickersymbol"\nlength = 10\ntoo_long = "park"\n'
    people = opened(MAPPINGS_DIR=mapped(FLOW, piece))
    customer = people.customer(**JANE, note="More than ten")
    people.run()
    parked = people.parked(customer)
    assert parked is not None
    assert "it has 13 characters, and length is 10" in parked.sentence
    assert people.rows("accounts") == []
    people.edit(customer, note="Ten letter")
    people.run()
    assert people.account_of(customer)["tickersymbol"] == "Ten letter"
    assert people.parked(customer) is None


def test_a_text_that_is_too_long_for_dataverse_parks_with_its_words(opened: Open, mapped: Mapped) -> None:
    """Promise: without a length Dataverse's refusal parks the record and names the column; nothing is lost."""
    people = opened(MAPPINGS_DIR=mapped(FLOW, '[fields.short]\nfrom = "note"\nto = "tickersymbol"\n'))
    customer = people.customer(**JANE, note="More than ten")
    people.run()
    parked = people.parked(customer)
    assert parked is not None
    assert (parked.code, "tickersymbol" in parked.sentence.lower() or "ticker" in parked.sentence.lower()) == (
        "Invalid",
        True,
    )
    assert people.rows("accounts") == []


def pair(fallback: str = "") -> str:
    """The lookup to the customer's account."""
    return (
        '[fields.buyer]\npair = { kind = "customers", id = "customer.legacyResourceId"'
        f'{fallback} }}\nto = "new_buyer"\n'
    )


def test_rule_91_an_order_waits_for_whom_it_refers_to(trading: OpenTrade, mapped: Mapped) -> None:
    """Promise: it comes back by itself until its time is over, is parked then, and is released when he is there."""
    folder = mapped(ORDERS, pair())
    off = {"CUSTOMERS_SHOPIFY_TO_CRM_MODE": "off", "CRM_GUEST_ACCOUNT": "Guests", "SYNC_RETRY_AGE_S": "600"}
    trade = trading(**off, MAPPINGS_DIR=folder)
    trade.row("accounts", name="Guests")
    admin(trade).send("POST", "RelationshipDefinitions", buyer())
    order = trade.order(item("Tea", "10.00"), by=JANE)
    trade.run(ticks=1)
    assert trade.crm_orders(order) == []
    assert "has no pair yet: customers" in trade.parked_order(order).sentence
    state = trade.app.state
    trade.app = trade.wired({**trade.environment, "CUSTOMERS_SHOPIFY_TO_CRM_MODE": "on"})
    trade.app.state = state
    trade.run()
    (jane,) = trade.rows("accounts", "name eq 'Jane Doe'")
    assert trade.crm_order(order)["_new_buyer_value"] == jane["accountid"]
    assert trade.parked_orders() == {}


def test_rule_91_a_fallback_is_taken_at_once(trading: OpenTrade, mapped: Mapped) -> None:
    """Promise: with `fallback` nobody is waited for: the order has the row that the setting names."""
    folder = mapped(ORDERS, pair(', fallback = "guest_account"'))
    trade = trading(CUSTOMERS_SHOPIFY_TO_CRM_MODE="off", CRM_GUEST_ACCOUNT="Guests", MAPPINGS_DIR=folder)
    guests = trade.row("accounts", name="Guests")
    admin(trade).send("POST", "RelationshipDefinitions", buyer())
    order = trade.order(item("Tea", "10.00"), by=JANE)
    trade.run(ticks=1)
    assert trade.crm_order(order)["_new_buyer_value"] == guests
