"""How many decimals a currency has, by ISO 4217. Pure facts."""

from __future__ import annotations

from decimal import Decimal

_NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def digits(currency: str) -> int:
    """The decimals of a currency."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def smallest(currency: str) -> Decimal:
    """The smallest amount of a currency that there is."""
    return Decimal(1).scaleb(-digits(currency))
