"""The files of finished bulk operations over HTTP: signed addresses that end with their week.

Whoever has the address may read the file; it says nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from sandbox.shopify.store import bulk_operations as operations
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

PATH = "/bulk-operation-outputs"


def address(row: Row, base_url: str) -> str:
    """Where the file of an operation is read."""
    name = f"bulk-{row['id']}.jsonl"
    expires = (row["ended_at"] + operations.LIFE_US) // operations.SECOND
    query = {
        "Expires": expires,
        "response-content-disposition": f'attachment; filename="{name}"',
        "response-content-type": "application/jsonl",
    }
    return f"{base_url}{PATH}/{row['file']}?{urlencode(query)}"


def answer(store: Store, name: str) -> Response:
    """The file of that name, streamed, or why not."""
    row = store.db.one("SELECT * FROM bulk_operations WHERE file = ?", (name,))
    path = store.blobs.path(name)
    if row is None or path is None:
        return Response("<Error><Code>NoSuchKey</Code></Error>", 404, content_type="application/xml")
    if operations.status(store, row) == "EXPIRED":
        return Response("<Error><Code>ExpiredToken</Code></Error>", 400, content_type="application/xml")
    disposition = f'attachment; filename="bulk-{row["id"]}.jsonl"'
    response = Response(_chunks(path), 200, content_type="application/jsonl", direct_passthrough=True)
    response.content_length = path.stat().st_size
    response.headers["Content-Disposition"] = disposition
    return response


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(65_536):
            yield chunk
