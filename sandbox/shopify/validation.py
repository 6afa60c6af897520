"""Static validation of a document, in the words and the order of graphql-ruby.

What this walk does not know, graphql-core's own rules catch afterwards: an invalid document never runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graphql import (
    SKIP,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    validate,
    visit,
)

from sandbox.shopify import literals
from sandbox.shopify.defaults import is_required
from sandbox.shopify.dialect import Error, locations, static

# Directives that older versions of the API do not have yet (recorded on 2025-01, dated in the published schemas).
DIRECTIVES_SINCE = {"idempotent": "2026-01"}


def problems(schema: GraphQLSchema, document: DocumentNode, version: str = "unstable") -> list[Error]:
    """All errors of the document, in document order; empty when it may run."""
    walk = _Walk(schema, frozenset(name for name, since in DIRECTIVES_SINCE.items() if version < since))
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk.operation(definition, document)
        elif isinstance(definition, FragmentDefinitionNode):
            walk.fragment(definition)
    if walk.errors:
        return walk.errors
    rest = validate(schema, document, max_errors=10)
    return [{"message": error.message, "locations": locations(*(error.nodes or ()))} for error in rest]


def operation_label(definition: OperationDefinitionNode) -> str:
    """The first element of a static path: `query Name`, or `query` alone."""
    kind = definition.operation.value
    return f"{kind} {definition.name.value}" if definition.name else kind


@dataclass
class _Walk:
    schema: GraphQLSchema
    unknown: frozenset[str]
    errors: list[Error] = field(default_factory=list)

    def operation(self, definition: OperationDefinitionNode, document: DocumentNode) -> None:
        root = self.schema.get_root_type(definition.operation)
        label = operation_label(definition)
        self.directives(definition.directives, [label])
        self.selections(definition.selection_set, root, [label])
        self._unused(definition, document, label)

    def fragment(self, definition: FragmentDefinitionNode) -> None:
        name = definition.type_condition.name.value
        label = f"fragment {definition.name.value}"
        on = self.schema.get_type(name)
        if on is None:
            self.errors.append(_unknown_type(name, definition.type_condition, [label]))
        elif is_composite_type(on):
            self.selections(definition.selection_set, on, [label])

    def _unused(self, definition: OperationDefinitionNode, document: DocumentNode, label: str) -> None:
        used = _Used(self.unknown)
        visit(definition.selection_set, used)
        for other in document.definitions:
            if isinstance(other, FragmentDefinitionNode):
                visit(other, used)
        owner = definition.name.value if definition.name else f"anonymous {definition.operation.value}"
        for variable in definition.variable_definitions or ():
            name = variable.variable.name.value
            if name not in used.names:
                message = f"Variable ${name} is declared by {owner} but not used"
                self.errors.append(static(message, definition, [label], "variableNotUsed", variableName=name))

    def selections(self, selected: SelectionSetNode, on: GraphQLType | None, path: list[str]) -> None:
        for selection in selected.selections:
            if isinstance(selection, FieldNode):
                self._field(selection, on, path)
                continue
            if isinstance(selection, InlineFragmentNode):
                self._inline(selection, on, path)
            self.directives(selection.directives, path)

    def _inline(self, selection: InlineFragmentNode, on: GraphQLType | None, path: list[str]) -> None:
        if selection.type_condition is None:
            self.selections(selection.selection_set, on, [*path, "..."])
            return
        name = selection.type_condition.name.value
        inner = [*path, f"... on {name}"]
        target = self.schema.get_type(name)
        if target is None:
            self.errors.append(_unknown_type(name, selection, inner))
        else:
            self.selections(selection.selection_set, target, inner)

    def _field(self, node: FieldNode, on: GraphQLType | None, path: list[str]) -> None:
        name = node.name.value
        here = [*path, node.alias.value if node.alias else name]
        found = _field_of(self.schema, on, name)
        if found is None:
            type_name = on.name if on is not None and hasattr(on, "name") else ""
            message = f"Field '{name}' doesn't exist on type '{type_name}'"
            extra = {"typeName": type_name, "fieldName": name}
            self.errors.append(static(message, node, here, "undefinedField", **extra))
            return
        self.directives(node.directives, here)
        self._selection_fits(node, found, here)
        self._arguments(node, found, here)
        if node.selection_set:
            self.selections(node.selection_set, get_named_type(found.type), here)

    def _selection_fits(self, node: FieldNode, found: GraphQLField, here: list[str]) -> None:
        leaf = is_leaf_type(get_named_type(found.type))
        name, target = node.name.value, get_named_type(found.type).name
        if not leaf and not node.selection_set:
            message = (
                f"Field must have selections (field '{name}' returns {target} but has no selections. "
                f"Did you mean '{name} {{ ... }}'?)"
            )
        elif leaf and node.selection_set:
            first = ", ".join(item.name.value for item in node.selection_set.selections if isinstance(item, FieldNode))
            message = (
                f"Selections can't be made on scalars (field '{name}' returns {target} "
                f'but has selections ["{first}"])'
            )
        else:
            return
        extra = {"nodeName": f"field '{name}'", "typeName": target}
        self.errors.append(static(message, node, here, "selectionMismatch", **extra))

    def _arguments(self, node: FieldNode, found: GraphQLField, here: list[str]) -> None:
        name = node.name.value
        given = {argument.name.value: argument for argument in node.arguments or ()}
        for key, argument in given.items():
            if key not in found.args:
                message = f"Field '{name}' doesn't accept argument '{key}'"
                extra = {"name": name, "typeName": "Field", "argumentName": key}
                self.errors.append(static(message, argument, [*here, key], "argumentNotAccepted", **extra))
                continue
            owner = literals.Owner("Field", name, node)
            self.errors += literals.check(found.args[key].type, argument.value, key, owner, [*here, key])
        missing = [key for key, argument in found.args.items() if key not in given and is_required(argument)]
        if missing:
            text = ", ".join(missing)
            message = f"Field '{name}' is missing required arguments: {text}"
            extra = {"className": "Field", "name": name, "arguments": text}
            self.errors.append(static(message, node, here, "missingRequiredArguments", **extra))

    def directives(self, nodes: tuple[DirectiveNode, ...] | None, path: list[str]) -> None:
        for directive in nodes or ():
            name = directive.name.value
            declared = None if name in self.unknown else self.schema.get_directive(name)
            given = {argument.name.value for argument in directive.arguments or ()}
            if declared is None:
                message = f"Directive @{name} is not defined"
                extra = {"directiveName": name}
                self.errors.append(static(message, directive, path, "undefinedDirective", **extra))
                continue
            missing = ", ".join(key for key, one in declared.args.items() if key not in given and is_required(one))
            if missing:
                message = f"Directive '{name}' is missing required arguments: {missing}"
                extra = {"className": "Directive", "name": name, "arguments": missing}
                self.errors.append(static(message, directive, path, "missingRequiredArguments", **extra))


class _Used(Visitor):
    def __init__(self, unknown: frozenset[str]) -> None:
        super().__init__()
        self.names: set[str] = set()
        self._unknown = unknown

    def enter_directive(self, node: DirectiveNode, *_: object) -> object:
        return SKIP if node.name.value in self._unknown else None

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.add(node.name.value)


def _field_of(schema: GraphQLSchema, on: GraphQLType | None, name: str) -> GraphQLField | None:
    if on is None or not is_composite_type(on):
        return None
    if name == "__typename" or (on is schema.query_type and name in {"__schema", "__type"}):
        return schema.get_field(on, name)
    if isinstance(on, GraphQLObjectType | GraphQLInterfaceType):
        return on.fields.get(name)
    return None


def _unknown_type(name: str, node: Node, path: list[str]) -> Error:
    message = f"No such type {name}, so it can't be a fragment condition"
    return static(message, node, path, "undefinedType", typeName=name)
