"""What is refused of a metafield definition: names, type, access, capabilities, pins, the number of definitions.

Sentences and codes are recorded ones; nothing is written here.
"""

from __future__ import annotations

from sandbox.shopify import metafield_types
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.dialect import access_denied
from sandbox.shopify.mutations.metafield_checks import is_foreign
from sandbox.shopify.store import metafields
from sandbox.shopify.store.database import Row

MAX_DEFINITIONS = 256
MAX_PINNED = 50
ACCESS = "API client to have access to the namespace and the resource type associated with the metafield definition.\n"
NOT_PERMITTED = 'Setting this access control is not permitted. It must be one of ["public_read_write"].'
PIN_LIMIT = f"Limit of {MAX_PINNED} pinned definitions."
NO_PIN = "Constrained metafield definitions do not support pinning."
CAPABILITIES = {
    "adminFilterable": ("admin_filterable", "admin_filterable"),
    "smartCollectionCondition": ("smart_collection_condition", "smart_collection"),
    "uniqueValues": ("unique_values", "unique_values"),
    "cartToOrderCopyable": ("cart_to_order_copyable", "cart_to_order_copyable"),
}
OWNER_LABELS = {"PRODUCTVARIANT": "Product Variant", "DRAFTORDER": "Draft Order"}


def check_namespace(call: Call, namespace: str, mutation: str) -> None:
    """A namespace of another app or of the platform denies access as a whole."""
    if is_foreign(call, namespace):
        raise access_denied(mutation, ACCESS)


def check_access(access: Row | None, namespace: str, code: str) -> None:
    """Admin access may only be chosen in an app's own namespace."""
    if (access or {}).get("admin") and not namespace.startswith("app--"):
        raise refuse(["definition"], NOT_PERMITTED, code)


def check_form(given: Row, namespace: str) -> None:
    """Names, description and type of a new definition, all errors at once."""
    errors: list[Row] = []
    for name, text, low, high in (("namespace", namespace, 3, 255), ("key", given["key"], 2, 64)):
        path, label = ["definition", name], name.title()
        if len(text) < low:
            errors.append(user_error(path, f"{label} is too short (minimum is {low} characters)", "TOO_SHORT"))
        elif len(text) > high:
            errors.append(user_error(path, f"{label} is too long (maximum is {high} characters)", "TOO_LONG"))
        elif not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in text):
            message = f"{label} contains one or more invalid characters."
            errors.append(user_error(path, message, "INVALID_CHARACTER"))
    if given["type"] not in metafield_types.KNOWN:
        message = f"Type name {given['type']} is not a valid type. Valid types are: {metafield_types.SENTENCE}."
        errors.append(user_error(["definition", "type"], message, "INCLUSION"))
    if not given["name"].strip():
        errors.append(user_error(["definition", "name"], "Name can't be blank", "BLANK"))
    errors += too_long(given)
    if errors:
        raise UserErrors(errors)


def too_long(given: Row) -> list[Row]:
    """The errors of a name or description that is too long."""
    return [
        user_error(["definition", name], f"{name.title()} is too long (maximum is 255 characters)", "TOO_LONG")
        for name in ("name", "description")
        if len(given.get(name) or "") > 255
    ]


def capabilities(given: Row, type_name: str, owner_type: str, path: list[str] | None) -> Row:
    """The columns that capabilities of an input set; refuses those the definition cannot have."""
    found: Row = {}
    for name, (label, column) in CAPABILITIES.items():
        wanted = given.get(name)
        if wanted is None:
            continue
        if wanted["enabled"] and not metafield_types.eligible(label, type_name, owner_type):
            message = f"The capability {label} is not valid for this definition."
            raise refuse(path, message, "INVALID_CAPABILITY")
        if name == "uniqueValues" and type_name == "id" and not wanted["enabled"]:
            message = "Capability unique_values is required for type id but is disabled"
            raise refuse(path, message, "CAPABILITY_REQUIRED_BUT_DISABLED")
        found[column] = int(wanted["enabled"])
    return found


def check_free(call: Call, owner_type: str, namespace: str, key: str) -> None:
    """A key can be defined once per owner type and namespace, and a store has room for 256 per owner type."""
    if metafields.definition(call.store, owner_type, namespace, key):
        owner = OWNER_LABELS.get(owner_type, owner_type.replace("_", " ").title())
        message = f"Key is in use for {owner} metafields on the '{namespace}' namespace."
        raise refuse(["definition", "key"], message, "TAKEN")
    # Those of the platform's own namespace are not counted (recorded).
    sql = "SELECT COUNT(*) FROM metafield_definitions WHERE owner_type = ? AND namespace != 'shopify'"
    if call.db.value(sql, (owner_type,)) >= MAX_DEFINITIONS:
        message = f"Stores can only have {MAX_DEFINITIONS} definitions for each store resource."
        raise refuse(["definition"], message, "RESOURCE_TYPE_LIMIT_EXCEEDED")


def next_pin(call: Call, owner_type: str, constrained: bool, path: list[str] | None) -> int:
    """The position of one more pin; refuses it for constrained definitions and beyond fifty."""
    if constrained:
        raise refuse(path, NO_PIN, "UNSUPPORTED_PINNING")
    sql = "SELECT COUNT(*) AS n, COALESCE(MAX(pinned_position), 0) AS top FROM metafield_definitions "
    found = call.db.one(sql + "WHERE owner_type = ? AND pinned_position IS NOT NULL", (owner_type,)) or {}
    if found["n"] >= MAX_PINNED:
        raise refuse(path, PIN_LIMIT, "PINNED_LIMIT_REACHED")
    return int(found["top"]) + 1


def unpin(call: Call, row: Row) -> None:
    """Take a pin away; those above move down (recorded)."""
    call.db.update("metafield_definitions", row["id"], {"pinned_position": None})
    sql = "UPDATE metafield_definitions SET pinned_position = pinned_position - 1 WHERE owner_type = ? "
    call.db.run(sql + "AND pinned_position > ?", (row["owner_type"], row["pinned_position"]))
