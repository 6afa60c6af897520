"""metafieldDefinitionPin, metafieldDefinitionUnpin, metafieldDefinitionDelete, standardMetafieldDefinitionEnable.

A definition that something rests on is not deleted: ids, references and reserved namespaces only with their values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.mutations import definition_checks as checks
from sandbox.shopify.mutations.definitions import insert, named
from sandbox.shopify.resolvers.definitions import source
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.store import metafields
from sandbox.shopify.store.database import Row

registry.inputs("StandardMetafieldDefinitionAccessInput", "admin storefront customerAccount")
# Who says that a definition is in use, by its row: automated collections, once they are there.
USERS: list[Callable[[Call, Row], bool]] = []


@registry.mutation("metafieldDefinitionPin", "definitionId identifier", "pinnedDefinition userErrors")
def _pin(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = named(call, args, "definitionId")
    if row is None:
        raise refuse(None, "Definition not found.", "NOT_FOUND")
    if row["pinned_position"] is not None:
        raise refuse(None, "Definition already pinned.", "ALREADY_PINNED")
    place = checks.next_pin(call, row["owner_type"], bool(row["constraints"]), None)
    call.db.update("metafield_definitions", row["id"], {"pinned_position": place})
    call.target("MetafieldDefinition", row["id"])
    return {"pinnedDefinition": source(call.db.get("metafield_definitions", row["id"])), "userErrors": []}


@registry.mutation("metafieldDefinitionUnpin", "definitionId identifier", "unpinnedDefinition userErrors")
def _unpin(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = named(call, args, "definitionId")
    if row is None:
        raise refuse(None, "Definition not found.", "NOT_FOUND")
    if row["pinned_position"] is None:
        raise refuse(None, f"Definition {row['id']} isn't pinned.", "NOT_PINNED")
    checks.unpin(call, row)
    call.target("MetafieldDefinition", row["id"])
    return {"unpinnedDefinition": source(call.db.get("metafield_definitions", row["id"])), "userErrors": []}


@registry.mutation(
    "metafieldDefinitionDelete",
    "id identifier deleteAllAssociatedMetafields",
    "deletedDefinitionId deletedDefinition userErrors",
)
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = named(call, args, "id")
    if row is None:
        raise refuse(["id"], "Definition not found.", "NOT_FOUND")
    _check_delete(call, row, bool(args.get("deleteAllAssociatedMetafields")))
    if args.get("deleteAllAssociatedMetafields"):
        for held in metafields.described(call.store, row):
            metafields.delete(call.store, held["id"])
    if row["pinned_position"] is not None:
        checks.unpin(call, row)
    call.db.run("DELETE FROM metafield_definitions WHERE id = ?", (row["id"],))
    call.target("MetafieldDefinition", row["id"])
    identifier = gid.make("MetafieldDefinition", row["id"])
    return {"deletedDefinitionId": identifier, "deletedDefinition": row, "userErrors": []}


def _check_delete(call: Call, row: Row, everything: bool) -> None:
    if any(uses(call, row) for uses in USERS):
        message = "Cannot proceed with this action. This definition is used in one or more automated collections."
        raise refuse(None, message, "METAFIELD_DEFINITION_IN_USE")
    if everything:
        return
    if row["type"] == "id":
        message = "Deleting an id type metafield definition requires deletion of its associated metafields."
        raise refuse(None, message, "ID_TYPE_DELETION_ERROR")
    if row["type"].endswith("_reference"):
        message = "Deleting a reference type metafield definition requires deletion of its associated metafields."
        raise refuse(None, message, "REFERENCE_TYPE_DELETION_ERROR")
    if row["namespace"] == "shopify" or row["namespace"].startswith("app--"):
        message = "Deleting a definition in a reserved namespace must have deleteAllAssociatedMetafields set to true."
        raise refuse(None, message, "RESERVED_NAMESPACE_ORPHANED_METAFIELDS")


# The templates of which every part is known; the many others are refused by name.
TEMPLATES: dict[int, Row] = {
    1: {
        "namespace": "descriptors",
        "key": "subtitle",
        "name": "Product subtitle",
        "description": "Used as a shorthand for a product name",
        "type": "single_line_text_field",
        "validations": [{"name": "max", "value": "70", "type": "number_integer"}],
        "owner_types": ("PRODUCT", "PRODUCTVARIANT"),
    },
    2: {
        "namespace": "descriptors",
        "key": "care_guide",
        "name": "Care guide",
        "description": "Instructions for taking care of a product or apparel",
        "type": "multi_line_text_field",
        "validations": [{"name": "max", "value": "500", "type": "number_integer"}],
        "owner_types": ("PRODUCT", "PRODUCTVARIANT"),
    },
}


@registry.mutation(
    "standardMetafieldDefinitionEnable",
    "ownerType id namespace key pin access capabilities",
    "createdDefinition userErrors",
)
def _enable(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    number = _template(call, args)
    template = TEMPLATES[number]
    if (args.get("access") or {}).get("admin"):
        raise refuse(["access"], checks.NOT_PERMITTED, "INVALID")
    owner_type = args["ownerType"]
    columns = checks.capabilities(args.get("capabilities") or {}, template["type"], owner_type, None)
    row = metafields.definition(call.store, owner_type, template["namespace"], template["key"])
    if row is None:
        access = {"admin": "PUBLIC_READ_WRITE", "storefront": "PUBLIC_READ", "customerAccount": "NONE"}
        given = {name: value for name, value in template.items() if name != "owner_types"}
        given |= {"owner_type": owner_type, "access": access | (args.get("access") or {}), "constraints": ""}
        row = insert(call, given | columns | {"standard_template": number, "pinned_position": None})
        assert row is not None  # noqa: S101 - just written
    if args.get("pin") and row["pinned_position"] is None:
        place = checks.next_pin(call, owner_type, False, None)
        call.db.update("metafield_definitions", row["id"], {"pinned_position": place})
    call.target("MetafieldDefinition", row["id"])
    return {"createdDefinition": source(call.db.get("metafield_definitions", row["id"])), "userErrors": []}


def _template(call: Call, args: dict[str, Any]) -> int:
    if args.get("id"):
        number = gid.number(args["id"], "StandardMetafieldDefinitionTemplate")
        if number in TEMPLATES:
            return number
        if number is not None and 0 < number < 20_000:
            raise registry.not_built(f"the standard metafield definition template {number}")
        raise refuse(["id"], "Id is not a valid standard metafield definition template id", "TEMPLATE_NOT_FOUND")
    if not args.get("namespace") or not args.get("key"):
        message = "A namespace and key or standard metafield definition template id must be provided."
        raise refuse(None, message, "TEMPLATE_NOT_FOUND")
    place = (namespace_of(call, args["namespace"]), args["key"])
    for number, template in TEMPLATES.items():
        fits = (template["namespace"], template["key"]) == place and args["ownerType"] in template["owner_types"]
        if fits:
            return number
    if place[0] == "shopify":
        raise registry.not_built(f"the standard metafield definition {'.'.join(place)}")
    message = "A standard definition wasn't found for the specified owner type, namespace, and key."
    raise refuse(None, message, "TEMPLATE_NOT_FOUND")
