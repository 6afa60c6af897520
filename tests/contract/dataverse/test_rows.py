"""Create, read, update, upsert, delete (webapi/create-entity, update-delete-entities, use-upsert)."""

from __future__ import annotations

import re
import uuid

import pytest

from .conftest import ROOT, Org, fault


def test_create_answers_204_with_entity_id(org: Org) -> None:
    """A create answers 204 without a body and names the new row."""
    # create-entity-web-api: basic create
    made = org.call("POST", "accounts", {"name": "A"})
    assert (made.status_code, made.content) == (204, b"")
    assert re.fullmatch(re.escape(ROOT) + r"accounts\([0-9a-f-]{36}\)", made.headers["OData-EntityId"])


def test_create_with_representation(org: Org) -> None:
    """With return=representation a create answers 201 and only the selected columns."""
    # create-entity-web-api: create with data returned
    made = org.call("POST", "accounts?$select=name", {"name": "A", "fax": "1"}, Prefer="return=representation")
    assert made.status_code == 201
    assert set(made.json()) == {"@odata.context", "@odata.etag", "name", "accountid"}


def test_create_with_own_id(org: Org) -> None:
    """A client may choose the primary key."""
    # reference a.2: the cheap idempotent create
    row_id = str(uuid.uuid4())
    assert org.create("accounts", {"accountid": row_id, "name": "A"}) == row_id


def test_create_twice_with_own_id(org: Org) -> None:
    """Creating with an id that exists answers 412 0x80040237 and leaves the row alone."""
    # reference a.2
    row_id = org.create("accounts", {"name": "first"})
    again = org.call("POST", "accounts", {"accountid": row_id, "name": "second"})
    assert fault(again) == (412, "0x80040237")
    assert org.get(f"accounts({row_id})?$select=name")["name"] == "first"


def test_patch_of_a_missing_row_creates_it(org: Org) -> None:
    """A PATCH without conditions is an upsert."""
    # update-delete-entities: upsert
    row_id = str(uuid.uuid4())
    assert org.patch(f"accounts({row_id})", {"name": "A"}).status_code == 204
    assert org.get(f"accounts({row_id})")["name"] == "A"


def test_upsert_tells_created_from_updated(org: Org) -> None:
    """With return=representation an upsert answers 201 for a new row and 200 for an old one."""
    # use-upsert-insert-update-record
    path = f"accounts({uuid.uuid4()})"
    first = org.patch(path, {"name": "A"}, Prefer="return=representation")
    second = org.patch(path, {"name": "B"}, Prefer="return=representation")
    assert (first.status_code, second.status_code) == (201, 200)


def test_patch_changes_only_what_it_names(org: Org) -> None:
    """An update leaves the other columns alone."""
    # update-delete-entities: basic update
    row_id = org.create("accounts", {"name": "A", "fax": "1"})
    org.patch(f"accounts({row_id})", {"name": "B"})
    row = org.get(f"accounts({row_id})?$select=name,fax")
    assert (row["name"], row["fax"]) == ("B", "1")


def test_every_write_moves_the_version(org: Org) -> None:
    """Every update gives a new, larger row version, database wide."""
    # reference a.2: ETag is the row version
    row_id = org.create("accounts", {"name": "A"})
    before = org.get(f"accounts({row_id})")["versionnumber"]
    org.create("contacts", {"lastname": "C"})
    org.patch(f"accounts({row_id})", {"name": "B"})
    assert org.get(f"accounts({row_id})")["versionnumber"] > before + 1


