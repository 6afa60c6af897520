"""What the API tells of files, media and images.

Reads only. An image is null until its file is ready (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.paging import Connection, Order, Select, listed, page
from sandbox.shopify.search import columns
from sandbox.shopify.store import files
from sandbox.shopify.store.database import Row

ORDERS = {
    "ID": Order("f.id"),
    "RELEVANCE": Order("f.id"),
    "CREATED_AT": Order("f.created_at", time=True),
    "UPDATED_AT": Order("f.updated_at", time=True),
    "FILENAME": Order("f.filename"),
}
SEARCH = {
    "default": ("f.filename", columns.WORDS),
    "id": ("f.id", columns.ID),
    "filename": ("f.filename", columns.TEXT),
    "media_type": (
        "CASE f.kind WHEN 'MediaImage' THEN 'IMAGE' WHEN 'ExternalVideo' THEN 'EXTERNAL_VIDEO' WHEN 'Video' THEN "
        "'VIDEO' WHEN 'Model3d' THEN 'MODEL3D' ELSE 'GENERIC_FILE' END",
        columns.TEXT,
    ),
    "created_at": ("f.created_at", columns.TIME),
    "updated_at": ("f.updated_at", columns.TIME),
}
MEDIA = ("MediaImage", "ExternalVideo", "Video", "Model3d")
FILES = (*MEDIA, "GenericFile")
IMAGE_PAGE = registry.CONNECTION_ARGUMENTS
registry.keys("Image", "altText width height")
registry.keys("MediaPreviewImage", "image status")


def source(row: Row | None) -> Row | None:
    """A file row as the executor passes it on."""
    return None if row is None else row | {"__typename": row["kind"]}


def _find(call: Call, identifier: str) -> Row | None:
    kind = gid.kind_of(identifier)
    row = files.get(call.store, gid.number(identifier, kind))
    return source(row) if row is not None and row["kind"] == kind else None


for _kind in FILES:
    registry.node(_kind)(_find)


@registry.field("QueryRoot", "files", "first last after before reverse query sortKey")
def _files(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    found = columns.condition(call, args.get("query"), SEARCH)
    order = ORDERS.get(args.get("sortKey") or "ID")
    if order is None:
        raise registry.not_built(f"the sort key {args['sortKey']} of QueryRoot.files")
    one = page(call.db, Select("f.*", "files f", found.text, found.parameters, "f.id", order), args)
    one.rows = [source(row) or row for row in one.rows]
    return one


def image(call: Call, row: Row, kind: str = "ImageSource", number: int | None = None) -> Row | None:
    """The image of a file once it is ready; a product's image has a number of its own."""
    if row["kind"] != "MediaImage" or not files.is_ready(call.store, row):
        return None
    size = {"width": row["width"], "height": row["height"]}
    address = files.url(call.store, row)
    return {"id": gid.make(kind, number or row["id"]), "altText": row["alt"] or None, "url": address} | size


