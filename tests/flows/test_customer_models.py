"""The three models of a customer, and what docs/mapping.md shows of customers, by the shipped file edited so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from shared.records import PairState
from tests.flows.conftest import Open
from tests.support.clientele import MARK, Clientele, Row

SHIPPED = Path(__file__).resolve().parents[2] / "mappings"
FILE = "customers_shopify_to_crm.toml"
JANE = {"firstName": "Jane", "lastName": "Doe", "email": "jane@shoe.example", "phone": "+3225551212"}
HOME = {"address1": "Main 1", "city": "Toronto", "countryCode": "CA", "provinceCode": "ON", "zip": "M5V"}


def _text() -> str:
    return (SHIPPED / FILE).read_text("utf-8")


def without(text: str, *tables: str) -> str:
    """The file without those tables, as somebody deletes them in an editor."""
    for table in tables:
        text, count = re.subn(rf"\[fields\.{table}\]\n(?:(?!\n).*\n)+", "", text)
        assert count == 1, table
    return text


def by_accounts_only(text: str) -> str:
    """Accounts alone: no field leads to `contact.`, and no key is looked for there."""
    text = without(text, "contact_first_name", "contact_last_name", "contact_email", "contact_phone")
    return text.replace('[[match]]\nfield = "contact_email"\nignore_case = true\n', "")


def by_contacts_only(text: str) -> str:
    """Contacts alone: the table is contact, and fields lead to its own columns."""
    text = without(text, "name", "contact_email", "contact_phone").replace('"contact.', '"')
    text = text.replace('[[match]]\nfield = "contact_email"\nignore_case = true\n', "")
    return text.replace('table = "account"', 'table = "contact"')


def _folder(place: Path, text: str) -> str:
    folder = place / "mappings"
    shutil.copytree(SHIPPED, folder)
    (folder / FILE).write_text(text, "utf-8")
    return str(folder)


def _written(people: Clientele, **given: object) -> tuple[str, list[Row], list[Row]]:
    customer = people.customer(**{**JANE, **given})
    people.run()
    assert people.parked(customer) is None
    return customer, people.rows("accounts"), people.rows("contacts")


def _changes_arrive_once(people: Clientele, customer: str, table: str) -> None:
    """A change is written to the same row; then nothing is left to write."""
    people.edit(customer, firstName="Joan")
    people.run()
    (row,) = people.rows(table, f"{MARK} eq '{customer}'")
    assert "Joan Doe" in (row.get("name"), row.get("fullname"))
    before = people.writes()
    people.run()
    people.list_all()
    assert people.writes() == before


def test_accounts_with_their_contact_are_what_is_shipped(people: Clientele) -> None:
    """Promise: an account, and its first contact with the person's name."""
    customer, (account,), (contact,) = _written(people)
    assert account["_primarycontactid_value"] == contact["contactid"]
    assert (account["name"], contact["fullname"], contact["_parentcustomerid_value"]) == (
        "Jane Doe", "Jane Doe", account["accountid"],
    )  # fmt: skip
    _changes_arrive_once(people, customer, "accounts")


def test_accounts_alone(opened: Open, tmp_path: Path) -> None:
    """Promise: without fields to `contact.` there is no contact, and an existing account is found by its own e-mail."""
    people = opened(MAPPINGS_DIR=_folder(tmp_path, by_accounts_only(_text())))
    kept = people.row("accounts", name="Shoe", emailaddress1="JANE@shoe.example")
    customer, (account,), contacts = _written(people)
    assert (account["accountid"], account["name"], contacts) == (kept, "Jane Doe", [])
    _changes_arrive_once(people, customer, "accounts")


def test_contacts_alone(opened: Open, tmp_path: Path) -> None:
    """Promise: with `table = "contact"` there is no account, and an existing contact is found whoever it belongs to."""
    people = opened(MAPPINGS_DIR=_folder(tmp_path, by_contacts_only(_text())))
    kept = people.person(lastname="Roe", emailaddress1="JANE@shoe.example")
    customer, accounts, (contact,) = _written(people, addresses=[HOME])
    assert (accounts, contact["contactid"], contact["fullname"]) == ([], kept, "Jane Doe")
    assert (contact["address1_city"], contact["telephone1"]) == ("Toronto", "+3225551212")
    _changes_arrive_once(people, customer, "contacts")


