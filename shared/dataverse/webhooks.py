"""Dataverse webhooks: headers, raw bytes and a shared key become ids. Pure; the payload is never taken as truth.

There is no signature, order or at-least-once delivery, only a key: a message is a hint that a row should be read.
Source: learn.microsoft.com/power-apps/developer/data-platform/use-webhooks.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.dataverse import odata

KEY_HEADER = "x-api-key"
MAX_BODY = 1024 * 1024
"""Dataverse strips what is beyond 256 KB, so a larger body is not from Dataverse."""
_TABLE = re.compile(r"[a-z_][a-z0-9_]{0,127}")
_DATE = re.compile(r"/Date\((-?\d{1,16})([+-]\d{4})?\)/", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NIL = "00000000-0000-0000-0000-000000000000"


class WebhookRefused(Exception):
    """The message is not accepted. `status` is the HTTP answer: 400, 401 or 413."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Notice:
    """What a message says happened: a row of a table, and whether it was deleted.

    `id` is empty where a key names the row and nothing its id. `parent` is the record a child row belongs to, where
    the payload names it. `at` is when the system job was made, which is before its transaction was committed. `by` is
    the user whose own call it was; empty where it followed from another write (Depth), or nobody is named.
    """

    table: str
    id: str
    deleted: bool = False
    parent: str | None = None
    at: datetime | None = None
    by: str = ""


def read_notice(
    headers: Mapping[str, str],
    body: bytes,
    keys: Sequence[str],
    parents: Mapping[str, str] | None = None,
) -> Notice:
    """Check size, then key, then read. Raises WebhookRefused.

    `keys`: the current key and, during a rotation, the one before it; empty ones never match. `parents`: child table to
    the lookup that leads to its parent.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if len(body) > MAX_BODY:
        raise WebhookRefused(413, "The message is larger than Dataverse sends.")
    if not _key_fits(given.get(KEY_HEADER, ""), keys):
        raise WebhookRefused(401, f"The header {KEY_HEADER} does not hold the key of this app.")
    context = _context(body)
    table = str(context.get("PrimaryEntityName") or "").lower()
    row_id = _row_id(context)
    if not _TABLE.fullmatch(table) or row_id is None:
        raise WebhookRefused(400, "The message names no row (PrimaryEntityName, PrimaryEntityId).")
    return Notice(
        table=table,
        id=row_id,
        deleted=str(context.get("MessageName")).lower() == "delete",
        parent=_parent(context, (parents or {}).get(table)),
        at=_moment(context.get("OperationCreatedOn")),
        by=str(context.get("InitiatingUserId") or "").lower() if context.get("Depth") == 1 else "",
    )


def _key_fits(offered: str, keys: Sequence[str]) -> bool:
    """Compare with every key, in constant time, whichever fits."""
    given = offered.encode("utf-8", "surrogatepass")
    fits = [hmac.compare_digest(given, key.encode()) for key in keys if key]
    return any(fits)


def _context(body: bytes) -> Mapping[str, Any]:
    try:
        context = json.loads(body)
    except (ValueError, RecursionError):
        raise WebhookRefused(400, "The body is not JSON.") from None
    if not isinstance(context, dict):
        raise WebhookRefused(400, "The body is not a RemoteExecutionContext.")
    return context


def _row_id(context: Mapping[str, Any]) -> str | None:
    """The row's id, of the message or of its target; empty where a key stands for it, None where nothing does."""
    named = [str(context.get("PrimaryEntityId")), *(str(entity.get("Id")) for entity in _entities(context))]
    ids = [odata.guid(text) for text in named if odata.is_guid(text)]
    return next((row_id for row_id in ids if row_id != _NIL), "" if ids else None)


def _moment(written: Any) -> datetime | None:
    """A moment as the contract's JSON has it, in milliseconds since 1970; its zone is only how somebody saw it."""
    found = _DATE.fullmatch(written) if isinstance(written, str) else None
    try:
        return _EPOCH + timedelta(milliseconds=int(found[1])) if found else None
    except OverflowError:
        return None


def _parent(context: Mapping[str, Any], lookup: str | None) -> str | None:
    """The id in a lookup, from the target or from any image that was registered with the step."""
    found = (_lookup_in(entity, lookup) for entity in _entities(context))
    return next(filter(None, found), None) if lookup else None


def _entities(context: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The target, then the images after and before."""
    for name in ("InputParameters", "PostEntityImages", "PreEntityImages"):
        for entry in _entries(context.get(name)):
            if isinstance(entry.get("value"), dict):
                yield entry["value"]


def _lookup_in(entity: Mapping[str, Any], lookup: str | None) -> str | None:
    for attribute in _entries(entity.get("Attributes")):
        value = attribute.get("value")
        if attribute.get("key") == lookup and isinstance(value, dict) and odata.is_guid(str(value.get("Id"))):
            return odata.guid(str(value["Id"]))
    return None


def _entries(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
