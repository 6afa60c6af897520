"""Names for what is proposed: Shopify's in the manner of mapping files, and none twice. Never asks anybody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator


def snake(path: str) -> str:
    """A path or name of Shopify as a field of ours: totalPriceSet → total_price_set."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", path.replace(".", "_")).lower()


def words(name: str) -> str:
    """TOTAL_PRICE, totalPrice, total_price → Total price."""
    plain = name if not name.isupper() else name.lower()
    return snake(plain).replace("_", " ").strip().capitalize()


def distinct(names: Iterable[str], taken: Collection[str]) -> Iterator[str]:
    """The names, numbered where one was there before but for underscores, which names of columns do not have."""
    known = set(taken)
    for name in names:
        made, number = name, 1
        while made.replace("_", "") in known:
            number += 1
            made = f"{name}_{number}"
        known.add(made.replace("_", ""))
        yield made
