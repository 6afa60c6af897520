"""Companies as accounts: their people and locations as lines, what changes of either side, and silence afterwards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.flows.conftest import OpenBusiness
from tests.support.companies import COMPANIES, COMPANY_MARK, QUAY, YARD, Business
from tests.support.plant import SHOP

BO = {"firstName": "Bo", "lastName": "Li", "email": "bo@acme.example", "phone": "+3225551212", "title": "Buyer"}
ANN = {"firstName": "Ann", "lastName": "Ray", "email": "ann@acme.example"}


def quiet(firm: Business) -> bool:
    """Whether three further ticks write nothing on either side."""
    before = firm.writes()
    firm.run()
    return firm.writes() == before


def test_a_company_is_an_account_with_its_people_and_locations(firm: Business) -> None:
    """Promise: name, number, note, both addresses, the contact with job title, and a further address come over."""
    place = {
        "name": "Acme HQ", "phone": "02 555 12 12", "shippingAddress": QUAY, "billingAddress": YARD,
    }  # fmt: skip
    company = firm.company("Acme", externalId="C-1", note="Pays late", person=BO, place=place)
    firm.open(company, "Yard")
    firm.run()
    row = firm.account(company)
    assert (row["name"], row["accountnumber"], row["description"]) == ("Acme", "C-1", "Pays late")
    assert (row["address1_line1"], row["address1_country"], row["address1_name"]) == ("Yard 2", "France", "Acme HQ")
    assert (row["address2_line1"], row["address2_city"], row["address2_postalcode"]) == ("Quay 1", "Ghent", "9000")
    contact = firm.people(company)["bo@acme.example"]
    assert (contact["firstname"], contact["lastname"], contact["jobtitle"]) == ("Bo", "Li", "Buyer")
    assert contact["telephone1"] == "+3225551212"
    assert [(each["name"], each["line1"], each["addresstypecode"]) for each in firm.addresses(company)] == [
        ("Yard", "Yard 2", 2)
    ]
    firm.rename(company, note="Pays in time")
    firm.run()
    assert "by somebody" not in repr(firm.company_outcomes(company))  # its own two addresses are no further ones
    assert quiet(firm)
    assert len(firm.rows("accounts")) == 1  # his customer is no account of its own


def test_a_person_added_changed_and_removed(firm: Business) -> None:
    """Promise: a new person is a new contact, a change arrives, and who leaves the company stays in CRM as he was."""
    company = firm.company(person=BO)
    firm.run()
    ann = firm.join(company, **ANN)
    firm.said("company_contacts/create", company)
    firm.work()
    assert firm.people(company).keys() == {"bo@acme.example", "ann@acme.example"}
    firm.person_of(company, ann, title="Chief", lastName="Rey")
    firm.run()  # no webhook: the customer that she is has changed
    assert (firm.people(company)["ann@acme.example"]["jobtitle"], quiet(firm)) == ("Chief", True)
    assert firm.people(company)["ann@acme.example"]["lastname"] == "Rey"
    firm.leave(company, ann)
    firm.said("company_contacts/delete", company)
    firm.work()
    assert firm.people(company).keys() == {"bo@acme.example", "ann@acme.example"}
    assert quiet(firm)


def test_a_person_who_comes_back_is_the_same_contact(firm: Business) -> None:
    """Promise: who left a company and joins it again has one contact, with what Shopify says now."""
    company = firm.company(person=BO)
    ann = firm.join(company, **ANN)
    firm.run()
    before = firm.people(company)["ann@acme.example"]["contactid"]
    firm.leave(company, ann)
    firm.said("company_contacts/delete", company)
    firm.work()
    firm.join_as(company, ann)
    firm.said("company_contacts/create", company)
    firm.work()
    people = firm.people(company)
    assert (len(people), people["ann@acme.example"]["contactid"]) == (2, before)


def test_a_location_closed_without_a_word_is_seen_within_a_day(firm: Business) -> None:
    """Promise: what no webhook and no time of change told, the nightly comparison finds."""
    company = firm.company(person=BO)
    second = firm.open(company, "Yard")
    firm.run()
    firm.shut(second)
    firm.run()
    assert len(firm.addresses(company)) == 1
    firm.night()
    assert firm.addresses(company) == []
    assert quiet(firm)


def test_a_location_opened_moved_and_closed(firm: Business) -> None:
    """Promise: a further location is a row, follows its changes, and goes with it; the first is the account's own."""
    company = firm.company()
    firm.run()
    assert firm.addresses(company) == []
    second = firm.open(company, "Yard", phone="+33478000000")
    firm.run()  # no webhook: locations are polled
    assert [(each["line1"], each["telephone1"]) for each in firm.addresses(company)] == [("Yard 2", "+33478000000")]
    firm.moved(second, {**YARD, "address1": "Yard 3"})
    firm.run()
    assert {each["addresstypecode"]: each["line1"] for each in firm.addresses(company)} == {1: "Yard 2", 2: "Yard 3"}
    first = firm.parts(company)["locations"][0]
    firm.moved(first, {**QUAY, "address1": "Quay 9"}, "BILLING", "SHIPPING")
    firm.run()
    assert firm.account(company)["address1_line1"] == "Quay 9"
    firm.shut(second)
    firm.said("company_locations/delete", company)
    firm.work()
    assert (firm.addresses(company), quiet(firm)) == ([], True)


