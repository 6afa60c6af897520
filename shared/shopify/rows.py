"""Records of any root connection for a table: read by ids, listed, and what of them changed, in the way that it allows.

    rows = Rows(client, named(client.schema, "giftCards"), mapping_paths)

Where Shopify cannot be asked for changes, all is listed and held against digests of what it was; above MOST_KNOWN
records nothing is remembered, and all is given out once an hour. Nothing here writes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.records import Changes, Item, Record
from shared.shopify.bulk import Bulk, is_bulk
from shared.shopify.client import Document, ShopifyClient
from shared.shopify.graph import moment
from shared.shopify.polling import Window, fresh, window
from shared.shopify.root_names import AnyRoot, Way, global_id, record_id
from shared.shopify.roots import Root, RootSource, Windows
from shared.shopify.schema import Schema

MOST_KNOWN = 24_000
"""Characters of ids and digests that a cursor keeps: about a thousand records. A property holds 32,000."""
EVERY = timedelta(hours=1)
"""How often a listing is gone through of which there is too much to remember."""
_PAGE = "nodes { ...RecordFields } pageInfo { hasNextPage endCursor }"


class Rows(RootSource):
    """The `Entity` of a root connection; see shared/sync/ports.py for what each method promises."""

    root: AnyRoot

    def __init__(
        self,
        client: ShopifyClient,
        root: AnyRoot,
        paths: Iterable[str],
        windows: Windows | None = None,
        *,
        timeless: bool = False,
    ) -> None:
        self._dated = root.dated
        self._timeless = timeless
        super().__init__(client, root, paths, windows)
        self._bulk = Bulk(client, root, self._reader.selection)

    def _check(self, schema: Schema, root: Root) -> None:
        """Nothing: the name was looked at when it was read."""

    @property
    def _always(self) -> Iterable[str]:
        return ("id", "updatedAt") if self._dated else ("id",)

    def start_token(self, table: str) -> str:
        """A token for now; of a listing the beginning of one."""
        return "{}" if self.root.way is Way.LISTED else super().start_token(table)

    def changes(self, table: str, token: str) -> Changes:
        """One page of what changed, with content."""
        if self.root.way is Way.LISTED:
            return self._walked(json.loads(token))
        start = window(token)
        query = start.search(self.windows.overlap_s) if self.root.searched else None
        order = "UPDATED_AT" if self.root.way is Way.SORTED else "ID"
        answer = self.client.execute(self._listed(order), self._asked(start.cursor, query))
        page, times = answer.data[self.root.connection], self.windows
        if self.root.way is Way.SORTED:
            found = fresh(start, page, answer.at, overlap_s=times.overlap_s, lag_s=times.lag_s, newest_first=True)
            return Changes(self._items(found.nodes), answer.read_at, found.token, found.more)
        return self._found(start, page, answer.at, answer.read_at)

    def _found(self, start: Window, page: Mapping[str, Any], at: datetime, read_at: datetime) -> Changes:
        """A page of a search in no order of time: it ends where the pages do."""
        until = start.until or max(start.since, at - timedelta(seconds=self.windows.lag_s))
        nodes = [node for node in page["nodes"] if moment(node["updatedAt"]) <= until]
        new = {record_id(str(node["id"]), self.root.type_name): node for node in nodes}
        new = {key: node for key, node in new.items() if not start.gave(key, moment(node["updatedAt"]))}
        given = {key: moment(node["updatedAt"]) for key, node in new.items()}
        info = page["pageInfo"]
        if info["hasNextPage"]:
            token = start.paged(until, info["endCursor"], given).token()
        else:
            token = start.closed(until, self.windows.overlap_s, given).token()
        return Changes(self._items(new.values()), read_at, token, bool(info["hasNextPage"]))

    def _walked(self, known: Mapping[str, Any]) -> Changes:
        """The next page of a listing: what is not as it was; at the end, what was there and is not any more."""
        now, after = self.client.now(), str(known.get("after", ""))
        many = bool(known.get("many"))
        if many and not after and now - datetime.fromisoformat(known["at"]) < EVERY:
            return Changes((), now, json.dumps(known), more=False)
        page = self.listing(after)
        seen, met = dict(known.get("seen", {})), dict(known.get("met", {}))
        found = {item.id: _digest(item.record) for item in page.items if item.record}
        met.update(found)
        items = tuple(item for item in page.items if many or seen.get(item.id) != found[item.id])
        at = known["at"] if after else now.isoformat()
        if not page.more:
            silent = many or self.root.hides
            gone = () if silent else tuple(Item(each, deleted=True) for each in seen if each not in met)
            return Changes((*items, *gone), page.read_at, _kept({"seen": met, "at": at}, many), more=False)
        token = _kept({"after": page.token, "seen": seen, "met": met, "at": at}, many)
        return Changes(items, page.read_at, token, more=True)

    def listing(self, after: str) -> Changes:
        """One page of everything with content, in id order where there is one; a long list is read in bulk."""
        if is_bulk(after) or (not after and self._bulk.worth_it()):
            return self._from_bulk(after)
        return self._paged(after)

    def _from_bulk(self, after: str) -> Changes:
        """A page of a bulk operation's file; where there is none, pages from the start."""
        if not after:
            token = self._bulk.begin()
            return Changes((), self.client.now(), token, more=True) if token else self._paged("")
        page = self._bulk.page(after)
        return self._paged("") if page.failed else Changes(self._items(page.nodes), page.read_at, page.token, page.more)

    def _paged(self, after: str) -> Changes:
        answer = self.client.execute(self._listed("ID"), self._asked(after, None))
        page = answer.data[self.root.connection]
        info, items = page["pageInfo"], self._items(page["nodes"])
        return Changes(items, answer.read_at, info["endCursor"] or after, bool(info["hasNextPage"]))

    def _asked(self, after: str, query: str | None) -> dict[str, Any]:
        return {"first": self._size, "after": after or None, **({"query": query} if self.root.searched else {})}

    def _listed(self, order: str) -> Document:
        """The connection in that order, where it has it; a search is declared where the connection is searched."""
        declared = ["$first: Int!", "$after: String"]
        given = ["first: $first", "after: $after", *filter(None, [self.root.arguments])]
        if order == "UPDATED_AT":
            given.append("sortKey: UPDATED_AT, reverse: true")
        elif self.root.by_id:
            given.append("sortKey: ID")
        if self.root.searched:
            declared.append("$query: String")
            given.append("query: $query")
        name = f"{self._name}By{order.title().replace('_', '')}"
        inner = f"{self.root.connection}({', '.join(given)}) {{ {_PAGE} }}"
        return self._document("By", f"query {name}({', '.join(declared)}) {{ {inner} }}")

    def _gid(self, record_id: str) -> str:
        return global_id(record_id, self.root.type_name)

    def _record(self, node: Mapping[str, Any]) -> Record:
        content = self._reader.shape(node)
        at = None if self._timeless or not self._dated else moment(str(node["updatedAt"]))
        return Record(record_id(str(node["id"]), self.root.type_name), content, at)


def _digest(record: Record) -> str:
    text = json.dumps(record.content, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def _kept(token: Mapping[str, Any], many: bool) -> str:
    """The token as text, without what is known of single records where that is too much to keep."""
    text = json.dumps(token, separators=(",", ":"))
    if not many and len(text) <= MOST_KNOWN:
        return text
    short = {key: value for key, value in token.items() if key not in ("seen", "met")}
    return json.dumps({**short, "many": True}, separators=(",", ":"))
