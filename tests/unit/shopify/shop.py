"""A client on a replayed shop, and GraphQL-core's view of the schema table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from graphql import GraphQLSchema, build_schema

from shared.shopify.client import Secrets, ShopifyClient, connect
from shared.shopify.schema import Schema, load
from tests.unit.transport.clocks import StillClock
from tests.unit.transport.replay import Replay, Reply, Script, mounted

SHOP = "acme.myshopify.com"
COST = {
    "requestedQueryCost": 12,
    "actualQueryCost": 5,
    "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 1995, "restoreRate": 100.0},
}


def client(*script: Script) -> tuple[ShopifyClient, Replay]:
    """A client with a legacy token and the adapter under it."""
    made = connect(SHOP, Secrets(token="shpat_test_token"), clock=StillClock())
    return made, mounted(made.transport.session, *script)


def data(content: Mapping[str, Any], **more: Any) -> Reply:
    """An answer with data and a cost, as Shopify writes it."""
    return Reply({"data": content, "extensions": {"cost": COST}, **more})


def errors(*codes: str, **more: Any) -> Reply:
    """An answer with top-level errors."""
    return Reply({"errors": [{"message": f"about {code}", "extensions": {"code": code}} for code in codes], **more})


@cache
def graphql_schema() -> GraphQLSchema:
    """The committed table as a graphql-core schema, to validate documents with."""
    return build_schema(sdl(load()), assume_valid=True)


def sdl(schema: Schema) -> str:
    """The schema table as SDL."""
    parts = [f"schema {{ query: {schema.query_type} mutation: {schema.mutation_type} }}"]
    for name, (places, args) in schema.directives.items():
        if name not in ("include", "skip", "deprecated", "specifiedBy", "oneOf"):
            parts.append(f"directive @{name}{_arguments(args)} on {' | '.join(places)}")
    for name in schema.types():
        if name not in ("String", "Int", "Float", "Boolean", "ID"):
            parts.append(_type(name, schema.entry(name)))
    return "\n".join(parts)


def _type(name: str, entry: Mapping[str, Any]) -> str:
    word = {"O": "type", "I": "interface", "U": "union", "E": "enum", "P": "input", "S": "scalar"}[entry["k"]]
    if entry["k"] == "S":
        return f"scalar {name}"
    if entry["k"] == "U":
        return f"union {name} = {' | '.join(entry['p'])}"
    body = [*entry.get("e", ()), *(f"{key}: {kind}" for key, kind in entry.get("i", {}).items())]
    for key, kind in entry.get("f", {}).items():
        body.append(f"{key}: {kind}" if isinstance(kind, str) else f"{key}{_arguments(kind[1])}: {kind[0]}")
    bases = f" implements {' & '.join(entry['n'])}" if entry.get("n") else ""
    return f"{word} {name}{bases}{' @oneOf' if entry.get('o') else ''} {{ {' '.join(body)} }}"


def _arguments(args: Mapping[str, str]) -> str:
    return f"({', '.join(f'{key}: {kind}' for key, kind in args.items())})" if args else ""
