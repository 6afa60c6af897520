"""Everything of a root connection by one bulk operation, for lists that paging would take long through.

    bulk = Bulk(client, root, selection)
    token = bulk.begin()            # "" where Shopify does not begin one: page then
    page = bulk.page(token)         # raises NotYet while the operation runs

Only for records without lists inside: a file of those does not say of which list a line is. The token holds the
operation's id, the selection's digest and how far the file was read; its address is asked for anew each time. Nothing
here writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from shared.errors import NotYet, Unavailable
from shared.shopify.client import Document, ShopifyClient
from shared.shopify.root_names import AnyRoot
from shared.shopify.selection import Selection

ABOVE = 5_000
"""Records from which a listing is one bulk operation: twenty pages of the largest size."""
PAGE = 250
PATIENCE_S, STEP_S = 20.0, 2.0
_MARK = "bulk "
_TIMES = (5.0, 60.0)
_BEGIN = """mutation BulkListing($query: String!) { bulkOperationRunQuery(query: $query) {
  bulkOperation { id } userErrors { message } } }"""
_STATE = """query BulkListingState($id: ID!) { node(id: $id) { ... on BulkOperation { status url createdAt } } }"""
_OVER = frozenset({"FAILED", "EXPIRED", "CANCELED", "CANCELING"})


@dataclass(frozen=True, slots=True)
class BulkPage:
    """Some nodes of the file, when it was begun, and the token to go on from; `failed`: there is no file to read."""

    nodes: tuple[Mapping[str, Any], ...]
    read_at: datetime
    token: str = ""
    more: bool = False
    failed: bool = False


def is_bulk(token: str) -> bool:
    """Whether a listing's token is one of a bulk operation."""
    return token.startswith(_MARK)


@dataclass(frozen=True, slots=True)
class Bulk:
    """Bulk listings of one root connection under one selection."""

    client: ShopifyClient
    root: AnyRoot
    selection: Selection

    def worth_it(self) -> bool:
        """Whether the list is so long, and the records so flat, that one operation is better than its pages."""
        count = self.client.schema.field(self.client.schema.query_type, f"{self.root.connection}Count")
        if count is None or self.root.arguments or any(part.connection for part in self.selection.root.walk()):
            return False
        text = f"query BulkCount {{ count: {count.name}(limit: {ABOVE + 1}) {{ count }} }}"
        text = text if "limit" in count.args else text.replace(f"(limit: {ABOVE + 1})", "")
        return int(self.client.execute(Document("BulkCount", text), {}).data["count"]["count"]) > ABOVE

    def begin(self) -> str:
        """Begin an operation; the token of its first page, or "" where another one is in the way."""
        query = f"{{ {self.root.connection} {{ edges {{ node {{ {self.selection.body()} }} }} }} }}"
        answer = self.client.execute(Document("BulkListing", _BEGIN), {"query": query})
        operation = answer.data["bulkOperationRunQuery"]["bulkOperation"]
        return self._token(operation["id"], 0) if operation else ""

    def _token(self, identifier: str, position: int) -> str:
        return f"{_MARK}{identifier} {position} {self.selection.digest}"

    def began(self, token: str) -> bool:
        """Whether it is of an operation under this selection: what another one reads has other fields."""
        return token.endswith(f" {self.selection.digest}")

    def page(self, token: str) -> BulkPage:
        """The next records of its file. Raises NotYet while Shopify works on it."""
        _, identifier, position, _ = token.split(" ")
        state = self._state(identifier)
        began = datetime.fromisoformat(str(state["createdAt"])) if state else self.client.now()
        if state is None or state["status"] in _OVER:
            return BulkPage((), began, failed=True)
        if state["url"] is None:
            return BulkPage((), began)
        nodes, end, more = self._read(str(state["url"]), int(position))
        return BulkPage(nodes, began, self._token(identifier, end) if more else "", more)

    def _state(self, identifier: str) -> Mapping[str, Any] | None:
        waited = 0.0
        while True:
            found = self.client.execute(Document("BulkListingState", _STATE), {"id": identifier}).data["node"]
            if found is None or found["status"] not in ("CREATED", "RUNNING"):
                return dict(found) if found else None
            if waited >= PATIENCE_S:
                sentence = f"Shopify still collects all {self.root.connection}; the next tick asks again."
                raise NotYet(sentence, retry_after_s=PATIENCE_S, facts={"operation": identifier})
            self.client.wait(STEP_S)
            waited += STEP_S

    def _read(self, url: str, position: int) -> tuple[tuple[Mapping[str, Any], ...], int, bool]:
        """Up to a page of lines from that byte on, the byte behind them, and whether there are more."""
        nodes: list[Mapping[str, Any]] = []
        try:
            headers = {"Range": f"bytes={position}-", "Accept-Encoding": "identity"}
            with self.client.transport.session.get(url, headers=headers, stream=True, timeout=_TIMES) as answer:
                if answer.status_code not in (200, 206):
                    raise Unavailable(f"The file of a bulk operation is not there ({answer.status_code}).")
                skip = position if answer.status_code == 200 else 0
                for line in _lines(answer, skip):
                    if len(nodes) == PAGE:
                        return tuple(nodes), position, True
                    position += len(line) + 1
                    nodes.append(json.loads(line))
        except requests.RequestException as error:
            facts = {"side": "shopify", "cause": type(error).__name__}
            raise Unavailable("The file of a bulk operation could not be read.", facts=facts) from None
        return tuple(nodes), position, False


def _lines(answer: requests.Response, skip: int) -> Iterator[bytes]:
    """The lines of a file, without the first bytes where the server did not leave them out."""
    rest = b""
    for chunk in answer.iter_content(64 * 1024):
        piece, skip = (chunk[skip:], 0) if len(chunk) > skip else (b"", skip - len(chunk))
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest
