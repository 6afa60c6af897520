"""Rules 1 to 6, 13, 16 and 17 of customers: whom a customer is matched with, and what is written of him.

Orders come with their flow: of rules 1 and 4 only the customers' half stands here.
"""

from __future__ import annotations

import pytest

from tests.flows.conftest import Open
from tests.support.clientele import FLOW, MARK, Clientele

JANE = {"firstName": "Jane", "lastName": "Doe", "email": "jane@shoe.example"}


def test_rule_01_a_customer_without_address_or_orders_is_a_row_of_his_own(people: Clientele) -> None:
    """Promise: two customers of one name never share a row (guest orders come with the orders' flow)."""
    one, two = people.customer(firstName="Guest"), people.customer(firstName="Guest")
    people.run()
    assert people.account_of(one)["accountid"] != people.account_of(two)["accountid"]


def test_rule_02_a_customer_with_a_phone_only_finds_the_account_that_has_it(people: Clientele) -> None:
    """Promise: the one account with exactly this number, in its international form, is his."""
    account = people.row("accounts", name="Ghent Chairs", telephone1="+3225551212")
    customer = people.customer(phone="+32 2 555 12 12")
    people.run()
    found = people.account_of(customer)
    assert (found["accountid"], len(people.rows("accounts"))) == (account, 1)


def test_rule_02_a_phone_that_two_accounts_have_finds_neither(people: Clientele) -> None:
    """Promise: a number says who somebody is only where one account has it; else he gets a new one."""
    for name in ("Ghent Chairs", "Ghent Tables"):
        people.row("accounts", name=name, telephone1="+3225551212")
    customer = people.customer(phone="+3225551212")
    people.run()
    assert people.parked(customer) is None
    assert people.account_of(customer)["name"] == "+3225551212"
    assert len(people.rows("accounts")) == 3


def test_rule_02_people_who_share_a_phone_get_an_account_each(people: Clientele) -> None:
    """Promise: a number in two customers' addresses neither parks one of them nor gives both one account."""
    home = [{"address1": "Veldstraat 1", "countryCode": "BE", "phone": "+3225551212"}]
    first = people.customer(firstName="Jane", email="jane@shoe.example", addresses=home)
    people.run()
    second = people.customer(firstName="John", email="john@shoe.example", addresses=home)
    people.run()
    third = people.customer(firstName="Joan", phone="+3225551212")
    people.run()
    assert [people.parked(each) for each in (first, second, third)] == [None] * 3
    assert len({people.account_of(each)["accountid"] for each in (first, second, third)}) == 3


def test_rule_02_a_phone_says_nothing_of_a_customer_with_another_email(people: Clientele) -> None:
    """Promise: who has an e-mail address that CRM does not know is nobody CRM knows, whoever has his number."""
    account = people.row("accounts", name="Ghent Chairs", telephone1="+3225551212", emailaddress1="shop@ghent.example")
    customer = people.customer(firstName="Jane", email="jane@shoe.example", phone="+3225551212")
    people.run()
    assert people.account_of(customer)["accountid"] != account
    assert {row["emailaddress1"] for row in people.rows("accounts")} == {"shop@ghent.example", "jane@shoe.example"}


def test_rule_02_a_national_number_is_read_by_the_address(people: Clientele) -> None:
    """Promise: a number without its country is written in its international form, by the address's country."""
    home = [{"address1": "Veldstraat 1", "countryCode": "BE", "phone": "02/555.12.12"}]
    customer = people.customer(email="jane@shoe.example", addresses=home)
    people.run()
    assert people.account_of(customer)["telephone1"] == "+3225551212"
    assert people.contact_of(customer)["telephone1"] == "+3225551212"


@pytest.mark.parametrize(
    ("given", "account", "contact"),
    [
        ({"addresses": [{"company": "Shoe & Co", "address1": "x"}], "firstName": "Jane"}, "Shoe & Co", ("Jane", "-")),
        ({"firstName": "Jane", "lastName": "Doe"}, "Jane Doe", ("Jane", "Doe")),
        ({"firstName": "Jane"}, "Jane", ("Jane", "-")),
        ({"lastName": "Doe"}, "Doe", (None, "Doe")),
        ({"phone": "+3225551212"}, "+3225551212", (None, "-")),
        ({"email": "jane@shoe.example"}, "Shopify customer {id}", (None, "-")),
        ({"firstName": " ", "lastName": " ", "email": "jane@shoe.example"}, "Shopify customer {id}", (None, "-")),
    ],
    ids=["company", "full name", "first name", "last name", "phone", "id", "blanks"],
)
def test_rule_03_every_customer_has_a_name_in_crm(
    people: Clientele, given: dict[str, object], account: str, contact: tuple[str | None, str]
) -> None:
    """Promise: company, full name, phone, "Shopify customer <id>", in this order; a dash for a missing last name."""
    customer = people.customer(**given)
    people.run()
    assert people.account_of(customer)["name"] == account.format(id=customer)
    found = people.contact_of(customer)
    assert (found["firstname"], found["lastname"]) == contact


