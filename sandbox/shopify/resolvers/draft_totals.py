"""What the API tells of the money of draft orders and of calculated ones: every total, as a bag and as plain money.

Reads only; the amounts are computed by the draft order's book.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.shopify.call import Call
from sandbox.shopify.money import Bag
from sandbox.shopify.resolvers.draft_orders import book, both
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.draft_book import DraftBook


def _total(name: str, of: Callable[[DraftBook], Bag]) -> None:
    both(name)(lambda row, call, _args: of(book(call, row)).shown(book(call, row).pair))


def _plain(name: str, of: Callable[[DraftBook], Bag]) -> None:
    def resolve(row: Row, call: Call, _args: dict[str, Any]) -> str:
        found = book(call, row)
        return f"{of(found).rounded(found.pair).shop:f}"

    both(name)(resolve)


for _field, _of in (
    ("subtotalPrice", lambda found: found.subtotal),
    ("totalPrice", lambda found: found.total),
    ("totalTax", lambda found: found.tax),
    ("totalShippingPrice", lambda found: found.shipping),
):
    _plain(_field, _of)
    _total(f"{_field}Set", _of)
for _field, _of in (
    ("totalDiscountsSet", lambda found: found.discounts),
    ("totalLineItemsPriceSet", lambda found: found.lines_total),
    ("lineItemsSubtotalPrice", lambda found: found.lines_net),
    # Without terms and deposits all of it is due now.
    ("amountDueNowSet", lambda found: found.total),
    ("amountDueLaterSet", lambda _found: Bag()),
):
    _total(_field, _of)
both("totalQuantityOfLineItems")(lambda row, call, _args: book(call, row).units)
both("anyVariantPricesOverridden")(lambda row, call, _args: any(one["override"] for one in book(call, row).lines))


@both("allVariantPricesOverridden")
def _all_overridden(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    of_variants = [one for one in book(call, row).lines if one["variant_id"] is not None]
    return bool(of_variants) and all(one["override"] for one in of_variants)
