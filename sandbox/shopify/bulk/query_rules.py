"""What a query must be to run in bulk: size, kind, connections, their depth, their parents' ids.

Pure over document and schema; the sentences are recorded ones and the first that applies is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_list_type,
)
from graphql.type import get_nullable_type

MAX_CONNECTIONS = 5
MAX_DEPTH = 2


# A field with the type it is asked of.
Asked = tuple[FieldNode, GraphQLNamedType]


@dataclass(frozen=True)
class Document:
    """An operation with its fragments and the schema it is read against."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]

    def fields(self, selected: SelectionSetNode | None, on: GraphQLNamedType) -> Iterator[Asked]:
        """The fields of a selection, fragments opened, each with the type it is asked of."""
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                yield node, on
            elif isinstance(node, InlineFragmentNode):
                inner = self.schema.type_map[node.type_condition.name.value] if node.type_condition else on
                yield from self.fields(node.selection_set, inner)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                yield from self.fields(fragment.selection_set, self.schema.type_map[fragment.type_condition.name.value])


@dataclass(frozen=True)
class Place:
    """A connection in a document: its field, type, depth, and whether a list or the wrong selection stands over it."""

    node: FieldNode
    on: GraphQLNamedType
    depth: int
    in_list: bool
    parent: Place | None


def connections(document: Document) -> list[Place]:
    """Every connection of an operation, outermost first."""
    root = document.schema.get_root_type(document.operation.operation)
    assert root is not None  # noqa: S101 - the schema has the roots
    return list(_connections(document, document.operation.selection_set, root, None, False))


def _connections(
    document: Document, selected: SelectionSetNode | None, on: GraphQLNamedType, parent: Place | None, in_list: bool
) -> Iterator[Place]:
    for node, owner in document.fields(selected, on):
        declared = getattr(owner, "fields", {}).get(node.name.value)
        if declared is None or node.selection_set is None:
            continue
        target = get_named_type(declared.type)
        if target.name.endswith("Connection"):
            place = Place(node, owner, parent.depth + 1 if parent else 1, in_list, parent)
            yield place
            yield from _connections(document, node.selection_set, target, place, False)
        else:
            inside = in_list or (is_list_type(get_nullable_type(declared.type)) and not _is_wrapping(owner))
            yield from _connections(document, node.selection_set, target, parent, inside)


def _is_wrapping(owner: GraphQLNamedType) -> bool:
    # `edges` and `nodes` are lists too, and the only ones a connection may stand in.
    return owner.name.endswith("Connection")


def problem(document: Document) -> str | None:
    """The sentence of the first rule that the query breaks, None when it may run."""
    names = {node.name.value for node, _ in document.fields(document.operation.selection_set, _root(document))}
    for name in ("node", "nodes"):
        if name in names:
            return f"Bulk queries cannot contain a top level `{name}` field."
    found = connections(document)
    if not found:
        return "Bulk queries must contain at least one connection."
    if any(place.in_list for place in found):
        return "Queries that contain a connection field within a list field are not currently supported."
    return _shape(document, found)


def _shape(document: Document, found: list[Place]) -> str | None:
    wrong = [place.node.name.value for place in found if not _has_edges(document, place)]
    if wrong:
        listed = ", ".join(f"'{name}'" for name in wrong)
        return (
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', "
            f"e.g: '{wrong[0]} {{ edges {{ node {{'. Selecting via 'nodes' is not supported. "
            f"Invalid connection fields: {listed}."
        )
    if max(place.depth for place in found) > MAX_DEPTH:
        return f"Bulk queries cannot contain connections with a nesting depth greater than {MAX_DEPTH}."
    if len(found) > MAX_CONNECTIONS:
        return f"Bulk queries cannot contain more than {MAX_CONNECTIONS} connections."
    over = [place.parent for place in found if place.parent is not None]
    parents = dict.fromkeys(place.node.name.value for place in over if not _has_id(document, place))
    if parents:
        return (
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be "
            f"of 'ID' return type. Connection fields without 'id': {', '.join(parents)}."
        )
    return None


def _root(document: Document) -> GraphQLNamedType:
    root = document.schema.get_root_type(document.operation.operation)
    assert root is not None  # noqa: S101 - the schema has the roots
    return root


def node_selection(document: Document, connection: FieldNode, on: GraphQLNamedType) -> Asked | None:
    """The `node` field of a connection's edges with the type of the edge."""
    target = get_named_type(on.fields[connection.name.value].type)  # type: ignore[attr-defined]
    for field, owner in document.fields(connection.selection_set, target):
        if field.name.value == "edges":
            edge = get_named_type(owner.fields["edges"].type)  # type: ignore[attr-defined]
            for inner, edge_owner in document.fields(field.selection_set, edge):
                if inner.name.value == "node":
                    return inner, edge_owner
    return None


def _has_edges(document: Document, place: Place) -> bool:
    target = get_named_type(place.on.fields[place.node.name.value].type)  # type: ignore[attr-defined]
    names = [field.name.value for field, _ in document.fields(place.node.selection_set, target)]
    return "nodes" not in names and node_selection(document, place.node, place.on) is not None


def _has_id(document: Document, place: Place) -> bool:
    found = node_selection(document, place.node, place.on)
    if found is None:
        return False
    node, edge = found
    target = get_named_type(edge.fields["node"].type)  # type: ignore[attr-defined]
    return any(
        field.name.value == "id" and field.alias is None for field, _ in document.fields(node.selection_set, target)
    )
