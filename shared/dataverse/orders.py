"""What sales orders know that others do not: they can be changed while Active alone, and end by actions.

Canceled and Fulfilled are set by CancelSalesOrder and FulfillSalesOrder, which leave an order close activity behind.
Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/cancelsalesorder and fulfillsalesorder.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from shared.dataverse import odata
from shared.dataverse.batch import MAX_PARTS, Operation
from shared.dataverse.edits import STATE, Edit, PlainLifecycle
from shared.errors import Conflict
from shared.records import Record, Write

ACTIVE, SUBMITTED, CANCELED, FULFILLED, INVOICED = 0, 1, 2, 3, 4
STATES = {1: "submitted", 2: "canceled", 3: "fulfilled", 4: "invoiced"}
_CLOSING = {CANCELED: "CancelSalesOrder", FULFILLED: "FulfillSalesOrder"}
_DEFAULT_REASON = -1
ACCOUNT = ("customerid_account", "customerid_contact")


class SalesOrderLifecycle(PlainLifecycle):
    """Header, lines, then the action that ends the order. `beside`: collections that take changes after that, too.

    `reopens`: a Submitted order is made Active for a change and submitted again, or ended, in one changeset: if
    anything of it is refused, nothing happened. Other states have no documented way back. Whether the
    actions would take a Submitted order is not documented either, so it is Active for them.
    """

    def __init__(self, beside: Collection[str] = (), *, reopens: bool = False) -> None:
        self._beside = frozenset(beside)
        self._reopens = reopens

    def operations(self, edit: Edit, refused: frozenset[str]) -> tuple[Operation, ...] | None:
        """See Lifecycle. Raises Conflict for a change that reopens and does not fit into one changeset."""
        action = _CLOSING.get(edit.state.get("statecode", ACTIVE))
        steps = super().operations(_unended(edit) if action else edit, refused)
        if steps is None:
            return None
        end = (_closing(edit, action),) if action else ()
        needed = bool(end) or (bool(steps) and self._locked(edit.write))
        if self._reopens and edit.current_state == SUBMITTED and needed:
            return self._reopened(edit, steps, end)
        return (*steps, *end)

    def _reopened(self, edit: Edit, steps: tuple[Operation, ...], end: tuple[Operation, ...]) -> tuple[Operation, ...]:
        """Those steps between reopening and its end, or submitting again; the first checks the version."""
        if len(steps) > MAX_PARTS // 2:
            sentence = "The CRM order is submitted, and the change is too large to reopen it for: bring it in by hand."
            raise Conflict(sentence, facts={"operations": len(steps)})
        content = edit.write.current.content if edit.write.current else {}
        free = [replace(each, headers={**each.headers, "If-Match": "*"}) if _is_header(edit, each) else each
                for each in steps]  # fmt: skip
        submitted = {name: content[name] for name in STATE}
        return (edit.patch({"statecode": ACTIVE}, edit.etag), *free, *(end or (edit.patch(submitted),)))

    def _locked(self, write: Write) -> bool:
        """Whether it changes what only an Active order takes."""
        lines = {line.to for line in write.lines} - self._beside
        return bool(lines or set(write.values) - set(STATE))

    def closed(self, content: Mapping[str, Any], values: Mapping[str, Any]) -> str:
        """Raises Conflict for an order that is not Active: Dataverse takes no change of it (0x8004022E)."""
        state = content.get("statecode", ACTIVE)
        closed = set(values) - self._beside
        takes = state == ACTIVE or (state == SUBMITTED and self._reopens)
        if takes or (closed <= {"statecode", "statuscode"} and values.get("statecode") in (None, state)):
            return ""
        changed = ", ".join(sorted(closed))
        raise Conflict(
            f"The CRM order is {STATES.get(state, state)} and takes no changes ({changed}). Reopen it in CRM, or bring "
            "the difference in by hand and discard this.",
            facts={"state": state, "columns": sorted(closed)},
        )


def moot(row: Record, values: Mapping[str, Any]) -> Collection[str]:
    """See Beside: what CRM has invoiced needs no fulfilment, and a closed order keeps the account that it went to."""
    state = row.content.get("statecode", ACTIVE)
    beyond = STATE if state == INVOICED and values.get("statecode") == FULFILLED else ()
    return {*beyond, *(() if state == ACTIVE else ACCOUNT)}


def _is_header(edit: Edit, operation: Operation) -> bool:
    return operation.method == "PATCH" and operation.url == odata.row(edit.entity_set, edit.row_id)


def _unended(edit: Edit) -> Edit:
    """The edit without its end, under the version that was seen: an action takes none, and would lock what is newer."""
    return replace(edit, state={}, fields=edit.fields or edit.guard)


def _closing(edit: Edit, action: str) -> Operation:
    row = odata.row(edit.entity_set, edit.row_id)
    close = {
        "@odata.type": "Microsoft.Dynamics.CRM.orderclose",
        "subject": f"Shopify order {edit.write.source_id}",
        "salesorderid@odata.bind": f"/{row}",
    }
    status = edit.state.get("statuscode") or _DEFAULT_REASON
    return Operation("POST", action, {"OrderClose": close, "Status": status})
