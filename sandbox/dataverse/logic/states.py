"""State and status reason of every table that has them: defaults on create, valid pairs on update.

Which transitions a table allows is its own module's business; this one only knows pairs.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.metadata.model import Option, Table

from .rules import Change, Rules


def register(rules: Rules) -> None:
    """Hook the checks in for all tables."""
    rules.on("before_create", "*", default_state)
    rules.on("before_update", "*", check_state)


def reasons(table: Table, state: int) -> list[Option]:
    """The status reasons of a state, the default one first."""
    column = table.columns.get("statuscode")
    return [o for o in column.options if o.state == state] if column else []


def initial_state(table: Table) -> int:
    """The state a new row gets: the first option."""
    return table.columns["statecode"].options[0].value


def default_state(ctx: Context, change: Change) -> None:
    """Give a new row its state and reason; a reason sent along must belong to that state."""
    table = change.table
    if "statecode" not in table.columns or not table.columns["statecode"].options:
        return
    state = change.values.setdefault("statecode", initial_state(table))
    _settle(change, state)


def check_state(ctx: Context, change: Change) -> None:
    """Complete and check a changed state; 400 0x80048408 for a pair that does not exist."""
    if "statecode" in change.values:
        state = change.values["statecode"]
        if state not in [o.value for o in change.table.columns["statecode"].options]:
            raise error(
                "InvalidStateCodeStatusCode", change.values.get("statuscode"), state, change.table.name,
                change.row_id)
        _settle(change, state)
    elif "statuscode" in change.values:
        _settle(change, change.before["statecode"] if change.before else 0)


def _settle(change: Change, state: int) -> None:
    allowed = reasons(change.table, state)
    if not allowed:
        return
    reason = change.values.get("statuscode")
    if reason in (None, -1):
        change.values["statuscode"] = allowed[0].value
    elif reason not in [o.value for o in allowed]:
        raise error("InvalidStateCodeStatusCode", reason, state, change.table.name, change.row_id)
