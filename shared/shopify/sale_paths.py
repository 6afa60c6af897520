"""Which of an order's paths can be written, and how a write's values are sorted by where they go.

Addresses are written whole: what is not given stays as it was. A path that is missing here cannot be written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.errors import SchemaMismatch
from shared.records import Content, Write
from shared.shopify.selection import metafield_name, split
from shared.shopify.variant_paths import metafield_text

PLAIN = frozenset({"note", "poNumber", "email", "phone", "tags"})
PARTS = ("company", "firstName", "lastName", "address1", "address2", "city", "province", "zip", "country", "phone")
CUSTOMER = "customer.legacyResourceId"
SHIPPING, BILLING = "shippingAddress", "billingAddress"
WRITABLE = frozenset({*PLAIN, CUSTOMER, *(f"{name}.{part}" for name in (SHIPPING, BILLING) for part in PARTS)})


def updatable(path: str) -> bool:
    """Whether a path can be changed once the order exists: a billing address cannot."""
    return path in WRITABLE and not path.startswith(BILLING)


@dataclass(frozen=True, slots=True)
class Values:
    """One write's values: the order's own, its addresses, its buyer, its metafields, and what makes it up (`sale`)."""

    plain: dict[str, Any] = field(default_factory=dict)
    addresses: dict[str, dict[str, Any]] = field(default_factory=dict)
    customer: str | None = None
    metafields: dict[tuple[str, str], str | None] = field(default_factory=dict)
    sale: dict[str, Any] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """The currency of a new order."""
        return str(self.sale["currency"])

    @property
    def purchaser(self) -> tuple[str, str, str] | None:
        """The company, contact and location that buy; None: nobody does as a company. A contact may be missing ("")."""
        company, _, rest = str(self.sale.get("purchaser") or "").partition("/")
        contact, _, location = rest.partition("/")
        return (company, contact, location) if company and location else None

    def address(self, name: str) -> dict[str, Any] | None:
        """An address as it is sent; one without a word is none."""
        found = {part: value for part, value in self.addresses.get(name, {}).items() if value not in (None, "")}
        return found or None


def values_of(write: Write) -> Values:
    """Sort a write's values. Raises SchemaMismatch naming the path that cannot be written."""
    found: dict[str, Any] = {"plain": {}, "addresses": {}, "metafields": {}, "sale": {}}
    for path, value in write.values.items():
        first, *rest = split(path)
        if path in PLAIN:
            found["plain"][path] = value
        elif path == CUSTOMER:
            found["customer"] = value
        elif path in WRITABLE:
            found["addresses"].setdefault(first, {})[rest[0]] = value
        elif first == "sale" and len(rest) == 1:
            found["sale"][rest[0]] = value
        elif first == "metafields" and len(rest) == 1:
            found["metafields"][metafield_name(rest[0])] = metafield_text(value)
        else:
            known = ", ".join(sorted(WRITABLE))
            sentence = f'{path!r} of an order cannot be written; possible: {known}, metafields."namespace.key", sale.'
            raise SchemaMismatch(sentence, facts={"path": path})
    return Values(**found)


def whole_address(given: Mapping[str, Any], current: Content | None) -> dict[str, Any]:
    """An address with what was not given as it stands."""
    before = (current or {}).get(SHIPPING) or {}
    return {part: value for part in PARTS if (value := given.get(part, before.get(part))) not in (None, "")}
