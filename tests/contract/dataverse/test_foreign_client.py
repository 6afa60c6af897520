"""A client written by others, PyPI's dataverse-api, works against the sandbox over plain HTTP.

Runs where the package is installed (requirements-dev.txt pins it); elsewhere it is skipped and says so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from waitress.server import create_server

from sandbox.dataverse.config import DataverseConfig
from sandbox.dataverse.server import create

dataverse_api = pytest.importorskip(
    "dataverse_api.dataverse", reason="PyPI's dataverse-api is not installed (requirements-dev.txt pins it)")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """The foreign client, signed in as an administrator at a sandbox on a socket."""
    # Its batches end lines with LF alone and evidently work at its users'; the documentation wants CRLF.
    sandbox = create(DataverseConfig(seed="foreign", lf_batches=True))
    server = create_server(sandbox.wsgi, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    session = requests.Session()
    session.headers["Authorization"] = "Bearer admin-token"
    yield dataverse_api.DataverseClient(session, f"http://127.0.0.1:{server.effective_port}/")
    session.close()
    server.close()
    thread.join(timeout=10)
    sandbox.close()


def statuses(answers: list[requests.Response]) -> list[int]:
    """The statuses of several answers."""
    return [answer.status_code for answer in answers]


def rows(entity: Any, text: str) -> list[dict[str, Any]]:
    """The rows the client's read finds, by name."""
    found: list[dict[str, Any]] = entity.read(select=["name", "fax"], filter=text, order_by="name", page_size=2)
    return found


def test_it_reads_the_schema(client: Any) -> None:
    """The client learns set name, primary key, bulk messages and relationships of a table."""
    # dataverse-api: DataverseEntity.update_schema
    account = client.entity("account")
    assert (account.entity_set_name, account.primary_id_attr) == ("accounts", "accountid")
    assert account.supports_create_multiple
    assert account.supports_update_multiple
    assert "primarycontactid" in account.relationships.single_valued
    assert "contact_customer_accounts" in account.relationships.collection_valued
    assert not client.entity("product").supports_create_multiple


def test_it_creates_one_by_one(client: Any) -> None:
    """Single creates answer 204, or 201 with the row."""
    # dataverse-api: DataverseEntity.create(mode="individual")
    account = client.entity("account")
    assert statuses(account.create([{"name": "Single 1"}, {"name": "Single 2"}])) == [204, 204]
    made = account.create([{"name": "Single 3"}], return_created=True)
    assert (statuses(made), made[0].json()["name"]) == ([201], "Single 3")
    assert [r["name"] for r in rows(account, "startswith(name,'Single')")] == ["Single 1", "Single 2", "Single 3"]


def test_it_creates_many(client: Any) -> None:
    """CreateMultiple, in chunks of the client's choice, makes all rows."""
    # dataverse-api: DataverseEntity.create(mode="multiple")
    account = client.entity("account")
    made = account.create([{"name": f"Many {n}"} for n in range(5)], mode="multiple", batch_size=3)
    assert [len(answer.json()["Ids"]) for answer in made] == [3, 2]
    assert len(rows(account, "startswith(name,'Many')")) == 5


def test_it_creates_in_batches(client: Any) -> None:
    """A $batch of creates answers one part per row."""
    # dataverse-api: DataverseEntity.create(mode="batch")
    account = client.entity("account")
    made = account.create([{"name": f"Batch {n}"} for n in range(3)], mode="batch")
    assert (statuses(made), made[0].text.count("HTTP/1.1 204")) == ([200], 3)
    assert len(rows(account, "startswith(name,'Batch')")) == 3


def test_it_detects_duplicates(client: Any) -> None:
    """With detection asked for, a published rule refuses the second row."""
    # dataverse-api: DataverseEntity.create(detect_duplicates=True)
    account = client.entity("account")
    account.create([{"name": "Twin 1", "emailaddress1": "twin@example.com"}])
    again = account.create([{"name": "Twin 2", "emailaddress1": "twin@example.com"}], detect_duplicates=True)
    assert again[0].json()["error"]["code"] == "0x80040333"


@pytest.mark.parametrize("mode", ["individual", "batch"])
def test_it_upserts_by_id(client: Any, mode: str) -> None:
    """An upsert by primary id creates, then updates."""
    # dataverse-api: DataverseEntity.upsert
    account = client.entity("account")
    row_id = f"{1 if mode == 'batch' else 2:08d}-0000-4000-8000-000000000000"
    for fax in ("1", "2"):
        answers = account.upsert([{"accountid": row_id, "name": f"Upsert {mode}", "fax": fax}], mode=mode)
        assert "HTTP/1.1 204" in answers[0].text if mode == "batch" else statuses(answers) == [204]
    assert [r["fax"] for r in rows(account, f"name eq 'Upsert {mode}'")] == ["2"]


