"""Records that wait for a person or for a change: ports.Parked on table `parked`.

The source id comes first in the key, so a page's parked records are one small range whatever their kind. Must never
fail because an error has too much to say: sentence and facts are shortened to fit, and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from shared.records import ParkedRow
from shared.state import exact, keys, limits
from shared.state.bulk import delete_all, upsert_all
from shared.state.tables import Change, Conflicted, Row, Table, Value, Verb
from shared.sync.ports import ROWS_OF

ERASED = "Erased on request."
_STEERING = ("deleted", ROWS_OF, "waits_for", "same_key_in_")  # facts that hold ids and say how a retry goes
_TEXT_CHARACTERS = 8_000
_FACTS_CHARACTERS = 16_000


class StoredParked:
    """ports.Parked on a table: PartitionKey shop and flow, RowKey source id and kind."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def known(self, shop: str, flow: str, ids: Sequence[str]) -> Mapping[str, ParkedRow]:
        """Which of those source ids are parked: one range read from the first id to the last."""
        if not ids:
            return {}
        asked, parts = set(ids), [keys.padded(identifier) + "~" for identifier in ids]
        pages = self._table.pages(keys.join(shop, flow), min(parts), max(parts) + "~")
        rows = (_from_row(row) for page in pages for row in page)
        return {row.source_id: row for row in rows if row.source_id in asked}

    def put(self, rows: Sequence[ParkedRow]) -> None:
        """Park or refresh."""
        upsert_all(self._table, [_to_row(row) for row in rows])

    def remove(self, rows: Sequence[ParkedRow]) -> None:
        """They are fine now, or a person discarded them."""
        delete_all(self._table, [Row(keys.join(row.shop, row.flow), _key(row)) for row in rows])

    def list(self, shop: str, flow: str) -> Iterable[ParkedRow]:
        """All of a flow, page by page, in source id order."""
        for page in self._table.pages(keys.join(shop, flow)):
            yield from map(_from_row, page)

    def due(
        self, shop: str, flow: str, causes: Callable[[Sequence[ParkedRow]], Sequence[str]]
    ) -> Iterator[Sequence[ParkedRow]]:
        """Rows whose causes are not those they were tried under, up to 100 at a time, in source id order.

        Asking for more says that the last ones are on their way: they are not given out again under these causes.
        """
        for page in self._table.pages(keys.join(shop, flow)):
            now = causes([_from_row(row) for row in page])
            found = [(row, cause) for row, cause in zip(page, now, strict=True) if row.values.get("tried", "") != cause]
            for start in range(0, len(found), limits.TRANSACTION_ROWS):
                part = found[start : start + limits.TRANSACTION_ROWS]
                yield [_from_row(row) for row, _ in part]
                self._note([Row(row.partition, row.key, {"tried": cause}, row.etag) for row, cause in part])

    def erase(self, shop: str, flow: str, named: Callable[[str], bool]) -> Iterator[bool]:
        """Empty the rows whose text `named` recognises; False for each that changed meanwhile and was left."""
        for row in (row for page in self._table.pages(keys.join(shop, flow)) for row in page):
            facts, words = str(row.values["facts"]), [row.values[name] for name in ("source_id", "sentence")]
            if row.values["sentence"] == ERASED or not (named(exact.dumps(words)) or named(facts)):
                continue
            kept = {name: fact for name, fact in exact.loads(facts).items() if name.startswith(_STEERING)}
            values: dict[str, Value] = {"sentence": ERASED, "facts": exact.dumps(kept), "seen": ""}
            try:
                self._table.submit([Change(Verb.MERGE, Row(row.partition, row.key, values, row.etag))])
                yield True
            except Conflicted:
                yield False

    def _note(self, rows: Sequence[Row]) -> None:
        """Where one of them has changed or gone meanwhile, a worker was faster: its row is left as it is."""
        changes = [Change(Verb.MERGE, row) for row in rows]
        try:
            self._table.submit(changes)
        except Conflicted:
            for change in changes:
                with suppress(Conflicted):
                    self._table.submit([change])


def _key(row: ParkedRow) -> str:
    return f"{keys.padded(row.source_id)}~{keys.encode(row.kind)}"


def _to_row(parked: ParkedRow) -> Row:
    values: dict[str, Value] = {
        "kind": parked.kind,
        "source_id": parked.source_id,
        "code": parked.code,
        "sentence": _short(parked.sentence),
        "facts": _facts(parked.facts),
        "attempts": parked.attempts,
        "first_at": parked.first_at.astimezone(UTC).isoformat(),
        "last_at": parked.last_at.astimezone(UTC).isoformat(),
        "releases": _short(parked.releases),
        "seen": parked.seen,
        "tried": parked.tried,
    }
    return Row(keys.join(parked.shop, parked.flow), _key(parked), values)


def _from_row(row: Row) -> ParkedRow:
    shop, flow = keys.split(row.partition)
    values = row.values
    return ParkedRow(
        shop=shop,
        flow=flow,
        kind=str(values["kind"]),
        source_id=str(values["source_id"]),
        code=str(values["code"]),
        sentence=str(values["sentence"]),
        facts=exact.loads(str(values["facts"])),
        attempts=int(values["attempts"]),
        first_at=datetime.fromisoformat(str(values["first_at"])),
        last_at=datetime.fromisoformat(str(values["last_at"])),
        releases=str(values.get("releases", "")),
        seen=str(values.get("seen", "")),
        tried=str(values.get("tried", "")),
    )


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_CHARACTERS else text[: _TEXT_CHARACTERS - 1] + "…"


def _facts(facts: Mapping[str, Any]) -> str:
    text = _as_json(facts)
    if len(text) <= _FACTS_CHARACTERS:
        return text
    kept: dict[str, Any] = {"shortened": True}
    size = 0
    for name, value in facts.items():
        size += len(_as_json({name: value}))
        if size > _FACTS_CHARACTERS:
            break
        kept[name] = value
    return _as_json(kept)


def _as_json(facts: Mapping[str, Any]) -> str:
    try:
        return exact.dumps(facts)
    except (TypeError, ValueError):  # a fact of a type that JSON does not know: its text serves people as well
        return exact.dumps({str(name): str(value) for name, value in facts.items()})
