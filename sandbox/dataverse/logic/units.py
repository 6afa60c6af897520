"""Units and unit groups: a group brings its base unit, a unit belongs to one group.

Reference: uomschedule and uom entity pages (`baseuomname` is given when the group is created).
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.writes.rows import create_row

from .rules import Change, Rules


def register(rules: Rules) -> None:
    """Hook the rules in."""
    rules.on("after_create", "uomschedule", create_base_unit)
    rules.on("before_create", "uom", complete_unit)


def create_base_unit(ctx: Context, change: Change) -> None:
    """A new unit group gets its base unit, named by `baseuomname`."""
    name = change.values.get("baseuomname")
    if name:
        ctx.scratch["base_unit"] = change.row_id
        create_row(ctx, ctx.table("uom"), {"name": name, "uomscheduleid": change.row_id, "quantity": Decimal(1)})


def complete_unit(ctx: Context, change: Change) -> None:
    """Mark the base unit; any other unit must refer to a unit of its own group."""
    values = change.values
    is_base = ctx.scratch.pop("base_unit", None) == values.get("uomscheduleid") is not None
    values["isschedulebaseuom"] = is_base
    base = values.get("baseuom")
    if base is not None:
        row = ctx.store.get(ctx.table("uom"), str(base), ["uomid", "uomscheduleid"])
        if row is None or row["uomscheduleid"] != values.get("uomscheduleid"):
            raise error("UnitNotInSchedule")
