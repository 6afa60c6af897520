"""The order in which records are planted: what others hang on comes first.

A planter that cannot make its records leaves them out; the case then differs where it needs them.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.conformance.seeding import (
    custom_data,
    drafts,
    fields,
    fulfilments,
    media,
    orders,
    people,
    places,
    products,
    standing,
)
from sandbox.conformance.seeding.garden import Garden, NotPlanted
from sandbox.conformance.seeding.records import Shown
from sandbox.shopify.server import ShopifySandbox

PLANTERS: tuple[Callable[[Garden, Shown], None], ...] = (
    places.plant,
    places.plant_services,
    custom_data.plant,
    custom_data.plant_entries,
    custom_data.plant_operations,
    fields.plant,
    products.plant,
    products.plant_stock,
    media.plant,
    products.plant_collections,
    people.plant,
    people.plant_companies,
    orders.plant,
    fulfilments.plant,
    drafts.plant,
    standing.plant,
    fields.plant_values,
)


def plant(box: ShopifySandbox, shown: Shown) -> list[str]:
    """Plant the existing records of a case; what could not be planted, and why."""
    garden = Garden(box)
    left_out = []
    try:
        for planter in PLANTERS:
            try:
                planter(garden, shown)
            except NotPlanted as reason:
                left_out.append(f"{planter.__module__.rsplit('.', 1)[-1]}: {reason}")
    finally:
        garden.close()
    return left_out