def test_modified_on_and_by(org: Org) -> None:
    """An update stamps the time of the clock and the acting user; creation stays."""
    # reference a.1: _modifiedby_value
    row_id = org.create("accounts", {"name": "A"})
    org.sandbox.clock.advance(90)
    org.patch(f"accounts({row_id})", {"name": "B"}, actor="salesperson")
    row = org.get(f"accounts({row_id})")
    assert (row["createdon"], row["modifiedon"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:01:30Z")
    assert row["_createdby_value"] == org.id_of("systemuser/app")
    assert row["_modifiedby_value"] == org.id_of("systemuser/salesperson")


def test_read_only_columns_are_ignored(org: Org) -> None:
    """A column that is not valid for create is dropped without an error."""
    # reference a.2 [M]
    row_id = org.create("accounts", {"name": "A", "createdon": "2001-01-01T00:00:00Z", "versionnumber": 5})
    assert org.get(f"accounts({row_id})")["createdon"] == "2026-03-01T12:00:00Z"


def test_overridden_created_on(org: Org) -> None:
    """overriddencreatedon backdates createdon."""
    # create-entity: import columns
    row_id = org.create("accounts", {"name": "A", "overriddencreatedon": "2020-05-06T00:00:00Z"})
    assert org.get(f"accounts({row_id})")["createdon"] == "2020-05-06T00:00:00Z"


@pytest.mark.parametrize("name", ["nmae", "Name", "new_missing"])
def test_undeclared_property(org: Org, name: str) -> None:
    """A misspelt property is an error, never ignored."""
    # reference a.2 [M]: 0x80048d19
    answer = org.call("POST", "accounts", {name: "x"})
    assert fault(answer) == (400, "0x80048d19")
    assert name in answer.text


def test_undeclared_navigation_property(org: Org) -> None:
    """A bind to a property that does not exist answers the classic undeclared property text."""
    # reference a.2 [M]
    answer = org.call("POST", "products", {"uomid@odata.bind": "/uoms(x)"})
    assert fault(answer) == (400, "0x80048d19")
    assert "An undeclared property 'uomid' which only has property annotations" in answer.text


def test_lookup_value_is_read_only(org: Org) -> None:
    """The computed lookup property cannot be written."""
    # reference a.2: _x_value is read-only
    answer = org.call("POST", "contacts", {"lastname": "A", "_parentcustomerid_value": str(uuid.uuid4())})
    assert fault(answer) == (400, "0x80048d19")


@pytest.mark.parametrize(("column", "value"), [
    ("name", 5), ("donotemail", "yes"), ("numberofemployees", "12"), ("creditlimit", "12.5"),
    ("lastusedincampaign", "yesterday")])
def test_wrong_json_type(org: Org, column: str, value: object) -> None:
    """A value of the wrong JSON type is refused."""
    # OData JSON format; the platform converts nothing
    assert fault(org.call("POST", "accounts", {"name": "A", column: value} | {column: value})) == (400, "0x80048d19")


def test_invalid_json(org: Org) -> None:
    """A body that is not JSON answers 400."""
    # compose-http-requests: bad request
    assert org.call("POST", "accounts", b"{not json").status_code == 400


def test_string_too_long(org: Org) -> None:
    """A text beyond the column's length is refused, and the message names column, table and length."""
    # reference a.8: 0x80044331
    answer = org.call("POST", "accounts", {"name": "x" * 161})
    assert fault(answer) == (400, "0x80044331")
    assert "'name' attribute of the 'account' entity exceeded the maximum allowed length of '160'" in answer.text


def test_string_of_full_length(org: Org) -> None:
    """A text of exactly the column's length is kept whole."""
    # reference b.: account.name 160
    row_id = org.create("accounts", {"name": "x" * 160})
    assert org.get(f"accounts({row_id})")["name"] == "x" * 160


@pytest.mark.parametrize(("column", "value", "code"), [
    ("creditlimit", -1, "0x80044330"), ("numberofemployees", -1, "0x8004432F"),
    ("address1_utcoffset", 1501, "0x8004432F")])
def test_number_out_of_range(org: Org, column: str, value: int, code: str) -> None:
    """A number outside the column's range is refused by the code of its type."""
    # reference a.8: 0x80044330 and siblings
    assert fault(org.call("POST", "accounts", {"name": "A", column: value})) == (400, code)


def test_unknown_option(org: Org) -> None:
    """A choice value that does not exist is refused."""
    # by the error code list, PicklistValueOutOfRange
    assert fault(org.call("POST", "accounts", {"name": "A", "accountcategorycode": 99})) == (400, "0x8004431A")


def test_delete(org: Org) -> None:
    """A deleted row is gone: 204, then 404 0x80040217."""
    # update-delete-entities: basic delete
    row_id = org.create("accounts", {"name": "A"})
    assert org.call("DELETE", f"accounts({row_id})").status_code == 204
    assert fault(org.call("GET", f"accounts({row_id})")) == (404, "0x80040217")
    assert fault(org.call("DELETE", f"accounts({row_id})")) == (404, "0x80040217")


def test_single_property(org: Org) -> None:
    """One property can be read, set and cleared at its own address."""
    # update-delete-entities: single property value
    row_id = org.create("accounts", {"name": "A"})
    assert org.call("PUT", f"accounts({row_id})/fax", {"value": "42"}).status_code == 204
    assert org.get(f"accounts({row_id})/fax")["value"] == "42"
    assert org.call("DELETE", f"accounts({row_id})/fax").status_code == 204
    assert org.call("GET", f"accounts({row_id})/fax").status_code == 204


def test_full_name(org: Org) -> None:
    """A contact's full name is made of its names and follows them."""
    # reference b.: contact primary name fullname
    row_id = org.create("contacts", {"firstname": "Ann", "lastname": "Bee"})
    org.patch(f"contacts({row_id})", {"lastname": "Cee"})
    assert org.get(f"contacts({row_id})")["fullname"] == "Ann Cee"


def test_owner_defaults_to_the_caller(org: Org) -> None:
    """A new row belongs to its creator and to their business unit."""
    # reference b.: ownerid
    row = org.get(f"accounts({org.create('accounts', {'name': 'A'})})")
    assert row["_ownerid_value"] == row["_owninguser_value"] == org.id_of("systemuser/app")
    assert row["_owningbusinessunit_value"] == org.id_of("businessunit")


def test_a_team_may_own(org: Org) -> None:
    """ownerid accepts a team, which then is the owning team."""
    # reference a.2: ownerid accepts systemusers and teams
    row_id = org.create("accounts", {"name": "A", "ownerid@odata.bind": f"/teams({org.id_of('team')})"})
    row = org.get(f"accounts({row_id})")
    assert row["_ownerid_value"] == row["_owningteam_value"] == org.id_of("team")
    assert row["_owninguser_value"] is None


def test_dates(org: Org) -> None:
    """A DateOnly column speaks plain dates, the others UTC times with whole seconds."""
    # reference b.: dates; behavior-format-date-time-attribute
    contact = org.create("contacts", {"lastname": "A", "birthdate": "1990-02-03"})
    product = org.product(validfromdate="2026-01-01T10:00:00.7+02:00")
    assert org.get(f"contacts({contact})")["birthdate"] == "1990-02-03"
    assert org.get(f"products({product})")["validfromdate"] == "2026-01-01T08:00:00Z"


def test_auto_numbers(org: Org) -> None:
    """Orders get ascending numbers with the organization's prefix."""
    # reference b.: ordernumber autonumber
    account = org.create("accounts", {"name": "A"})
    made = [org.create("salesorders", {"name": "O", "customerid_account@odata.bind": f"/accounts({account})"})
            for _ in range(2)]
    numbers = [org.get(f"salesorders({m})")["ordernumber"] for m in made]
    assert [n.split("-")[:2] for n in numbers] == [["ORD", "1000"], ["ORD", "1001"]]