def test_rule_04_two_accounts_with_one_e_mail_are_named_and_none_is_taken(people: Clientele) -> None:
    """Promise: the customer is parked with both ids and without the address (whose order it is comes with orders)."""
    accounts = [people.row("accounts", name=name, emailaddress1="jane@shoe.example") for name in ("Shoe A", "Shoe B")]
    customer = people.customer(**JANE)
    people.run()
    parked = people.parked(customer)
    assert parked is not None
    assert (parked.code, sorted(parked.facts["same_key_in_crm"])) == ("Ambiguous", sorted(accounts))
    assert "jane" not in f"{parked.sentence}{parked.facts}".lower()
    assert len(people.rows("accounts")) == 2
    assert people.rows("contacts") == []


def test_rule_04_two_contacts_with_one_e_mail_are_named_and_none_is_taken(people: Clientele) -> None:
    """Promise: the same where the address is two persons', of two accounts."""
    accounts = [people.row("accounts", name=name) for name in ("Shoe A", "Shoe B")]
    for account in accounts:
        people.person(account, lastname="Doe", emailaddress1="jane@shoe.example")
    customer = people.customer(**JANE)
    people.run()
    parked = people.parked(customer)
    assert parked is not None
    assert sorted(parked.facts["same_key_in_crm"]) == sorted(accounts)


def test_rule_05_an_address_that_moves_to_another_customer_moves_no_link(people: Clientele) -> None:
    """Promise: who takes over an address becomes a row of his own; the account stays with the id it is linked to."""
    first = people.customer(**JANE)
    people.run()
    account = people.account_of(first)["accountid"]
    people.edit(first, email="jane.doe@shoe.example")
    second = people.customer(firstName="Joan", email="jane@shoe.example")
    people.run()
    assert people.account_of(first)["accountid"] == account
    assert people.account_of(first)["emailaddress1"] == "jane.doe@shoe.example"
    assert people.account_of(second)["emailaddress1"] == "jane@shoe.example"
    assert people.account_of(second)["accountid"] != account


def test_rule_05_an_address_of_an_account_that_is_linked_takes_it_from_nobody(opened: Open) -> None:
    """Promise: an address that sales wrote on somebody's account has no account change hands: he waits, is parked."""
    people = opened(SYNC_RETRY_AGE_S="600")
    first = people.customer(**JANE)
    people.run()
    account = people.account_of(first)["accountid"]
    for table, row in (("accounts", account), ("contacts", people.contact_of(first)["contactid"])):
        people.change(table, row, emailaddress1="joan@shoe.example")
    second = people.customer(firstName="Joan", email="joan@shoe.example")
    people.run()
    parked = people.parked(second)
    assert parked is not None
    assert (parked.code, "joan" in parked.sentence) == ("NotYet", False)
    assert people.account_of(first)["accountid"] == account
    assert people.rows("accounts", f"{MARK} eq '{second}'") == []


def test_rule_06_an_address_in_other_letters_is_the_same(people: Clientele) -> None:
    """Promise: upper and lower case count as equal; the row takes the customer's own writing."""
    account = people.row("accounts", name="Shoe", emailaddress1="Jane@SHOE.example")
    customer = people.customer(**JANE)
    people.run()
    found = people.account_of(customer)
    assert (found["accountid"], found["emailaddress1"]) == (account, "jane@shoe.example")


@pytest.mark.parametrize("other", ["jané@shoe.example", "jane@shoe.example.org", "mary.jane@shoe.example"])
def test_rule_06_an_address_that_only_looks_alike_is_another(people: Clientele, other: str) -> None:
    """Promise: Dataverse's comparison without accents, or a part of an address, finds nobody."""
    people.row("accounts", name="Shoe", emailaddress1=other)
    customer = people.customer(**JANE)
    people.run()
    assert people.account_of(customer)["name"] == "Jane Doe"
    assert len(people.rows("accounts")) == 2


