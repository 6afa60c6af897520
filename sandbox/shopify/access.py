"""Which scopes a field needs, and whether a token has them.

Facts come from the schema package's own list; a write scope implies the read scope of the same name.
"""

from __future__ import annotations

from graphql import GraphQLField, get_named_type

from sandbox.shopify.call import Actor
from sandbox.shopify.dialect import access_denied
from sandbox.shopify.schema import AdminSchema


def check(schema: AdminSchema, actor: Actor, type_name: str, name: str, field: GraphQLField) -> None:
    """Raise the vendor's ACCESS_DENIED when the actor has none of the scopes that the field or its type needs."""
    needed = schema.field_access.get(f"{type_name}.{name}")
    if needed is None and type_name != "Mutation":
        needed = schema.type_access.get(get_named_type(field.type).name)
    if needed is None or not needed[1] or _has_one(actor, needed[1]):
        return
    raise access_denied(name, needed[0])


def _has_one(actor: Actor, scopes: list[str]) -> bool:
    return any(
        scope in actor.scopes or (scope.startswith("read_") and f"write_{scope[5:]}" in actor.scopes)
        for scope in scopes
    )
