from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from shared.dataverse.edits import Editor, PlainLifecycle
from shared.dataverse.metadata import Metadata
from shared.dataverse.selection import Selection, TableConfig
from shared.dataverse.writing import Writer
from shared.errors import Throttled, Unavailable, UnknownOutcome
from shared.records import Action, Write, WriteResult, Written
from tests.unit.dataverse.organization import Answer, Script, batch, changeset, client_of, part

ID = "0a67dae0-1b4b-5e6e-b61d-3fd1665de1fe"
WRITE = Write(Action.CREATE, "1", {"name": "A"}, id=ID)
THROTTLED = part(429, b'{"error":{"code":"0x80072322","message":"slow"}}', "Retry-After: 7")
DEADLOCK = part(500, b'{"error":{"code":"0x80044150","message":"sql"}}')


def found(name: str = "A") -> bytes:
    """The read-back of the one row."""
    row = {"@odata.etag": 'W/"2"', "accountid": ID, "name": name, "modifiedon": "2026-05-04T10:00:00Z"}
    return part(200, json.dumps({"value": [row]}).encode())


def definition() -> Answer:
    """The account table with a name."""

    def attribute(name: str, kind: str) -> dict[str, Any]:
        valid = {"IsValidForRead": True, "IsValidForCreate": True, "IsValidForUpdate": True}
        return {"LogicalName": name, "AttributeType": kind, "RequiredLevel": {"Value": "None"}, **valid}

    table = {
        "LogicalName": "account",
        "EntitySetName": "accounts",
        "PrimaryIdAttribute": "accountid",
        "PrimaryNameAttribute": "name",
        "ChangeTrackingEnabled": True,
        "Attributes": [attribute("accountid", "Uniqueidentifier"), attribute("name", "String")],
        "Keys": [],
        "ManyToOneRelationships": [],
    }
    return batch(part(200, json.dumps(table).encode()), *[part(200, b'{"value":[]}')] * 10)


def write(*answers: Answer) -> tuple[WriteResult, int]:
    """The result of the one write, and how many batches it took."""
    script = Script(definition(), *answers)
    client = client_of(script)
    metadata = Metadata(client)
    selection = Selection(TableConfig("acme", "customers", "account", frozenset({"name"})), metadata)
    writer = Writer(client, selection, Editor(selection, metadata), PlainLifecycle())
    return writer.write([WRITE])[0], len(script.sent) - 1


def test_a_read_back_that_failed_is_read_once_more() -> None:
    """The write is done: only the reading is repeated, never the writing."""
    result, calls = write(batch(changeset(part(204)), DEADLOCK), batch(found()))
    assert isinstance(result, Written)
    assert calls == 2


def test_a_write_that_cannot_be_read_back_is_in_doubt() -> None:
    """Without the record there is nothing to remember, so it is looked up before anything is sent again."""
    result, _ = write(batch(changeset(part(204)), THROTTLED), batch(THROTTLED))
    assert isinstance(result, UnknownOutcome)


def test_a_throttled_record_comes_back_after_the_time_asked_for() -> None:
    """Inside a batch too, a refused record was not run and says when to try again."""
    result, _ = write(batch(changeset(THROTTLED), part(200, b'{"value":[]}')))
    assert isinstance(result, Throttled)
    assert result.retry_after_s == 7


def test_a_deadlock_of_one_record_is_its_own() -> None:
    """The record was rolled back and is tried again; it is not in doubt."""
    result, _ = write(batch(changeset(DEADLOCK), part(200, b'{"value":[]}')))
    assert isinstance(result, Unavailable)


@pytest.mark.parametrize("lost", [requests.ReadTimeout(), (502, {}, b""), batch()])
def test_a_lost_answer_is_in_doubt(lost: Answer) -> None:
    """No answer, or one that does not speak of the record, never counts as written or as not written."""
    result, _ = write(lost, batch(part(200, b'{"value":[]}')))
    assert isinstance(result, UnknownOutcome)


def test_a_row_that_vanished_is_planned_again() -> None:
    """Written and deleted at once: there is nothing to remember, and the next look sees it."""
    result, _ = write(batch(changeset(part(204)), part(200, b'{"value":[]}')))
    assert type(result).__name__ == "RowGone"


def test_a_duplicate_that_cannot_be_looked_at_is_in_doubt() -> None:
    """Whether the row that exists is ours is not known, so the record is neither parked nor reported as written."""
    exists = part(412, b'{"error":{"code":"0x80040237","message":"A record with matching key values already exists."}}')
    result, _ = write(batch(changeset(exists), DEADLOCK), batch(DEADLOCK))
    assert isinstance(result, UnknownOutcome)
