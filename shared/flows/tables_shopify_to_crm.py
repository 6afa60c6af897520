"""Any Shopify table → a custom table of CRM: one file in mappings/tables/ for each, and one flow of its own.

FLOW has the functions, the queues, the schedule and the mode; `of` is a file's flow, whose kind is the file's stem.
What a file listens to follows from what it reads (shared/kinds/tables.py).
"""

from __future__ import annotations

from dataclasses import replace

from shared.mapping import tables
from shared.records import Side
from shared.sync.flow import Flow

FLOW = Flow(name=tables.FLOW, kind="tables", source=Side.SHOPIFY, crm_table="", reverse=None)


def of(stem: str) -> Flow:
    """The flow of one file."""
    return replace(FLOW, name=tables.name_of(stem), kind=stem)
