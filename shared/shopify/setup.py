"""What a shop needs before the first write, and what `ops doctor` wants to know of it.

`ensure_definitions` creates missing metafield definitions; it never changes or deletes one that exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.shopify.answers import refusal, user_errors
from shared.shopify.client import ShopifyClient
from shared.shopify.documents import document
from shared.shopify.graph import search
from shared.shopify.selection import metafield_name, split


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a shop needs. `state`: present, needed (dry run), done, or wrong (with the reason in `detail`)."""

    name: str
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What the shop says of itself and of this app."""

    domain: str
    currency: str
    api_version: str
    scopes: frozenset[str]
    at: datetime
    """The shop's clock."""

    def missing_scopes(self, needed: Iterable[str]) -> tuple[str, ...]:
        """Scopes that are not granted; a write scope includes its read scope."""
        granted = self.scopes | {scope.replace("write_", "read_", 1) for scope in self.scopes}
        return tuple(scope for scope in needed if scope not in granted)


def shop_facts(client: ShopifyClient) -> ShopFacts:
    """One call; it also proves that signing in works."""
    answer = client.execute(document("shop"), {})
    data = answer.data
    scopes = frozenset(scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"])
    return ShopFacts(data["shop"]["myshopifyDomain"], data["shop"]["currencyCode"], client.version, scopes, answer.at)


def ensure_definitions(
    client: ShopifyClient, marker: tuple[str, str], paths: Iterable[str], *, dry_run: bool
) -> Sequence[Step]:
    """The metafield definitions that the marker (type id, on products and variants) and mapped metafields need.

    A mapped metafield without a definition becomes single_line_text_field; one that exists keeps its type. A marker of
    another type is "wrong": custom ids would not work with it.
    """
    wanted = [("PRODUCT", marker, "id"), ("PRODUCTVARIANT", marker, "id")]
    wanted += [entry for path in sorted(set(paths)) for entry in _mapped(path) if entry[1] != marker]
    steps = []
    known: dict[tuple[str, str], dict[str, str]] = {}
    for owner, (namespace, key), kind in wanted:
        if (owner, namespace) not in known:
            known[owner, namespace] = _definitions(client, owner, namespace)
        found = known[owner, namespace].get(key)
        name = f"metafield definition {namespace}.{key} on {owner.lower()} ({found or kind})"
        if found is None:
            steps.append(Step(name, "needed") if dry_run else _create(client, name, (owner, namespace, key, kind)))
        elif kind == "id" != found:
            steps.append(Step(name, "wrong", f"It has the type {found} and must be of type id: use another key."))
        else:
            steps.append(Step(name, "present"))
    return steps


def ensure_marker(client: ShopifyClient, owner: str, marker: tuple[str, str], *, dry_run: bool) -> Step:
    """The definition of a mark of type id on one type of records."""
    namespace, key = marker
    found = _definitions(client, owner, namespace).get(key)
    name = f"metafield definition {namespace}.{key} on {owner.lower()} ({found or 'id'})"
    if found is None:
        return Step(name, "needed") if dry_run else _create(client, name, (owner, namespace, key, "id"))
    if found != "id":
        return Step(name, "wrong", f"It has the type {found} and must be of type id: rename or delete that definition.")
    return Step(name, "present")


def _mapped(path: str) -> Iterable[tuple[str, tuple[str, str], str]]:
    names = split(path)
    if len(names) >= 2 and names[0] == "metafields":
        yield "PRODUCTVARIANT", metafield_name(names[1]), "single_line_text_field"
    if len(names) >= 3 and names[:2] == ("product", "metafields"):
        yield "PRODUCT", metafield_name(names[2]), "single_line_text_field"


def _definitions(client: ShopifyClient, owner: str, namespace: str) -> dict[str, str]:
    """Key → type of the definitions in a namespace."""
    asked = {"owner": owner, "namespace": namespace}
    found = search(client, document("metafield_definitions"), "metafieldDefinitions", asked)
    return {node["key"]: node["type"]["name"] for node in found}


def _create(client: ShopifyClient, name: str, definition: tuple[str, str, str, str]) -> Step:
    owner, namespace, key, kind = definition
    variables = {
        "name": key.replace("_", " ").capitalize(),
        "namespace": namespace,
        "key": key,
        "ownerType": owner,
        "type": kind,
    }
    answer = client.execute(document("metafield_definition_create"), {"definition": variables})
    payload = answer.data["metafieldDefinitionCreate"]
    errors = user_errors(payload)
    if any(error.code == "TAKEN" for error in errors):
        return Step(name, "present")
    return Step(name, "wrong", refusal("metafieldDefinitionCreate", errors).sentence) if errors else Step(name, "done")
