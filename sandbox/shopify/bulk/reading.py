"""Reads the text of a bulk query or mutation: parse, kind, validity, and the rules of each.

Raises what the mutation answers; nothing is written here.
"""

from __future__ import annotations

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
)

from sandbox.shopify import modelled, schema
from sandbox.shopify.bulk import query_rules
from sandbox.shopify.bulk.query_rules import Document
from sandbox.shopify.call import UserErrors, refuse
from sandbox.shopify.dialect import parse_error
from sandbox.shopify.store.shop import Store
from sandbox.shopify.validation import problems

MAX_BYTES = 65_535
IN_QUERY = ["query"]
IN_MUTATION = ["mutation"]


def query(store: Store, text: str) -> Document:
    """A query that may run in bulk; raises UserErrors."""
    size = len(text.encode())
    if size > MAX_BYTES:
        raise refuse(IN_QUERY, f"Query is too large ({size} bytes; maximum is {MAX_BYTES} bytes)", "INVALID")
    try:
        parsed = parse(text)
    except GraphQLSyntaxError as error:
        sentence = str(parse_error(error)["message"]).split(" at [")[0]
        raise refuse(IN_QUERY, f"Invalid bulk query: {sentence}", "INVALID") from None
    operation = _operation(parsed)
    if operation is None or operation.operation is not OperationType.QUERY:
        raise refuse(IN_QUERY, "Invalid operation type. Only `query` operations are supported.", "INVALID")
    document = _document(_schema(store), parsed, operation)
    invalid = problems(document.schema, parsed)
    if invalid:
        raise refuse(IN_QUERY, f"Invalid bulk query: {invalid[0]['message']}", "INVALID")
    wrong = query_rules.problem(document)
    if wrong is not None:
        raise refuse(IN_QUERY, wrong, "INVALID")
    _check_modelled(document)
    return document


def mutation(store: Store, text: str) -> Document:
    """A mutation that may run in bulk; raises UserErrors."""
    size = len(text.encode())
    if size > MAX_BYTES:
        message = f"is too large ({size} bytes; maximum is {MAX_BYTES} bytes)"
        raise refuse(IN_QUERY, message, "INVALID_MUTATION")
    try:
        parsed = parse(text)
    except GraphQLSyntaxError as error:
        message = f"Failed to parse the mutation - {parse_error(error)['message']}"
        raise refuse(None, message, "INVALID_MUTATION") from None
    operation = _operation(parsed)
    if operation is None or operation.operation is not OperationType.MUTATION:
        message = "Invalid operation type. Only `mutation` operations are supported."
        raise refuse(None, message, "INVALID_MUTATION")
    document = _document(_schema(store), parsed, operation)
    _check_mutation(document)
    invalid = problems(document.schema, parsed)
    if invalid:
        message = f"Failed to parse the mutation - {invalid[0]['message']}"
        raise refuse(None, message, "INVALID_MUTATION")
    return document


def _check_mutation(document: Document) -> None:
    root = document.schema.mutation_type
    assert root is not None  # noqa: S101 - the schema has mutations
    names = [node.name.value for node, _ in document.fields(document.operation.selection_set, root)]
    if len(names) != 1:
        raise _wrong_mutation("You must specify a single top level mutation.")
    # Which names are allowed is not listed anywhere; those that start bulk operations cannot be.
    if names[0] not in root.fields or names[0].startswith("bulkOperation"):
        raise _wrong_mutation("You must use an allowed mutation name.")
    if len(query_rules.connections(document)) > 1:
        raise _wrong_mutation("Bulk mutations cannot contain more than 1 connection.")


def _wrong_mutation(message: str) -> UserErrors:
    return refuse(IN_MUTATION, message)


def _operation(parsed: DocumentNode) -> OperationDefinitionNode | None:
    found = [one for one in parsed.definitions if isinstance(one, OperationDefinitionNode)]
    return found[0] if len(found) == 1 else None


def _document(graph: GraphQLSchema, parsed: DocumentNode, operation: OperationDefinitionNode) -> Document:
    fragments = {one.name.value: one for one in parsed.definitions if isinstance(one, FragmentDefinitionNode)}
    return Document(graph, operation, fragments)


def _schema(store: Store) -> GraphQLSchema:
    return schema.load(store.config.schema_folder, store.config.api_version).graphql


def _check_modelled(document: Document) -> None:
    root = document.schema.query_type
    assert root is not None  # noqa: S101 - the schema has queries
    scope = modelled.Scope(document.schema, document.fragments, {})
    modelled.check_selection(scope, document.operation.selection_set, root)
