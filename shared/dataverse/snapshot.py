"""An organization's tables as they were at one moment, in a file: what `mapping check` goes by where nobody is asked.

Holds definitions only (names, types, lengths, options), never a row. One line a column, so that two of them compare.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.dataverse.client import Client
from shared.dataverse.metadata import Column, Key, Lookup, Metadata, Table
from shared.errors import SchemaMismatch, SettingMissing
from shared.fields import FieldInfo

NAME = "dataverse.json"
"""The file in the folder of the mappings."""
_INFO = tuple(each.name for each in fields(FieldInfo))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Tables of one organization, as its definitions said at a moment."""

    organization: str
    at: datetime
    tables: Mapping[str, Table]

    def text(self) -> str:
        """The file: JSON, names sorted, so that the same definitions give the same lines."""
        tables = ",\n".join(f"{json.dumps(name)}: {_table_text(self.tables[name])}" for name in sorted(self.tables))
        head = f'{{"organization": {json.dumps(self.organization)},\n"at": {json.dumps(self.at.isoformat())},\n'
        return f'{head}"tables": {{\n{tables}\n}}}}\n'


def read(folder: Path) -> Snapshot | None:
    """The folder's snapshot; None where there is none. Raises SettingMissing for a file that is none."""
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        tables = {name: _table(name, each) for name, each in found["tables"].items()}
        return Snapshot(str(found["organization"]), datetime.fromisoformat(found["at"]), tables)
    except (ValueError, KeyError, TypeError, AttributeError):
        fix = "delete it, or make it anew: python -m ops mapping check --live"
        raise SettingMissing(f"{folder.name}/{NAME} is not what `setup` saved there; {fix}.") from None


class SavedMetadata(Metadata):
    """A snapshot in place of an organization: knows what was saved, and asks nobody."""

    def __init__(self, client: Client, snapshot: Snapshot) -> None:
        super().__init__(client)
        self._saved = snapshot

    def _read(self, name: str) -> Table:
        if name not in self._saved.tables:
            sentence = f"What was kept of Dataverse has no table {name} (`mapping check --live` asks it again)."
            raise SchemaMismatch(sentence, facts={"table": name})
        return self._saved.tables[name]


def _table_text(table: Table) -> str:
    """One table; a line for each of its columns."""
    columns = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(_column_row(column), ensure_ascii=False, sort_keys=True)}"
        for name, column in sorted(table.columns.items())
    )
    rest = {each.name: getattr(table, each.name) for each in fields(Table) if each.name not in ("name", "columns")}
    rest |= {"lookups": sorted(map(_row, table.lookups), key=str), "keys": sorted(map(_row, table.keys), key=str)}
    lines = "".join(f" {json.dumps(name)}: {json.dumps(value)},\n" for name, value in sorted(rest.items()))
    return f'{{\n{lines} "columns": {{\n{columns}\n }}}}'


def _row(each: Lookup | Key) -> dict[str, Any]:
    return asdict(each)


def _column_row(column: Column) -> dict[str, Any]:
    """A column with what is not as of most."""
    info = {name: getattr(column.info, name) for name in _INFO if name != "path"}
    plain = FieldInfo("", "")
    told = {name: value for name, value in info.items() if value != getattr(plain, name)}
    return {**told, "kind": column.kind, "label": column.label}


def _table(name: str, row: Mapping[str, Any]) -> Table:
    columns = dict(_columns(row["columns"]))
    lookups = tuple(Lookup(**each) for each in row["lookups"])
    keys = tuple(Key(each["name"], tuple(each["columns"]), each["status"]) for each in row["keys"])
    rest = {key: value for key, value in row.items() if key not in ("columns", "lookups", "keys")}
    return Table(name=name, columns=columns, lookups=lookups, keys=keys, **rest)


def _columns(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Column]]:
    for name, row in rows.items():
        info: dict[str, Any] = {key: value for key, value in row.items() if key in _INFO}
        info |= {each: tuple(info.get(each, ())) for each in ("options", "states")}
        yield name, Column(name, str(row["kind"]), FieldInfo(path=name, **info), str(row["label"]))
