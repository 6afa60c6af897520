"""Records that are members of a list inside others: an order's refunds, an order's tax lines.

What changed is found by the records around them. A member with an id is read by it; one without takes the id
`{parent}~{key}`, and is read with its parent, which its expressions see as `parent`. Nothing here writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.errors import SchemaMismatch
from shared.fields import FieldInfo
from shared.records import Changes, Item, Reading, Record, Side
from shared.shopify.client import Document, ShopifyClient
from shared.shopify.graph import Reader, nodes
from shared.shopify.read_only import ReadOnly
from shared.shopify.root_names import AnyRoot, encoded, global_id, record_id
from shared.shopify.roots import Windows
from shared.shopify.rows import Rows
from shared.shopify.schema import Schema
from shared.shopify.selection import Selection

PARENT = "parent"
READ = 50
"""Members read in one call."""


@dataclass(frozen=True, slots=True)
class Members:
    """A list inside the records of a root: its path, the type of its members, and what tells those without id apart."""

    root: AnyRoot
    each: str
    type_name: str
    key: str = ""


def members_of(schema: Schema, root: AnyRoot, each: str, key: str | None) -> Members:
    """The list, with the type of its members. Raises SchemaMismatch where it is none, or nothing tells them apart."""
    type_name, listed = root.type_name, False
    for name in each.split("."):
        found = schema.field(type_name, name)
        if found is None:
            near = schema.suggest(type_name, name)
            raise SchemaMismatch(f"each: the type {type_name} has no field {name!r}{near}", facts={"each": each})
        type_name, listed = found.type_name, found.is_list
    if not listed or schema.is_leaf(type_name):
        fix = f"name {each}.nodes" if type_name.endswith("Connection") else "name a list of objects"
        raise SchemaMismatch(f"each: {each} is no list of records: {fix}.", facts={"each": each})
    own = schema.field(type_name, "id") is not None
    if own and key:
        raise SchemaMismatch(f"A {type_name} has an id: take key out.", facts={"key": key})
    if not own and not key:
        fix = "name the field that tells them apart as key"
        raise SchemaMismatch(f"A {type_name} has no id of its own: {fix}.", facts={"each": each})
    return Members(root, each, type_name, key or "")


class MemberRows(ReadOnly):
    """The `Entity` of members; see shared/sync/ports.py for what each method promises."""

    side = Side.SHOPIFY
    searchable: Collection[str] = frozenset()
    """Members are found by their parents alone."""

    def __init__(
        self, client: ShopifyClient, of: Members, paths: Iterable[str], windows: Windows | None = None
    ) -> None:
        self.of = of
        self._client = client
        wanted = sorted(paths)
        if of.key:
            inside = [path for path in wanted if not _of_parent(path)]
            parents = [_parents_path(path) for path in wanted if "." in path and _of_parent(path)]
            self._parents = Rows(
                client, of.root, [*parents, *(f"{of.each}.{path}" for path in {*inside, of.key})], windows
            )
            self._own = Selection(client.schema, of.type_name, {*inside, of.key})
        else:
            self._parents = Rows(client, of.root, [f"{of.each}.id"], windows)
            self._own = Selection(client.schema, of.type_name, {*wanted, "id"})
        self.tables: Sequence[str] = self._parents.tables

    @property
    def named(self) -> str:
        """The list they are members of."""
        return self.of.each

    @property
    def type_name(self) -> str:
        """The members' type in the Admin API."""
        return self.of.type_name

    @property
    def selection(self) -> str:
        """The digest of what a read selects."""
        return self._parents.selection if self.of.key else self._own.digest

    def describe(self, path: str) -> FieldInfo | None:
        """What the schema says of a member's path, or of its parent's."""
        if not self.of.key or not _of_parent(path):
            return self._own.describe(path)
        if path == PARENT:
            return FieldInfo(path, "object")
        found = self._parents.describe(_parents_path(path))
        return replace(found, path=path) if found else None

    def start_token(self, table: str) -> str:
        """The parents'."""
        return self._parents.start_token(table)

    def changes(self, table: str, token: str) -> Changes:
        """The members of one page of parents that changed."""
        return self._inside(self._parents.changes(table, token))

    def listing(self, after: str) -> Changes:
        """The members of one page of all parents, with content."""
        page = self._inside(self._parents.listing(after))
        if self.of.key:
            return page
        found = self.read([item.id for item in page.items]).records
        return replace(page, items=tuple(replace(item, record=found.get(item.id)) for item in page.items))

    def members(self, table: str, ids: Sequence[str]) -> Changes:
        """The members of those parents."""
        return self._inside(self._parents.members(table, ids))

    def read(self, ids: Sequence[str]) -> Reading:
        """Those members live: by their own ids, or with their parents."""
        wanted = list(dict.fromkeys(ids))
        if self.of.key:
            parents = dict.fromkeys(each.partition("~")[0] for each in wanted)
            found = self._inside(self._parents.members(self.of.root.connection, [*parents]))
            known = {item.id: item.record for item in found.items if item.record}
            return Reading(found.read_at, {each: known[each] for each in wanted if each in known})
        text = "query MembersRead($ids: [ID!]!) { nodes(ids: $ids) { ...RecordFields } }"
        document = Document("MembersRead", f"{text}\n{self._own.fragment('RecordFields')}")
        names = [global_id(each, self.of.type_name) for each in wanted]
        answers = list(nodes(self._client, document, names, READ))
        records = [self._record(node) for _, answered in answers for node in answered if node]
        return Reading(answers[0][0] if answers else self._client.now(), {record.id: record for record in records})

    def find(self, path: str, values: Sequence[str], *, fold: bool = False) -> Mapping[str, Sequence[Record]]:
        """Refused: members are found by their parents alone."""
        raise SchemaMismatch(f"{self.of.each} cannot be searched by {path!r}.")

    def _record(self, node: Mapping[str, Any]) -> Record:
        content = Reader(self._client, self._own).shape(node)
        return Record(record_id(str(node["id"]), self.of.type_name), content)

    def _inside(self, page: Changes) -> Changes:
        """The members of a page's parents; what went with a parent, or left its list, the nightly comparison finds."""
        items = [item for parent in page.items if parent.record for item in self._of(parent.record)]
        return replace(page, items=tuple({item.id: item for item in items}.values()))

    def _of(self, parent: Record) -> Iterator[Item]:
        inside: Any = parent.content
        for part in self.of.each.split("."):
            inside = inside.get(part) if isinstance(inside, Mapping) else None
        met: Counter[str] = Counter()
        for member in inside or ():
            if not self.of.key:
                yield Item(record_id(str(member["id"]), self.of.type_name))
                continue
            value = member.get(self.of.key)
            name = f"{parent.id}~{'' if value is None else encoded(str(value))}"
            met[name] += 1
            name = f"{name}~{met[name]}" if met[name] > 1 else name  # equals are told apart by their order
            yield Item(name, Record(name, {**member, PARENT: parent.content}))


def _of_parent(path: str) -> bool:
    return path.partition(".")[0] == PARENT


def _parents_path(path: str) -> str:
    return path.partition(".")[2]
