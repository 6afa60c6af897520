"""Rules 8, 14 and 15 of customers, and whose rows they are: what becomes of rows that people change, put away, delete.

Of rule 14 only the customers' half stands here: a company's people are left to it; its orders come with their flow.
"""

from __future__ import annotations

import pytest

from shared.records import PairState
from tests.flows.conftest import Open
from tests.support.clientele import MARK, Clientele

JANE = {"firstName": "Jane", "lastName": "Doe", "email": "jane@shoe.example"}
COMPANY = """mutation($input: CompanyCreateInput!) { companyCreate(input: $input) {
  company { mainContact { customer { legacyResourceId } } } userErrors { message } } }"""


def test_an_address_is_looked_for_on_contacts_first(people: Clientele) -> None:
    """Promise: the account whose contact has the address is his, not the one that has it itself."""
    people.row("accounts", name="Shoe A", emailaddress1="jane@shoe.example")
    account = people.row("accounts", name="Shoe B")
    contact = people.person(account, lastname="Roe", emailaddress1="jane@shoe.example")
    customer = people.customer(**JANE)
    people.run()
    assert people.account_of(customer)["accountid"] == account
    assert (people.contact_of(customer)["contactid"], people.contact_of(customer)["lastname"]) == (contact, "Doe")
    assert len(people.rows("contacts")) == 1


def test_a_contact_that_is_not_the_first_of_its_account_is_a_question(people: Clientele) -> None:
    """Promise: a person among others of an account does not give the account his name: parked, both rows named."""
    account = people.row("accounts", name="Shoe")
    people.person(account, lastname="Roe", emailaddress1="boss@shoe.example")
    contact = people.person(account, primary=False, lastname="Doe", emailaddress1="jane@shoe.example")
    customer = people.customer(**JANE)
    people.run()
    parked = people.parked(customer)
    assert parked is not None
    assert all(part in parked.sentence for part in (contact, account, "primarycontactid"))
    assert "jane" not in parked.sentence.lower()
    assert people.rows("accounts")[0]["name"] == "Shoe"


def test_a_contact_without_an_account_is_a_question(people: Clientele) -> None:
    """Promise: no account is invented beside a person who has none: parked with what to do, and done after it."""
    contact = people.person(lastname="Doe", emailaddress1="jane@shoe.example")
    customer = people.customer(**JANE)
    people.run()
    parked = people.parked(customer)
    assert parked is not None
    assert f"The contact {contact} with the same value belongs to no account." in parked.sentence
    account = people.row("accounts", name="Shoe")
    people.change("contacts", contact, **{"parentcustomerid_account@odata.bind": f"/accounts({account})"})
    people.edit(customer, note="again")
    people.run()
    assert people.parked(customer) is None
    assert people.account_of(customer)["accountid"] == account
    assert people.contact_of(customer)["contactid"] == contact


def test_a_contact_of_another_customer_is_a_question(people: Clientele) -> None:
    """Promise: a contact that carries another customer's id is not taken from him."""
    account = people.row("accounts", name="Shoe")
    contact = people.person(account, lastname="Roe", emailaddress1="jane@shoe.example")
    people.change("contacts", contact, **{MARK: "4711"})
    customer = people.customer(**JANE)
    people.run()
    parked = people.parked(customer)
    assert parked is not None
    assert "carries the mark of 4711" in parked.sentence


def test_rule_08_a_customer_deleted_in_shopify_leaves_his_account(people: Clientele) -> None:
    """Promise: account and contact stay as they are, the link rests, and nothing writes them any more."""
    customer = people.customer(**JANE)
    people.run()
    before = people.account_of(customer)
    people.remove(customer)
    people.told("customers/delete", {"id": int(customer)})
    people.run()
    pair = people.pair(customer)
    assert pair is not None
    assert (pair.state, pair.bases) == (PairState.TOMBSTONE, {})
    assert people.account_of(customer) == before


