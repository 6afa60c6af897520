"""One product on both sides, edited and watched: how long an edit takes from one side to the other."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sandbox.catalogue import CrmProduct
from sandbox.seed import Crm, Shop
from sandbox.world import ROOT
from tests.e2e.running import until

CHAIR = CrmProduct("CHAIR-1", "Oak Chair", "Made to last.", Decimal("49.90"))
VARIANT = """
query { productVariants(first: 5, query: "sku:'CHAIR-1'") { nodes { price product { id title } } } }
"""
TITLE = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"
PRODUCT = "products?$filter=productnumber eq 'CHAIR-1'&$expand=product_price_levels($select=productpricelevelid)"


class Chair:
    """The merchant and the salesperson, and the chair they both sell."""

    def __init__(self, info: Mapping[str, Any]) -> None:
        self.merchant, self.sales = Shop(info["shopify"]), Crm(info["dataverse"])

    def make(self, why: Callable[[], str]) -> None:
        """Sales make it; done when the store has it."""
        self.sales.create(CHAIR)
        until(lambda: self.variant() is not None, 90, why)

    def variant(self) -> Any:
        """It in Shopify, or None."""
        found = self.merchant.call(VARIANT)["productVariants"]["nodes"]
        return found[0] if found else None

    def product(self) -> Any:
        """It in CRM."""
        return self.sales.get(PRODUCT)["value"][0]

    def outward(self, number: int) -> float:
        """Seconds from a price's change in CRM to the same price in Shopify."""
        item = self.product()["product_price_levels"][0]["productpricelevelid"]
        self.sales.send("PATCH", f"productpricelevels({item})", {"amount": 60 + number})
        return _seen(lambda: Decimal(self.variant()["price"]) == 60 + number)

    def inward(self, number: int) -> float:
        """Seconds from a title's change in Shopify to the same title in CRM."""
        title = f"Oak Chair {number}"
        time.sleep(1.1)  # Shopify tells two changes of one product within a second as one (docs/architecture.md)
        self.merchant.call(TITLE, {"p": {"id": self.variant()["product"]["id"], "title": title}})
        return _seen(lambda: self.product()["new_shopifytitle"] == title)


def longest_wait_s() -> float:
    """host.json's maxPollingInterval: how long an idle queue may wait before it is looked at."""
    span = json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]["maxPollingInterval"]
    hours, minutes, seconds = map(int, span.split(":"))
    return 3600.0 * hours + 60 * minutes + seconds


def shown(what: str, times: Sequence[float]) -> str:
    """A line of figures."""
    return f"{what}: median {statistics.median(times):.2f} s, longest {max(times):.2f} s of {len(times)}"


def _seen(condition: Callable[[], bool]) -> float:
    started = time.monotonic()
    until(condition, 90, step_s=0.05)
    return time.monotonic() - started
