"""How answers look: JSON of one shape, tables for people, values in one line each.

Sentences of errors are redacted once more on their way out. Decides nothing and asks nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from rich import box
from rich.markup import escape
from rich.table import Table

from shared.mapping.apply import KEEP
from shared.records import FieldChange
from shared.telemetry import redact

Answer = dict[str, Any]
"""What a command says, as it goes out with `--json`; docs/commands.md shows each shape, a test holds them to it."""
NONE = "—"
UNBROKEN = ("field", "record", "its counterpart", "id", "shopify", "crm", "flow", "started", "at", "since")


def as_json(answer: Any, indent: int | None = 2) -> str:
    """Times as ISO text in UTC; decimals as text, so that no cent is rounded."""
    return json.dumps(answer, indent=indent, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return dict(value) if isinstance(value, Mapping) else str(value)


def value_text(value: Any, longest: int = 80) -> str:
    """A field's value in one line."""
    if value is KEEP:
        return "(leave it)"
    if value is None or value == "":
        return NONE
    text = value if isinstance(value, str) else as_json(value, None).strip('"')
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def changes_text(changes: Iterable[FieldChange]) -> str:
    """Fields that change, in one line."""
    return "; ".join(f"{e.name}: {value_text(e.before, 40)} → {value_text(e.after, 40)}" for e in changes)


def moment(at: datetime | None) -> str:
    """A time as people read it, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at else NONE


def clean(sentence: str) -> str:
    """A sentence without secrets and personal data."""
    return redact(sentence)


def grid(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", numbers: Sequence[str] = ()
) -> Table:
    """A table; every cell is text as it is, never markup. Columns without names have no head."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, show_header=any(columns))
    table.title, table.title_justify = (f"\n{title}" if title else None), "left"
    for name in columns:
        side: Literal["left", "right"] = "right" if name in numbers else "left"
        table.add_column(name, justify=side, overflow="fold", no_wrap=name in UNBROKEN)
    for row in rows:
        table.add_row(*(escape(cell if isinstance(cell, str) else value_text(cell)) for cell in row))
    return table


def counted(first: Sequence[str], numbers: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Table:
    """A table of counts, without the columns that are 0 or empty in every row."""
    used = [name for name in (*first, *numbers) if any(row[name] for row in rows)]
    return grid(used, [[str(row[name]) for name in used] for row in rows], numbers=numbers)
