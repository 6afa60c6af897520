"""Orders of the Shopify sandbox, computed, written to the Dataverse sandbox and read back: not a unit of difference.

The two sandboxes are the judges: neither knows the app.
"""

from __future__ import annotations

import pytest

from shared.flows.orders.amounts import DiscountMethod
from tests.contract.order_money.arriving import arrives
from tests.contract.order_money.cases import CASES, Case
from tests.contract.order_money.ledger import Ledger, settings
from tests.contract.order_money.shop import Store


def test_the_table_is_large_enough() -> None:
    """Promise: at least 150 different orders are compared, every discount with every event and currency's decimals."""
    assert len({str(case) for case in CASES}) >= 150
    assert len({(case.discount, case.event) for case in CASES}) == 36


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_total_arrives(store: Store, ledger: Ledger, even_ledger: Ledger, case: Case) -> None:
    """Promise: whatever was discounted, taxed, refunded and edited, CRM shows Shopify's totals under both methods."""
    content = store.read(case.make(store))
    once = arrives(content, settings(DiscountMethod.LINE_ITEM, case.currency), ledger)
    each = arrives(content, settings(DiscountMethod.PER_UNIT, case.currency), even_ledger)
    assert [(one.id, one.quantity, one.extended) for one in once.lines] == [
        (one.id, one.quantity, one.extended) for one in each.lines
    ]
