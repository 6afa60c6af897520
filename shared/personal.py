"""What of a record is a person's: words to look for, texts to empty, and the task for whoever has to decide.

Never stores or tells any of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.dataverse.tasks import put_task
from shared.sync.flow import Job
from shared.wiring import App

PERSONAL = re.compile(r"mail|phone|name|line\d|address\d?$")
"""Columns and fields whose text is looked for wherever it may stand; towns and countries name no person."""
REDACTED = "Redacted"


def words(content: Mapping[str, Any]) -> Iterator[str]:
    """What names the person: texts of fields that are called so."""
    for path, value in _texts(content):
        if PERSONAL.search(path.rpartition(".")[2].lower()) and value not in (REDACTED, "-"):
            yield value


def _texts(content: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _texts(value, f"{before}{name}.")
        elif isinstance(value, str) and value.strip():
            yield f"{before}{name}", value


def emptied(path: str) -> str | None:
    """Names that a row must have are replaced, everything else is blank."""
    return REDACTED if path.rpartition(".")[2] in ("name", "lastname") else None


def is_text(job: Job, path: str) -> bool:
    """Whether the target's path holds text."""
    describe = getattr(job.target, "describe", None)
    info = describe(path) if describe else None
    return info is not None and info.type == "text"


def ask_a_person(app: App, key: str, customer: str, row: tuple[str, str] | None, more: str = "") -> None:
    """A task at the row, once per key: CRM may have to keep some of it. `more`: a sentence with a blank before it."""
    done = "The record is emptied." if app.settings.anonymise else (
        "Decide which data of this record the law lets you keep, and remove the rest."
    )  # fmt: skip
    text = (
        f"Shopify asks to erase customer {customer}. The link and all copies that the integration held are erased. "
        f"{done}{more}"
    )
    put_task(app.crm, app.metadata, key, "Erase a customer's data", text, row)
