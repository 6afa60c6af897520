"""The fields of a customer's input: what is refused, in whose words, and how they become columns.

Shared by the mutations that create, update or set a customer; it writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.shopify import contact_points, registry
from sandbox.shopify.address_text import LIMIT, trimmed
from sandbox.shopify.call import Call, user_error
from sandbox.shopify.store import customers
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.products import sort_tags

NOTE_LIMIT, TAGS_LIMIT = 5000, 250
NO_IDENTITY = "A name, phone number, or email address must be present"
COMMON = "id firstName lastName email phone locale note tags taxExempt taxExemptions addresses"
registry.inputs("CustomerInput", f"{COMMON} metafields multipassIdentifier")
registry.inputs("CustomerInput", "emailMarketingConsent smsMarketingConsent whatsAppMarketingConsent")
registry.inputs("CustomerSetInput", COMMON)


@dataclass(frozen=True)
class Wording:
    """Where a mutation reports its errors: `root` before each field, `identity` for a customer without any."""

    root: tuple[str, ...] = ()
    identity: tuple[str, ...] | None = None

    def error(self, name: str, message: str, code: str = "INVALID") -> Row:
        """An error of one field."""
        return user_error([*self.root, name], message, code)


PLAIN = Wording()
SET = Wording(root=("input",), identity=("input",))


def columns(call: Call, given: Row) -> Row:
    """The columns that an input changes; what it leaves out stays."""
    found: Row = {}
    for name, (column, read) in READERS.items():
        if name in given:
            found[column] = read(given[name])
    if "phone" in given:
        text = trimmed(given["phone"])
        found["phone"] = contact_points.phone(text, call.store.config.country) if text else None
    if given.get("locale"):
        found["locale"] = given["locale"]
    if given.get("taxExempt") is not None:
        found["tax_exempt"] = int(given["taxExempt"])
    return found


READERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "firstName": ("first_name", trimmed),
    "lastName": ("last_name", trimmed),
    "email": ("email", contact_points.email),
    "note": ("note", lambda text: text),
    "multipassIdentifier": ("multipass_identifier", trimmed),
    "tags": ("tags", lambda tags: sort_tags(tags or [])),
    "taxExemptions": ("tax_exemptions", lambda codes: list(dict.fromkeys(codes or []))),
}


def problems(call: Call, given: Row, standing: Row | None, wording: Wording) -> list[Row]:
    """Everything that is wrong with an input's own fields."""
    found = columns(call, given)
    errors = _names(given, wording)
    errors += _email(call, found, standing, wording)
    errors += _phone(call, given, found, standing, wording)
    errors += _texts(given, found, wording)
    if errors:
        return errors
    row = (standing or {}) | found
    if not any(row.get(name) for name in ("first_name", "last_name", "email", "phone")):
        return [user_error(list(wording.identity) if wording.identity else None, NO_IDENTITY, "INVALID")]
    return []


def _names(given: Row, wording: Wording) -> list[Row]:
    labels = {"firstName": "First name", "lastName": "Last name"}
    return [
        wording.error(name, f"{label} is too long (maximum is {LIMIT} characters)", "TOO_LONG")
        for name, label in labels.items()
        if len(trimmed(given.get(name)) or "") > LIMIT
    ]


def _email(call: Call, found: Row, standing: Row | None, wording: Wording) -> list[Row]:
    email = found.get("email")
    if not email:
        return []
    if len(email) > LIMIT:
        return [wording.error("email", f"Email is too long (maximum is {LIMIT} characters)", "TOO_LONG")]
    if not contact_points.email_is_valid(email):
        return [wording.error("email", "Email is invalid")]
    return _taken(customers.by_email(call.store, email), standing, "email", wording)


def _phone(call: Call, given: Row, found: Row, standing: Row | None, wording: Wording) -> list[Row]:
    text = trimmed(given.get("phone"))
    if not text:
        return []
    errors = []
    if len(text) > LIMIT:
        errors.append(wording.error("phone", f"Phone is too long (maximum is {LIMIT} characters)", "TOO_LONG"))
    if found["phone"] is None:
        return [*errors, wording.error("phone", "Phone is invalid")]
    return errors or _taken(customers.by_phone(call.store, found["phone"]), standing, "phone", wording)


def _taken(holder: Row | None, standing: Row | None, name: str, wording: Wording) -> list[Row]:
    if holder is None or (standing is not None and holder["id"] == standing["id"]):
        return []
    return [wording.error(name, f"{name.title()} has already been taken", "TAKEN")]


def _texts(given: Row, found: Row, wording: Wording) -> list[Row]:
    errors = []
    if len(given.get("note") or "") > NOTE_LIMIT:
        errors.append(wording.error("note", f"Note is too long (maximum is {NOTE_LIMIT} characters)", "TOO_LONG"))
    if given.get("locale") and not contact_points.locale_is_valid(given["locale"]):
        errors.append(wording.error("locale", "Locale is invalid"))
    tags: list[Any] = found.get("tags") or []
    if any(len(tag) > LIMIT for tag in tags):
        errors.append(wording.error("tags", f"Tags is too long (maximum is {LIMIT} characters)", "TOO_LONG"))
    elif len(tags) > TAGS_LIMIT:
        errors.append(wording.error("tags", f"Tags cannot be more than {TAGS_LIMIT}"))
    return errors
