"""What Azure Storage accepts at most, checked before anything is sent.

The emulator lets rows over 1 MiB and over 252 properties pass and breaks on 101 operations, so these guards are
ours. Must never shorten or drop anything: what does not fit is refused with the figure and the limit.
Sources: learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model,
.../performing-entity-group-transactions, .../put-message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.errors import Invalid

KEY_CHARACTERS = 512  # a key holds 1 KiB of UTF-16
PROPERTY_BYTES = 64 * 1024  # of UTF-16: 32,768 characters
PROPERTIES = 252
ROW_BYTES = 1024 * 1024
TRANSACTION_ROWS = 100
TRANSACTION_BYTES = 4 * 1024 * 1024
MESSAGE_BYTES = 64 * 1024
VISIBILITY_MAX_S = 7 * 24 * 3600
RECEIVE_MAX = 32
LEASE_S = (15, 60)
OPERATION_OVERHEAD = 1024  # headers and boundaries of one operation in a transaction's body, generously
_FORBIDDEN = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")
_NAME = re.compile(r"[^\W\d]\w{0,254}", re.ASCII)


def check_key(key: str) -> None:
    """Refuse a PartitionKey or RowKey that the service would refuse."""
    if _FORBIDDEN.search(key):
        raise Invalid("A storage key holds a character that the service forbids: encode keys before use.")
    if _utf16(key) > 2 * KEY_CHARACTERS:
        raise _too_large("A storage key", _utf16(key) // 2, KEY_CHARACTERS, "characters")


def check_row(partition: str, key: str, values: Mapping[str, object]) -> None:
    """Refuse a row that the service would refuse: its keys, its properties, its size."""
    check_key(partition)
    check_key(key)
    if len(values) > PROPERTIES:
        raise _too_large("A row", len(values), PROPERTIES, "properties")
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            raise Invalid("A column's name is not allowed.", facts={"column": name[:80]})
        if isinstance(value, str) and _utf16(value) > PROPERTY_BYTES:
            raise _too_large(f"Column '{name}'", _utf16(value), PROPERTY_BYTES, "bytes of UTF-16", column=name)
    if (size := row_bytes(partition, key, values)) > ROW_BYTES:
        raise _too_large("A row", size, ROW_BYTES, "bytes")


def row_bytes(partition: str, key: str, values: Mapping[str, object]) -> int:
    """A row's size as the service counts it: UTF-16 texts, names included."""
    total = 4 + _utf16(partition) + _utf16(key)
    for name, value in values.items():
        total += 8 + 2 * len(name) + (_utf16(value) + 4 if isinstance(value, str) else 8)
    return total


def wire_bytes(values: Mapping[str, object]) -> int:
    """An upper estimate of one operation's share of a transaction's body: JSON may escape a character to six bytes."""
    total = OPERATION_OVERHEAD
    for name, value in values.items():
        total += len(name) + 32 + (_json_bytes(value) if isinstance(value, str) else 24)
    return total


def _json_bytes(text: str) -> int:
    if text.isascii():
        return len(text) + text.count('"') + text.count("\\")
    return 6 * len(text)


def check_message(text: str) -> None:
    """Refuse a queue message over 64 KiB."""
    if (size := len(text.encode())) > MESSAGE_BYTES:
        raise _too_large("A queue message", size, MESSAGE_BYTES, "bytes")


def check_lease(seconds: int) -> None:
    """Refuse a blob lease outside 15 to 60 seconds."""
    if not LEASE_S[0] <= seconds <= LEASE_S[1]:
        raise Invalid("A blob lease lasts 15 to 60 seconds.", facts={"seconds": seconds})


def _utf16(text: str) -> int:
    return 2 * len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass"))


def _too_large(what: str, size: int, limit: int, unit: str, *, column: str = "") -> Invalid:
    facts: dict[str, object] = {"size": size, "limit": limit}
    if column:
        facts["column"] = column
    return Invalid(
        f"{what} has {size} {unit}, the storage service takes {limit}: map fewer or shorter fields.", facts=facts
    )
