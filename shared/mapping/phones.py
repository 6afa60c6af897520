"""Telephone numbers in the one form in which both systems and a search agree: E.164."""

from __future__ import annotations

import phonenumbers


def e164(text: str, country: str | None = None) -> str | None:
    """The number as `+3225551212`; None where it is none, or where its country cannot be told.

    `country`: an ISO code of two letters, for numbers without one of their own. An extension has no place in E.164.
    """
    try:
        number = phonenumbers.parse(text, (country or "").upper() or None)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
