"""What accounts and contacts know that others do not: an inactive one is somebody's decision, and is not written.

Dataverse itself would take the change (an inactive account is read-only in its pages alone), so it is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.dataverse.batch import Operation
from shared.dataverse.edits import Edit, PlainLifecycle
from shared.errors import Conflict

ACTIVE, INACTIVE = 0, 1


class AccountLifecycle(PlainLifecycle):
    """Columns, then child rows. With `reactivate` an inactive row is made active first, else its record is parked."""

    def __init__(self, *, reactivate: bool = False) -> None:
        self._reactivate = reactivate

    def operations(self, edit: Edit, refused: frozenset[str]) -> tuple[Operation, ...] | None:
        """See Lifecycle."""
        steps = super().operations(edit, refused)
        if steps is None or not self._reactivate or edit.creates or edit.current_state != INACTIVE:
            return steps
        if edit.state.get("statecode") is not None:
            return steps
        own = edit.patch({}).url
        rest = (replace(step, headers={"If-Match": "*"}) if step.url == own else step for step in steps)
        return (edit.patch({"statecode": ACTIVE, "statuscode": 1}, edit.etag), *rest)

    def closed(self, content: Mapping[str, Any], values: Mapping[str, Any]) -> str:
        """Raises Conflict for an inactive row, so that the record is parked: a person has to say what is meant."""
        if content.get("statecode") != INACTIVE or self._reactivate or values.get("statecode") == ACTIVE:
            return ""
        raise Conflict(
            "Its CRM row is inactive. Make it active again, or link this to another one by `pairs relink`; "
            "CUSTOMER_REACTIVATE = true has such rows made active whenever their customer or company changes."
        )