def test_rule_08_an_address_of_somebody_deleted_brings_no_account_back_by_itself(people: Clientele) -> None:
    """Promise: a new customer with a deleted one's address is a question for a person, who knows if it is the same."""
    gone = people.customer(**JANE)
    people.run()
    account = people.account_of(gone)["accountid"]
    people.remove(gone)
    people.told("customers/delete", {"id": int(gone)})
    people.run()
    back = people.customer(**JANE)
    people.run()
    parked = people.parked(back)
    assert parked is not None
    assert parked.code == "Ambiguous"
    assert people.account_of(gone)["accountid"] == account


def test_rule_14_a_companys_person_is_left_to_the_company(people: Clientele) -> None:
    """Promise: a customer who buys for a company is skipped with a reason, and gets no account of his own."""
    given = {"company": {"name": "Shoe & Co"}, "companyContact": {"firstName": "Jane", "email": "jane@shoe.example"}}
    made = people.merchant.call(COMPANY, {"input": given})["companyCreate"]
    assert made["userErrors"] == []
    customer = str(made["company"]["mainContact"]["customer"]["legacyResourceId"])
    people.run()
    assert (people.pair(customer), people.parked(customer), people.rows("accounts")) == (None, None, [])


def test_rule_15_an_inactive_account_is_parked(people: Clientele) -> None:
    """Promise: who put an account away meant it: its customer is parked with what to do, the row not written."""
    customer = people.customer(**JANE)
    people.run()
    account = people.account_of(customer)["accountid"]
    people.change("accounts", account, statecode=1, statuscode=2)
    people.edit(customer, firstName="Joan")
    people.run()
    parked = people.parked(customer)
    assert parked is not None
    assert "Its CRM row is inactive" in parked.sentence
    assert people.account_of(customer)["name"] == "Jane Doe"
    people.change("accounts", account, statecode=0, statuscode=1)
    people.edit(customer, note="again")
    people.run()
    assert people.parked(customer) is None
    assert people.account_of(customer)["name"] == "Joan Doe"


def test_rule_15_an_inactive_account_is_made_active_where_that_is_set(opened: Open) -> None:
    """Promise: with CUSTOMER_REACTIVATE a change of the customer makes the row active and is written."""
    people = opened(CUSTOMER_REACTIVATE="true")
    customer = people.customer(**JANE)
    people.run()
    people.change("accounts", people.account_of(customer)["accountid"], statecode=1, statuscode=2)
    people.edit(customer, firstName="Joan")
    people.run()
    found = people.account_of(customer)
    assert (found["statecode"], found["name"], people.parked(customer)) == (0, "Joan Doe", None)


def test_rule_15_an_inactive_row_is_not_found_by_a_key(people: Clientele) -> None:
    """Promise: rows that were put away are nobody's match, neither accounts nor contacts."""
    accounts = [people.row("accounts", name=f"Old {number}", emailaddress1="jane@shoe.example") for number in (1, 2)]
    contact = people.person(accounts[0], lastname="Roe", emailaddress1="jane@shoe.example")
    for table, row in (("accounts", accounts[0]), ("accounts", accounts[1]), ("contacts", contact)):
        people.change(table, row, statecode=1, statuscode=2)
    customer = people.customer(**JANE)
    people.run()
    assert people.account_of(customer)["accountid"] not in accounts
    assert len(people.rows("accounts")) == 3


def test_rule_15_a_deleted_account_is_parked(people: Clientele) -> None:
    """Promise: a row that somebody deleted does not come back by itself: its customer is parked with what to do."""
    customer = people.customer(**JANE)
    people.run()
    people.delete("accounts", people.account_of(customer)["accountid"])
    people.edit(customer, firstName="Joan")
    people.run()
    parked = people.parked(customer)
    assert parked is not None
    assert "`pairs unlink` has it created anew" in parked.sentence
    assert people.rows("accounts") == []


def test_rule_15_a_deleted_account_is_made_anew_where_that_is_set(opened: Open) -> None:
    """Promise: with CUSTOMER_RECREATE the next change makes another row with its contact, once, and goes on there."""
    people = opened(CUSTOMER_RECREATE="true")
    customer = people.customer(**JANE)
    people.run()
    old = people.account_of(customer)["accountid"]
    people.delete("contacts", people.contact_of(customer)["contactid"])
    people.delete("accounts", old)
    for name in ("Joan", "June"):
        people.edit(customer, firstName=name)
        people.run()
    found, pair = people.account_of(customer), people.pair(customer)
    assert pair is not None
    assert (found["name"], found["accountid"] != old, pair.crm_id) == ("June Doe", True, found["accountid"])
    assert (people.contact_of(customer)["firstname"], people.parked(customer)) == ("June", None)


