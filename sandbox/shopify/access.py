"""Which scopes a field needs, which fields are protected customer data, and whether an app may see them.

Facts come from the schema package's own lists; a write scope implies the read scope of the same name. What an app may
not see is refused as https://shopify.dev/docs/apps/launch/protected-customer-data shows it: null with an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphql import GraphQLField, get_named_type

from sandbox.shopify.call import Actor
from sandbox.shopify.dialect import FieldFailed, access_denied, not_approved
from sandbox.shopify.schema import AdminSchema

# What apps are approved for one by one; "customer" is the data as such (level 1), the others its fields (level 2).
CUSTOMER = "customer"
APPROVALS = frozenset({CUSTOMER, "name", "address", "email", "phone"})
# "Data that relates to a single customer": the types that the page names, as far as they are modelled.
PROTECTED_OBJECTS = frozenset(
    {"Customer", "Order", "DraftOrder", "Refund", "OrderTransaction", "Fulfillment", "FulfillmentOrder", "Return"}
    | {"MailingAddress", "CompanyContact"}
)
# Webhook topics whose bodies are about one customer or order: by how they begin.
PROTECTED_TOPICS = ("customer", "order", "draft_order", "refund", "fulfillment", "return", "compan", "checkout")


@dataclass(frozen=True)
class Refusal:
    """Why a field is not shown: the scope that is missing, or the object or field that is not approved."""

    scopes: str | None = None
    protected: str | None = None

    def error(self, name: str) -> FieldFailed:
        """As an error of the answer."""
        return not_approved(self.protected) if self.protected else access_denied(name, self.scopes or "")


class Permits:
    """What each actor may do with each field; remembers what it once worked out."""

    def __init__(self, schema: AdminSchema) -> None:
        self._schema = schema
        self._known: dict[tuple[frozenset[str], frozenset[str], str, str], Refusal | None] = {}

    def check(self, actor: Actor, type_name: str, name: str, field: GraphQLField) -> None:
        """Raise the vendor's ACCESS_DENIED when the actor may not have that field."""
        refusal = self.refusal(actor, type_name, name, field)
        if refusal is not None:
            raise refusal.error(name)

    def refusal(self, actor: Actor, type_name: str, name: str, field: GraphQLField) -> Refusal | None:
        """Why the actor may not have that field; None when it may."""
        key = (actor.scopes, actor.approved, type_name, name)
        if key not in self._known:
            self._known[key] = self._refusal(actor, type_name, name, field)
        return self._known[key]

    def check_topic(self, actor: Actor, member: str) -> bool:
        """Whether the actor may subscribe to a topic by its scopes; raises ACCESS_DENIED for protected ones."""
        if member.lower().startswith(PROTECTED_TOPICS) and CUSTOMER not in actor.approved:
            raise not_approved("subscribe to webhook topics containing protected customer data")
        needed = self._schema.topic_access.get(member)
        return not needed or _has_one(actor, needed)

    def _refusal(self, actor: Actor, type_name: str, name: str, field: GraphQLField) -> Refusal | None:
        needed = self._schema.field_access.get(f"{type_name}.{name}")
        target = get_named_type(field.type).name
        if needed is None and type_name != "Mutation":
            needed = self._schema.type_access.get(target)
        if needed is not None and needed[1] and not _may(actor, *needed):
            return Refusal(scopes=needed[0])
        content = self._schema.protected.get(f"{type_name}.{name}")
        if content is not None and not {content, CUSTOMER} <= actor.approved:
            return Refusal(protected=f"use the {name} field")
        kind = target.removesuffix("Connection").removesuffix("Edge")
        if kind in PROTECTED_OBJECTS and CUSTOMER not in actor.approved:
            return Refusal(protected=f"access the {kind} object")
        return None


def _may(actor: Actor, text: str, scopes: list[str]) -> bool:
    # Any of the scopes will do, but where the text says "Also: Requires" one of each part is needed (recorded).
    parts = text.split("Also: Requires ")
    if len(parts) == 1:
        return _has_one(actor, scopes)
    named = [re.findall(r"`(\w+)`", part) for part in parts]
    return all(_has_one(actor, names) for names in named if names)


def _has_one(actor: Actor, scopes: list[str]) -> bool:
    return any(
        scope in actor.scopes or (scope.startswith("read_") and f"write_{scope[5:]}" in actor.scopes)
        for scope in scopes
    )
