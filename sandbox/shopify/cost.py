"""What a query costs: the requested cost from the document, the actual one from document and answer.

The rules were fitted on recorded documents (see `reference`): objects 1, connections by the logarithm of their
page, mutations 10. It estimates as the store does; it never reads data.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    value_from_ast_untyped,
)

FREE_TYPES = frozenset(
    ["MoneyV2", "MoneyBag", "PageInfo", "Weight", "InventoryItemMeasurement", "LocationAddress", "CollectionRuleSet"]
)
FREE_FIELDS = frozenset(
    {
        ("Customer", "addresses"),
        ("Customer", "defaultAddress"),
        ("Customer", "emailMarketingConsent"),
        ("Customer", "smsMarketingConsent"),
    }
)
DEAR_COUNTS = frozenset({("Blog", "articlesCount"), ("Article", "commentsCount")})
MUTATIONS = {
    "fulfillmentTrackingInfoUpdateV2": 50,
    "fulfillmentTrackingInfoUpdate": 50,
    "orderCapture": 20,
    "fileCreate": 20,
    "deliveryProfileUpdate": 100,
}
PRODUCT_INPUT = frozenset(
    ["productSet", "productCreate", "productUpdate", "productVariantsBulkCreate", "productVariantsBulkUpdate"]
)
Select = Callable[[str, SelectionSetNode], list[tuple[str, FieldNode]]]


@dataclass
class Estimator:
    """Costs of one operation with its variables."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    variables: dict[str, Any]

    def requested(self, operation: OperationDefinitionNode) -> int:
        """What is reserved before the operation runs."""
        return max(1, self._root(operation, None))

    def actual(self, operation: OperationDefinitionNode, data: dict[str, Any] | None) -> int:
        """What the answer turned out to cost."""
        if data is None:
            return 10 if operation.operation is OperationType.MUTATION else 1
        return max(1, self._root(operation, data))

    def _root(self, operation: OperationDefinitionNode, data: dict[str, Any] | None) -> int:
        root = self.schema.get_root_type(operation.operation)
        total = 0.0
        for node in self.fields_of(operation.selection_set, root):
            value = _pick(data, node)
            if operation.operation is OperationType.MUTATION:
                total += self.mutation(node, value, data is not None)
            else:
                total += self.field(node, root, value, data is not None)
        return int(total)

    def mutation(self, node: FieldNode, value: Any, live: bool) -> float:
        """What a mutation costs with all below it; `live` says that `value` is its answer."""
        total: float = MUTATIONS.get(node.name.value, 10)
        if node.name.value in PRODUCT_INPUT and not (live and value is None):
            total += self._input(node)
        payload = get_named_type(self.schema.mutation_type.fields[node.name.value].type)  # type: ignore[union-attr]
        if node.selection_set is None:
            return total
        for inner in self.fields_of(node.selection_set, payload):
            got = _pick(value, inner) if live else None
            if inner.name.value.startswith("__") or (live and got is None):
                continue
            target = get_named_type(payload.fields[inner.name.value].type)  # type: ignore[attr-defined]
            if not inner.selection_set or target.name.endswith("UserError"):
                continue
            if target.name.endswith("Connection"):
                total += self.field(inner, payload, got, live)
            elif isinstance(got, list):
                total += max((self._children(inner, target, item, True) for item in got), default=0)
            else:
                total += self._children(inner, target, got, live)
        return total

    def _input(self, node: FieldNode) -> int:
        weights = 0.0
        for argument in node.arguments or ():
            value = value_from_ast_untyped(argument.value, self.variables)
            weights += _weigh(value, argument.name.value)
        return round(weights)

    def field(self, node: FieldNode, on: GraphQLNamedType, value: Any, live: bool) -> float:
        """What a field costs with all below it; `live` says that `value` is its answer."""
        name = node.name.value
        if name.startswith("__"):
            return float(_depth(node)) if node.selection_set else 0.0
        target = get_named_type(on.fields[name].type)  # type: ignore[attr-defined]
        if target.name == "Count":
            return 10.0 if on is self.schema.query_type or (on.name, name) in DEAR_COUNTS else 1.0
        if not is_composite_type(target) or node.selection_set is None:
            return 0.0
        if target.name.endswith("Connection"):
            return self._connection(node, target, value, live)
        free = target.name in FREE_TYPES or target.name.endswith("UserError") or (on.name, name) in FREE_FIELDS
        own = 0.0 if free else 1.0
        if isinstance(value, list):
            return own + max((self._children(node, target, item, live) for item in value), default=0.0)
        gone = live and value is None
        return own if gone else own + self._children(node, target, value, live)

    def _children(self, node: FieldNode, on: GraphQLNamedType, value: Any, live: bool) -> float:
        if node.selection_set is None:
            return 0.0
        if not is_abstract_type(on):
            return sum(self.field(i, on, _pick(value, i), live) for i in self.fields_of(node.selection_set, on))
        best = 0.0
        for concrete in self._named(node.selection_set) or {on}:
            if is_abstract_type(concrete) and concrete is not on:
                continue
            inner = self.fields_of(node.selection_set, concrete)
            if live and isinstance(value, dict) and any(i.name.value not in value and not i.alias for i in inner):
                continue
            best = max(best, sum(self.field(i, concrete, _pick(value, i), live) for i in inner))
        return best

    def _connection(self, node: FieldNode, on: GraphQLNamedType, value: Any, live: bool) -> float:
        size = self._size(node)
        if size <= 0:
            return 2.0
        factor = math.floor(2 * math.log(max(2, min(size, 250))))
        if not live:
            return 2.0 + factor * sum(self._members(node, on))
        if value is None:
            return 2.0
        return 2.0 + self._live(node, on, value, factor, size)

    def _live(self, node: FieldNode, on: GraphQLNamedType, value: Any, factor: int, size: int) -> float:
        total, count, empty = 0.0, 0, 0
        for inner, wrap in self._parts(node, on):
            items = _pick(value, inner) or []
            empty += not wrap and not items
            target = get_named_type(on.fields[inner.name.value].type)  # type: ignore[attr-defined]
            count = max(count, len(items))
            for item in items:
                if wrap:
                    for edge in self.fields_of(inner.selection_set, target):  # type: ignore[arg-type]
                        if edge.name.value == "node":
                            kind = get_named_type(target.fields["node"].type)  # type: ignore[attr-defined]
                            total += 1.0 + self._children(edge, kind, _pick(item, edge), True)
                else:
                    total += 1.0 + self._children(inner, target, item, True)
        # An empty `nodes` list is charged as one object of the page, empty `edges` are not (recorded).
        filled = math.ceil(factor * total / size) if total else 0
        return float(factor * empty + filled)

    def _members(self, node: FieldNode, on: GraphQLNamedType) -> list[float]:
        found: list[float] = []
        for inner, wrap in self._parts(node, on):
            target = get_named_type(on.fields[inner.name.value].type)  # type: ignore[attr-defined]
            if not wrap:
                found.append(1.0 + self._children(inner, target, None, False))
                continue
            for edge in self.fields_of(inner.selection_set, target):  # type: ignore[arg-type]
                if edge.name.value == "node":
                    kind = get_named_type(target.fields["node"].type)  # type: ignore[attr-defined]
                    found.append(1.0 + self._children(edge, kind, None, False))
        return found

    def _parts(self, node: FieldNode, on: GraphQLNamedType) -> list[tuple[FieldNode, bool]]:
        chosen = self.fields_of(node.selection_set, on)  # type: ignore[arg-type]
        return [(i, i.name.value == "edges") for i in chosen if i.name.value in {"nodes", "edges"}]

    def _size(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in {"first", "last"}:
                value = value_from_ast_untyped(argument.value, self.variables)
                if isinstance(value, int):
                    return value
        return 0

    def _named(self, selected: SelectionSetNode) -> set[GraphQLNamedType]:
        found: set[GraphQLNamedType] = set()
        for node in selected.selections:
            if isinstance(node, InlineFragmentNode) and node.type_condition:
                found.add(self.schema.type_map[node.type_condition.name.value])
            elif isinstance(node, FragmentSpreadNode):
                condition = self.fragments[node.name.value].type_condition
                found.add(self.schema.type_map[condition.name.value])
        return found

    def fields_of(self, selected: SelectionSetNode, on: GraphQLNamedType | None) -> list[FieldNode]:
        """The fields that a selection asks of a type, fragments followed and repetitions merged."""
        found: dict[str, FieldNode] = {}
        self._collect(selected, on, found)
        return list(found.values())

    def _collect(self, selected: SelectionSetNode, on: Any, found: dict[str, Any]) -> None:
        for node in selected.selections:
            if isinstance(node, FieldNode):
                if self._skipped(node):
                    continue
                key = node.alias.value if node.alias else node.name.value
                if key in found and node.selection_set and found[key].selection_set:
                    both = (*found[key].selection_set.selections, *node.selection_set.selections)
                    merged = SelectionSetNode(selections=both)
                    node = FieldNode(alias=node.alias, name=node.name, arguments=node.arguments, selection_set=merged)
                found[key] = node
                continue
            inner = node if isinstance(node, InlineFragmentNode) else self.fragments[node.name.value]
            condition = inner.type_condition.name.value if inner.type_condition else None
            if condition is None or on is None or self._applies(condition, on):
                self._collect(inner.selection_set, on, found)

    def _applies(self, condition: str, on: GraphQLNamedType) -> bool:
        if condition == on.name:
            return True
        named = self.schema.type_map[condition]
        if is_abstract_type(named) and not is_abstract_type(on):
            return self.schema.is_sub_type(named, on)  # type: ignore[arg-type]
        return False

    def _skipped(self, node: FieldNode) -> bool:
        for directive in node.directives or ():
            if directive.name.value in {"skip", "include"} and directive.arguments:
                value = value_from_ast_untyped(directive.arguments[0].value, self.variables)
                if bool(value) is (directive.name.value == "skip"):
                    return True
        return False


def _pick(value: Any, node: FieldNode) -> Any:
    if not isinstance(value, dict):
        return None
    return value.get(node.alias.value if node.alias else node.name.value)


def _depth(node: FieldNode) -> int:
    inner = node.selection_set.selections if node.selection_set else ()
    return 1 + sum(_depth(one) for one in inner if isinstance(one, FieldNode) and one.selection_set)


def _weigh(value: Any, name: str) -> float:
    weights = {"variants": 0.2, "metafields": 0.4, "files": 1.9, "file": 0.6}
    if isinstance(value, list):
        return sum(weights.get(name, 0.0) + _weigh(item, "") for item in value)
    if isinstance(value, dict):
        own = weights["file"] if name == "file" else 0.0
        return own + sum(_weigh(item, key) for key, item in value.items())
    return 0.0
