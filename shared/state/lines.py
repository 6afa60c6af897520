"""A page and an outcome as JSON lines, and back, exactly.

A page is one line about itself and one per item, so that a reader never needs all of it as one value. Must never
drop what it cannot express: an unknown type is a TypeError at the writer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from shared import errors
from shared.records import FieldChange, Item, Origin, Outcome, Page, Record, Verdict
from shared.state import exact

_FORM = 1


def page_to_lines(page: Page) -> Iterator[str]:
    """The page's own line, then its items."""
    yield exact.dumps(
        {
            "form": _FORM,
            "flow": page.flow,
            "shop": page.shop,
            "origin": page.origin.value,
            "read_at": page.read_at,
            "selection": page.selection,
            "listed_from": page.listed_from,
        }
    )
    yield from map(_item_to_line, page.items)


def page_from_lines(lines: Sequence[str]) -> Page:
    """The page again. Raises TypeError, or what JSON raises, for lines that no page was stored as."""
    head = exact.loads(lines[0])
    _expect((head["flow"], str), (head["shop"], str), (head["selection"], str))
    _expect((head["read_at"], datetime | None), (head["listed_from"], datetime | None))
    return Page(
        flow=head["flow"],
        shop=head["shop"],
        items=tuple(map(_item_from_line, lines[1:])),
        origin=Origin(head["origin"]),
        read_at=head["read_at"],
        selection=head["selection"],
        listed_from=head["listed_from"],
    )


def _item_to_line(item: Item) -> str:
    record = item.record
    content = None if record is None else [record.id, record.content, record.modified_at, record.etag, record.marker]
    return exact.dumps([item.id, item.deleted, content])


def _item_from_line(line: str) -> Item:
    identifier, deleted, content = exact.loads(line)
    _expect((identifier, str), (deleted, bool))
    record = None if content is None else _record(*content)
    if record and record.id != identifier:
        raise ValueError("an item holds another record than it names")
    return Item(identifier, record, deleted)


def _record(identifier: Any, content: Any, modified_at: Any, etag: Any, marker: Any) -> Record:
    _expect((content, dict), (modified_at, datetime | None), (etag, str | None), (marker, str | None))
    return Record(identifier, content, modified_at, etag, marker)


def _expect(*values: tuple[Any, Any]) -> None:
    if not all(isinstance(value, kind) for value, kind in values):
        raise TypeError("a page holds something of another type than it was stored with")


def outcome_to_line(outcome: Outcome) -> str:
    """One verdict with its field changes and its error."""
    return exact.dumps(
        {
            "source_id": outcome.source_id,
            "verdict": outcome.verdict.value,
            "reason": outcome.reason,
            "target_id": outcome.target_id,
            "changes": [[change.name, change.before, change.after, change.decision] for change in outcome.changes],
            "error": None if outcome.error is None else _error_content(outcome.error),
            "deleted": outcome.deleted,
        }
    )


def outcome_from_line(line: str) -> Outcome:
    """The verdict again; its error has its code, sentence and facts, and is retryable where it was."""
    content = exact.loads(line)
    return Outcome(
        source_id=content["source_id"],
        verdict=Verdict(content["verdict"]),
        reason=content["reason"],
        target_id=content["target_id"],
        changes=tuple(FieldChange(*change) for change in content["changes"]),
        error=None if content["error"] is None else _error(content["error"]),
        deleted=content["deleted"],
    )


def _error_content(error: errors.SyncError) -> dict[str, Any]:
    content: dict[str, Any] = {"code": error.code, "sentence": error.sentence, "facts": error.facts}
    if isinstance(error, errors.Retryable):
        content["retry_after_s"] = str(error.retry_after_s)
    return content


def _error(content: dict[str, Any]) -> errors.SyncError:
    """Of its own class where that is one of all parts of the app; a client's own are unknown here: of its name only."""
    code, waits = str(content["code"]), {}
    family: type[errors.SyncError] = errors.SyncError
    if "retry_after_s" in content:
        family, waits = errors.Retryable, {"retry_after_s": float(content["retry_after_s"])}
    kind = getattr(errors, code, None)
    if not (isinstance(kind, type) and issubclass(kind, family)):
        kind = type(code, (family,), {})
    made: errors.SyncError = kind(content["sentence"], facts=content["facts"], **waits)
    return made
