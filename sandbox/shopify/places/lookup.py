"""Which country and which zone an address names, by code or by name.

Pure look-ups; what an unknown one means is decided by who asks.
"""

from __future__ import annotations

import re

from sandbox.shopify.geography import COUNTRIES
from sandbox.shopify.places.zones import WITHOUT_LIST, ZONES
from sandbox.shopify.registry import not_built

# ZZ is the code for "unknown": Shopify refuses it in addresses (recorded).
NAMES = {code: name for code, name in COUNTRIES.items() if code != "ZZ"}
_BY_NAME = {name.lower(): code for code, name in NAMES.items()}
_ZONES_BY_NAME = {
    country: {name.lower(): code for code, name in zones.items()} for country, zones in ZONES.items()
}

# Postal codes that Shopify checks in addresses of companies; a country that is not here takes any.
_POSTAL = {
    "US": r"\d{5}(-?\d{4})?",
    "CA": r"[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    "DE": r"\d{5}",
    "FR": r"\d{5}",
    "ES": r"\d{5}",
    "IT": r"\d{5}",
    "AT": r"\d{4}",
    "CH": r"\d{4}",
    "BE": r"\d{4}",
    "DK": r"\d{4}",
    "AU": r"\d{4}",
    "NL": r"\d{4} ?[A-Z]{2}",
    "PL": r"\d{2}-?\d{3}",
    "SE": r"\d{3} ?\d{2}",
}


def country_of(text: str) -> str | None:
    """The code of a country given by its code or its name."""
    code = text.strip().upper()
    return code if code in NAMES else _BY_NAME.get(text.strip().lower())


def country_name(code: str | None) -> str | None:
    """The name of a country as answers show it."""
    return NAMES.get(code or "")


def has_zones(country: str | None) -> bool:
    """True for a country that has provinces at Shopify; refuses one whose provinces are not listed here."""
    if country in WITHOUT_LIST:
        raise not_built(f"the provinces of {country}")
    return country in ZONES


def zone_of(country: str, text: str) -> str | None:
    """The code of a zone of a country, given by its code or its name."""
    code = text.strip().upper()
    return code if code in ZONES[country] else _ZONES_BY_NAME[country].get(text.strip().lower())


def zone_name(country: str | None, code: str | None) -> str | None:
    """The name of a zone as answers show it."""
    return ZONES.get(country or "", {}).get(code or "")


def postal_code_fits(country: str, text: str) -> bool:
    """True when a postal code has the form of its country."""
    return re.fullmatch(_POSTAL.get(country, ".*"), text.strip().upper()) is not None
