"""Webhook requests of both systems, damaged by a seed; where the damage is harmless, the id that must be accepted.

Harmless is what the vendors may change without telling: other header names' case, further headers, another order,
content of the payload beside its id. Signatures are made anew where only the payload was touched.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.load import deliveries
from tests.fuzz.mutations import ENCODINGS, ODD_TEXTS, damaged_bytes, damaged_json, damaged_text, written
from tests.support.plant import KEY, signed

IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Damaged:
    """One request. `wanted`: the id that must be on the flow's queue afterwards; None: nobody can say."""

    number: int
    flow: str
    headers: Headers
    body: bytes
    wanted: str | None = None


def damaged(number: int) -> Damaged:
    """The case of that number."""
    chance = random.Random(number)
    return (_shopify if number % 2 else _crm)(number, chance)


def _shopify(number: int, chance: random.Random) -> Damaged:
    record = chance.randrange(1, 10 ** chance.randint(1, 19))
    payload = deliveries._product(record, chance)
    topic = chance.choice(["products/create", "products/update", "products/delete"])

    def headers(body: bytes) -> Headers:
        return list(signed(body, topic=topic).items())

    return _one(number, IN, chance, (payload, ("id",), str(record)), headers)


def _crm(number: int, chance: random.Random) -> Damaged:
    record = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    payload = deliveries._context(record, "product", chance)
    spared = ("PrimaryEntityId", "PrimaryEntityName", "MessageName")
    headers = [("x-api-key", KEY), ("x-ms-dynamics-request-name", "Update"), ("Content-Type", "application/json")]
    return _one(number, OUT, chance, (payload, spared, record), lambda body: list(headers))


def _one(
    number: int,
    flow: str,
    chance: random.Random,
    content: tuple[dict[str, Any], tuple[str, ...], str],
    headers: Callable[[bytes], Headers],
) -> Damaged:
    payload, spared, record = content
    kind = chance.randrange(10)
    if kind < 2:  # the payload beside its id, and headers that decide nothing
        body = written(chance, damaged_json(chance, payload, spared))
        return Damaged(number, flow, _harmless(chance, headers(body)), body, _readable(body, record))
    if kind < 5:  # the payload anywhere, rightly signed
        body = written(chance, damaged_json(chance, payload))
        return Damaged(number, flow, headers(body), body)
    whole = written(chance, payload)
    if kind < 7:  # the body's bytes, rightly signed or as they were
        body = _bent(chance, whole)
        return Damaged(number, flow, headers(body if chance.random() < 0.7 else whole), body)
    if kind < 9:  # the headers
        return Damaged(number, flow, _bent_headers(chance, headers(whole)), whole)
    return Damaged(number, flow, _noise(chance), chance.randbytes(chance.randrange(400)))


def _readable(body: bytes, record: str) -> str | None:
    """Integers of more than 4,300 digits are refused by this language's reader: nobody sends them."""
    return None if b"9" * 5000 in body else record


def _bent(chance: random.Random, body: bytes) -> bytes:
    kind = chance.randrange(6)
    if kind == 0:
        return body.decode().encode(chance.choice(ENCODINGS), "replace")
    if kind == 1:
        return chance.choice([b"[", b'{"a":', b'{"id":[']) * chance.choice([10, 900, 1_100, 50_000])
    if kind == 2:
        return chance.choice([b"", b"null", b"[]", b"{}", b"0", b'"x"', b"\xff\xfe", b"<a/>", b"id=1", b"NaN"])
    return damaged_bytes(chance, body)


def _harmless(chance: random.Random, headers: Headers) -> Headers:
    changed = [(chance.choice([name.lower(), name.upper(), name]), text) for name, text in headers]
    changed += [(f"X-Extra-{place}", chance.choice(ODD_TEXTS[:8])) for place in range(chance.randrange(4))]
    chance.shuffle(changed)
    return changed


def _bent_headers(chance: random.Random, headers: Headers) -> Headers:
    changed = list(headers)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(changed))
        name, text = changed[place]
        kind = chance.randrange(5)
        if kind == 0:
            del changed[place]
        elif kind == 1:
            changed.append((name, text))
        elif kind == 2:
            changed.append((name, damaged_text(chance, text)))
        elif kind == 3:
            changed[place] = (damaged_text(chance, name), text)
        else:
            changed[place] = (name, damaged_text(chance, text))
        if not changed:
            return changed
    return changed


def _noise(chance: random.Random) -> Headers:
    names = ["x-api-key", "X-Shopify-Topic", "X-Shopify-Hmac-Sha256", "X-Shopify-Shop-Domain", "Content-Type", "x"]
    return [
        (chance.choice(names), "".join(map(chr, chance.choices(range(1, 256), k=chance.randrange(60)))))
        for _ in range(chance.randrange(8))
    ]
