"""Tasks in CRM: what a person has to decide, put where salespeople see it.

A task has an id made of what it is about, so that putting it again changes the same one.
"""

from __future__ import annotations

import uuid

from shared.dataverse import odata
from shared.dataverse.batch import Operation
from shared.dataverse.client import Client
from shared.dataverse.edits import NAMESPACE
from shared.dataverse.metadata import Metadata
from shared.dataverse.selection import binding


def put_task(
    crm: Client, metadata: Metadata, about: str, subject: str, text: str, regarding: tuple[str, str] | None
) -> None:
    """Make or change one task; see `task`. Raises members of SyncError."""
    put = task(metadata, about, subject, text, regarding)
    crm.send("PATCH", put.url, put.body, name="put task", repeatable=True)


def task(metadata: Metadata, about: str, subject: str, text: str, regarding: tuple[str, str] | None) -> Operation:
    """What makes or changes one task; `regarding` is the table and id of the row it hangs on. Text of ids, never of a
    person.
    """
    table = metadata.table("task")
    body = {"subject": subject, "description": text}
    if regarding is not None:
        lookup = binding(table, f"regardingobjectid_{regarding[0]}")
        target = odata.row(metadata.entity_set(regarding[0]), regarding[1])
        body[f"{lookup.navigation}@odata.bind"] = f"/{target}"
    return Operation("PATCH", odata.row(table.entity_set, str(uuid.uuid5(NAMESPACE, about))), body)
