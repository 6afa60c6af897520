"""Queue messages damaged by a seed, made from every form that the app itself sends."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shared.records import Message, Origin
from shared.state.queues import to_text
from tests.fuzz.mutations import ODD_TEXTS, damaged_bytes, damaged_json, damaged_text, written

IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Put:
    """A text as it lies on a flow's queue."""

    number: int
    flow: str
    text: str


@dataclass(frozen=True)
class Known:
    """What there is to name: the shop, records of each side, products, and a journaled page per flow."""

    shop: str
    variants: Sequence[str]
    products: Sequence[str]
    rows: Sequence[str]
    blobs: dict[str, str]


def damaged(number: int, known: Known) -> Put:
    """The case of that number; one in ten is whole."""
    chance = random.Random(number)
    flow = IN if number % 2 else OUT
    message = _message(chance, flow, known)
    text = to_text(message)
    kind = chance.randrange(10)
    if kind == 0:
        return Put(number, flow, text)
    if kind < 4:
        odd = tuple(damaged_text(chance, each) or "0" for each in message.ids)
        return Put(number, flow, to_text(replace(message, ids=(*message.ids[1:], *odd))))
    if kind < 7:
        text = written(chance, damaged_json(chance, json.loads(text))).decode("utf-8", "replace")
    elif kind < 9:
        text = damaged_bytes(chance, text.encode()).decode("utf-8", "replace")
    else:
        text = chance.choice([damaged_text(chance, text), *ODD_TEXTS[:20], "[" * 5_000, "null", "[]", "{}", '""', "1"])
    return Put(number, flow, text)


def _message(chance: random.Random, flow: str, known: Known) -> Message:
    ids = tuple(chance.sample(known.variants if flow == IN else known.rows, chance.randint(1, 3)))
    plain = Message(flow, known.shop, Origin.WEBHOOK, first_at=NOW, correlation_id="w-1")
    forms = [
        Message(flow, known.shop, Origin.RETRY, ids=ids, attempt=chance.randrange(3), first_at=NOW, poisoned=1),
        Message(flow, known.shop, Origin.REVERSE, ids=ids, first_at=NOW, refused_at=NOW),
        Message(flow, known.shop, Origin.WEBHOOK, deleted=ids[:1], first_at=NOW, seen_at=NOW),
        Message(flow, known.shop, Origin.POLL, blob=known.blobs[flow], offset=chance.randrange(2), first_at=NOW),
        Message(flow, known.shop, Origin.POLL, poll=True),
        plain,
    ]
    if flow == IN:
        table = Message(flow, known.shop, Origin.WEBHOOK, ids=(chance.choice(known.products),), table="products")
    else:
        table = Message(flow, known.shop, Origin.WEBHOOK, ids=ids[:1], table="productpricelevel", seen_at=NOW)
    return chance.choice([*forms, table])
