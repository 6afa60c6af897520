"""The kinds of record that the flows carry, by name: the one list of them."""

from __future__ import annotations

from collections.abc import Mapping

from shared.kinds.companies import CompaniesKind
from shared.kinds.customers import CustomersKind
from shared.kinds.documents import DocumentsKind
from shared.kinds.ground import Described, Ground, Kind
from shared.kinds.orders import OrdersKind
from shared.kinds.tables import TableKind
from shared.kinds.variants import VariantsKind
from shared.mapping.rules import Rules
from shared.mapping.tables import FLOW as TABLES

__all__ = ["DOCUMENTS", "KINDS", "Described", "Ground", "Kind", "TableKind", "kind_of"]

DOCUMENTS = DocumentsKind()
_ALL: tuple[Kind, ...] = (VariantsKind(), CustomersKind(), CompaniesKind(), OrdersKind(), DOCUMENTS)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}


def kind_of(rules: Rules) -> Kind:
    """The kind that a mapping is about; a table's is made from its file."""
    return TableKind(rules.model) if rules.flow == TABLES else KINDS[rules.kind]
