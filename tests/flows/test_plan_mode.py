"""Going live: flows are off until switched on, and in mode plan they report on their schedule and write nothing."""

from __future__ import annotations

from typing import Any

import pytest

from shared import settings
from shared.flows import FLOWS
from shared.sync.flow import Mode
from tests.flows.conftest import OpenBusiness, OpenPapers, OpenTrade
from tests.support.companies import COMPANIES
from tests.support.orders import JANE, ORDERS, Trade
from tests.support.papers import OUTWARD, text
from tests.support.plant import ENVIRONMENT, SHOP
from tests.support.till import item

PLANNED = {f"{flow.setting}_MODE": "plan" for flow in FLOWS}


def told(world: Trade, flow: str) -> list[tuple[bool, dict[str, int], list[Any]]]:
    """The runs of a flow: whether they only planned, their counts, and their outcomes."""
    runs = [run for run in world.app.state.runs.last(SHOP, flow, 50) if run.read]
    journal = world.app.state.journal
    return [(run.planned, dict(run.counts), list(journal.get_outcomes(run.outcomes_blob))) for run in runs]


def test_every_flow_is_off_after_deployment() -> None:
    """Promise: what nobody switched on does nothing."""
    bare = {name: value for name, value in ENVIRONMENT.items() if not name.endswith("_MODE")}
    assert set(settings.read(bare, flows=FLOWS).modes.values()) == {Mode.OFF}


@pytest.mark.parametrize("kind", ["customers, products and orders", "companies", "documents"])
def test_in_mode_plan_a_flow_reports_and_writes_nothing(
    trading: OpenTrade, firms: OpenBusiness, selling: OpenPapers, kind: str
) -> None:
    """Promise: on its schedule each flow leaves run rows and outcomes, and no write is counted by either system."""
    if kind == "companies":
        firm = firms(**PLANNED)
        firm.company("Acme", person=JANE)
        world, flows = firm, [COMPANIES]
    elif kind == "documents":
        papers = selling(**PLANNED)
        papers.sold(text("Tea", 10, 2))
        world, flows = papers, [OUTWARD]
    else:
        world, flows = trading(**PLANNED), ["products_shopify_to_crm", "customers_shopify_to_crm", ORDERS]
        world.offer("TEA-1")
        world.customer(email="bob@shoe.example", lastName="Low")
        world.order(item("Tea", "10.00"))
    pairs, before = dict(world.app.state.tables["crossrefs"]._rows), world.writes()  # type: ignore[attr-defined]
    world.run()
    assert world.writes() == before
    assert world.app.state.tables["crossrefs"]._rows == pairs  # type: ignore[attr-defined]
    for flow in flows:
        runs = told(world, flow)
        assert {planned for planned, _, _ in runs} == {True}
        assert sum(counts["created"] for _, counts, _ in runs) >= 1
        assert any("would be created" in outcome.reason for _, _, outcomes in runs for outcome in outcomes)
