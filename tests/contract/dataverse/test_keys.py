"""Alternate keys (define-alternate-keys-entity, webapi/use-alternate-key-reference-record)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from .conftest import ROOT, Org, fault

KEYS = "EntityDefinitions(LogicalName='account')/Keys"


def test_no_key_out_of_the_box(org: Org) -> None:
    """No sales table has an alternate key at first, and such an address is refused."""
    # reference a.3 [S]
    assert org.get(KEYS)["value"] == []
    answer = org.call("GET", "accounts(accountnumber='A')")
    assert fault(answer) == (400, "0x80060890")
    assert "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.account'." in answer.text


def test_key_becomes_active_later(make_org: object) -> None:
    """A new key is Pending and cannot be used until its index is built."""
    # define-alternate-keys-entity: index creation
    org = make_org(key_activation_s=30)  # type: ignore[operator]
    org.key("account", "new_Ext")
    org.create("accounts", {"name": "A", "new_ext": "1"})
    assert org.get(KEYS)["value"][0]["EntityKeyIndexStatus"] == "Pending"
    assert fault(org.call("GET", "accounts(new_ext='1')")) == (400, "0x80060890")
    org.sandbox.clock.advance(31)
    assert org.get(KEYS)["value"][0]["EntityKeyIndexStatus"] == "Active"
    assert org.call("GET", "accounts(new_ext='1')").status_code == 200


def test_key_over_duplicates_fails(make_org: object) -> None:
    """A key over rows that violate it becomes Failed."""
    # define-alternate-keys-entity: EntityKeyIndexStatus
    org = make_org(key_activation_s=30)  # type: ignore[operator]
    org.key("account", "new_Ext")
    for name in "AB":
        org.create("accounts", {"name": name, "new_ext": "same"})
    org.sandbox.clock.advance(31)
    assert org.get(KEYS)["value"][0]["EntityKeyIndexStatus"] == "Failed"


def test_upsert_by_key(org: Org) -> None:
    """An upsert by key creates once, then updates; both answer 204 and echo the key's address."""
    # use-upsert-insert-update-record
    org.key("account", "new_Ext")
    for name in ("A", "B"):
        answer = org.patch("accounts(new_ext='7')", {"name": name})
        assert answer.status_code == 204
        assert answer.headers["OData-EntityId"] == f"{ROOT}accounts(new_ext='7')"
    assert [(r["name"], r["new_ext"]) for r in org.get("accounts?$select=name,new_ext")["value"]] == [("B", "7")]


def test_key_in_the_body_wins_on_create(org: Org) -> None:
    """On create by key the body's value counts, not the address's."""
    # use-upsert: key values in the body
    org.key("account", "new_Ext")
    org.patch("accounts(new_ext='7')", {"name": "A", "new_ext": "8"})
    assert org.get("accounts?$select=new_ext")["value"][0]["new_ext"] == "8"


def test_key_in_the_body_is_ignored_on_update(org: Org) -> None:
    """On update by key the body's key value is ignored."""
    # use-upsert: key values in the body
    org.key("account", "new_Ext")
    org.create("accounts", {"name": "A", "new_ext": "7"})
    org.patch("accounts(new_ext='7')", {"name": "B", "new_ext": "8"})
    assert org.get("accounts(new_ext='7')")["name"] == "B"


def test_second_row_with_the_same_key(org: Org) -> None:
    """A second row with the same key values answers 412 0x80060892."""
    # reference a.3
    org.key("account", "new_Ext")
    org.create("accounts", {"name": "A", "new_ext": "7"})
    answer = org.call("POST", "accounts", {"name": "B", "new_ext": "7"})
    assert fault(answer) == (412, "0x80060892")
    assert "Entity Key new_Key violated." in answer.text


