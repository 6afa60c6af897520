"""The `Entity` of kind "variants" on the Shopify side: reads and writes together.

variants = Variants(client, mapping_paths, VariantOptions(namespace="dynamics", key="product_id"))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.records import Record, Write, WriteResult
from shared.shopify.variant_reads import VariantOptions, VariantReads
from shared.shopify.variant_writes import write_variants

__all__ = ["VariantOptions", "Variants"]


class Variants(VariantReads):
    """Implements shared.sync.ports.Entity."""

    batch_size = 10
    """Creates that go out in one request at its usual cost; updates of more are grouped by product."""

    def line_id(self, record_id: str, line: str) -> str | None:
        """Shopify chooses its ids itself."""
        return None

    def closed(self, current: Record, values: Mapping[str, Any]) -> str:
        """Never: Shopify changes products of every status."""
        return ""

    def write(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        """All of them in batch, one result per write in the same order; see variant_writes.write_variants."""
        return write_variants(self, writes)
