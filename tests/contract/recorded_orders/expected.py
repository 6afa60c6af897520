"""What becomes of every recorded order, and why: nothing else in these tests knows a recording by its name.

A recording that is not in the table, or does not end as it says, fails.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """`sums`: for one that contradicts itself the shop's total and its parts' sum, as the parked row has them.

    `apart`: every total it states that its parts do not come to: (stated, their sum).
    """

    why: str
    sums: tuple[str, str] | None = None
    apart: dict[str, tuple[str, str]] | None = None
    test: bool = False


# Its lines are 597.00 and their discount is 10.00; the subtotal after discounts is said to be 597.00 all the same.
BEFORE_DISCOUNT = {"subtotal_price": ("597.00", "587.00")}
ADDS_UP = Outcome("Its parts come to all its totals.")
STANDS = Outcome("What stands adds up; its subtotal as ordered is that before its discount.", apart=BEFORE_DISCOUNT)
TEST = Outcome("A test order, whose parts come to all its totals.", test=True)

OUTCOMES = {
    "order__monei_order_res_list_0": Outcome(
        "Three lines of 199.00 are said to be 398.00; recorded before there were current totals.",
        ("11.94", "210.94"),
        {"total_price": ("409.94", "608.94"), "subtotal_price": ("398.00", "597.00")},
    ),
    "order__pyapi_orders_0": Outcome(
        "Recorded without any of its lines, but with their sum.",
        ("598.94", "11.94"),
        {
            "total_price": ("598.94", "0"),
            "subtotal_price": ("597.00", "0"),
            "total_tax": ("11.94", "0"),
            "total_discounts": ("10.00", "0"),
        },
    ),
    "order__ruby_customer_27": STANDS,
    "order__ruby_order_12": STANDS,
    "order__ruby_order_14": Outcome(
        "A line was refunded, and the current totals are still those from before it.",
        ("598.94", "403.28"),
        BEFORE_DISCOUNT
        | {
            "current_total_price": ("598.94", "488.94"),
            "current_subtotal_price": ("587.00", "391.34"),
            "current_total_tax": ("11.94", "7.96"),
            "current_total_discounts": ("10.00", "6.66"),
        },
    ),
    "order__ruby_order_20": ADDS_UP,
    "order__ruby_order_23": ADDS_UP,
    "order__ruby_order_30": STANDS,
    "order__ruby_order_5": ADDS_UP,
    "order-create-math-matrix/pendingNoTax": TEST,
    "order-create-math-matrix/paidTaxShipping": TEST,
    "order-create-math-matrix/fixedDiscount": TEST,
    "order-create-math-matrix/authorization": TEST,
    "order-create-math-matrix/presentmentMoney": TEST,
    "orderMarkAsPaid-state-and-money/unpaid": TEST,
    "orderMarkAsPaid-state-and-money/multiCurrency": TEST,
    "orderCancel-parity": Outcome(
        "Recorded without any of its lines, but with its total.", ("14", "0"), {"current_total_price": ("14.0", "0")}
    ),
    "refund-create-full-parity": ADDS_UP,
    "refund-create-over-refund-user-errors": ADDS_UP,
}
