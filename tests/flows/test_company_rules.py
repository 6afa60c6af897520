"""Rules 4, 14, 15 and 91: which account a company is, who its people are, and whose its orders are."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared import app as actions
from shared.records import Message, Origin
from tests.flows.conftest import OpenBusiness
from tests.flows.test_company_rows import ANN, BO, quiet
from tests.support.clientele import MARK
from tests.support.companies import COMPANIES, COMPANY_MARK, Business
from tests.support.plant import SHOP
from tests.support.till import item

MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
BY_NAME = '[[match]]\nfield = "external_id"\n\n[[match]]\nfield = "name"\n'


def retried(firm: Business, company: str) -> None:
    """A person says `parked retry`."""
    firm.app.state.queues.send(Message(COMPANIES, SHOP, Origin.COMMAND, ids=(company,)))
    firm.work()


def test_rule_14_the_account_with_the_external_id_as_its_number_is_the_company(firm: Business) -> None:
    """Promise: an account that sales numbered so is adopted and marked, and no second one is made."""
    account = firm.row("accounts", name="ACME Ltd", accountnumber="C-1", telephone1="+3290000000")
    company = firm.company("Acme", externalId="C-1")
    firm.run()
    row = firm.account(company)
    assert (row["accountid"], row["name"], row["telephone1"]) == (account, "Acme", "+3290000000")
    assert len(firm.rows("accounts")) == 1
    assert quiet(firm)


def test_rule_14_two_accounts_with_one_number_park_the_company_and_are_both_named(firm: Business) -> None:
    """Promise: no account is chosen between two; the company is parked with both, and made right by renumbering one."""
    both = {firm.row("accounts", name=name, accountnumber="C-1") for name in ("Acme A", "Acme B")}
    company = firm.company("Acme", externalId="C-1")
    firm.run()
    parked = firm.parked_company(company)
    assert parked is not None
    assert set(parked.facts["same_key_in_crm"]) == both
    assert firm.rows("accounts", f"{COMPANY_MARK} ne null") == []
    wrong, right = sorted(both)
    firm.change("accounts", wrong, accountnumber="C-9")
    retried(firm, company)
    assert (firm.account(company)["accountid"], firm.parked_company(company)) == (right, None)


def test_rule_14_names_count_only_where_the_mapping_says_so(firms: OpenBusiness, tmp_path: Path) -> None:
    """Promise: as shipped an equal name is another account; with a [[match]] for it behind the id it is the same."""
    shipped = firms()
    shipped.row("accounts", name="Acme")
    shipped.company("Acme")
    shipped.run()
    assert len(shipped.rows("accounts")) == 2
    for path in MAPPINGS.glob("*.toml"):
        text = path.read_text().replace('[[match]]\nfield = "external_id"\n', BY_NAME)
        (tmp_path / path.name).write_text(text)
    named = firms(MAPPINGS_DIR=str(tmp_path))
    account = named.row("accounts", name="Acme")
    company = named.company("Acme", externalId="C-1")
    named.run()
    assert named.account(company)["accountid"] == account
    assert len(named.rows("accounts")) == 1


def test_rule_14_a_long_external_id_is_never_cut(firm: Business) -> None:
    """Promise: an id that does not fit into an account's number links to nobody, and is no number."""
    firm.row("accounts", name="Other", accountnumber="C" * 20)
    company = firm.company("Acme", externalId="C" * 21)
    firm.run()
    assert (firm.account(company)["accountnumber"], len(firm.rows("accounts"))) == (None, 2)


def test_rule_15_an_inactive_account_parks_its_company(firm: Business) -> None:
    """Promise: an account that somebody made inactive is not written; the company is parked with what to do."""
    company = firm.company("Acme", externalId="C-1")
    firm.run()
    account = firm.account(company)["accountid"]
    firm.change("accounts", account, statecode=1, statuscode=2)
    firm.rename(company, note="New")
    firm.run()
    parked = firm.parked_company(company)
    assert parked is not None
    assert parked.code == "Conflict"
    assert "inactive" in parked.sentence
    assert firm.account(company)["description"] is None


def test_rule_14_a_person_the_account_has_is_that_contact(firm: Business) -> None:
    """Promise: a contact that sales entered gets, whatever the case of his address, what Shopify says; nobody twice."""
    account = firm.row("accounts", name="Acme", accountnumber="C-1")
    contact = firm.person(account, lastname="Lee", emailaddress1="BO@acme.example", jobtitle="Old", mobilephone="+32")
    company = firm.company("Acme", externalId="C-1", person=BO)
    firm.run()
    (row,) = firm.rows("contacts")
    assert (row["contactid"], row["lastname"], row["jobtitle"], row["mobilephone"]) == (contact, "Li", "Buyer", "+32")
    assert quiet(firm)
    firm.leave(company, *firm.parts(company)["contacts"])
    firm.said("company_contacts/delete", company)
    firm.work()
    assert len(firm.rows("contacts")) == 1


