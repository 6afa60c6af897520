"""Storage keys: how ids, names and moments become PartitionKeys and RowKeys.

Only letters, digits and '_.:-' stand for themselves; every other byte becomes '!xx', so '/ \\ # ? %', quotes,
controls and '~' (our separator) never reach the service. Natural keys are digested: they hold e-mail addresses,
and keys appear in URLs and in the storage account's own logs. Must never let two different ids share a key.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from shared.errors import Invalid
from shared.state.limits import KEY_CHARACTERS

SHOPIFY_DIGITS = 20
_ESCAPED = re.compile(rb"[^A-Za-z0-9_.:-]")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,19}")
_PART_CHARACTERS = 400
_LAST = datetime(9999, 12, 31, tzinfo=None)  # noqa: DTZ001 -- only the far end of the reverse time scale
_MICROSECOND = timedelta(microseconds=1)


def encode(text: str) -> str:
    """One part of a key; a part that would be too long keeps its start and ends in a digest of the whole."""
    raw = text.encode("utf-8", "surrogatepass")
    encoded = _ESCAPED.sub(lambda match: b"!%02x" % match.group()[0], raw).decode("ascii")
    if len(encoded) <= _PART_CHARACTERS:
        return encoded
    return f"{encoded[:300]}!!{_digest(raw)}"


def decode(part: str) -> str:
    """The text that was encoded. Raises Invalid for a part that was shortened."""
    if "!!" in part:
        raise Invalid("A shortened storage key cannot be read back.")
    raw = re.sub(rb"!([0-9a-f]{2})", lambda match: bytes([int(match.group(1), 16)]), part.encode("ascii"))
    return raw.decode("utf-8", "surrogatepass")


def join(*parts: str) -> str:
    """Encoded parts with '~' between them."""
    key = "~".join(encode(part) for part in parts)
    if len(key) > KEY_CHARACTERS:
        raise Invalid("A storage key would be too long.", facts={"characters": len(key), "limit": KEY_CHARACTERS})
    return key


def split(key: str) -> list[str]:
    """The parts that `join` was given."""
    return [decode(part) for part in key.split("~")]


def padded(identifier: str) -> str:
    """An id as a key part: plain numbers are zero-padded to 20, so that key order is id order.

    Anything else that begins with a digit and could look like a padded number gets its first digit escaped.
    """
    if _NUMBER.fullmatch(identifier):
        return identifier.zfill(SHOPIFY_DIGITS)
    if identifier.isascii() and identifier.isdigit():
        return f"!{ord(identifier[0]):02x}{encode(identifier[1:])}"
    return encode(identifier)


def unpadded(part: str) -> str:
    """The id that a key part stands for."""
    return part.lstrip("0") if part.isdigit() else decode(part)


def pair_key(shopify_id: str) -> str:
    """The row that holds a pair."""
    return f"s~{padded(shopify_id)}"


def crm_key(table: str, crm_id: str) -> str:
    """The row of a CRM id. The id comes first, so that it can be found without knowing the table."""
    return crm_prefix(crm_id) + encode(table)


def crm_prefix(crm_id: str) -> str:
    """What the keys of a CRM id begin with, whatever its table; they all lie before `crm_prefix(id) + '~'`."""
    return f"c~{encode(crm_id.lower())}~"


def claim_key(natural_key: str) -> str:
    """The row that claims a natural key."""
    return f"k~{_digest(natural_key.encode('utf-8', 'surrogatepass'))}"


def reverse_time(moment: datetime) -> str:
    """A key part that sorts the newest first, exact to the microsecond."""
    return f"{(_LAST - moment.replace(tzinfo=None)) // _MICROSECOND:018d}"


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
