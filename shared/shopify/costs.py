"""What a GraphQL document will cost, known before it is sent.

The rules are Shopify's own words (community.shopify.dev, "How to calculate GraphQL cost estimates") and what
recorded requests show; tests hold them against recorded costs. It never sends anything; the answer's own figure wins.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    parse,
)

from shared.shopify.schema import Schema

_FREE_TYPES = frozenset(
    {"MoneyV2", "MoneyBag", "PageInfo", "Weight", "InventoryItemMeasurement", "LocationAddress", "CollectionRuleSet"}
)
_FREE_CUSTOMER_FIELDS = frozenset({"addresses", "defaultAddress", "emailMarketingConsent", "smsMarketingConsent"})
_DEAR_MUTATIONS = {
    "fulfillmentTrackingInfoUpdate": 50,
    "orderCapture": 20,
    "fileCreate": 20,
    "deliveryProfileUpdate": 100,
}
_MUTATION = 10
_MOST_PAGED = 250


def estimate(document: str, variables: Mapping[str, Any], schema: Schema) -> int:
    """The requested cost of a document with these variables. Raises ValueError for a document that cannot be read."""
    sizes = tuple(sorted((name, value) for name, value in variables.items() if isinstance(value, int)))
    cost = _static(document, sizes, schema.version, schema)
    return max(1, cost + _input_weight(variables.values()))


@lru_cache(maxsize=512)
def _static(document: str, sizes: tuple[tuple[str, int], ...], _version: str, schema: Schema) -> int:
    return _Walk(parse(document, no_location=True), dict(sizes), schema).cost()


class _Walk:
    """One pass over one document."""

    def __init__(self, document: DocumentNode, sizes: Mapping[str, int], schema: Schema) -> None:
        definitions = document.definitions
        self._fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        self._operation = next(d for d in definitions if isinstance(d, OperationDefinitionNode))
        self._sizes = sizes
        self._schema = schema

    def cost(self) -> int:
        mutation = self._operation.operation is OperationType.MUTATION
        root = self._schema.mutation_type if mutation else self._schema.query_type
        fields = self._collect([self._operation.selection_set], root)
        price = self._mutation if mutation else self._root
        return sum(price(root, nodes) for nodes in fields.values())

    def _root(self, type_name: str, nodes: list[FieldNode]) -> int:
        if nodes[0].name.value.endswith("Count"):
            return 10
        return self._field(type_name, nodes)

    def _mutation(self, type_name: str, nodes: list[FieldNode]) -> int:
        """Mutations cost 10; the payload and its direct objects are free, everything below is charged."""
        name = nodes[0].name.value
        field = self._schema.field(type_name, name)
        cost = _DEAR_MUTATIONS.get(name, _MUTATION)
        if field is None:
            return cost
        for children in self._collect(_selections(nodes), field.type_name).values():
            child = self._schema.field(field.type_name, children[0].name.value)
            if child is None or self._schema.is_leaf(child.type_name) or child.type_name.endswith("Error"):
                continue
            if child.type_name.endswith("Connection"):
                cost += self._connection(child.type_name, children)
            else:
                cost += self._children(_selections(children), child.type_name)
        return cost

    def _field(self, type_name: str, nodes: list[FieldNode]) -> int:
        name = nodes[0].name.value
        if name in ("__schema", "__type"):
            return 1
        field = self._schema.field(type_name, name)
        if field is None or self._schema.is_leaf(field.type_name):
            return 0
        kind = field.type_name
        if kind.endswith("Connection"):
            return self._connection(kind, nodes)
        if kind in _FREE_TYPES or kind.endswith("UserError"):
            return 0
        if type_name == "Customer" and name in _FREE_CUSTOMER_FIELDS:
            return 0
        return 1 + self._children(_selections(nodes), kind)

    def _connection(self, type_name: str, nodes: list[FieldNode]) -> int:
        """2 + floor(2 ln size) x (node and its children); nodes and edges.node add up, the rest is free."""
        size = self._size(nodes[0])
        if size == 0:
            return 2
        holders = self._collect(_selections(nodes), type_name)
        edge = self._schema.field(type_name, "edges")
        node = self._schema.field(type_name, "nodes")
        chosen = [_selections(holders.get("nodes", []))]
        if edge is not None and "edges" in holders:
            chosen.append(_selections(self._collect(_selections(holders["edges"]), edge.type_name).get("node", [])))
        child = sum(1 + self._children(inner, node.type_name) for inner in chosen if inner and node is not None)
        return 2 + math.floor(2 * math.log(max(2, min(size, _MOST_PAGED)))) * child

    def _children(self, selections: list[SelectionSetNode], type_name: str) -> int:
        """The sum over the fields; of an abstract type the dearest concrete one."""
        if self._schema.is_abstract(type_name):
            return max((self._sum(selections, kind) for kind in self._schema.possible(type_name)), default=0)
        return self._sum(selections, type_name)

    def _sum(self, selections: list[SelectionSetNode], type_name: str) -> int:
        return sum(self._field(type_name, nodes) for nodes in self._collect(selections, type_name).values())

    def _collect(self, selections: Iterable[SelectionSetNode], type_name: str) -> dict[str, list[FieldNode]]:
        """Fields by response name, fragments merged where their type condition can hold."""
        found: dict[str, list[FieldNode]] = {}
        for selection_set in selections:
            for node in selection_set.selections:
                if isinstance(node, FieldNode):
                    found.setdefault((node.alias or node.name).value, []).append(node)
                    continue
                inner = self._applicable(node, type_name)
                for key, nodes in self._collect([inner] if inner else [], type_name).items():
                    found.setdefault(key, []).extend(nodes)
        return found

    def _applicable(self, node: Any, type_name: str) -> SelectionSetNode | None:
        """The selection of a fragment, or None where this concrete type is not meant."""
        if isinstance(node, FragmentSpreadNode):
            node = self._fragments.get(node.name.value)
        if not isinstance(node, InlineFragmentNode | FragmentDefinitionNode):
            return None
        condition = node.type_condition.name.value if node.type_condition else type_name
        met = condition == type_name or type_name in self._schema.possible(condition)
        return node.selection_set if met else None

    def _size(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    return self._sizes.get(argument.value.name.value, _MOST_PAGED)
        return _MOST_PAGED


def _selections(nodes: Iterable[FieldNode]) -> list[SelectionSetNode]:
    return [node.selection_set for node in nodes if node.selection_set is not None]


def _input_weight(values: Iterable[Any]) -> int:
    """Product inputs weigh: 0.2 per variant, 0.4 per metafield, 1.9 per file, 0.6 per variant file, in points.

    Variables that carry no variants have no such weight (metafieldsSet of 25 costs 10).
    """
    weight = sum(
        0.2 * len(value["variants"]) + 0.4 * _metafields(value) + 1.9 * len(value.get("files") or ())
        for value in values
        if isinstance(value, dict) and isinstance(value.get("variants"), list)
    )
    return round(weight)


def _metafields(value: Mapping[str, Any]) -> int:
    return len(value.get("metafields") or ()) + sum(len(v.get("metafields") or ()) for v in value["variants"])