@registry.field("Image", "id")
def _image_id(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return row.get("id")


for _name in ("url", "src", "originalSrc"):
    registry.field("Image", _name)(lambda row, _call, _args: row["url"])


def _preview(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return {"image": image(call, row), "status": files.status(call.store, row, call.request_id)}


def _file_status(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return files.status(call.store, row, call.request_id)


def _register(kind: str) -> None:
    registry.field(kind, "id")(lambda row, _call, _args: gid.make(kind, row["id"]))
    registry.field(kind, "alt")(lambda row, _call, _args: row["alt"])
    registry.field(kind, "createdAt")(lambda row, _call, _args: iso(row["created_at"]))
    registry.field(kind, "updatedAt")(lambda row, _call, _args: iso(row["updated_at"]))
    registry.field(kind, "fileStatus")(_file_status)
    registry.field(kind, "preview")(_preview)
    for name in ("fileErrors", "mediaErrors", "mediaWarnings"):
        # No source is fetched, so none is found wanting: an empty list is the truth.
        registry.field(kind, name)(lambda _row, _call, _args: [])
    if kind in MEDIA:
        registry.field(kind, "status")(_file_status)
        registry.field(kind, "mediaContentType")(lambda row, _call, _args: files.CONTENT[row["kind"]])


for _kind in FILES:
    _register(_kind)
for _type in ("FileError", "MediaError", "MediaWarning"):
    registry.keys(_type, "code message details" if _type != "MediaWarning" else "code message")


@registry.field("MediaImage", "image")
def _media_image(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return image(call, row)


@registry.field("MediaImage", "mimeType")
def _image_type(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
    kind = files.ending(row["filename"]).replace("jpg", "jpeg")
    return f"image/{kind}" if files.is_ready(call.store, row) else None


@registry.field("GenericFile", "url")
def _file_url(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
    return files.url(call.store, row) if files.is_ready(call.store, row) else None


@registry.field("ExternalVideo", "originUrl")
def _origin(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    name = files.youtube(row["source"])
    return f"https://youtu.be/{name}" if name else str(row["source"])


for _name in ("embedUrl", "embeddedUrl"):
    registry.field("ExternalVideo", _name)(
        lambda row, _call, _args: (
            f"https://www.youtube.com/embed/{files.youtube(row['source'])}"
            if files.youtube(row["source"])
            else row["source"].replace("://vimeo.com/", "://player.vimeo.com/video/")
        )
    )


@registry.field("ExternalVideo", "host")
def _host(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return "YOUTUBE" if files.youtube(row["source"]) else "VIMEO"


for _kind in ("Video", "Model3d"):
    registry.field(_kind, "filename")(lambda row, _call, _args: row["filename"])


def product_media(call: Call, product: int) -> list[Row]:
    """A product's media as the executor passes them on."""
    rows = files.of_product(call.store, product)
    return [row | {"__typename": row["kind"], "file_id": row["id"]} for row in rows]


@registry.field("Product", "media", f"{registry.CONNECTION_ARGUMENTS} sortKey")
def _media(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    rows = product_media(call, row["id"])
    if args.get("sortKey") == "ID":
        rows.sort(key=lambda one: one["id"])
    return listed(rows, args, mark=_place)


def _place(row: Row) -> tuple[int, str]:
    # The cursors of media and of images hold the file's number and its place (recorded).
    return row["file_id"], str(row["position"])


@registry.field("Product", "mediaCount")
def _media_count(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return {"count": len(files.of_product(call.store, row["id"])), "precision": "EXACT"}


def _images(call: Call, product: int) -> list[Row]:
    found = []
    for row in files.of_product(call.store, product):
        shown = image(call, row, "ProductImage", row["image_id"])
        if shown is not None:
            found.append(shown | {"file_id": row["id"], "position": row["position"]})
    return found


@registry.field("Product", "images", f"{registry.CONNECTION_ARGUMENTS} sortKey")
def _product_images(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(_images(call, row["id"]), args, mark=_place)


for _name in ("featuredImage",):
    registry.field("Product", _name)(lambda row, call, _args: next(iter(_images(call, row["id"])), None))


@registry.field("Product", "featuredMedia")
def _featured(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    rows = [one for one in product_media(call, row["id"]) if files.is_ready(call.store, one)]
    return rows[0] if rows else None


@registry.field("ProductVariant", "media", registry.CONNECTION_ARGUMENTS)
def _variant_media(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed([source(one) or one for one in files.of_variant(call.store, row["id"])], args)


@registry.field("ProductVariant", "image")
def _variant_image(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    found = files.of_variant(call.store, row["id"])
    return image(call, found[0], "ProductImage", _image_number(call, row, found[0])) if found else None


def _image_number(call: Call, variant: Row, file: Row) -> int | None:
    sql = "SELECT image_id FROM product_media WHERE product_id = ? AND file_id = ?"
    found = call.db.value(sql, (variant["product_id"], file["id"]))
    return None if found is None else int(found)