def test_what_sales_writes_beside_the_mapping_stays(people: Clientele) -> None:
    """Promise: columns that are not mapped are never written, and an edit of one that is, stays until Shopify's."""
    customer = people.customer(**JANE)
    people.run()
    account, contact = people.account_of(customer)["accountid"], people.contact_of(customer)["contactid"]
    people.change("accounts", account, creditlimit=500, address1_city="Ghent", websiteurl="https://shoe.example")
    people.change("contacts", contact, jobtitle="Buyer")
    people.edit(customer, firstName="Joan")
    people.run()
    found = people.account_of(customer)
    assert (found["name"], found["address1_city"], found["creditlimit"]) == ("Joan Doe", "Ghent", 500)
    assert (found["websiteurl"], people.contact_of(customer)["jobtitle"]) == ("https://shoe.example", "Buyer")


def test_an_account_that_is_found_keeps_its_primary_contact(people: Clientele) -> None:
    """Promise: a customer found by his account's own address gets a contact, beside the one that is the first there."""
    account = people.row("accounts", name="Shoe", emailaddress1="jane@shoe.example")
    boss = people.person(account, lastname="Roe", emailaddress1="boss@shoe.example")
    customer = people.customer(**JANE)
    people.run()
    assert people.account_of(customer)["_primarycontactid_value"] == boss
    assert people.contact_of(customer)["_parentcustomerid_value"] == account
    assert people.rows("contacts", f"contactid eq {boss}")[0]["lastname"] == "Roe"


def test_another_primary_contact_stays_and_keeps_his_name(people: Clientele) -> None:
    """Promise: the customer is written to his own contact, whoever the account's first one is."""
    customer = people.customer(**JANE)
    people.run()
    account = people.account_of(customer)["accountid"]
    boss = people.person(account, lastname="Roe")
    people.edit(customer, firstName="Joan")
    people.run()
    assert people.account_of(customer)["_primarycontactid_value"] == boss
    assert people.contact_of(customer)["firstname"] == "Joan"
    assert people.rows("contacts", f"contactid eq {boss}")[0]["lastname"] == "Roe"


def test_a_contact_that_was_deleted_comes_back_when_the_person_changes(people: Clientele) -> None:
    """Promise: an account without the customer's contact gets one again, with the next change of name or address."""
    customer = people.customer(**JANE)
    people.run()
    people.delete("contacts", people.contact_of(customer)["contactid"])
    people.edit(customer, lastName="Roe")
    people.run()
    assert people.parked(customer) is None
    assert people.contact_of(customer)["lastname"] == "Roe"


@pytest.mark.parametrize("topic", ["customers/create", "customers/update"])
def test_a_webhook_brings_a_customer_at_once(people: Clientele, topic: str) -> None:
    """Promise: what Shopify tells is read and written without a poll."""
    customer = people.customer(**JANE)
    assert people.told(topic, {"id": int(customer)}) == 200
    people.work()
    assert people.account_of(customer)["name"] == "Jane Doe"


def test_rule_15_parked_customers_come_back_when_the_setting_is_changed(people: Clientele) -> None:
    """Promise: who sets CUSTOMER_REACTIVATE and restarts the app need not retry each parked customer by hand."""
    customer = people.customer(**JANE)
    people.run()
    people.change("accounts", people.account_of(customer)["accountid"], statecode=1, statuscode=2)
    people.edit(customer, firstName="Joan")
    people.run()
    assert people.parked(customer) is not None
    state = people.app.state
    people.app = people.wired({**people.environment, "CUSTOMER_REACTIVATE": "true"})
    people.app.state = state
    people.run()
    assert people.parked(customer) is None
    assert (people.account_of(customer)["statecode"], people.account_of(customer)["name"]) == (0, "Joan Doe")
