"""What an error code of Dataverse means for us: one table from vendor code to error class.

Codes decide, never HTTP statuses (the same duplicate is reported as 412 and as 500); a status counts only where the
answer carries no code we know. Vendor texts are cut and redacted before they become part of a sentence.
Codes: learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shared.dataverse import odata
from shared.errors import (
    Ambiguous,
    AuthFailed,
    Busy,
    Conflict,
    Invalid,
    NotYet,
    Retryable,
    SchemaMismatch,
    SyncError,
    Throttled,
    TokenExpired,
    Unavailable,
)
from shared.telemetry import redact


class RowChanged(Busy):
    """The row is not as *look* saw it (changed, created or deleted since): the record is planned again."""


class AlreadyExists(Conflict):
    """Another row holds a value that must be unique; `facts["column"]` names it where the answer does."""


class RowGone(RowChanged):
    """The row does not exist (any more)."""


CHANGED = "0x80060882"
KEY_EXISTS = "0x80040237"
ENTITY_KEY_VIOLATED = "0x80060892"
NUMBER_EXISTS = "0x80043b06"
NOT_FOUND = frozenset({"0x80040217", "0x80060891"})
EXPIRED_TOKEN = "0x80044352"  # noqa: S105 - an error code
PLUGIN = "0x80040265"
PAYLOAD = "0x80048d19"
PRIVILEGE = "0x80040220"
TRACKING_OFF = "0x80072491"
INACTIVE_PRODUCT = "0x8004f908"

RETIRED_S = 660.0
"""How long a line waits whose product was retired since it was read: what is known of products is kept ten minutes."""

_TEXT_LIMIT = 300
_CLASSES: dict[type[SyncError], tuple[str, ...]] = {
    Throttled: ("0x80072321", "0x80072322", "0x80072324", "0x80072326", "0x8005f103"),
    # SQL error and time-out, lock and applock not obtained, unexpected error, another customisation is running.
    Unavailable: ("0x80044150", "0x80044151", "0x80044339", "0x8004ed47", "0x80040216", "0x80071151", "0x80071154"),
    # 0x80043b08: this product, unit and list have a price already, so it came after our look.
    RowChanged: (CHANGED, "0x80043b08"),
    AlreadyExists: (KEY_EXISTS, ENTITY_KEY_VIOLATED, NUMBER_EXISTS, "0x80048cf3", "0x80040333"),
    RowGone: tuple(NOT_FOUND),
    NotYet: (INACTIVE_PRODUCT,),
    TokenExpired: (EXPIRED_TOKEN,),
    Ambiguous: ("0x8006089d",),
    # privilege, access denied (two), user without a role, not in the organization, disabled (two), token expired.
    AuthFailed: (
        PRIVILEGE, "0x80048405", "0x80048306", "0x80042f09", "0x80072560", "0x80040225", "0x8004a112", "0x8005f101",
    ),
    # undefined key, unknown set, unknown property, unknown table or column, tracking off, concurrency off.
    SchemaMismatch: (
        "0x80060890", "0x8006088a", "0x80060888", "0x80041102", "0x80041103", TRACKING_OFF, "0x80072492", "0x8006088d",
    ),
}  # fmt: skip
CLASS_OF: Mapping[str, type[SyncError]] = {code: kind for kind, codes in _CLASSES.items() for code in codes}
# a plug-in aborted or broke, argument, required field, state and reason, association, read-only, inactive.
_REFUSALS = frozenset({
    PLUGIN, "0x80040224", "0x80040203", "0x80040200", "0x80048408", "0x80040227", "0x8004022e", "0x80040230",
    "0x80061009", "0x80061035",
})  # fmt: skip
# Values out of range, product catalogue, product life cycle, currency.
_REFUSING_FAMILIES = ("0x8004431", "0x8004432", "0x8004433", "0x80043b", "0x8004f8", "0x8004f9", "0x80048c")
_COLUMN_OF = {NUMBER_EXISTS: "productnumber", "0x80048cf3": "isocurrencycode"}
_PRIVILEGE_NAME = re.compile(r"\bprv\w+")
_KEY_COLUMNS = re.compile(r"same value for (.+?) already exists")
_MISSING_ROW = re.compile(r"[Ee]ntity '(\w+)' [Ww]ith [Ii]d = ([0-9a-fA-F-]{36})")
_STATUSES: dict[int, type[SyncError]] = {401: AuthFailed, 403: AuthFailed, 429: Throttled, 503: Unavailable}


def read_error(body: bytes) -> tuple[str, str]:
    """Code (lower case) and message of an OData error body; two empty texts where it is none."""
    try:
        error = odata.loads(body)["error"]
        return str(error["code"]).lower(), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return "", ""


def class_of(status: int, code: str, message: str) -> type[SyncError]:
    """The error class for an answer that is not a success."""
    if code in (PAYLOAD, "0x0"):
        lost = "undeclared property" in message or "Could not find a property" in message
        return SchemaMismatch if lost else Invalid
    if code in CLASS_OF:
        return CLASS_OF[code]
    if code in _REFUSALS or code.startswith(_REFUSING_FAMILIES):
        return Invalid
    return _STATUSES.get(status, Unavailable if status >= 500 else Invalid)


def fault(
    status: int, headers: Mapping[str, str], body: bytes, *, call: str, facts: Mapping[str, object] | None = None
) -> SyncError:
    """The typed error for one answer or one part of a batch.

    `facts` gets call, status, vendor_code, request_id and, where the answer names them: column, label (of a violated
    key's columns, as people see them), privilege, and table and id of a row that is missing.
    """
    code, message = read_error(body)
    kind = class_of(status, code, message)
    known: dict[str, object] = {"call": call, "status": status, **(facts or {})}
    if code:
        known["vendor_code"] = code
    known.update(_named(code, message))
    if code == PRIVILEGE:  # a right that one flow needs: the others go on
        known.pop("side", None)
    request_id = next((headers[name] for name in ("x-ms-service-request-id", "REQ_ID") if name in headers), "")
    if request_id:
        known.setdefault("request_id", request_id)
    said = redact(message)[:_TEXT_LIMIT]
    sentence = _sentence(kind, code, known, said or f"HTTP {status}")
    quoted = "" if kind is SchemaMismatch else said  # what it says of a schema is about names, not about values
    if issubclass(kind, Retryable):
        wait_s, exact = _wait(kind, headers)
        return kind(sentence, retry_after_s=wait_s, exact=exact, facts=known, said=quoted)
    return kind(sentence, facts=known, said=quoted)


def _named(code: str, message: str) -> dict[str, object]:
    """What the message itself names."""
    named: dict[str, object] = {}
    if code in _COLUMN_OF:
        named["column"] = _COLUMN_OF[code]
    if code == ENTITY_KEY_VIOLATED and (columns := _KEY_COLUMNS.search(message)):
        named["label"] = columns.group(1).strip()
    if code == PRIVILEGE and (privilege := _PRIVILEGE_NAME.search(message)):
        named["privilege"] = privilege.group()
    if code in NOT_FOUND and (missing := _MISSING_ROW.search(message)):
        named["table"], named["id"] = missing.group(1).lower(), missing.group(2).lower()
    return named


def _wait(kind: type[SyncError], headers: Mapping[str, str]) -> tuple[float, bool]:
    """Seconds, and whether it is known that these help."""
    asked = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    if asked.isdigit():
        return float(asked), True
    if kind is NotYet:
        return RETIRED_S, True
    return (1.0 if issubclass(kind, RowChanged) else 30.0), False


def _sentence(kind: type[SyncError], code: str, facts: Mapping[str, Any], text: str) -> str:
    call = facts["call"]
    if code == PLUGIN:
        return f"{call}: a plug-in of this organization refused it and says: {text}"
    if "privilege" in facts:
        return f"{call}: the application user misses {facts['privilege']}; add it to its security role."
    if kind is AlreadyExists and ("column" in facts or "label" in facts):
        name = facts.get("column") or facts.get("label")
        return f"{call}: another row already holds this value in {name}, which must be unique."
    if code == TRACKING_OFF:
        return f"{call}: change tracking is off for this table; `python -m ops setup` switches it on."
    if kind is TokenExpired:
        return f"{call}: Dataverse no longer knows this change token; everything has to be listed once."
    return f"{call}: {text}"
