"""The parked row of a record whose retries are over. Pure: it stores nothing and decides nothing."""

from __future__ import annotations

from datetime import datetime

from shared.records import Item, Message, Outcome, ParkedRow
from shared.sync.flow import Job
from shared.sync.ports import ROWS_OF


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


def alone(message: Message, item: Item) -> str:
    """The sentence of a record that fails by itself."""
    fix = f"`python -m ops parked retry {message.flow} {item.id}`, and report it if it stops again."
    return (
        "The worker stopped each time it handled this record, or got no answer about it while others did. "
        f"See the host's log of that time; then {fix}"
    )
