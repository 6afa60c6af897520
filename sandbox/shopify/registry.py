"""Which fields, arguments and input fields of the schema the sandbox has behaviour for.

Modules register their resolvers here on import. What is not registered is refused by name before anything runs;
it never becomes a silent null.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.shopify.dialect import NotBuilt

if TYPE_CHECKING:
    from sandbox.shopify.call import Call

Resolver = Callable[[Any, "Call", dict[str, Any]], Any]
Finder = TypeVar("Finder", bound=Callable[..., Any])


@dataclass(frozen=True)
class Field:
    """One resolvable field: its function and the arguments it honours."""

    resolve: Resolver
    arguments: frozenset[str]


FIELDS: dict[tuple[str, str], Field] = {}
INPUTS: dict[str, frozenset[str]] = {}
NODES: dict[str, Callable[[Call, str], Any]] = {}
# What is brought up to date before a request is answered, such as work that became due.
DUE: list[Callable[[Call], None]] = []
CONNECTION_ARGUMENTS = "first last after before reverse"


def field(type_name: str, name: str, arguments: str = "") -> Callable[[Resolver], Resolver]:
    """Register the resolver of one field; `arguments` are those it honours, blank-separated."""

    def register(function: Resolver) -> Resolver:
        FIELDS[type_name, name] = Field(function, frozenset(arguments.split()))
        return function

    return register


def mutation(name: str, arguments: str, payload: str) -> Callable[[Resolver], Resolver]:
    """Register a mutation and the fields of its payload type that its answer carries."""

    def register(function: Resolver) -> Resolver:
        FIELDS["Mutation", name] = Field(function, frozenset(arguments.split()))
        payload_type = name[0].upper() + name[1:] + "Payload"
        keys(payload_type, payload)
        return function

    return register


def keys(type_name: str, names: str) -> None:
    """Register fields that are answered by the key of the same name in the source, with its camel or snake name."""
    for name in names.split():
        FIELDS[type_name, name] = Field(_by_key(name), frozenset())


def inputs(type_name: str, names: str) -> None:
    """Register the fields of an input type that the sandbox honours."""
    INPUTS[type_name] = INPUTS.get(type_name, frozenset()) | frozenset(names.split())


def node(kind: str) -> Callable[[Finder], Finder]:
    """Register how `node(id:)` finds a record of that kind."""

    def register(function: Finder) -> Finder:
        NODES[kind] = function
        return function

    return register


def find(type_name: str, name: str) -> Field | None:
    """The registered field, generic ones (connections, edges, page info, user errors) included."""
    found = FIELDS.get((type_name, name))
    if found is not None:
        return found
    if type_name.endswith("Connection") and name in {"nodes", "edges", "pageInfo"}:
        return _GENERIC[name]
    if type_name.endswith("Edge") and name in {"node", "cursor"}:
        return _GENERIC[name]
    if type_name.endswith("Error") and name in {"field", "message", "code", "elementIndex"}:
        return _GENERIC[name]
    return None


def _by_key(name: str) -> Resolver:
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)

    def resolve(source: Any, _call: Call, _args: dict[str, Any]) -> Any:
        return source[name] if name in source else source[snake]

    return resolve


def _by_attribute(name: str) -> Resolver:
    return lambda source, _call, _args: getattr(source, name)


def _error_part(name: str) -> Resolver:
    return lambda source, _call, _args: source.get(name)


_GENERIC: dict[str, Field] = {
    "nodes": Field(_by_attribute("nodes"), frozenset()),
    "edges": Field(_by_attribute("edges"), frozenset()),
    "pageInfo": Field(_by_attribute("page_info"), frozenset()),
    "node": Field(_by_key("node"), frozenset()),
    "cursor": Field(_by_key("cursor"), frozenset()),
} | {name: Field(_error_part(name), frozenset()) for name in ("field", "message", "code", "elementIndex")}
keys("PageInfo", "hasNextPage hasPreviousPage startCursor endCursor")
keys("Count", "count precision")


def not_built(what: str) -> NotBuilt:
    """The refusal of something that exists at Shopify and is not modelled; raise it."""
    return NotBuilt(what)
