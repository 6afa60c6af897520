"""Checks of option names and values that several mutations share.

It reads and refuses; it writes nothing.
"""

from __future__ import annotations

from sandbox.shopify.call import refuse
from sandbox.shopify.store.database import Row

DELIMITER = " / "
MAX_OPTIONS = 3


def check_names(given: list[Row], path: list[str], code: str | None) -> None:
    """Refuse option names that contain the delimiter of variant titles, in productCreate's wording."""
    for option in given:
        if DELIMITER in (option.get("name") or ""):
            raise refuse(path, f'Name cannot contain the character sequence "{DELIMITER}"', code)
    if len(given) > MAX_OPTIONS:
        raise refuse(path, f"Can only specify a maximum of {MAX_OPTIONS} options", code)
    names = [(option.get("name") or "").lower() for option in given]
    if len(set(names)) != len(names):
        raise refuse(path, "Duplicated option name.", code)
    for option in given:
        if not (option.get("name") or "").strip():
            raise refuse(path, "Each option must have a name specified.", code)
        if not option.get("values"):
            message = f"Option '{option['name']}' must specify at least one option value."
            raise refuse(path, message, code)
