"""Takes staged files over HTTP: a multipart form, parameters first and the file last, or a plain PUT.

Only where a target was made for; the file goes to disk as it arrives.
"""

from __future__ import annotations

import hmac
import shutil
from typing import IO

from werkzeug.wrappers import Request, Response

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

PATH = "/staged-uploads/"


def answer(store: Store, request: Request, key: str | None) -> Response:
    """Keep the file of a request and say so, or refuse it."""
    if request.method == "PUT":
        row = _target(store, key, request.args.get("x-goog-signature"), "PUT")
        if row is None:
            return _refused("SignatureDoesNotMatch", 403)
        _keep(store, row, request.stream)
        return Response("", 200)
    try:
        return _form(store, request)
    finally:
        request.close()


def _form(store: Store, request: Request) -> Response:
    row = _target(store, request.form.get("key"), request.form.get("x-goog-signature"), "POST")
    if row is None:
        return _refused("SignatureDoesNotMatch", 403)
    file = request.files.get("file")
    if file is None:
        return _refused("InvalidArgument", 400)
    _keep(store, row, file.stream)
    text = f"<PostResponse><Bucket>shopify-staged-uploads</Bucket><Key>{row['key']}</Key></PostResponse>"
    return Response(text, int(request.form.get("success_action_status") or 204), content_type="application/xml")


def _target(store: Store, key: str | None, signature: str | None, method: str) -> Row | None:
    row = store.db.one("SELECT * FROM staged_uploads WHERE key = ? AND method = ?", (key or "", method))
    if row is None or not hmac.compare_digest(row["signature"], signature or ""):
        return None
    return row


def _keep(store: Store, row: Row, stream: IO[bytes]) -> None:
    path = store.blobs.new()
    with path.open("wb") as file:
        shutil.copyfileobj(stream, file)
    sql = "UPDATE staged_uploads SET file = ?, size = ? WHERE key = ?"
    store.db.run(sql, (path.name, path.stat().st_size, row["key"]))


def _refused(code: str, status: int) -> Response:
    text = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code></Error>"
    return Response(text, status, content_type="application/xml")
