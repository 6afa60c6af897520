"""Why a recorded body of a kind differs from what a webhook of 2026-10 carries: by line, or by how lines begin.

Most recorded bodies are answers of REST, which has fields that the documented webhook bodies of 2026-07 do not have.
"""

from __future__ import annotations

REST_ONLY = "in answers of REST only; the documented body of the webhook leaves it to the inventory item"
NEWER = "in the documented body of the webhook, younger than the recording"
VARIANT = ("fulfillment_service", "grams", "inventory_management", "requires_shipping", "weight", "weight_unit")

WHY: dict[str, dict[str, str]] = {
    "product": {
        **{f"missing variants[].{name}": REST_ONLY for name in VARIANT},
        "missing variants[].presentment_prices": "in answers of REST only",
        "extra category": NEWER,
        "extra has_variants_that_requires_components": NEWER,
        "extra media": NEWER,
        "extra variant_gids": NEWER,
        "extra ": NEWER,
    },
    "inventory_item": {"extra ": NEWER},
}
