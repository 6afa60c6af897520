"""From when on a flow's records count: what its setting says, else the moment at which it was first on.

Decides nothing about a record; shared/importing.py and shared/documenting/ do.
"""

from __future__ import annotations

from datetime import datetime

from shared.settings import Settings
from shared.state.store import State
from shared.sync.flow import Mode
from shared.sync.ports import Clock

ORDERS, DOCUMENTS = "orders_shopify_to_crm", "sales_documents_crm_to_shopify"
SETTING = {ORDERS: "ORDERS_SINCE", DOCUMENTS: "DOCUMENTS_SINCE"}
"""The flows whose older records are history, and what says so."""


def start_of(flow: str, shop: str, settings: Settings, state: State, clock: Clock) -> datetime:
    """The start that holds; where there is none it is now, and stays so if the flow is on: a plan leaves nothing."""
    keep = settings.modes[flow] is Mode.ON
    return _told(flow, settings) or state.starts.first((flow, shop), clock.now(), keep=keep)


def unknown(settings: Settings, state: State, shop: str) -> list[str]:
    """The settings of flows that are on and of which nobody knows any more since when."""
    known = state.starts.all()
    on = [flow for flow in SETTING if settings.modes[flow] is Mode.ON and not _told(flow, settings)]
    return [SETTING[flow] for flow in on if (flow, shop) not in known]


def _told(flow: str, settings: Settings) -> datetime | None:
    return settings.orders_since if flow == ORDERS else settings.documents.since