def test_rule_06_a_quote_in_an_address_is_only_a_quote(people: Clientele) -> None:
    """Promise: an address with an apostrophe is looked for as it is, and finds its account."""
    account = people.row("accounts", name="Shoe", emailaddress1="o'hara@shoe.example")
    customer = people.customer(lastName="Doe", email="o'hara@shoe.example")
    people.run()
    assert people.account_of(customer)["accountid"] == account


def test_rule_13_consent_is_never_written_by_itself(people: Clientele) -> None:
    """Promise: whatever a customer agreed to in Shopify, CRM's choices stay as they were."""
    account = people.row("accounts", name="Shoe")
    contact = people.person(account, lastname="Doe", emailaddress1="jane@shoe.example", donotbulkemail=True)
    consent = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "SINGLE_OPT_IN"}
    customer = people.customer(**JANE, emailMarketingConsent=consent)
    people.run()
    found = people.contact_of(customer)
    assert (found["contactid"], found["donotbulkemail"]) == (contact, True)


def test_rule_16_long_values_are_cut_to_what_the_columns_hold(people: Clientele) -> None:
    """Promise: a long value arrives cut, whole characters only, and parks nobody; emoji stay."""
    note = "👟" * 2500
    home = [{"address1": "Veldstraat " * 20, "city": "G" * 90, "zip": "9" * 19, "countryCode": "BE"}]
    customer = people.customer(firstName="Jane" * 20, lastName="Doe 👟", note=note, addresses=home)
    people.run()
    account, contact = people.account_of(customer), people.contact_of(customer)
    assert account["description"] == "👟" * 1000
    assert account["address1_city"] == "G" * 80
    assert account["address1_line1"].startswith("Veldstraat Veldstraat")
    assert (contact["firstname"], contact["lastname"]) == (("Jane" * 20)[:50], "Doe 👟")


def test_rule_16_control_characters_are_taken_out(people: Clientele) -> None:
    """Promise: what Dataverse refuses in a text is left out, line ends stay, and nobody is parked for it."""
    customer = people.customer(**JANE, note="Rings\x07 twice\nand\tthen \x1bthree\x00 times\ufffe")
    people.run()
    assert people.account_of(customer)["description"] == "Rings twice\nand\tthen three times"
    before = people.writes()
    people.edit(customer, tags=["new"])
    people.run()
    assert people.writes() == before


def test_rule_17_a_country_that_is_in_no_list_is_kept_as_text(people: Clientele) -> None:
    """Promise: province and country arrive as the text that Shopify has; nothing is guessed."""
    home = [{"address1": "Main 1", "city": "Pristina", "countryCode": "XK"}]
    customer = people.customer(**JANE, addresses=home)
    people.run()
    found = people.account_of(customer)
    assert (found["address1_country"], found["address1_stateorprovince"]) == ("Kosovo", None)


def test_an_address_that_moves_to_and_fro_arrives_each_time(people: Clientele) -> None:
    """Promise: a customer who buys for two houses in turn is followed, not taken for a loop of ours."""
    homes = [
        [{"address1": line, "city": "Ghent", "countryCode": "BE"}] for line in ("Veldstraat 1", "Koornmarkt 3")
    ]
    customer = people.customer(email="jane@shoe.example", lastName="Doe", addresses=homes[0])
    people.run(ticks=1)
    for turn in range(1, 9):
        people.edit(customer, addresses=homes[turn % 2])
        people.run(ticks=1)
        (row,) = people.rows("accounts")
        assert (row["address1_line1"], people.parked(customer)) == (homes[turn % 2][0]["address1"], None)


def test_rules_01_to_17_a_second_run_writes_nothing(people: Clientele) -> None:
    """Promise: once all is brought over, further polls and a whole listing leave both systems as they are."""
    account = people.row("accounts", name="Shoe")
    people.person(account, lastname="Doe", emailaddress1="jane@shoe.example")
    people.customer(**JANE)
    people.customer(phone="+3225551212", note="👟")
    people.customer(firstName="Solo", addresses=[{"address1": "x", "countryCode": "XK"}])
    people.run()
    before = people.writes()
    people.clock.advance(3600)
    people.run()
    people.list_all()
    assert people.writes() == before
    assert list(people.app.state.parked.list("acme.myshopify.com", FLOW)) == []
