"""From a GraphQL request to its answer: parse, validate, coerce, price, throttle, run, account.

The order is Shopify's: a document that is refused costs nothing and carries no data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLResolveInfo,
    GraphQLSyntaxError,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    execute_sync,
    get_named_type,
    is_input_object_type,
    parse,
)

from sandbox.shopify import access, cost_debug, idempotency, modelled, registry
from sandbox.shopify.bucket import MAX_SINGLE_QUERY, Bucket, Buckets
from sandbox.shopify.call import Call, UserErrors
from sandbox.shopify.coercion import coerce, variables
from sandbox.shopify.cost import Estimator
from sandbox.shopify.dialect import (
    Error,
    FieldFailed,
    NotBuilt,
    RequestRefused,
    locations,
    parse_error,
    throttled,
    too_costly,
)
from sandbox.shopify.pace import LIMITED, Pace
from sandbox.shopify.schema import AdminSchema
from sandbox.shopify.store.readers import NeedsTheWriter
from sandbox.shopify.validation import problems


@dataclass(frozen=True)
class Prepared:
    """A document that passed validation."""

    document: DocumentNode
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]


@dataclass
class Answer:
    """What goes back, and what it cost."""

    body: dict[str, Any]
    requested: int = 0
    actual: int = 0
    operation: str = ""
    errors: list[Error] = field(default_factory=list)


class Executor:
    """Runs the requests of one store."""

    def __init__(self, schema: AdminSchema, buckets: Buckets) -> None:
        self.schema = schema
        self._permits = access.Permits(schema)
        self.buckets = buckets
        self._pace = Pace()

    def run(self, call: Call, request: dict[str, Any]) -> Answer:
        """Answer one request; never raises for anything the client did."""
        for bring_up_to_date in registry.DUE:
            bring_up_to_date(call)
        try:
            text, given = str(request.get("query") or ""), request.get("variables") or {}
            prepared = _prepared(self.schema, text, request.get("operationName"), call.api_version)
            values = variables(self.schema.graphql, prepared.operation, given, call.api_version)
            root = self.schema.graphql.get_root_type(prepared.operation.operation)
            assert root is not None  # noqa: S101 - the schema has the three roots
            scope = modelled.Scope(self.schema.graphql, prepared.fragments, values, self._denied(call))
            modelled.check_selection(scope, prepared.operation.selection_set, root)
        except RequestRefused as refused:
            return Answer({"errors": refused.errors}, errors=refused.errors)
        return self._priced(call, prepared, values)

    def _denied(self, call: Call) -> Callable[[str, str, GraphQLField], bool]:
        if not call.restricted:
            return lambda *_: False
        return lambda on, name, field: self._permits.refusal(call.actor, on, name, field) is not None

    def _priced(self, call: Call, prepared: Prepared, values: dict[str, Any]) -> Answer:
        estimator = Estimator(self.schema.graphql, prepared.fragments, values)
        requested = estimator.requested(prepared.operation)
        name = _root_names(prepared.operation)
        if requested > MAX_SINGLE_QUERY:
            errors = [too_costly(requested, MAX_SINGLE_QUERY)]
            return Answer({"errors": errors}, operation=name, errors=errors)
        bucket = self.buckets.of(call.actor.name)
        if not bucket.reserve(requested):
            cost = _cost(bucket, requested, None)
            errors = [throttled()]
            return Answer({"errors": errors, "extensions": {"cost": cost}}, requested, 0, name, errors)
        body = self._execute(call, prepared, values)
        actual = min(requested, estimator.actual(prepared.operation, body["data"]))
        bucket.refund(requested - actual)
        extensions: dict[str, Any] = {"cost": _cost(bucket, requested, actual)}
        if call.debug_cost:
            extensions["cost"]["fields"] = cost_debug.fields(estimator, prepared.operation)
        if call.searches:
            extensions["search"] = call.searches
        body["extensions"] = extensions
        return Answer(body, requested, actual, name, body.get("errors", []))

    def _execute(self, call: Call, prepared: Prepared, values: dict[str, Any]) -> dict[str, Any]:
        """Run it: a mutation while it holds the store, a query beside whoever writes."""
        if prepared.operation.operation is not OperationType.MUTATION:
            try:
                with call.db.reading():
                    return self._answer(call, prepared, values)
            except NeedsTheWriter:
                call.searches.clear()
                call.cache.clear()
        with call.db.lock:
            return self._answer(call, prepared, values)

    def _answer(self, call: Call, prepared: Prepared, values: dict[str, Any]) -> dict[str, Any]:
        result = execute_sync(
            self.schema.graphql,
            prepared.document,
            context_value=call,
            variable_values=values,
            operation_name=prepared.operation.name.value if prepared.operation.name else None,
            field_resolver=self._resolve,
            type_resolver=_concrete,
        )
        body: dict[str, Any] = {"data": result.data}
        errors = [shown for error in result.errors or () for shown in _error(error)]
        if errors:
            body["errors"] = errors
        return body

    def _resolve(self, source: Any, info: GraphQLResolveInfo, **given: Any) -> Any:
        call: Call = info.context
        parent, name = info.parent_type, info.field_name
        declared = parent.fields[name]
        if call.restricted:
            call.permits = self._permits
            self._permits.check(call.actor, parent.name, name, declared)
        field = registry.find(parent.name, name)
        if field is None:
            raise NotBuilt(f"{parent.name}.{name}")
        args = {key: coerce(declared.args[key].type, value) for key, value in given.items()} if given else given
        if "query" in args:
            call.path = info.path.as_list()
        if parent is self.schema.graphql.mutation_type:
            return _mutate(call, info, args, self._paced(call, info, field))
        return field.resolve(source, call, args)

    def _paced(self, call: Call, info: GraphQLResolveInfo, field: registry.Field) -> registry.Field:
        if info.field_name != LIMITED or not call.store.config.development_store:
            return field

        def resolve(source: Any, call: Call, args: dict[str, Any]) -> Any:
            self._pace.check(call)
            answer = field.resolve(source, call, args)
            self._pace.note(call)
            return answer

        return registry.Field(resolve, field.arguments)


@lru_cache(maxsize=512)
def _prepared(schema: AdminSchema, text: str, wanted: str | None, version: str) -> Prepared:
    """A document parsed and checked; kept for all stores of this process: none changes what is valid."""
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        raise RequestRefused([parse_error(error)]) from None
    found = problems(schema.graphql, document, version)
    if found:
        raise RequestRefused(found)
    operation = _choose([one for one in document.definitions if isinstance(one, OperationDefinitionNode)], wanted)
    parts = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    return Prepared(document, operation, {one.name.value: one for one in parts})


def _cost(bucket: Bucket, requested: int, actual: int | None) -> dict[str, Any]:
    status = bucket.status()
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def _error(error: GraphQLError) -> list[Error]:
    cause = error.original_error
    shown: Error = {"message": error.message, "locations": locations(*(error.nodes or ())[:1])}
    if isinstance(cause, RequestRefused):
        return [one | {"path": error.path} for one in cause.errors]
    if isinstance(cause, FieldFailed):
        shown["locations"] += locations(*cause.locate)
        shown["extensions"] = cause.extensions
        shown["path"] = cause.path or error.path
        return [shown]
    if cause is not None:
        raise cause
    return [shown | {"extensions": {}, "path": error.path}]


def _mutate(call: Call, info: GraphQLResolveInfo, args: dict[str, Any], field: registry.Field) -> Any:
    store = call.store
    call.field_node = info.field_nodes[0]
    call.input_node = _input_node(info)
    try:
        with store.db.transaction():
            answer = idempotency.once(call, info, args, lambda: field.resolve(None, call, args))
            store.publish()
            return answer | _errors(info, answer["userErrors"])
    except UserErrors as refused:
        payload = get_named_type(info.return_type)
        blank = dict.fromkeys(payload.fields)  # type: ignore[attr-defined]
        answer = blank | refused.payload | _errors(info, refused.errors)
        idempotency.remember_failure(call, info, args)
        return answer
    finally:
        store.forget_events()


# An error of a metafield inside another input carries a code of the outer mutation's own list.
NESTED_CODES = {"TAKEN": ("CAPABILITY_VIOLATION",)}
OTHER_CODES = ("INVALID_METAFIELD", "INVALID_INPUT", "INVALID")


def _errors(info: GraphQLResolveInfo, errors: list[Error]) -> dict[str, list[Error]]:
    # Some payloads name their errors after the mutation, some have both, as orderCancel and locationActivate.
    payload = get_named_type(info.return_type)
    fields = payload.fields  # type: ignore[attr-defined]
    names = [name for name in fields if name.lower().endswith("usererrors")]
    return {name: _with_codes(get_named_type(fields[name].type), errors) for name in names}


def _with_codes(kind: GraphQLNamedType, errors: list[Error]) -> list[Error]:
    code = kind.fields.get("code")  # type: ignore[attr-defined]
    if code is None:
        return errors
    known = get_named_type(code.type).values
    fitted = []
    for error in errors:
        wanted = error.get("code")
        if wanted is None or wanted in known:
            fitted.append(error)
            continue
        options = (*NESTED_CODES.get(wanted, ()), *OTHER_CODES)
        fitted.append(error | {"code": next((option for option in options if option in known), None)})
    return fitted


def _input_node(info: GraphQLResolveInfo) -> Node | None:
    """Where the input of a mutation stands: its literal, or the definition of the variable that carries it."""
    arguments = info.field_nodes[0].arguments
    if not arguments:
        return None
    declared = info.parent_type.fields[info.field_name].args
    inputs = [one for one in arguments if is_input_object_type(get_named_type(declared[one.name.value].type))]
    value = (inputs or arguments)[0].value
    if not isinstance(value, VariableNode):
        return value
    for definition in info.operation.variable_definitions or ():
        if definition.variable.name.value == value.name.value:
            return definition
    return value


def _choose(operations: list[OperationDefinitionNode], wanted: str | None) -> OperationDefinitionNode:
    if wanted:
        for operation in operations:
            if operation.name and operation.name.value == wanted:
                return operation
        raise RequestRefused([{"message": f'No operation named "{wanted}"'}])
    if len(operations) != 1:
        raise RequestRefused([{"message": "An operation name is required"}])
    return operations[0]


def _root_names(operation: OperationDefinitionNode) -> str:
    names = [one.name.value for one in operation.selection_set.selections if hasattr(one, "name")]
    kind = "mutation" if operation.operation is OperationType.MUTATION else "query"
    return f"{kind} {', '.join(names)}"


def _concrete(value: Any, _info: GraphQLResolveInfo, _abstract: Any) -> str | None:
    return value.get("__typename") if isinstance(value, dict) else None
