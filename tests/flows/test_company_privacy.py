"""Rules 9 and 10 for the people of companies: what Shopify asks for their data is done where companies hold it."""

from __future__ import annotations

import json
from typing import Any

from shared import app as actions
from tests.flows.conftest import OpenBusiness
from tests.flows.test_company_rows import ANN
from tests.support.companies import COMPANIES, Business
from tests.support.plant import SHOP

JANE: dict[str, Any] = {
    "firstName": "Hadewijch", "lastName": "Zonderland", "email": "hadewijch@shoe.example", "phone": "+3225551212",
}  # fmt: skip
WORDS = ("hadewijch", "zonderland", "+3225551212", "25551212")


def _jane(firm: Business) -> tuple[str, str]:
    """She, beside a colleague, brought over; a change of hers, and a listing. The company, and her customer's id."""
    company = firm.company("Acme", person=ANN)
    jane = firm.join(company, **JANE, title="Buyer")
    firm.run()
    firm.person_of(company, jane, title="Head of purchase")
    firm.said("company_contacts/update", company)
    firm.run()
    actions.poll(firm.app, COMPANIES, SHOP, restart=True)
    firm.run()
    return company, jane


def test_the_state_holds_her_before(firm: Business) -> None:
    """Promise: the search that the tests below end with finds what there is to find."""
    _jane(firm)
    assert all(firm.held(word) for word in ("hadewijch", "zonderland", "+3225551212"))


def test_rule_09_a_redacted_person_of_a_company_is_nowhere_in_the_state(firm: Business) -> None:
    """Promise: no table, queue or blob names her, nor holds a digest of hers; her contact stays, with a task."""
    company, jane = _jane(firm)
    before = firm.people(company)
    assert firm.redacted(jane) == 200
    firm.work()
    assert firm.held(*WORDS) == []
    assert firm.people(company) == before
    (task,) = firm.rows("tasks")
    assert task["_regardingobjectid_value"] == before["hadewijch@shoe.example"]["contactid"]
    ((_, line),) = firm.app.state.lines.named(SHOP, "companies", jane)
    assert (line.bases, dict(line.sent)) == ({}, {})
    pair = firm.company_pair(company)
    assert pair is not None
    assert not [path for known in pair.bases.values() for path in known if path.startswith("contact")]
    assert pair.bases  # the company's own


def test_rule_09_a_redacted_person_is_not_written_again_and_the_company_is(firm: Business) -> None:
    """Promise: later changes and listings leave her contact alone, and lose nothing of anybody else's."""
    company, jane = _jane(firm)
    people = firm.people(company)
    firm.change("contacts", people[ANN["email"]]["contactid"], jobtitle="By hand")
    firm.redacted(jane)
    firm.work()
    firm.person_of(company, jane, firstName="Hadewijch Maria", title="Other")
    firm.rename(company, note="New")
    firm.said("company_contacts/update", company)
    firm.run()
    firm.night()
    now = firm.people(company)
    assert now["hadewijch@shoe.example"] == people["hadewijch@shoe.example"]
    assert (firm.account(company)["description"], now[ANN["email"]]["jobtitle"]) == ("New", "By hand")
    ((_, line),) = firm.app.state.lines.named(SHOP, "companies", jane)
    assert line.bases == {}
    before = firm.writes()
    firm.run()
    assert firm.writes() == before


def test_rule_09_with_anonymise_her_contact_is_emptied_and_no_other(firms: OpenBusiness) -> None:
    """Promise: with CUSTOMER_ANONYMISE every mapped text of her contact goes; her colleague and the account stay."""
    firm = firms(CUSTOMER_ANONYMISE="true")
    company, jane = _jane(firm)
    before, account = firm.people(company), firm.account(company)
    firm.redacted(jane)
    firm.work()
    rows = firm.rows("contacts")
    texts = json.dumps(rows).casefold()
    assert [word for word in (*WORDS, "purchase") if word in texts] == []
    hers = next(row for row in rows if row["contactid"] == before["hadewijch@shoe.example"]["contactid"])
    assert (hers["lastname"], hers["_parentcustomerid_value"]) == ("Redacted", account["accountid"])
    assert firm.people(company)[ANN["email"]]["lastname"] == before[ANN["email"]]["lastname"]
    assert (firm.account(company)["name"], firm.rows("tasks"), firm.held(*WORDS)) == ("Acme", [], [])


def test_rule_10_a_data_request_names_the_contact(firm: Business) -> None:
    """Promise: the task says that the integration holds a link to her contact."""
    company, jane = _jane(firm)
    customer = {"id": int(jane), "email": JANE["email"]}
    body = {"shop_id": 1, "shop_domain": SHOP, "customer": customer, "orders_requested": []}
    assert firm.told("customers/data_request", body) == 200
    firm.work()
    (task,) = firm.rows("tasks")
    assert firm.people(company)["hadewijch@shoe.example"]["contactid"] in task["description"]