@pytest.mark.parametrize("whose", ["another account", "nobody"])
def test_rule_04_a_person_of_somebody_else_parks_the_company(firm: Business, whose: str) -> None:
    """Promise: nothing is doubled and nobody moved: the company waits, names the row, takes it once it is its own."""
    account = firm.row("accounts", name="Acme", accountnumber="C-1")
    other = firm.row("accounts", name="Private") if whose != "nobody" else None
    contact = firm.person(other, lastname="Li", emailaddress1="Bo@acme.example")
    company = firm.company("Acme", externalId="C-1", person=BO)
    firm.run()
    parked = firm.parked_company(company)
    assert parked is not None
    assert parked.facts["rows"] == [contact]
    assert (other or "nobody") in parked.sentence
    assert "pairs relink" in parked.sentence
    assert "bo@acme.example" not in (parked.sentence + str(parked.facts)).lower()
    assert (len(firm.rows("contacts")), firm.rows("accounts", f"{COMPANY_MARK} ne null")) == (1, [])
    firm.change("contacts", contact, **{"parentcustomerid_account@odata.bind": f"/accounts({account})"})
    retried(firm, company)
    assert firm.people(company)["bo@acme.example"]["contactid"] == contact
    assert (len(firm.rows("contacts")), firm.parked_company(company)) == (1, None)
    assert quiet(firm)


def test_rule_04_two_contacts_with_one_address_park_the_company(firm: Business) -> None:
    """Promise: of two contacts of the account none is chosen."""
    account = firm.row("accounts", name="Acme", accountnumber="C-1")
    both = {firm.person(account, lastname=name, emailaddress1=BO["email"]) for name in ("A", "B")}
    company = firm.company("Acme", externalId="C-1", person=BO)
    firm.run()
    parked = firm.parked_company(company)
    assert parked is not None
    assert set(parked.facts["rows"]) == both
    assert len(firm.rows("contacts")) == 2


def test_rule_04_a_customer_who_joins_a_company_is_not_doubled(firm: Business) -> None:
    """Promise: a shop customer with an account of his own who becomes a buyer parks the company, not his account."""
    customer = firm.customer(email="bo@acme.example", firstName="Bo", lastName="Li")
    company = firm.company("Acme", person=ANN)
    firm.run()
    firm.join_as(company, customer)
    firm.said("company_contacts/create", company)
    firm.run()
    parked = firm.parked_company(company)
    assert parked is not None
    assert parked.facts["rows"] == [firm.contact_of(customer)["contactid"]]
    own = firm.rows("accounts", f"{MARK} eq '{customer}'")
    assert (len(own), len(firm.rows("contacts"))) == (1, 2)


def test_rule_14_an_order_of_a_company_is_its_accounts(firm: Business) -> None:
    """Promise: the company that bought is the customer, whoever of it ordered; addresses stand on the order."""
    company = firm.company("Acme", person=BO)
    order = firm.bought_by(company, item("Tea", "10.00"), by={"email": BO["email"]})
    firm.run()
    assert firm.equal(order)["_customerid_value"] == firm.account(company)["accountid"]
    assert len(firm.rows("accounts")) == 1
    assert quiet(firm)


def test_rule_14_an_order_waits_for_its_company(firm: Business) -> None:
    """Promise: an order that is seen before its company names it at first write."""
    company = firm.company("Acme", person=BO)
    order = firm.bought_by(company, item("Tea", "10.00"))
    firm.clock.advance(120)
    firm.again(order, work=False)
    (outcome,) = firm.outcomes(order)
    assert (outcome.error.code if outcome.error else "", firm.crm_orders()) == ("NotYet", [])
    firm.run()
    assert firm.equal(order)["_customerid_value"] == firm.account(company)["accountid"]


def test_rule_14_an_order_of_a_parked_company_goes_to_the_guests(firms: OpenBusiness) -> None:
    """Promise: a company that waits for a person does not hold its orders, and no person of it gets them."""
    firm = firms(CRM_GUEST_ACCOUNT="Guests")
    guests = firm.row("accounts", name="Guests")
    for name in ("Acme A", "Acme B"):
        firm.row("accounts", name=name, accountnumber="C-1")
    company = firm.company("Acme", externalId="C-1", person=BO)
    firm.run()
    order = firm.bought_by(company, item("Tea", "10.00"))
    firm.run()
    assert firm.equal(order)["_customerid_value"] == guests


def test_rule_14_without_the_companies_flow_nobody_waits(firms: OpenBusiness) -> None:
    """Promise: where companies are not brought over an order of one comes at once, without an account."""
    firm = firms(COMPANIES_SHOPIFY_TO_CRM_MODE="off")
    company = firm.company("Acme", person=BO)
    order = firm.bought_by(company, item("Tea", "10.00"))
    firm.run()
    assert (firm.equal(order)["_customerid_value"], firm.rows("accounts")) == (None, [])


def test_rule_91_a_page_of_company_orders_costs_what_others_cost(firm: Business) -> None:
    """Promise: who bought is read with the orders: one call of Shopify's for a page of fifty."""
    assert firm.app.job("orders_shopify_to_crm", SHOP).source._size >= 50  # type: ignore[attr-defined]
    company = firm.company("Acme", person=BO)
    firm.run()
    for number in range(6):
        firm.bought_by(company, item(f"Tea {number}", "10.00"))
    firm.clock.advance(120)
    asked = firm.shopify.counters["app"].calls
    actions.tick("orders_shopify_to_crm")
    assert firm.shopify.counters["app"].calls - asked == 1
    firm.work()
    assert {row["_customerid_value"] for row in firm.crm_orders()} == {firm.account(company)["accountid"]}
