"""Protected customer data in webhook bodies: fields that the app is not approved for are null.

https://shopify.dev/docs/apps/launch/protected-customer-data. Only what is about a person is touched: the name of an
order or a line item is none.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.store.database import Row

IN_PERSON = {
    "name": ("first_name", "last_name"),
    "email": ("email",),
    "phone": ("phone",),
}
IN_ADDRESS = {
    "name": ("first_name", "last_name", "name", "recipient", "company"),
    "address": ("address1", "address2", "zip", "latitude", "longitude"),
    "phone": ("phone",),
}
AT_TOP = {
    "email": ("email", "contact_email", "email_address"),
    "phone": ("phone",),
}


def redact(payload: Row, approved: frozenset[str]) -> Row:
    """The body with everything null that the app is not approved for."""
    shown = {name: _inside(value, approved) for name, value in payload.items()}
    return _blank(shown, AT_TOP, approved) if not _is_address(shown) else shown


def _inside(value: Any, approved: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_inside(item, approved) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _inside(item, approved) for name, item in value.items()}
    if _is_address(inner):
        return _blank(inner, IN_ADDRESS, approved)
    return _blank(inner, IN_PERSON, approved) if "verified_email" in inner or set(inner) == PERSON else inner


PERSON = {"id", "email", "phone"}


def _is_address(value: Row) -> bool:
    return "address1" in value and "country_code" in value


def _blank(value: Row, fields: dict[str, tuple[str, ...]], approved: frozenset[str]) -> Row:
    hidden = {name for content, names in fields.items() if content not in approved for name in names}
    return {name: None if name in hidden else inner for name, inner in value.items()}
