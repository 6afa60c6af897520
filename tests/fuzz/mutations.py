"""Seeded damage: to bytes, to texts, and to values of JSON. Knows nothing of what it damages.

The same seed gives the same damage on every machine, so a failing case is repeated by its number.
"""

from __future__ import annotations

import copy
import json
import random
import string
from collections.abc import Iterator
from typing import Any

ODD_TEXTS = (
    "", " ", "\x00", "null", "NaN", "é" * 200, "\ud7ff", "🧨", "../../etc/passwd", "' OR 1=1 --", "a\r\nb: c",
    "0", "-1", "9" * 400, "1e400", "gid://shopify/Product/", "{" * 50, "\u202e", "٣", "%00", "x" * 70_000, "\ue000d",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, 10**4000, -(2**63), [], {}, [[]], [None], {"": None}, float("inf"),
    float("nan"), {"id": {"id": 1}}, ["1", 2], *ODD_TEXTS[:20],
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-32", "utf-8-sig", "cp1252", "utf-7", "latin-1")


def damaged_bytes(chance: random.Random, data: bytes) -> bytes:
    """Cut, flipped, filled with noise, doubled, or replaced."""
    kind = chance.randrange(7)
    at = chance.randrange(len(data) + 1)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[at:]
    if kind == 2 and data:
        flipped = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        return bytes(flipped)
    if kind == 3:
        return data[:at] + chance.randbytes(chance.randint(1, 40)) + data[at:]
    if kind == 4:
        return data + data
    if kind == 5:
        return chance.randbytes(chance.randrange(200))
    return data[:at] + b"\x00" * chance.randint(1, 9) + data[at:]


def damaged_text(chance: random.Random, text: str) -> str:
    """A text that is near the given one, or an odd one."""
    kind = chance.randrange(6)
    at = chance.randrange(len(text) + 1)
    if kind == 0:
        return text[:at]
    if kind == 1:
        return text[:at] + chance.choice(string.printable) + text[at:]
    if kind == 2:
        return text.swapcase()
    if kind == 3:
        return text + "," + text
    if kind == 4:
        return "".join(chance.choices([*text, *string.printable], k=len(text)))
    return chance.choice(ODD_TEXTS)


def damaged_json(chance: random.Random, value: Any, spared: tuple[str, ...] = ()) -> Any:
    """The value with one to three places replaced, renamed, removed or added; top-level names in `spared` are left."""
    damaged = copy.deepcopy(value)
    for _ in range(chance.randint(1, 3)):
        places = [(holder, key) for holder, key in _places(damaged) if not (holder is damaged and key in spared)]
        if not places:
            return damaged
        _damage(chance, *chance.choice(places))
    return damaged


def _damage(chance: random.Random, holder: Any, key: Any) -> None:
    kind = chance.randrange(5)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, dict):
        holder[chance.choice(ODD_TEXTS)] = holder.pop(key)
    elif kind == 2 and isinstance(holder[key], str):
        holder[key] = damaged_text(chance, holder[key])
    elif kind == 3:
        holder[key] = [holder[key]] if chance.random() < 0.5 else {"value": holder[key]}
    else:
        holder[key] = copy.deepcopy(chance.choice(ODD_VALUES))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place below the value: what holds it, and under which key."""
    children: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in list(children):
        yield value, key
        yield from _places(child)


def written(chance: random.Random, value: Any) -> bytes:
    """The value as JSON, in one of the ways that programs write it; huge numbers as they are."""
    loose = chance.random() < 0.3
    return _dumps(value, indent=1 if loose else None, ensure_ascii=chance.random() < 0.5)


def _dumps(value: Any, **style: Any) -> bytes:
    # Python refuses to print integers of more than 4,300 digits; JSON does not, so they are put in as text.
    huge: dict[str, str] = {}

    def shown(item: Any) -> Any:
        if isinstance(item, dict):
            return {name: shown(child) for name, child in item.items()}
        if isinstance(item, list):
            return [shown(child) for child in item]
        if isinstance(item, int) and not isinstance(item, bool) and abs(item) > 10**3000:
            huge["@huge@"] = "9" * 5000
            return "@huge@"
        return item

    text = json.dumps(shown(value), **style)
    return text.replace('"@huge@"', huge.get("@huge@", "")).encode("utf-8", "surrogatepass")
