"""The records that a case's answers show, by their real field names, however the documents alias them.

The earliest answer counts: it is nearest to how a record was before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
)

from sandbox.conformance.cases import Case, Step

GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]+|[0-9a-f\-]{36})(?![0-9A-Za-z])")
_MISSES = re.compile(r"not found|not exist|n't exist|invalid|not be found|unknown|no longer|unable to", re.IGNORECASE)
_MAKES = re.compile(r"Create|Add|Duplicate|Set|Complete|Begin|Split|Request|Calculate|Submit|Move|Run|Upsert")


@dataclass
class Record:
    """One record with an id: what the answers say of it, and where it was first seen."""

    kind: str
    number: str
    step: int
    root: str
    depth: int
    is_new: bool
    above: Record | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def gid(self) -> str:
        """Its recorded id."""
        return f"gid://shopify/{self.kind}/{self.number}"

    def text(self, *names: str) -> Any:
        """The first of these fields that has a value."""
        return next((self.fields[name] for name in names if self.fields.get(name) is not None), None)

    def list(self, *names: str) -> list[Any]:
        """The first of these fields that is a list."""
        return next((self.fields[name] for name in names if isinstance(self.fields.get(name), list)), [])

    def record(self, *names: str) -> Record | None:
        """The first of these fields that is a record."""
        return next((self.fields[name] for name in names if isinstance(self.fields.get(name), Record)), None)


@dataclass
class Shown:
    """All records of a case; `existing` are those that were there before it began.

    `accepted` are the variables of mutations without complaint, which tell what they relied on.
    """

    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    accepted: list[dict[str, Any]] = field(default_factory=list)

    @property
    def existing(self) -> list[Record]:
        """Records the case did not make, in the order in which it shows them."""
        return [record for record in self.records.values() if not record.is_new]

    def of(self, kind: str) -> list[Record]:
        """The existing records of a kind."""
        return [record for record in self.existing if record.kind == kind]


def shown(case: Case) -> Shown:
    """Read every answer of a case."""
    found = Shown()
    sent: set[tuple[str, str]] = set()
    for number, step in enumerate(case.steps):
        try:
            document = parse(step.query)
        except GraphQLSyntaxError:
            continue
        before = set(found.records)
        asked = set(GID.findall(f"{step.query} {step.variables}"))
        sent |= asked - {key for key in before if found.records[key].is_new}
        _Reader(found, document, number, frozenset(sent)).read(step)
        _note_accepted(found, step, number, asked)
    return found


def _note_accepted(found: Shown, step: Step, number: int, asked: Iterable[tuple[str, str]]) -> None:
    """What a mutation did not miss was there, even if no answer shows it."""
    data = step.expected.get("data")
    if step.expected.get("errors") or not isinstance(data, dict) or "mutation" not in step.query:
        return
    payloads = [payload for payload in data.values() if isinstance(payload, dict)]
    lists = [payload[key] for payload in payloads for key in payload if key.endswith("serErrors")]
    complaints = [str(error.get("message")) for errors in lists for error in errors or []]
    if any(_MISSES.search(message) for message in complaints):
        return
    for kind, own in asked:
        if kind == "ProductVariant" and "orderCreate" in data:
            # An order takes a line of a variant that is not there: it is planted only where an answer shows it.
            continue
        found.records.setdefault((kind, own), Record(kind, own, number, "", 0, is_new=False))
    if not complaints:
        found.accepted.append(step.variables)


@dataclass
class _Reader:
    found: Shown
    document: DocumentNode
    step: int
    sent: frozenset[tuple[str, str]]
    fresh: set[tuple[str, str]] = field(default_factory=set)

    def read(self, step: Step) -> None:
        data = step.expected.get("data")
        operations = [one for one in self.document.definitions if isinstance(one, OperationDefinitionNode)]
        if not isinstance(data, dict) or len(operations) != 1:
            return
        is_mutation = operations[0].operation is OperationType.MUTATION
        for node in self._fields(operations[0].selection_set):
            value = data.get(_key(node))
            if isinstance(value, dict | list) and node.selection_set:
                if is_mutation and isinstance(value, dict) and _MAKES.search(node.name.value):
                    self.fresh |= _direct(value) - self.sent
                self._value(node.selection_set, value, _Place(node.name.value, -1 if is_mutation else 0, None))

    def _fields(self, selected: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selected.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                for definition in self.document.definitions:
                    if isinstance(definition, FragmentDefinitionNode) and definition.name.value == node.name.value:
                        yield from self._fields(definition.selection_set)

    def _value(self, selected: SelectionSetNode, value: Any, place: _Place) -> Any:
        if isinstance(value, list):
            return [self._value(selected, item, place) for item in value if item is not None]
        if not isinstance(value, dict):
            return value
        target, inner = self._register(selected, value, place)
        for node in self._fields(selected):
            item = value.get(_key(node))
            if item is None:
                continue
            found = self._value(node.selection_set, item, inner) if node.selection_set else item
            _keep(target, node.name.value, found)
        if isinstance(inner.above, Record) and target is inner.above.fields:
            return inner.above
        return _nodes(target)

    def _register(
        self, selected: SelectionSetNode, value: dict[str, Any], place: _Place
    ) -> tuple[dict[str, Any], _Place]:
        own = next((value.get(_key(node)) for node in self._fields(selected) if node.name.value == "id"), None)
        match = GID.fullmatch(str(own).split("?")[0]) if own else None
        if match is None:
            return {}, place.below(None)
        key = (match[1], match[2])
        record = self.found.records.get(key)
        if record is None:
            record = Record(*key, self.step, place.root, place.depth, self._is_new(key, place), place.above)
            self.found.records[key] = record
        return record.fields, place.below(record)

    def _is_new(self, key: tuple[str, str], place: _Place) -> bool:
        if key in self.sent:
            return False
        return key in self.fresh or (place.above is not None and place.above.is_new)


@dataclass(frozen=True)
class _Place:
    root: str
    depth: int
    above: Record | None

    def below(self, record: Record | None) -> _Place:
        return _Place(self.root, self.depth + 1, record or self.above)


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _direct(payload: dict[str, Any]) -> set[tuple[str, str]]:
    """The records that a payload itself consists of."""
    parts = [part for value in payload.values() for part in (value if isinstance(value, list) else [value])]
    ids = [str(part.get("id")).split("?")[0] for part in parts if isinstance(part, dict)]
    return {(match[1], match[2]) for match in map(GID.fullmatch, ids) if match}


def _keep(target: dict[str, Any], name: str, value: Any) -> None:
    known = target.get(name)
    if isinstance(known, list) and isinstance(value, list) and all(isinstance(one, Record) for one in known + value):
        known += [one for one in value if not any(one is other for other in known)]
    elif known is None:
        target[name] = value


def _nodes(target: dict[str, Any]) -> Any:
    if isinstance(target.get("nodes"), list):
        return target["nodes"]
    if isinstance(target.get("edges"), list):
        return [edge["node"] for edge in target["edges"] if isinstance(edge, dict) and "node" in edge]
    return target
