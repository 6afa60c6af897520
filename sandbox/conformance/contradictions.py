"""Recordings that contradict themselves, with the reason: no sandbox can answer them and stay true.

They are named so that nobody models towards them; they still count as not passed.
"""

from __future__ import annotations

CONTRADICTIONS: dict[str, str] = {
    "big__2025-01/customers/customer-create-missing-input": (
        "the error stands two columns left of the variable it names: the document sent had a shorter name"
    ),
    "big__2025-01/orders/order-update-missing-id": "the error quotes another note than the variables hold",
}