def test_addresses_of_a_table_that_knows_no_versions(firm: Business) -> None:
    """Promise: where Dataverse takes no row version for addresses (0x8006088D) they are written all the same."""
    firm.crm.core.registry.tables["customeraddress"].optimistic = False
    company = firm.company()
    second = firm.open(company, "Yard")
    firm.run()
    firm.moved(second, {**YARD, "address1": "Yard 3"}, "SHIPPING", "BILLING")
    firm.run()
    assert [each["line1"] for each in firm.addresses(company)] == ["Yard 3"]
    firm.shut(second)
    firm.said("company_locations/delete", company)
    firm.work()
    assert (firm.addresses(company), firm.parked_company(company)) == ([], None)


def test_what_sales_writes_stays(firm: Business) -> None:
    """Promise: edits in CRM of account, contact and address stay when something else of the company changes."""
    company = firm.company(note="Old", person=BO)
    ann = firm.join(company, **ANN)
    firm.open(company, "Yard")
    firm.run()
    row = firm.account(company)
    firm.change("accounts", row["accountid"], name="Acme (VIP)", address1_line1="Quay 1, ring twice")
    firm.change("contacts", firm.people(company)["bo@acme.example"]["contactid"], jobtitle="Purchasing")
    firm.change("customeraddresses", firm.addresses(company)[0]["customeraddressid"], line2="Gate B")
    other = firm.row("contacts", lastname="Front desk", **_of(row["accountid"]))
    firm.rename(company, note="New")
    firm.person_of(company, ann, title="Chief")
    firm.open(company, "Attic", shippingAddress={**YARD, "address1": "Attic 4"})
    firm.said("company_contacts/update", company)
    firm.run()
    now = firm.account(company)
    assert (now["name"], now["description"], now["address1_line1"]) == ("Acme (VIP)", "New", "Quay 1, ring twice")
    people = firm.people(company)
    assert (people["bo@acme.example"]["jobtitle"], people["ann@acme.example"]["jobtitle"]) == ("Purchasing", "Chief")
    assert {each["name"]: each["line2"] for each in firm.addresses(company)} == {"Yard": "Gate B", "Attic": None}
    assert firm.rows("contacts", f"contactid eq {other}")[0]["lastname"] == "Front desk"
    assert "Front desk" not in repr(firm.company_outcomes(company))
    assert quiet(firm)


def test_contacts_deleted_or_made_inactive_in_crm_are_left(firm: Business) -> None:
    """Promise: a contact that sales deleted is not put back, one made inactive is not written, whatever changes."""
    company = firm.company(person=BO)
    ann = firm.join(company, **ANN)
    firm.run()
    people = firm.people(company)
    firm.delete("contacts", people["bo@acme.example"]["contactid"])
    firm.change("contacts", people["ann@acme.example"]["contactid"], statecode=1, statuscode=2)
    firm.person_of(company, ann, title="Chief")
    firm.rename(company, note="New")
    firm.run()
    assert firm.account(company)["description"] == "New"
    assert {email: row["jobtitle"] for email, row in firm.people(company).items()} == {"ann@acme.example": None}
    assert quiet(firm)


