"""What a resolver may use while one request runs: the store, the index, who asks, what it wrote.

One object per request; it must never outlive it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.shopify.store.database import Database

if TYPE_CHECKING:
    from graphql import FieldNode, Node

    from sandbox.shopify.access import Permits
    from sandbox.shopify.store.shop import Store


@dataclass(frozen=True)
class Actor:
    """Whose token it is, what it may do, and which protected customer data it is approved for."""

    name: str
    scopes: frozenset[str]
    approved: frozenset[str] = frozenset({"customer", "name", "address", "email", "phone"})


class UserErrors(Exception):
    """A mutation says no: nothing is written, the payload carries these errors and what `payload` adds."""

    def __init__(self, errors: list[dict[str, Any]], **payload: Any) -> None:
        super().__init__(errors)
        self.errors = errors
        self.payload = payload


def user_error(path: list[str] | None, message: str, code: str | None = None) -> dict[str, Any]:
    """One entry of `userErrors`."""
    return {"field": path, "message": message, "code": code, "elementIndex": None}


def refuse(path: list[str] | None, message: str, code: str | None = None, **payload: Any) -> UserErrors:
    """The exception for a single user error."""
    return UserErrors([user_error(path, message, code)], **payload)


@dataclass
class Call:
    """One request: store, actor, version, and the counts it leaves behind."""

    store: Store
    actor: Actor
    api_version: str
    request_id: str
    searches: list[dict[str, Any]] = field(default_factory=list)
    written: set[tuple[str, str]] = field(default_factory=set)
    targets: set[tuple[str, str]] = field(default_factory=set)
    restricted: bool = False
    permits: Permits | None = None
    debug_cost: bool = False
    keys: set[tuple[str, str]] = field(default_factory=set)
    base_url: str = ""
    path: list[str | int] = field(default_factory=list)
    field_node: FieldNode | None = None
    input_node: Node | None = None
    cache: dict[Any, Any] = field(default_factory=dict)

    @property
    def db(self) -> Database:
        """The rows of the store."""
        return self.store.db

    def wrote(self, kind: str, key: int | str) -> None:
        """Count a record that a mutation was asked to write."""
        self.written.add((kind, str(key)))

    def target(self, kind: str, key: int | str) -> None:
        """Count a record that a mutation named as its object."""
        self.targets.add((kind, str(key)))
        self.wrote(kind, key)
