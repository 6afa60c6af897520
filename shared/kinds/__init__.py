"""The kinds of record that the flows carry, by name: the one list of them."""

from __future__ import annotations

from collections.abc import Mapping

from shared.kinds.companies import CompaniesKind
from shared.kinds.customers import CustomersKind
from shared.kinds.documents import DocumentsKind
from shared.kinds.ground import Described, Ground, Kind
from shared.kinds.orders import OrdersKind
from shared.kinds.variants import VariantsKind

__all__ = ["DOCUMENTS", "KINDS", "Described", "Ground", "Kind"]

DOCUMENTS = DocumentsKind()
_ALL: tuple[Kind, ...] = (VariantsKind(), CustomersKind(), CompaniesKind(), OrdersKind(), DOCUMENTS)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
