"""Alerts: each trouble is told once when it begins and once when it is over, by however many instances meet it.

One row per kind and target, changed under its version, so that of several instances one speaks. An alert is a log
event (docs/operations.md names its fields). Must never let an alert get lost: what was stored and not told, because
the process died between the two, is told by a later `settle`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from shared.state import keys
from shared.state.tables import Change, Conflicted, Row, Table, Value, Verb

log = logging.getLogger("sync")

Topic = tuple[str, str]
"""What an alert is about: its kind, and the flow, shop or system concerned."""

_PLACE = "alerts"
_TELLS_WITHIN = timedelta(minutes=5)


class StoredAlerts:
    """The alerts on a table: a row whose sentence is empty stands for one that is over."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def open(self) -> Mapping[Topic, str]:
        """Every alert that is not over, with its sentence."""
        return {topic: why for topic, row in self._rows().items() if (why := str(row.values["why"]))}

    def settle(self, checked: Mapping[Topic, str]) -> None:
        """What was found: per topic the sentence that says what is wrong and what to do, or '' where all is well.

        A topic that was not checked stays as it is. Costs one request, and two more for each that changed.
        """
        rows = self._rows()
        for topic, why in checked.items():
            row = rows.get(topic)
            if bool(why) != bool(row and row.values["why"]):
                self._turn(topic, why, row)
            elif row and not row.values["told"] and self._abandoned(row):
                self._turn(topic, str(row.values["why"]), row)

    def _rows(self) -> dict[Topic, Row]:
        rows = [row for page in self._table.pages(_PLACE) for row in page]
        return {(str(row.values["kind"]), str(row.values["target"])): row for row in rows}

    def _turn(self, topic: Topic, why: str, before: Row | None) -> None:
        """Store it, tell it, note that it was told; whoever finds that another instance was there first is silent."""
        kind, target = topic
        values: dict[str, Value] = {"kind": kind, "target": target, "why": why, "since": self._now().isoformat()}
        row = Row(_PLACE, keys.join(kind, target), {**values, "told": False}, before.etag if before else "")
        try:
            etag = self._table.submit([Change(Verb.REPLACE if before else Verb.INSERT, row)])[0]
            if why:
                log.error("alert", extra={"alert": kind, "target": target, "why": why})
            else:
                log.warning("alert", extra={"alert": "cleared", "cleared": kind, "target": target})
            self._table.submit([Change(Verb.REPLACE, Row(_PLACE, row.key, {**values, "told": True}, etag))])
        except Conflicted:
            return

    def _abandoned(self, row: Row) -> bool:
        return self._now() - datetime.fromisoformat(str(row.values["since"])) > _TELLS_WITHIN