def test_key_values_ignore_case(org: Org) -> None:
    """Key values that differ only in case are the same key."""
    # reference a.4: case-insensitive collation
    org.key("account", "new_Ext")
    org.create("accounts", {"name": "A", "new_ext": "abc"})
    assert fault(org.call("POST", "accounts", {"name": "B", "new_ext": "ABC"})) == (412, "0x80060892")


def test_empty_key_values_are_not_unique(org: Org) -> None:
    """Rows with an empty key column do not exclude each other."""
    # define-alternate-keys-entity: null values
    org.key("account", "new_Ext")
    assert org.create("accounts", {"name": "A"}) != org.create("accounts", {"name": "B"})


def test_inactive_rows_count(org: Org) -> None:
    """A deactivated row still holds its key."""
    # reference a.3
    org.key("account", "new_Ext")
    row_id = org.create("accounts", {"name": "A", "new_ext": "7"})
    org.patch(f"accounts({row_id})", {"statecode": 1})
    assert fault(org.call("POST", "accounts", {"name": "B", "new_ext": "7"})) == (412, "0x80060892")


def test_missing_row_by_key(org: Org) -> None:
    """Reading by a key nobody has answers 404 0x80060891."""
    # reference a.3
    org.key("account", "new_Ext")
    assert fault(org.call("GET", "accounts(new_ext='7')")) == (404, "0x80060891")


@pytest.mark.parametrize("char", ["/", "<", ">", "*", "%", "&", ":", "\\", "?", "+"])
def test_characters_a_key_cannot_hold(org: Org, char: str) -> None:
    """A key value with one of the documented characters cannot be addressed."""
    # define-alternate-keys-entity: characters in key values
    org.key("account", "new_Ext")
    org.create("accounts", {"name": "A", "new_ext": f"a{char}b"})
    assert org.call("GET", f"accounts(new_ext='{quote(f'a{char}b', safe='')}')").status_code >= 400


def test_composite_key(org: Org) -> None:
    """A key of several columns is addressed by all of them in any order."""
    # use-alternate-key: composite
    body = {"SchemaName": "new_Two", "KeyAttributes": ["accountnumber", "numberofemployees"]}
    assert org.call("POST", KEYS, body, "admin").status_code == 204
    row_id = org.create("accounts", {"name": "A", "accountnumber": "x", "numberofemployees": 3})
    assert org.get("accounts(numberofemployees=3,accountnumber='x')")["accountid"] == row_id


def test_lookup_in_a_key(org: Org) -> None:
    """A lookup takes part in a key by its value property."""
    # use-alternate-key: lookup columns
    body = {"SchemaName": "new_Lookup", "KeyAttributes": ["primarycontactid"]}
    assert org.call("POST", KEYS, body, "admin").status_code == 204
    contact = org.create("contacts", {"lastname": "C"})
    row_id = org.create("accounts", {"name": "A", "primarycontactid@odata.bind": f"/contacts({contact})"})
    assert org.get(f"accounts(_primarycontactid_value={contact})")["accountid"] == row_id


@pytest.mark.parametrize("columns", [["description"], ["donotemail"], []])
def test_columns_a_key_cannot_have(org: Org, columns: list[str]) -> None:
    """Keys over memo or yes-no columns, or over nothing, are refused."""
    # define-alternate-keys-entity: column types
    answer = org.call("POST", KEYS, {"SchemaName": "new_Bad", "KeyAttributes": columns}, "admin")
    assert fault(answer) == (400, "0x80040203")


def test_same_key_twice(org: Org) -> None:
    """A key name or a set of key columns cannot be used twice."""
    # by the error code list, EntityKeyNameExists, EntityKeyWithSelectedAttributesExists
    org.key("account", "new_Ext")
    first = org.call("POST", KEYS, {"SchemaName": "new_Key", "KeyAttributes": ["fax"]}, "admin")
    second = org.call("POST", KEYS, {"SchemaName": "new_Other", "KeyAttributes": ["new_ext"]}, "admin")
    assert (fault(first), fault(second)) == ((400, "0x80060893"), (400, "0x80060894"))