@pytest.mark.parametrize("form", [by_accounts_only, by_contacts_only], ids=["accounts", "contacts"])
def test_a_request_to_redact_reaches_either_model(opened: Open, tmp_path: Path, form: object) -> None:
    """Promise: with CUSTOMER_ANONYMISE the row of the model is emptied, and the state holds nothing of the person."""
    assert callable(form)
    people = opened(MAPPINGS_DIR=_folder(tmp_path, form(_text())), CUSTOMER_ANONYMISE="true")
    customer, *_ = _written(people)
    people.redacted(customer)
    people.work()
    rows = [*people.rows("accounts"), *people.rows("contacts")]
    assert [row.get("name") or row.get("lastname") for row in rows] == ["Redacted"]
    assert [word for word in ("Jane", "Doe", "jane@shoe.example", "5551212") if word in str(rows)] == []
    assert people.held("jane", "5551212") == []


def test_a_task_hangs_on_the_contact_where_contacts_stand_alone(opened: Open, tmp_path: Path) -> None:
    """Promise: a person who has to decide finds the row that is meant."""
    people = opened(MAPPINGS_DIR=_folder(tmp_path, by_contacts_only(_text())))
    customer, _, (contact,) = _written(people)
    people.redacted(customer)
    people.work()
    assert people.rows("tasks")[0]["_regardingobjectid_value"] == contact["contactid"]


def test_rule_13_consent_is_written_where_it_is_mapped(opened: Open, tmp_path: Path) -> None:
    """Promise: uncommented, the shipped lines have "do not allow bulk e-mails" follow Shopify, both ways of it."""
    shown = r"^# (?=\[fields\.no_bulk|from = \"defaultEmail\S+ !=|to = \"contact\.donot)"
    text = re.sub(shown, "", _text(), flags=re.M)
    assert text.count("no_bulk_email") == 1
    people = opened(MAPPINGS_DIR=_folder(tmp_path, text))
    agreed = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "SINGLE_OPT_IN"}
    yes, *_ = _written(people, emailMarketingConsent=agreed)
    no = people.customer(firstName="Joan", email="joan@shoe.example")
    people.run()
    assert [people.contact_of(each)["donotbulkemail"] for each in (yes, no)] == [False, True]


def test_codes_metafields_and_tags_as_the_guide_shows_them(opened: Open, tmp_path: Path) -> None:
    """Promise: the guide's examples for customers can be written as they stand there, and arrive."""
    guide = (SHIPPED.parent / "docs" / "mapping.md").read_text("utf-8").partition("## Customers")[2]
    blocks = "\n".join(re.findall(r"```toml\n(.*?)```", guide.partition("\n## ")[0], re.S))
    names = re.findall(r"^\[fields\.(\w+)\]", blocks, re.M)
    assert {"province", "country", "account_number", "tags"} <= set(names)
    shown = "\n".join(block for block in re.split(r"(?=^\[)", blocks, flags=re.M) if block.startswith("[fields."))
    shown = shown.replace("new_shopify_tags", "websiteurl")
    people = opened(MAPPINGS_DIR=_folder(tmp_path, without(_text(), "province", "country") + "\n" + shown))
    metafields = [{"namespace": "custom", "key": "number", "type": "single_line_text_field", "value": "K-17"}]
    customer, *_ = _written(people, addresses=[HOME], metafields=metafields, tags=["vip", "b2b"])
    found = people.account_of(customer)
    assert (found["address1_stateorprovince"], found["address1_country"]) == ("ON", "CA")
    assert (found["accountnumber"], found["websiteurl"]) == ("K-17", "b2b, vip")


def test_rule_08_an_account_is_put_away_where_that_is_mapped(opened: Open, tmp_path: Path) -> None:
    """Promise: with the guide's `[deleted]` a customer's deletion makes his account inactive; the link rests."""
    put_away = "set = { statecode = 1, statuscode = 2 }"
    people = opened(MAPPINGS_DIR=_folder(tmp_path, _text().replace('action = "keep"', put_away)))
    customer, *_ = _written(people)
    people.remove(customer)
    people.told("customers/delete", {"id": int(customer)})
    people.run()
    found, pair = people.account_of(customer), people.pair(customer)
    assert pair is not None
    assert (found["statecode"], found["name"], pair.state) == (1, "Jane Doe", PairState.TOMBSTONE)
