"""The writing half of an `Entity` whose records no flow writes to Shopify: it refuses, and says so beforehand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from shared.errors import SchemaMismatch
from shared.records import Record, Write, WriteResult


class ReadOnly(ABC):
    """What `shared/sync/ports.py` asks of a target, of one that is none."""

    batch_size = 1

    @property
    @abstractmethod
    def named(self) -> str:
        """What the records are called where a write is refused."""

    def marked(self, source_ids: Sequence[str]) -> Mapping[str, Record]:
        """None: who never writes leaves no marks."""
        return {}

    def new_id(self, source_id: str, generation: int) -> str | None:
        """None: ids are Shopify's to give."""
        return None

    def line_id(self, record_id: str, line: str) -> str | None:
        """None: nor are those of lines."""
        return None

    def closed(self, current: Record, values: Mapping[str, Any]) -> str:
        """Always, and with this reason."""
        return f"{self.named} are only read from Shopify."

    def write(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        """Refused, each of them."""
        sentence = f"{self.named} are only read from Shopify."
        return [SchemaMismatch(sentence, facts={"records": self.named}) for _ in writes]
