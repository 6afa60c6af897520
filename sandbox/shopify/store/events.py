"""What a change tells the outside: a webhook topic and the record it is about.

Only the fact; who hears of it and in which words is the business of the webhooks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.shopify.store.database import Row


@dataclass(frozen=True)
class Event:
    """One topic of one record; `body` is the payload where the record is gone or the topic has a shape of its own."""

    topic: str
    number: int
    body: Row | None = None
    delay_s: float = 0.0


Listener = Callable[[list[Event]], object]
