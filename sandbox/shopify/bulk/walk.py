"""Walks a bulk query over the store, page by page, and gives the objects of its connections one by one.

A page is all that is ever held. Between pages the store is free for others, as it is in the world: a bulk query is
no snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLOutputType,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.values import get_argument_values, get_directive_values
from graphql.type import GraphQLIncludeDirective, GraphQLSkipDirective

from sandbox.shopify import access, registry
from sandbox.shopify.bulk.query_rules import Document, node_selection
from sandbox.shopify.call import Actor, Call
from sandbox.shopify.coercion import coerce
from sandbox.shopify.config import DEFAULT_SCOPES
from sandbox.shopify.dialect import NotBuilt
from sandbox.shopify.paging import MAX_PAGE, WHOLE, Connection
from sandbox.shopify.schema import AdminSchema
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

PAGING = frozenset(["first", "last", "after", "before"])


@dataclass(frozen=True)
class Nested:
    """A connection below an object: its field, the type it is asked of, and the object."""

    node: FieldNode
    on: GraphQLNamedType
    source: Any


@dataclass(frozen=True)
class Item:
    """One object: what was selected of it, its connections, and whose child it is."""

    line: Row
    nested: list[Nested]
    parent: str | None


class Walker:
    """One bulk query over one store, for one actor."""

    def __init__(self, schema: AdminSchema, store: Store, actor: Actor, version: str, document: Document) -> None:
        self._schema = schema
        self._store = store
        self._actor = actor
        self._version = version
        self._document = document
        self._call = self._fresh()

    def _fresh(self) -> Call:
        # What a resolver remembers for the length of a call must not grow with the store.
        call = Call(self._store, self._actor, self._version, "bulk")
        call.restricted = not frozenset(DEFAULT_SCOPES) <= self._actor.scopes
        return call

    def items(self, grouped: bool) -> Iterator[Item]:
        """Every object: with `grouped` children follow their parent, without it a page of parents comes first."""
        root = self._document.schema.query_type
        assert root is not None  # noqa: S101 - the schema has queries
        _, nested = self._object(None, root, self._document.operation.selection_set)
        for connection in nested:
            for page in self._pages(connection, None):
                if grouped:
                    for item in page:
                        yield item
                        yield from self._children(item)
                else:
                    yield from page
                    for item in page:
                        yield from self._children(item)

    def _children(self, item: Item) -> Iterator[Item]:
        for connection in item.nested:
            for page in self._pages(connection, str(item.line.get("id"))):
                yield from page

    def _pages(self, connection: Nested, parent: str | None) -> Iterator[list[Item]]:
        found = node_selection(self._document, connection.node, connection.on)
        assert found is not None  # noqa: S101 - checked when the operation was made
        node, edge = found
        target = get_named_type(edge.fields["node"].type)  # type: ignore[attr-defined]
        cursor: str | None = None
        while True:
            with self._store.db.lock:
                self._call = self._fresh()
                page: Connection | None = self._value(connection, cursor)
                if page is None:
                    return
                items = [self._item(row, target, node.selection_set, parent) for row in page.nodes]
                info = page.page_info
            yield items
            if not info["hasNextPage"]:
                return
            cursor = info["endCursor"]

    def _item(self, row: Any, target: GraphQLNamedType, selected: SelectionSetNode | None, parent: str | None) -> Item:
        line, nested = self._object(row, target, selected)
        return Item(line, nested, parent)

    def _value(self, connection: Nested, cursor: str | None) -> Any:
        given = {WHOLE: True, "first": MAX_PAGE} | ({"after": cursor} if cursor else {})
        return self._resolve(connection.source, connection.on, connection.node, given)

    def _resolve(self, source: Any, on: GraphQLNamedType, node: FieldNode, given: Row | None = None) -> Any:
        name = node.name.value
        field = registry.find(on.name, name)
        if field is None:
            raise NotBuilt(f"{on.name}.{name}")
        declared = on.fields[name]  # type: ignore[attr-defined]
        if self._call.restricted:
            access.check(self._schema, self._actor, on.name, name, declared)
        args = {
            key: coerce(declared.args[key].type, value)
            for key, value in get_argument_values(declared, node).items()
            if given is None or key not in PAGING
        }
        return field.resolve(source, self._call, args | (given or {}))

    def _object(self, source: Any, on: GraphQLNamedType, selected: SelectionSetNode | None) -> tuple[Row, list[Nested]]:
        line: Row = {}
        nested: list[Nested] = []
        concrete = self._concrete(source, on)
        for node, owner in self._document.fields(selected, concrete):
            if not self._applies(owner, concrete) or not _included(node):
                continue
            name = node.name.value
            key = node.alias.value if node.alias else name
            if name == "__typename":
                line[key] = concrete.name
                continue
            declared = concrete.fields[name]  # type: ignore[attr-defined]
            if get_named_type(declared.type).name.endswith("Connection"):
                nested.append(Nested(node, concrete, source))
                continue
            value = self._resolve(source, concrete, node)
            line[key], below = self._complete(declared.type, value, node)
            nested += below
        return line, nested

    def _complete(self, kind: GraphQLOutputType, value: Any, node: FieldNode) -> tuple[Any, list[Nested]]:
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        if value is None:
            return None, []
        if isinstance(kind, GraphQLList):
            pairs = [self._complete(kind.of_type, one, node) for one in value]
            return [one for one, _ in pairs], [below for _, nested in pairs for below in nested]
        if is_leaf_type(kind):
            return kind.coerce_output_value(value), []
        return self._object(value, kind, node.selection_set)  # type: ignore[arg-type]

    def _concrete(self, source: Any, on: GraphQLNamedType) -> GraphQLNamedType:
        name = source.get("__typename") if isinstance(source, dict) else None
        return self._document.schema.type_map.get(name or on.name, on)

    def _applies(self, owner: GraphQLNamedType, concrete: GraphQLNamedType) -> bool:
        if owner is concrete or owner.name == concrete.name:
            return True
        return self._document.schema.is_sub_type(owner, concrete)  # type: ignore[arg-type]


def _included(node: FieldNode) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, node)
    include = get_directive_values(GraphQLIncludeDirective, node)
    return not (skip or {}).get("if", False) and (include or {}).get("if", True)
