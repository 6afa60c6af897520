"""What is asked of an inventory item's own fields, by whichever mutation they come: weight, origin, customs code.

The words are those recorded for inventoryItemUpdate.
"""

from __future__ import annotations

from sandbox.shopify.call import user_error
from sandbox.shopify.places import lookup
from sandbox.shopify.store.database import Row

UNITS = {"KILOGRAMS": "kg", "GRAMS": "g", "POUNDS": "lb", "OUNCES": "oz"}


def problems(given: Row, path: list[str], code: str | None) -> list[Row]:
    """The user errors of the item's fields, below the path of the item."""
    errors = []
    weight = (given.get("measurement") or {}).get("weight")
    if weight and weight["value"] < 0:
        unit = UNITS[weight["unit"]]
        message = f"Measurement weight value {weight['value']:g} {unit} must be >= 0 {unit}"
        errors.append(user_error([*path, "measurement", "weight"], message, code))
    country = given.get("countryCodeOfOrigin")
    if country is not None and country not in lookup.NAMES:
        errors.append(user_error([*path, "countryCodeOfOrigin"], "Country code of origin is invalid", code))
    number = given.get("harmonizedSystemCode")
    if number is not None and not 6 <= sum(letter.isdigit() for letter in number) <= 13:
        message = "Harmonized system code must be a number between six and thirteen digits"
        errors.append(user_error([*path, "harmonizedSystemCode"], message, code))
    return errors
