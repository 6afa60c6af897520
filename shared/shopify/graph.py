"""Reading any kind of Shopify record: by ids, by search, page by page. The entities are built from these functions.

One paging loop serves every connection at any depth. Nothing here knows products, customers or orders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.errors import Unavailable
from shared.shopify.client import Document, ShopifyClient
from shared.shopify.selection import Part, Selection
from shared.shopify.shaping import shape

PAGE = 250
MOST_POINTS = 500
"""What one request of ours may cost: half of Shopify's limit, so that an estimate may err and others get a turn."""

_GID = re.compile(r"gid://shopify/[A-Za-z]+/(?:[1-9][0-9]{0,18}|[\w-]*[A-Za-z-][\w-]*|[\w-]+\?[\w=&-]+)", re.ASCII)
"""A number, a word that is no number, or either with parameters, as an inventory level's."""

Node = Mapping[str, Any]
Connection = Mapping[str, Any]


def gid(type_name: str, number: str) -> str:
    """The global id of a numeric one: ("Product", "12") → "gid://shopify/Product/12"."""
    return f"gid://shopify/{type_name}/{number}"


def number(global_id: str) -> str:
    """The numeric tail of a global id, without its parameters."""
    return global_id.rpartition("/")[2].partition("?")[0]


def moment(text: str) -> datetime:
    """A DateTime scalar as aware UTC."""
    return datetime.fromisoformat(text)


def follow(first: Connection, fetch: Callable[[str], Connection | None], name: str) -> Iterator[Node]:
    """All nodes of a connection: those of its first page, then page by page. A cursor that stands still is an error.

    `fetch` returns the page after a cursor, or None when the owner of a nested connection is gone.
    """
    page: Connection | None = first
    cursor = ""
    while page is not None:
        yield from page["nodes"]
        info = page["pageInfo"]
        if not info["hasNextPage"]:
            return
        if not info["endCursor"] or info["endCursor"] == cursor:
            raise Unavailable(f"{name}: paging stands still.", facts={"call": name})
        cursor = info["endCursor"]
        page = fetch(cursor)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads records of one selection through one client and shapes them."""

    client: ShopifyClient
    selection: Selection

    def shape(self, raw: Node) -> dict[str, Any]:
        """The content of one answered node, every list in it read to its end."""
        return shape(self.selection, self.client.schema, raw, self._more)

    def _more(self, owner_id: str, owner: Part, connection: Part, cursor: str) -> Connection | None:
        more = Document("ConnectionContinued", self.selection.continuation(owner, connection))
        node = self.client.execute(more, {"id": owner_id, "after": cursor}).data["node"]
        return None if node is None else node["page"]


def nodes(
    client: ShopifyClient, document: Document, ids: Sequence[str], size: int = PAGE, **variables: Any
) -> Iterator[tuple[datetime, Sequence[Node | None]]]:
    """`nodes(ids:)` in chunks the vendor allows: the moment of each read, and its nodes (None: does not exist).

    What cannot be an id is not asked for: it does not exist, and Shopify would refuse all others with it.
    """
    named = [each for each in ids if _GID.fullmatch(each)]
    for start in range(0, len(named), size):
        answer = client.execute(document, {"ids": named[start : start + size], **variables})
        yield answer.read_at, answer.data["nodes"]


def search(client: ShopifyClient, document: Document, root: str, variables: Mapping[str, Any]) -> Iterator[Node]:
    """Every node of a root connection under these variables; the document takes `first` and `after`."""

    def fetch(cursor: str | None) -> Connection:
        page: Connection = client.execute(document, {"first": PAGE, **variables, "after": cursor}).data[root]
        return page

    return follow(fetch(None), fetch, document.name)


def any_of(field: str, values: Sequence[str], *, most: int = 50, length: int = 2000) -> Iterator[str]:
    """Searches `field:'a' OR field:'b' …`, quoted and escaped, in chunks; blank values (they match all) left out."""
    chunk: list[str] = []
    for value in dict.fromkeys(values):
        if not value.strip():
            continue
        term = f"{field}:'{quoted(value)}'"
        if chunk and (len(chunk) == most or sum(map(len, chunk)) + len(term) > length):
            yield " OR ".join(chunk)
            chunk = []
        chunk.append(term)
    if chunk:
        yield " OR ".join(chunk)


def quoted(value: str) -> str:
    """A value for use between single quotes in Shopify's search syntax."""
    return value.replace("\\", "\\\\").replace("'", "\\'")
