"""The money of a CRM document, row by row, and whether the Shopify order holds the same.

What CRM's own totals do not add up to is refused before anything is sent. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.errors import TotalsDiffer
from shared.flows.documents.lines import ZERO, Lines, total
from shared.lines import ROW
from shared.records import Record

TOTALS = ("total", "tax", "freight", "discount")
"""The amounts of a document that are compared, besides its lines'."""


def money_of(row: Mapping[str, Any], lines: Lines, *, estimate: bool = False) -> dict[str, Decimal]:
    """The totals: raises TotalsDiffer where CRM's own do not add up to its total."""
    goods = total(lines.rows, "amount")
    if estimate:
        return {"total": goods, "tax": ZERO, "freight": ZERO, "discount": ZERO, "subtotal": goods}
    freight, tax = _of(row, "freightamount"), _of(row, "totaltax")
    subtotal = (
        goods - lines.taken_off if row.get("totalamountlessfreight") is None else _of(row, "totalamountlessfreight")
    )
    discount, whole = goods - subtotal, _of(row, "totalamount")
    taxed = total(lines.rows, "tax")
    if discount < 0 or subtotal + freight + tax != whole or taxed != tax:
        facts = {"lines": goods, "less_freight": subtotal, "freight": freight, "tax": tax, "total": whole}
        told = ", ".join(f"{name} {_plain(value)}" for name, value in {**facts, "tax_of_lines": taxed}.items())
        sentence = f"CRM's own totals do not add up: {told}. Open the document in CRM, which computes them anew."
        raise TotalsDiffer(sentence, facts={name: _plain(value) for name, value in facts.items()})
    return {"total": whole, "tax": tax, "freight": freight, "discount": discount, "subtotal": subtotal}


def differs(document: Record, order: Record) -> TotalsDiffer | None:
    """TotalsDiffer with both sides, row by row, where the Shopify order as it was read back holds something else.

    What was given back in Shopify since, or cancelled, is no difference of what was ordered: then only lines count.
    """
    wanted, sale = document.content["document"], order.content["sale"]
    if wanted["cancelled"] or sale["cancelled"]:
        return None
    totals = () if sale["refunded"] else TOTALS
    pairs = {name: (wanted[name], sale[name]) for name in totals}
    ours = {row["id"]: row for row in wanted["lines"]}
    theirs = {row[ROW]: row for row in sale["lines"]}
    for line in {**ours, **theirs}:
        for name in ("quantity", "amount"):
            sides = tuple(each[line][name] if line in each else 0 for each in (ours, theirs))
            pairs[f"line {line} {name}"] = (sides[0], sides[1])
    wrong = {name: both for name, both in pairs.items() if Decimal(both[0] or 0) != Decimal(both[1] or 0)}
    if not wrong:
        return None
    told = "; ".join(f"{name}: CRM {_plain(crm)}, Shopify {_plain(shop)}" for name, (crm, shop) in wrong.items())
    facts = {name: {"crm": _plain(crm), "shopify": _plain(shop)} for name, (crm, shop) in wrong.items()}
    sentence = (
        f"The totals of the document and of its Shopify order differ: {told}. Change either, then `parked retry`."
    )
    return TotalsDiffer(sentence, facts=facts)


def _of(row: Mapping[str, Any], column: str) -> Decimal:
    return Decimal(row.get(column) or 0)


def _plain(value: Any) -> str:
    return f"{Decimal(value or 0).normalize():f}"