def test_rule_08_a_company_deleted_in_shopify(firm: Business) -> None:
    """Promise: the account with its people stays, the link rests, and nobody is touched after that."""
    company = firm.company(person=BO)
    firm.run()
    firm.dissolve(company)
    assert firm.said("companies/delete", company) == 200
    firm.work()
    assert firm.people(company).keys() == {"bo@acme.example"}
    pair = firm.company_pair(company)
    assert pair is not None
    assert pair.state.value == "tombstone"
    assert quiet(firm)


def test_rule_92_a_webhook_twice_is_one_account(firm: Business) -> None:
    """Promise: the same notice twice, before anything is worked, makes one account and one contact."""
    company = firm.company(person=BO)
    for _ in range(2):
        assert firm.said("companies/create", company) == 200
        assert firm.said("company_contacts/create", company) == 200
    firm.work()
    assert len(firm.rows("accounts", f"{COMPANY_MARK} eq '{company}'")) == 1
    assert len(firm.rows("contacts")) == 1
    assert quiet(firm)


def _of(account: str) -> dict[str, str]:
    return {"parentcustomerid_account@odata.bind": f"/accounts({account})"}


def test_the_main_contact_becomes_the_primary_contact(firm: Business) -> None:
    """Promise: who speaks for the company does so in CRM, once his contact is there; another one follows him."""
    company = firm.company(person=BO)
    firm.run()
    firm.housekeep()
    people = firm.people(company)
    assert firm.account(company)["_primarycontactid_value"] == people["bo@acme.example"]["contactid"]
    assert quiet(firm)
    ann = firm.join(company, **ANN)
    firm.run()
    firm.speaks(company, ann)
    firm.run()
    assert firm.account(company)["_primarycontactid_value"] == firm.people(company)["ann@acme.example"]["contactid"]
    firm.housekeep()
    assert quiet(firm)


def test_a_primary_contact_whom_sales_chose_stays(firm: Business) -> None:
    """Promise: the salesperson's choice is not undone by other changes, and a main contact taken away leaves it too."""
    company = firm.company(person=BO)
    ann = firm.join(company, **ANN)
    firm.run()
    firm.housekeep()
    chosen = firm.people(company)["ann@acme.example"]["contactid"]
    bound = {"primarycontactid@odata.bind": f"/contacts({chosen})"}
    firm.change("accounts", firm.account(company)["accountid"], **bound)
    firm.rename(company, note="Pays in time")
    firm.run()
    row = firm.account(company)
    assert (row["description"], row["_primarycontactid_value"]) == ("Pays in time", chosen)
    assert ann in firm.parts(company)["contacts"]
    firm.speaks(company, None)
    firm.run()
    firm.housekeep()
    assert firm.account(company)["_primarycontactid_value"] == chosen
    assert quiet(firm)


def test_a_main_contact_whom_the_mapping_makes_no_contact_of_is_not_looked_for_for_ever(
    firms: OpenBusiness, tmp_path: Path
) -> None:
    """Promise: without people in the mapping a company is read again for an hour at most, and then left alone."""
    for file in Path("mappings").glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text())
    mine = tmp_path / "companies_shopify_to_crm.toml"
    mine.write_text(mine.read_text().replace("[lines.contacts", "[lines.colleagues").replace(
        "[[lines.contacts", "[[lines.colleagues"))  # fmt: skip
    firm = firms(MAPPINGS_DIR=str(tmp_path))
    firm.company(person=BO)
    firm.run()
    firm.clock.advance(2 * 3600)
    firm.housekeep()
    firm.housekeep()
    assert firm.app.state.due.ripe(SHOP, COMPANIES, firm.clock.now() + timedelta(days=9)) == []


def test_a_deleted_account_comes_back_with_its_people_and_locations(firms: OpenBusiness) -> None:
    """Promise: with CUSTOMER_RECREATE the next change makes the account anew, and what hangs on it, once."""
    firm = firms(CUSTOMER_RECREATE="true")
    company = firm.company("Acme", person=BO)
    firm.open(company, "Yard")
    firm.run()
    firm.delete("accounts", firm.account(company)["accountid"])
    firm.rename(company, name="Acme again")
    firm.run()
    assert firm.account(company)["name"] == "Acme again"
    assert firm.people(company).keys() == {"bo@acme.example"}
    assert [each["name"] for each in firm.addresses(company)] == ["Yard"]
    assert quiet(firm)
