"""The fields of companies, their contacts and locations in inputs: what is refused and how they become columns.

Shared by the mutations that create or change them; it writes nothing. Texts and paths are the recorded ones of the
area b2b, where a note that is too long is reported under "notes".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.shopify import contact_points, registry
from sandbox.shopify.address_text import LIMIT, fault_of, trimmed
from sandbox.shopify.call import Call, user_error
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.store import customers
from sandbox.shopify.store.database import Row

registry.inputs("CompanyInput", "name note externalId customerSince")
registry.inputs("CompanyContactInput", "firstName lastName email phone title locale")
NOTE_LIMIT, EXTERNAL_LIMIT = 5000, 64
SPECIAL = "!@#$%^&*(){}[]\\/?<>_-~,.;:'`\""
_EXTERNAL = re.compile(rf"[A-Za-z0-9{re.escape(SPECIAL)}]*")
NEEDS_EMAIL = "Either the attribute email or customer_id must be provided"


def texts(given: Row, path: list[str]) -> list[Row]:
    """What is wrong with the lengths of name and note."""
    errors = []
    if len(given.get("name") or "") > LIMIT:
        errors.append(user_error([*path, "name"], f"Name is too long (maximum is {LIMIT} characters)", "TOO_LONG"))
    if len(given.get("note") or "") > NOTE_LIMIT:
        text = f"Notes is too long (maximum is {NOTE_LIMIT} characters)"
        errors.append(user_error([*path, "notes"], text, "TOO_LONG"))
    return errors


def external_id(call: Call, table: str, given: Row, path: list[str], own: int | None) -> list[Row]:
    """What is wrong with an external id: length, letters, or that another record has it."""
    text = given.get("externalId")
    if not text:
        return []
    where = [*path, "externalId"]
    if len(text) > EXTERNAL_LIMIT:
        return [user_error(where, f"External Id must be {EXTERNAL_LIMIT} characters or less.", "TOO_LONG")]
    if not _EXTERNAL.fullmatch(text):
        message = "External Id can only contain numbers, letters, and some special characters, including "
        return [user_error(where, message + SPECIAL, "INVALID")]
    holder = call.db.value(f"SELECT id FROM {table} WHERE external_id = ?", (text,))  # noqa: S608 - our own names
    if holder is not None and holder != own:
        return [user_error(where, "External id has already been taken.", "TAKEN")]
    return []


def company_problems(call: Call, given: Row, path: list[str], standing: Row | None) -> list[Row]:
    """What is wrong with the attributes of a company."""
    if (standing is None or "name" in given) and not trimmed(given.get("name")):
        return [user_error([*path, "name"], "Name can't be blank", "BLANK")]
    return texts(given, path) + external_id(call, "companies", given, path, standing and standing["id"])


def company_columns(given: Row) -> Row:
    """The columns that a company's input sets."""
    found: Row = {}
    if "name" in given:
        found["name"] = (given["name"] or "").strip()
    if "note" in given:
        found["note"] = given["note"]
    if "externalId" in given:
        found["external_id"] = given["externalId"] or None
    if given.get("customerSince"):
        found["customer_since"] = parse_micros(given["customerSince"])
    return found


def contact_problems(call: Call, given: Row, path: list[str], standing: Row | None) -> list[Row]:
    """What is wrong with the input of a contact; `standing` is the customer of one that is changed."""
    if standing is None and not trimmed(given.get("email")):
        return [user_error(path, NEEDS_EMAIL, "INVALID")]
    if any(fault_of(given.get(name) or "") for name in ("firstName", "lastName")):
        # Names with markup, links or emojis make the whole input none (recorded for markup).
        return [user_error(path, "Invalid input.", "INVALID_INPUT")]
    errors = _untyped(given, path) if standing else []
    errors += _email(call, given, path, standing) + _phone(call, given, path, standing)
    if standing and "email" in given and given["email"] is None:
        errors.append(user_error(path, "Unexpected keys given: email", "INVALID"))
    if given.get("locale") and not contact_points.locale_is_valid(given["locale"]):
        errors.append(user_error([*path, "locale"], "Invalid locale format.", "INVALID"))
    return errors


def _untyped(given: Row, path: list[str]) -> list[Row]:
    labels = {"firstName": "First name", "lastName": "Last name", "phone": "Phone"}
    return [
        user_error([*path, name], f"{label} is of unexpected type NilClass", "UNEXPECTED_TYPE")
        for name, label in labels.items()
        if name in given and given[name] is None
    ]


def _email(call: Call, given: Row, path: list[str], standing: Row | None) -> list[Row]:
    email = contact_points.email(given.get("email"))
    if not email:
        return []
    where = [*path, "email"]
    if not contact_points.email_is_valid(email):
        return [user_error(where, "Email address is invalid" if standing else "Email is invalid", "INVALID")]
    if _is_other(customers.by_email(call.store, email), standing):
        return [user_error(where, "Email address has already been taken.", "TAKEN")]
    return []


def _phone(call: Call, given: Row, path: list[str], standing: Row | None) -> list[Row]:
    where = [*path, "phone"]
    if "phone" not in given:
        return []
    text = trimmed(given["phone"])
    if text is None:
        # A change to nothing is no number (recorded); a new contact may have none.
        return [user_error(where, "Phone is invalid", "INVALID")] if standing and given["phone"] is None else []
    phone = contact_points.phone(text, call.store.config.country)
    if phone is None:
        return [user_error(where, "Phone is invalid", "INVALID")]
    if _is_other(customers.by_phone(call.store, phone), standing):
        return [user_error(where, "Phone number has already been taken.", "TAKEN")]
    return []


def _is_other(holder: Row | None, standing: Row | None) -> bool:
    return holder is not None and (standing is None or holder["id"] != standing["id"])


def customer_columns(call: Call, given: Row) -> Row:
    """The columns of the customer that a contact's input sets."""
    readers: dict[str, tuple[str, Callable[[str | None], str | None]]] = {
        "firstName": ("first_name", trimmed),
        "lastName": ("last_name", trimmed),
        "email": ("email", contact_points.email),
        "phone": ("phone", lambda text: contact_points.phone(text or "", call.store.config.country)),
    }
    return {column: read(given[name]) for name, (column, read) in readers.items() if name in given}


def contact_columns(given: Row) -> Row:
    """The columns of the contact itself that its input sets."""
    found = {name: given[name] for name in ("title", "locale") if name in given}
    return {name: value for name, value in found.items() if name != "locale" or value}
