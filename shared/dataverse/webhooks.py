"""Dataverse webhooks: headers, raw bytes and a shared key become ids. Pure; the payload is never taken as truth.

There is no signature, order or at-least-once delivery, only a key: a message is a hint that a row should be read.
Source: learn.microsoft.com/power-apps/developer/data-platform/use-webhooks.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.dataverse import odata

KEY_HEADER = "x-api-key"
MAX_BODY = 1024 * 1024
"""Dataverse strips what is beyond 256 KB, so a larger body is not from Dataverse."""
_DATE = re.compile(r"/Date\((\d{1,14})(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WebhookRefused(Exception):
    """The message is not accepted. `status` is the HTTP answer: 400, 401 or 413."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Notice:
    """What a message says happened: a row of a table, and whether it was deleted.

    `parent` is the record a child row belongs to, where the payload names it. `stripped`: too large to be sent whole.
    `at`: when the operation began, by Dataverse's clock.
    """

    table: str
    id: str
    message: str
    deleted: bool = False
    parent: str | None = None
    stripped: bool = False
    at: datetime | None = None


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
    table, row_id = str(context.get("PrimaryEntityName") or ""), str(context.get("PrimaryEntityId") or "")
    if not table or not odata.is_guid(row_id):
        raise WebhookRefused(400, "The message names no row (PrimaryEntityName, PrimaryEntityId).")
    message = str(context.get("MessageName") or given.get("x-ms-dynamics-request-name", ""))
    table = table.lower()
    return Notice(
        table=table,
        id=odata.guid(row_id),
        message=message,
        deleted=message.lower() == "delete",
        parent=_parent(context, (parents or {}).get(table)),
        stripped="x-ms-dynamics-msg-size-exceeded" in given,
        at=_moment(context.get("OperationCreatedOn")),
    )


def _key_fits(offered: str, keys: Sequence[str]) -> bool:
    """Compare with every key, in constant time, whichever fits."""
    fits = [hmac.compare_digest(offered.encode(), key.encode()) for key in keys if key]
    return any(fits)


def _context(body: bytes) -> Mapping[str, Any]:
    try:
        context = json.loads(body)
    except ValueError:
        raise WebhookRefused(400, "The body is not JSON.") from None
    if not isinstance(context, dict):
        raise WebhookRefused(400, "The body is not a RemoteExecutionContext.")
    return context


def _moment(value: Any) -> datetime | None:
    """A date as .NET's JSON serialiser writes it, in milliseconds: /Date(1764086400000)/."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    return _EPOCH + timedelta(milliseconds=int(found[1])) if found else None


def _parent(context: Mapping[str, Any], lookup: str | None) -> str | None:
    """The id in a lookup, from the target or from any image that was registered with the step."""
    if lookup is None:
        return None
    for name in ("InputParameters", "PostEntityImages", "PreEntityImages"):
        for entry in _entries(context.get(name)):
            found = _lookup_in(entry.get("value"), lookup)
            if found is not None:
                return found
    return None


def _lookup_in(entity: Any, lookup: str) -> str | None:
    if not isinstance(entity, dict):
        return None
    for attribute in _entries(entity.get("Attributes")):
        value = attribute.get("value")
        if attribute.get("key") == lookup and isinstance(value, dict) and odata.is_guid(str(value.get("Id"))):
            return odata.guid(str(value["Id"]))
    return None


def _entries(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
