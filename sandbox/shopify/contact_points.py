"""E-mail addresses, telephone numbers and locales: what Shopify takes and how it keeps them.

Pure functions. E-mail keeps its case and loses its blanks; a telephone number becomes E.164 (recorded in the areas
customers, privacy and b2b).
"""

from __future__ import annotations

import re

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.UNICODE)
_LABEL = r"[^\W_]([\w-]*[^\W_])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+[^\W\d_]{{2,}}", re.UNICODE)
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,4}){0,2}")
_PHONE = re.compile(r"\+?[\d\s().\-/]+")
# North American numbers: neither the area code nor the exchange begins with 0 or 1.
_NORTH_AMERICAN = re.compile(r"[2-9]\d{2}[2-9]\d{6}")
SHORTEST, LONGEST = 7, 15

CALLING_CODES = {
    "US": "1", "CA": "1", "DE": "49", "AT": "43", "CH": "41", "FR": "33", "GB": "44", "IE": "353", "NL": "31",
    "BE": "32", "LU": "352", "IT": "39", "ES": "34", "PT": "351", "DK": "45", "SE": "46", "NO": "47", "FI": "358",
    "PL": "48", "CZ": "420", "SK": "421", "HU": "36", "RO": "40", "BG": "359", "GR": "30", "HR": "385", "SI": "386",
    "AU": "61", "NZ": "64", "JP": "81", "IN": "91", "BR": "55", "MX": "52", "ZA": "27", "SG": "65", "HK": "852",
}  # fmt: skip
# Countries that dial no zero before the area code.
NO_TRUNK = frozenset(["IT", "ES", "PT", "DK", "NO", "PL", "CZ", "GR", "LU", "SG", "HK", "MX", "BR", "US", "CA"])


def email(text: str | None) -> str | None:
    """An e-mail address as it is kept: without any blank; None for nothing."""
    kept = re.sub(r"\s+", "", text or "")
    return kept or None


def email_is_valid(text: str) -> bool:
    """True for what Shopify takes as an e-mail address: letters of any script, no quoting, no bare host."""
    local, at, domain = text.partition("@")
    return bool(at and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain))


def locale_is_valid(text: str) -> bool:
    """True for a language with an optional region."""
    return _LOCALE.fullmatch(text) is not None


def phone(text: str, country: str) -> str | None:
    """A telephone number in E.164, read from a country when it has no calling code; None when it is none."""
    digits = _digits(text, country)
    if digits is None or not SHORTEST <= len(digits) <= LONGEST:
        return None
    if digits.startswith("1") and not _NORTH_AMERICAN.fullmatch(digits[1:]):
        return None
    return f"+{digits}"


def loose_phone(text: str, country: str) -> str:
    """A telephone number of a mailing address: E.164 where digits can be read, else as it stands (recorded)."""
    digits = _digits(text, country)
    return text.strip() if digits is None else f"+{digits}"


def _digits(text: str, country: str) -> str | None:
    stripped = text.strip()
    if not _PHONE.fullmatch(stripped):
        return None
    digits = re.sub(r"\D", "", stripped)
    if not digits or digits.strip("0") == "":
        return None
    if stripped.startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    code = CALLING_CODES.get(country, "")
    if code == "1" and len(digits) == 11 and digits.startswith("1"):
        return digits
    return code + (digits if country in NO_TRUNK else digits.removeprefix("0"))
