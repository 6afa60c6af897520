"""The file of `pairs export`: JSON lines; the first says what it is, the last how many rows stand between.

A file is read through before anything of it is believed. Must never be in memory as a whole, nor readable by others
than who made it; a new one takes its name only when it is whole.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from ops.session import Tell, refuse
from shared.state import keys
from shared.state.backup import LINES, PAIRS
from shared.state.starts import Begun
from shared.state.tables import Row

FORMAT = 1
"""Raised by whoever changes what a row means; files of other formats are refused."""
HEAD, END = "pairs", "end"
_TABLES = (PAIRS, LINES)


Starts = Mapping[Begun, datetime]


@dataclass(frozen=True)
class Origin:
    """Whose pairs a file holds: of which shops, with the rows of which Dataverse environment, and since when."""

    shops: Sequence[str]
    crm: str
    starts: Starts = field(default_factory=dict)


def save(file: Path, origin: Origin, at: str, rows: Iterable[tuple[str, Row]]) -> None:
    """Write all rows, (table, row) each."""
    part, count = file.with_name(f".part-{file.name}"), 0
    with _opened(part, "w") as lines:
        starts = [[*begun, moment.isoformat()] for begun, moment in origin.starts.items() if begun[1] in origin.shops]
        _line(lines, {HEAD: FORMAT, "at": at, "shops": list(origin.shops), "crm": origin.crm, "starts": starts})
        for table, row in rows:
            _line(lines, {"table": table, "partition": row.partition, "key": row.key, "values": dict(row.values)})
            count += 1
        _line(lines, {END: count})
    part.replace(file)


def check(file: Path, ours: Origin, only: str, tell: Tell) -> Sequence[str]:
    """The file's shops (or `only` that one), once it was read through; ends the command where it is not for here."""
    lines = _lines(file)
    _, head = next(lines, (0, {}))
    if HEAD not in head:
        refuse(f"{file.name} is no file of `pairs export`: its first line says something else.")
    if head[HEAD] != FORMAT:
        refuse(f"{file.name} has format {head[HEAD]}, this release reads {FORMAT}: import it with its own release.")
    shops = [str(shop) for shop in head.get("shops", ())]
    if strange := [shop for shop in shops if shop not in ours.shops]:
        refuse(f"{file.name} holds pairs of {', '.join(strange)}; SHOPIFY_SHOPS names {', '.join(ours.shops)}.")
    if only and only not in shops:
        refuse(f"{file.name} holds no pairs of {only}, only of {', '.join(shops)}.")
    if head.get("crm") != ours.crm:
        refuse(f"{file.name} holds rows of {head.get('crm')}, DATAVERSE_URL is {ours.crm}: its ids mean nothing there.")
    _check_rows(file, lines, _prefixes(shops), tell)
    return [only] if only else shops


def starts(file: Path, shops: Sequence[str]) -> Starts:
    """From when on records of flows counted when the file was made; one of an older release does not say."""
    _, head = next(_lines(file))
    try:
        found = {(str(flow), str(shop)): datetime.fromisoformat(at) for flow, shop, at in head.get("starts", ())}
    except (TypeError, ValueError):
        refuse(f"{file.name}, line 1: its starts are no moments. Nothing was imported; copy it once more.")
    return {begun: at for begun, at in found.items() if begun[1] in shops}


def rows(file: Path, table: str, shops: Sequence[str]) -> Iterator[Row]:
    """The rows of one table and those shops, as they stand in a file that was checked."""
    prefixes = _prefixes(shops)
    for _, found in _lines(file):
        if found.get("table") == table and found["partition"].startswith(prefixes):
            yield Row(found["partition"], found["key"], found["values"])


def _check_rows(file: Path, lines: Iterator[tuple[int, dict[str, Any]]], prefixes: tuple[str, ...], tell: Tell) -> None:
    count, end = 0, None
    for number, found in lines:
        if end is not None or not (END in found or _sound(found, prefixes)):
            refuse(f"{file.name}, line {number}: this is no row of a pair of its shops. Nothing was imported.")
        end = found.get(END)
        count += end is None
        tell(f"{count} rows read")
    if end != count:
        refuse(f"{file.name} is not whole: it ends early. Nothing was imported; copy it once more.")


def _sound(found: Mapping[str, Any], prefixes: tuple[str, ...]) -> bool:
    texts = [found.get(name) for name in ("partition", "key")]
    return (
        found.get("table") in _TABLES
        and all(isinstance(text, str) for text in texts)
        and str(texts[0]).startswith(prefixes)
        and isinstance(found.get("values"), dict)
    )


def _prefixes(shops: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{keys.join(shop)}~" for shop in shops)


def _line(lines: IO[str], content: Mapping[str, Any]) -> None:
    lines.write(json.dumps(content, separators=(",", ":")) + "\n")


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number and content of each line."""
    number = 0
    try:
        with _opened(file, "r") as lines:
            for number, line in enumerate(lines, start=1):
                found = json.loads(line)
                yield number, found if isinstance(found, dict) else {}
    except (EOFError, zlib.error):
        refuse(f"{file.name} is not whole: it ends early. Nothing was imported; copy it once more.")
    except OSError as error:
        refuse(f"{file.name} cannot be read: {error.strerror or 'it is not what its name says'}.")
    except ValueError:
        refuse(f"{file.name}, line {number + 1}: this is no JSON. Nothing was imported; copy it once more.")


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


@contextmanager
def _opened(file: Path, mode: str) -> Iterator[IO[str]]:
    """The file as text; a name that ends with .gz is compressed."""
    opener = _private if mode == "w" else None
    with open(file, f"{mode}b", opener=opener) as raw:
        inner = cast("IO[bytes]", gzip.GzipFile(fileobj=raw, mode=f"{mode}b") if file.suffix == ".gz" else raw)
        with io.TextIOWrapper(inner, encoding="ascii") as text:
            yield text
