"""The pricing error codes of lines and headers: set on the row, never raised to a caller.

Reference: options of `pricingerrorcode` on the entity pages. 6, 7, 9, 10, 17, 19-22, 25-27, 30-33 cannot occur here:
a line without product or unit is refused, ranges and choices exclude the values, and inactive discount lists count.
"""

from __future__ import annotations


class PricingError(Exception):
    """Why a line has no price; `code` goes into its column."""

    NONE = 0
    DETAIL_ERROR = 1
    MISSING_PRICE_LEVEL = 2
    INACTIVE_PRICE_LEVEL = 3
    MISSING_QUANTITY = 4
    MISSING_UNIT_PRICE = 5
    MISSING_PRODUCT = 6
    MISSING_PRICING_CODE = 8
    INVALID_PRICING_CODE = 9
    PRODUCT_NOT_IN_PRICE_LEVEL = 11
    MISSING_PRICE_LEVEL_AMOUNT = 12
    MISSING_PRICE_LEVEL_PERCENTAGE = 13
    MISSING_PRICE = 14
    MISSING_CURRENT_COST = 15
    MISSING_STANDARD_COST = 16
    INVALID_PRICE_LEVEL_PERCENTAGE = 18
    INVALID_ROUNDING_POLICY = 22
    INVALID_ROUNDING_OPTION = 23
    INVALID_ROUNDING_AMOUNT = 24
    INVALID_DISCOUNT = 28
    INVALID_QUANTITY = 29
    INVALID_PRICE_LEVEL_CURRENCY = 34
    PRICE_ATTRIBUTE_OUT_OF_RANGE = 35
    BASE_CURRENCY_ATTRIBUTE_OVERFLOW = 36
    BASE_CURRENCY_ATTRIBUTE_UNDERFLOW = 37

    def __init__(self, code: int) -> None:
        super().__init__(f"pricing error {code}")
        self.code = code