@pytest.mark.parametrize("mode", ["individual", "batch"])
def test_it_upserts_by_key(client: Any, mode: str) -> None:
    """An upsert by alternate key creates, then updates the same row."""
    # dataverse-api: DataverseEntity.upsert(altkey_name=…)
    account = client.entity("account")
    if "new_Number" not in account.alternate_keys:
        account._api_call("POST", "EntityDefinitions(LogicalName='account')/Keys",
                          json={"SchemaName": "new_Number", "KeyAttributes": ["accountnumber"]})
        account.update_schema("altkeys")
    for fax in ("1", "2"):
        account.upsert([{"accountnumber": f"K-{mode}", "name": f"Keyed {mode}", "fax": fax}],
                       mode=mode, altkey_name="new_Number")
    assert [r["fax"] for r in rows(account, f"name eq 'Keyed {mode}'")] == ["2"]


@pytest.mark.parametrize("mode", ["individual", "batch"])
def test_it_deletes(client: Any, mode: str) -> None:
    """Deletes by filter, single or in a batch, remove exactly the rows found."""
    # dataverse-api: DataverseEntity.delete
    account = client.entity("account")
    account.create([{"name": f"Gone {mode} {n}"} for n in range(2)])
    account.create([{"name": f"Kept {mode}"}])
    account.delete(mode=mode, filter=f"startswith(name,'Gone {mode}')")
    assert rows(account, f"startswith(name,'Gone {mode}')") == []
    assert len(rows(account, f"name eq 'Kept {mode}'")) == 1


@pytest.mark.parametrize("mode", ["individual", "batch"])
def test_it_empties_columns(client: Any, mode: str) -> None:
    """Deleting a column of a row sets it to null."""
    # dataverse-api: DataverseEntity.delete_columns
    account = client.entity("account")
    account.create([{"name": f"Column {mode}", "fax": "1"}])
    account.delete_columns(columns=["fax"], mode=mode, filter=f"name eq 'Column {mode}'")
    assert [r["fax"] for r in rows(account, f"name eq 'Column {mode}'")] == [None]


def test_it_defines_tables(client: Any) -> None:
    """The client creates, reads, renames and deletes a table with a column and a relationship."""
    # dataverse-api: create_entity, get_entity_definition, update_entity, create_relationship, delete_entity
    from dataverse_api.metadata.attributes import StringAttributeMetadata
    from dataverse_api.metadata.entity import define_entity
    from dataverse_api.metadata.enums import OwnershipType
    from dataverse_api.metadata.relationships import define_relationship
    from dataverse_api.utils.labels import define_label

    name = StringAttributeMetadata(
        schema_name="new_Name", display_name=define_label("Name"), description=define_label("d"), is_primary_name=True)
    table = define_entity("new_Thing", [name], "d", "Thing", "Things", OwnershipType.USER_OWNED)
    assert client.create_entity(table).status_code == 204
    found = client.get_entity_definition("new_thing")
    assert (found.schema_name, found.display_name.localized_labels[0].label) == ("new_Thing", "Thing")
    found.display_name = define_label("Other")
    assert client.update_entity(found).status_code == 204
    assert client.get_entity_definition("new_thing").display_name.localized_labels[0].label == "Other"
    relation = define_relationship("new_account_new_thing", "new_thing", "account", "rel_account")
    assert client.create_relationship(relation).status_code == 204
    assert client.get_relationship_definition("new_account_new_thing").schema_name == "new_account_new_thing"
    thing = client.entity("new_thing")
    assert "rel_account" in thing.relationships.single_valued
    extra = StringAttributeMetadata(
        schema_name="new_Extra", display_name=define_label("Extra"), description=define_label("d"))
    assert thing.add_attribute(extra).status_code == 204
    assert thing.remove_attribute(logical_name="new_extra").status_code == 204
    assert client.delete_entity("new_thing").status_code == 204
    assert client.get_language_codes() == [1033]


def test_its_wrong_address_is_refused(client: Any) -> None:
    """The client's address for new keys does not exist on the platform; the sandbox does not forgive that."""
    # dataverse-api 1.4.3: add_alternate_key would post to EntityMetadata(…), which is no resource
    with pytest.raises(Exception, match="Resource not found for the segment 'EntityMetadata'"):
        client._api_call("POST", "EntityMetadata(LogicalName='contact')/Keys", json={"SchemaName": "new_Mail"})
