"""What becomes of work that will not be done as it is: the parked row of a record, the parts of a message. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from shared.errors import Misconfigured
from shared.records import Item, Message, Origin, Outcome, ParkedRow, Verdict
from shared.sync.flow import Job
from shared.sync.ports import ROWS_OF

PARTS = 10
"""Into how many a message is split that failed every time."""


def parts(message: Message, items: Sequence[Item], first_at: datetime, *, table: str = "") -> Iterator[Message]:
    """Messages that stand for these records of one, to be read live.

    In ten parts, not into single records: a page that only met a dying process costs ten messages then, not a
    hundred, each with calls of its own; the one record that kills every worker is found after two splits.
    """
    whole = replace(message, blob="", offset=0, table=table, origin=Origin.RETRY, failed=0, refused_at=None)
    whole = replace(whole, attempt=message.attempt + 1, first_at=first_at)
    size = max(1, len(items) // PARTS)
    for part in (items[start : start + size] for start in range(0, len(items), size)):
        ids = tuple(item.id for item in part if not item.deleted)
        yield replace(whole, ids=ids, deleted=tuple(item.id for item in part if item.deleted))


def given_up(
    job: Job, message: Message, outcome: Outcome, tried: str, now: datetime, *, table: str = ""
) -> ParkedRow:
    """The parked row of a record whose retries are over. It has no `seen`: any later mention tries it again.

    `table`: whose rows the ids are, where the records were never found.
    """
    facts = dict(outcome.error.facts) if outcome.error else {}
    facts |= {"deleted": True} if outcome.deleted else {}
    facts |= {ROWS_OF: table} if table else {}
    return ParkedRow(
        shop=message.shop,
        flow=message.flow,
        kind=job.flow.kind,
        source_id=outcome.source_id,
        code=outcome.error.code if outcome.error else "WorkerFailed",
        sentence=f"{tried}{outcome.reason}",
        facts=facts,
        attempts=message.attempt + 1,
        first_at=message.first_at or now,
        last_at=now,
        releases="a change of the record, of the mapping or of what it refers to, or `parked retry`",
        tried=job.in_force,
    )


def alone(message: Message, item: Item, error: Misconfigured | None) -> Outcome:
    """Of a record that fails by itself: with what it was refused, or that it stops its worker."""
    reason = error.sentence if error else _stopping(message, item)
    return Outcome(item.id, Verdict.LATER, reason, error=error, deleted=item.deleted)


def _stopping(message: Message, item: Item) -> str:
    fix = f"`python -m ops parked retry {message.flow} {item.id}`, and report it if it stops again."
    return (
        "The worker stopped each time it handled this record, or got no answer about it while others did. "
        f"See the host's log of that time; then {fix}"
    )
