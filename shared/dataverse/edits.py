"""A write of one record as Web API operations: its columns, its lookups, its child rows and its state.

A record's operations form one changeset. The state goes last and by itself, because a create cannot set it and a
closed row refuses other edits. How a table's states may move is its Lifecycle's knowledge. Sends nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.dataverse import odata
from shared.dataverse.batch import Operation
from shared.dataverse.collections import operations
from shared.dataverse.metadata import Metadata, Table
from shared.dataverse.selection import Child, Selection, Version, binding
from shared.dataverse.values import wire_value
from shared.errors import Ambiguous, Invalid, SchemaMismatch
from shared.lines import PENDING
from shared.records import Action, Write

NAMESPACE = uuid.UUID("6f1b3c0e-52a4-4d0b-9d0e-0a6c6a1f7e35")
"""The namespace of all primary keys we choose. Changing it would make every repeated create a second row."""
STATE = ("statecode", "statuscode")
UNFINISHED = "Its lines are being written."
"""What the pending column of a header holds until the last of its lines is there."""


def child_id(parent_id: str, name: str) -> str:
    """The primary key of a child row we create: the same for every repeat, because the parent's key is."""
    return str(uuid.uuid5(NAMESPACE, f"{parent_id}|{name}"))


@dataclass(frozen=True, slots=True)
class Edit:
    """One record's write, resolved against the organization's metadata and not yet put in order.

    `etag` is what *look* saw of the row, or `*`. `children` create, change or delete child rows as wanted; `removals`
    delete the child rows that exist, for a state that does not allow them. `lines` are its collections' rows; `guard`
    changes nothing and is sent where nothing else of the header is, so that lines are written under its ETag as well;
    `pending` is the column that says that lines are missing, `unfinished` that it says so now.
    """

    write: Write
    entity_set: str
    id_column: str
    row_id: str
    etag: str
    fields: Mapping[str, Any]
    state: Mapping[str, Any]
    children: tuple[Operation, ...]
    removals: tuple[Operation, ...]
    own_ids: frozenset[str]
    lines: tuple[Operation, ...] = ()
    guard: Mapping[str, Any] = field(default_factory=dict)
    pending: str | None = None
    unfinished: bool = False

    @property
    def creates(self) -> bool:
        """Whether the row is new."""
        return self.write.action is Action.CREATE

    @property
    def current_state(self) -> Any:
        """The state *look* saw; None for a new row, or where the state is not read."""
        return self.write.current.content.get("statecode") if self.write.current else None

    def insert(self) -> Operation:
        """POST with our own primary key, so that a repeat cannot make a second row."""
        return Operation("POST", self.entity_set, {self.id_column: self.row_id, **self.fields})

    def patch(self, body: Mapping[str, Any], etag: str = "*") -> Operation:
        """PATCH that never creates: `If-Match` is the ETag seen, or `*`."""
        return Operation("PATCH", odata.row(self.entity_set, self.row_id), dict(body), {"If-Match": etag})


class Lifecycle(Protocol):
    """How a table's rows move between states."""

    def operations(self, edit: Edit, refused: frozenset[str]) -> tuple[Operation, ...] | None:
        """The changeset for an edit, `refused` being the vendor codes that earlier tries met; None: no way left."""

    def closed(self, content: Mapping[str, Any], values: Mapping[str, Any]) -> str:
        """Why a row that reads like this takes none of these values; empty where it does."""


class PlainLifecycle:
    """Columns, then child rows and lines, then the state; a refusal is final."""

    def operations(self, edit: Edit, refused: frozenset[str]) -> tuple[Operation, ...] | None:
        """See Lifecycle."""
        if refused:
            return None
        first = _first(edit)
        state = [edit.patch(edit.state, "*" if first else edit.etag)] if edit.state else []
        done = [edit.patch({edit.pending: None})] if edit.pending and edit.unfinished else []
        return (*first, *edit.children, *edit.lines, *state, *done)

    def closed(self, content: Mapping[str, Any], values: Mapping[str, Any]) -> str:
        """Nothing is closed."""
        return ""


