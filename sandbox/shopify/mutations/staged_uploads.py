"""stagedUploadsCreate: where a file may be put before a mutation names it.

A target is an address with a signature; the file itself arrives over HTTP.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any
from urllib.parse import quote

from sandbox.shopify import registry
from sandbox.shopify.call import Call, user_error
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store
from sandbox.shopify.uploads import PATH

FOLDERS = {
    "BULK_MUTATION_VARIABLES": "bulk",
    "IMAGE": "products",
    "PRODUCT_IMAGE": "products",
    "COLLECTION_IMAGE": "collections",
    "SHOP_IMAGE": "shop_images",
    "FILE": "files",
    "VIDEO": "videos",
    "MODEL_3D": "models",
    "RETURN_LABEL": "return_labels",
    "URL_REDIRECT_IMPORT": "url_redirects",
    "DISPUTE_FILE_UPLOAD": "disputes",
}
SIZED = {"VIDEO": "video", "MODEL_3D": "3D model"}
IMAGES = frozenset(["IMAGE", "PRODUCT_IMAGE", "COLLECTION_IMAGE", "SHOP_IMAGE"])
FORMATS = ("image/", "video/", "model/", "application/pdf", "text/", "application/octet-stream", "application/json")
registry.inputs("StagedUploadInput", "resource filename mimeType httpMethod fileSize")
registry.keys("StagedMediaUploadTarget", "url resourceUrl parameters")
registry.keys("StagedUploadParameter", "name value")


@registry.mutation("stagedUploadsCreate", "input", "stagedTargets userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    targets, errors = [], []
    for place, given in enumerate(args["input"]):
        wrong = _problem(given, ["input", str(place)])
        errors += [wrong] if wrong else []
        targets.append({"url": None, "resourceUrl": None, "parameters": []} if wrong else _target(call, given))
    return {"stagedTargets": targets, "userErrors": errors}


def _problem(given: Row, path: list[str]) -> Row | None:
    resource = given["resource"]
    if resource in SIZED and given.get("fileSize") is None:
        return user_error([*path, "fileSize"], f"file size is required for {SIZED[resource]} resources")
    mime_type = given["mimeType"]
    fits = mime_type.startswith("image/") if resource in IMAGES else mime_type.startswith(FORMATS)
    if resource != "BULK_MUTATION_VARIABLES" and not fits:
        message = f"{given['filename']}: ({mime_type}) is not a recognized format"
        return user_error([*path, "mimeType"], message)
    return None


def _target(call: Call, given: Row) -> Row:
    number = call.db.next_id("StagedUpload")
    place = uuid.uuid5(uuid.NAMESPACE_URL, f"staged-upload/{number}")
    shop = (call.store.setting("shop_id") or "").rsplit("/", 1)[-1]
    key = f"tmp/{shop}/{FOLDERS[given['resource']]}/{place}/{given['filename']}"
    signature = hashlib.sha256(f"{call.store.config.client_secret}/{key}".encode()).hexdigest()
    method = given.get("httpMethod") or "PUT"
    row: Row = {"key": key, "signature": signature, "resource": given["resource"], "filename": given["filename"]}
    row |= {"mime_type": given["mimeType"], "method": method, "expected_size": given.get("fileSize")}
    call.db.insert("staged_uploads", row | {"file": None, "size": None, "created_at": call.store.now()})
    base = f"{call.base_url}{PATH}"
    resource_url = None if given["resource"] == "BULK_MUTATION_VARIABLES" else f"{base}{quote(key)}"
    if method == "PUT":
        signed = f"{base}{quote(key)}?x-goog-algorithm=GOOG4-RSA-SHA256&x-goog-signature={signature}"
        parameters = {"content_type": given["mimeType"], "acl": "private"}
        return {"url": signed, "resourceUrl": resource_url, "parameters": _listed(parameters)}
    return {"url": base, "resourceUrl": resource_url, "parameters": _listed(_form(call, given, key, signature))}


def _form(call: Call, given: Row, key: str, signature: str) -> Row:
    now = call.store.clock.now()
    return {
        "Content-Type": given["mimeType"],
        "success_action_status": "201",
        "acl": "private",
        "key": key,
        "x-goog-date": f"{now:%Y%m%dT%H%M%SZ}",
        "x-goog-credential": f"sandbox@shopify-tiers.iam.gserviceaccount.com/{now:%Y%m%d}/auto/storage/goog4_request",
        "x-goog-algorithm": "GOOG4-RSA-SHA256",
        "x-goog-signature": signature,
        "policy": hashlib.sha256(key.encode()).hexdigest(),
    }


def _listed(parameters: Row) -> list[Row]:
    return [{"name": name, "value": value} for name, value in parameters.items()]


def uploaded(store: Store, key: str) -> Row | None:
    """A staged file that has arrived, by its key."""
    row = store.db.one("SELECT * FROM staged_uploads WHERE key = ? AND file IS NOT NULL", (key,))
    return row if row is not None and store.blobs.path(row["file"]) is not None else None