def _first(edit: Edit) -> list[Operation]:
    if edit.creates:
        return [edit.insert()]
    body = edit.fields or (edit.guard if edit.lines else {})
    return [edit.patch(body, edit.etag)] if body else []


class Editor:
    """Makes edits of writes for one configuration."""

    def __init__(self, selection: Selection, metadata: Metadata) -> None:
        self._selection = selection
        self._metadata = metadata

    def edit(self, write: Write) -> Edit:
        """Resolve one write. Raises Invalid, Ambiguous or SchemaMismatch naming the column."""
        if write.id is None:
            raise Invalid("A Dataverse write needs the row's id.", facts={"source_id": write.source_id})
        table = self._selection.table
        version = Version.of(write.current.etag) if write.current else None
        row_id = odata.guid(write.id)
        children = tuple(self._children(write, row_id, version))
        config = self._selection.config
        return Edit(
            write=write,
            entity_set=table.entity_set,
            id_column=table.id_column,
            row_id=row_id,
            etag=version.etag if version else "*",
            fields=self._fields(write, table),
            state={
                name: wire_value(table.column(name), write.values[name])
                for name in STATE
                if write.values.get(name) is not None
            },
            children=children,
            removals=tuple(self._removals(version)),
            own_ids=frozenset({row_id, *_child_ids(version), *(line.row for line in write.lines)}),
            lines=tuple(self._lines(write, row_id)),
            guard={config.marker: write.source_id} if config.marker and self._guarded(write) else {},
            pending=config.pending,
            unfinished=write.current is not None and PENDING in write.current.content,
        )

    def _guarded(self, write: Write) -> bool:
        """Whether a line or a state is written that the record's version has to stand for.

        A closed record takes no guard, and none of these.
        """
        guarded = {each.name for each in self._selection.config.lines if not each.beside}
        return any(line.to in guarded for line in write.lines) or not write.values.keys().isdisjoint(STATE)

    def _lines(self, write: Write, row_id: str) -> Iterator[Operation]:
        """The rows of its collections: those that go first, because they may stand in the way of new ones."""
        for each in self._selection.config.lines:
            table = self._metadata.table(each.table)
            fixed = {**each.create, **self._bound(table, each.parent, row_id)}
            yield from operations(table, [line for line in write.lines if line.to == each.name], fixed, self._columns)

    def _fields(self, write: Write, table: Table) -> dict[str, Any]:
        names = {each.name for each in self._selection.config.below}
        marker = self._selection.config.marker
        body: dict[str, Any] = {}
        for path, value in write.values.items():
            if path not in STATE and path.partition(".")[0] not in names:
                body.update(self._property(table, path, value, create=write.action is Action.CREATE))
        if marker and (write.mark or write.action is Action.CREATE):
            body[table.column(marker).name] = write.source_id
        return body

    def _property(self, table: Table, path: str, value: Any, *, create: bool) -> dict[str, Any]:
        """One property of a body. The platform ignores read-only columns silently, so they are refused here."""
        if path not in table.columns or table.columns[path].is_lookup:
            return self._bound(table, path, value)
        column = table.column(path)
        if not (column.info.creatable if create else column.info.updatable):
            verb = "set when a row is created" if create else "changed"
            sentence = f"{table.name}.{path} cannot be {verb}; take it out of the mapping or mark it on_create."
            raise SchemaMismatch(sentence, facts={"table": table.name, "column": path})
        return {path: wire_value(column, value)}

    def _bound(self, table: Table, path: str, value: Any) -> dict[str, Any]:
        table.column(path if path in table.columns else _column_of(table, path))
        lookup = binding(table, path)
        if value in (None, ""):
            return {f"{lookup.navigation}@odata.bind": None}
        if not odata.is_guid(str(value)):
            raise Invalid(f"{path}: a lookup takes a row's id.", facts={"column": path})
        target = self._metadata.entity_set(lookup.target)
        return {f"{lookup.navigation}@odata.bind": f"/{odata.row(target, str(value))}"}

    def _children(self, write: Write, row_id: str, version: Version | None) -> Iterator[Operation]:
        for child in self._selection.config.children:
            prefix = f"{child.name}."
            wanted = {
                path.removeprefix(prefix): value for path, value in write.values.items() if path.startswith(prefix)
            }
            if not wanted and not (write.mark and child.marker):
                continue
            if version and version.children.get(child.name, "") is None:
                sentence = f"{child.name}: more than one row of {child.table} matches this record; remove all but one."
                raise Ambiguous(sentence, facts={"table": child.table, "id": row_id})
            yield from self._child(child, write, row_id, version, wanted)

    def _child(
        self, child: Child, write: Write, row_id: str, version: Version | None, wanted: Mapping[str, Any]
    ) -> Iterator[Operation]:
        table = self._selection.child_table(child)
        known = version.children.get(child.name) if version else None
        blank = all(value is None for value in wanted.values())
        if known is None and not blank:
            yield Operation("POST", table.entity_set, self._child_row(child, table, write, row_id, wanted))
            yield from self._primary(child, write, row_id)
        elif known is not None:
            url, headers = odata.row(table.entity_set, known[0]), {"If-Match": known[1] or "*"}
            if not child.marker and blank and set(wanted) == set(self._selection.config.child_paths(child)):
                yield Operation("DELETE", url, None, headers)
            else:
                mark = {child.marker: write.source_id} if write.mark and child.marker else {}
                yield Operation("PATCH", url, {**mark, **self._columns(table, wanted, create=False)}, headers)

    def _primary(self, child: Child, write: Write, row_id: str) -> Iterator[Operation]:
        """The record points to its new child, where it has none to point to; behind the child, which exists then."""
        if child.primary and not (write.current and write.current.content.get(child.primary)):
            table = self._selection.table
            body = self._bound(table, child.primary, child_id(row_id, child.name))
            yield Operation("PATCH", odata.row(table.entity_set, row_id), body, {"If-Match": "*"})

    def _columns(self, table: Table, wanted: Mapping[str, Any], *, create: bool) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for path, value in wanted.items():
            body.update(self._property(table, path, value, create=create))
        return body

    def _child_row(
        self, child: Child, table: Table, write: Write, row_id: str, wanted: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A new child row. It binds to its parent by id, which is known before the parent exists."""
        content = write.current.content if write.current else {}
        lookups = {child.parent: row_id, **child.where}
        for mine, theirs in child.same.items():
            value = write.values.get(theirs) or content.get(theirs)
            if not value:
                sentence = f"{child.name} cannot be created: the record has no {theirs}."
                raise Invalid(sentence, facts={"column": theirs})
            lookups[mine] = str(value)
        body: dict[str, Any] = {table.id_column: child_id(row_id, child.name), **child.create}
        body |= {child.marker: write.source_id} if child.marker else {}
        for column, value in lookups.items():
            body.update(self._bound(table, column, value))
        return {**body, **self._columns(table, wanted, create=True)}

    def _removals(self, version: Version | None) -> Iterator[Operation]:
        for child in self._selection.config.children:
            known = version.children.get(child.name) if version else None
            if known is not None:
                entity_set = self._selection.child_table(child).entity_set
                yield Operation("DELETE", odata.row(entity_set, known[0]), None, {"If-Match": known[1] or "*"})


def _column_of(table: Table, path: str) -> str:
    lookup = table.navigation(path)
    return lookup.column if lookup else path


def _child_ids(version: Version | None) -> list[str]:
    return [pair[0] for pair in version.children.values() if pair] if version else []
