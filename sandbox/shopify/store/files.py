"""Files of a store, and which of them are media of products and variants, in order.

Nothing is fetched: a file is what its address says of it, and is ready some seconds after it was made.
"""

from __future__ import annotations

import re
import uuid
from urllib.parse import parse_qs, urlsplit

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

KINDS = {
    "IMAGE": "MediaImage",
    "EXTERNAL_VIDEO": "ExternalVideo",
    "VIDEO": "Video",
    "MODEL_3D": "Model3d",
    "FILE": "GenericFile",
}
CONTENT = {kind: content for content, kind in KINDS.items()}
# Recorded reads found files still in work up to five seconds after they were made, and ready after ten.
TAKES = 6_000_000
ENDINGS = {
    "IMAGE": {"png", "jpg", "jpeg", "gif", "webp", "heic", "svg"},
    "VIDEO": {"mp4", "mov", "webm"},
    "MODEL_3D": {"glb", "usdz", "gltf"},
}
_SIZE = re.compile(r"(\d{2,5})x(\d{2,5})")
_SPACE = uuid.UUID("1a0f2a54-3e0c-4cf5-9a3e-6d1b3c1f0f57")


def get(store: Store, number: int | None) -> Row | None:
    """A file by its number."""
    return store.db.get("files", number)


def is_address(text: str) -> bool:
    """True for what can be fetched over HTTP."""
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and "." in parts.netloc


def ending(name: str) -> str:
    """The lower-case ending of a file name or an address, empty when it has none."""
    last = urlsplit(name).path.rsplit("/", 1)[-1]
    return last.rsplit(".", 1)[-1].lower() if "." in last else ""


def content_of(source: str) -> str:
    """The content an address stands for when nobody says it."""
    if youtube(source) or "vimeo.com/" in source:
        return "EXTERNAL_VIDEO"
    found = ending(source)
    return next((content for content, endings in ENDINGS.items() if found in endings), "FILE")


def youtube(source: str) -> str | None:
    """The video's name in an address of YouTube."""
    parts = urlsplit(source)
    if parts.netloc.endswith("youtu.be"):
        return parts.path.strip("/") or None
    if not parts.netloc.endswith("youtube.com"):
        return None
    if parts.path.startswith("/embed/"):
        return parts.path.removeprefix("/embed/")
    return next(iter(parse_qs(parts.query).get("v", [])), None)


def create(store: Store, content: str, given: Row, request: str) -> int:
    """Add a file; `request` is the one that made it, in whose answer it is only uploaded."""
    number = store.db.next_id("Media")
    now = store.now()
    source = given["originalSource"]
    size = _SIZE.search(source) if content == "IMAGE" else None
    row = {"id": number, "kind": KINDS[content], "alt": given.get("alt") or "", "source": source}
    row |= {"filename": _name(store, number, given.get("filename") or _basename(source, content))}
    row |= {"width": int(size[1]) if size else None, "height": int(size[2]) if size else None}
    row |= {"created_in": request, "ready_at": store.clock.micros() + TAKES, "created_at": now, "updated_at": now}
    store.db.insert("files", row)
    return number


def _basename(source: str, content: str) -> str:
    last = urlsplit(source).path.rsplit("/", 1)[-1] or "file"
    if content == "IMAGE" and "." not in last:
        return f"{last}.{last if last in ENDINGS['IMAGE'] else 'jpg'}"
    return last


def _name(store: Store, number: int, wanted: str) -> str:
    if store.db.one("SELECT 1 FROM files WHERE filename = ?", (wanted,)) is None:
        return wanted
    stem, dot, end = wanted.rpartition(".")
    return f"{stem or end}_{uuid.uuid5(_SPACE, str(number))}{dot}{end if stem else ''}"


def change(store: Store, number: int, values: Row) -> None:
    """Change a file's own columns."""
    store.db.update("files", number, values | {"updated_at": store.now()})


def delete(store: Store, number: int) -> None:
    """Remove a file wherever it is used."""
    products = [row["product_id"] for row in _uses(store, number)]
    store.db.run("DELETE FROM variant_media WHERE file_id = ?", (number,))
    store.db.run("DELETE FROM product_media WHERE file_id = ?", (number,))
    store.db.run("DELETE FROM files WHERE id = ?", (number,))
    for product in products:
        _close_up(store, product)


def _uses(store: Store, number: int) -> list[Row]:
    return store.db.all("SELECT * FROM product_media WHERE file_id = ?", (number,))


def is_ready(store: Store, row: Row) -> bool:
    """True when the file can be shown and attached."""
    return not row["failed"] and bool(row["ready_at"] <= store.clock.micros())


def status(store: Store, row: Row, request: str) -> str:
    """Uploaded in the answer that made it, then in work, then ready; external videos are not worked on (recorded)."""
    if row["failed"]:
        return "FAILED"
    if is_ready(store, row):
        return "READY"
    return "UPLOADED" if row["created_in"] == request or row["kind"] == "ExternalVideo" else "PROCESSING"


def url(store: Store, row: Row) -> str:
    """Where a ready file is served from."""
    number = str(store.setting("shop_id")).rsplit("/", 1)[-1].zfill(12)
    place = f"{number[:4]}/{number[4:8]}/{number[8:]}"
    return f"https://cdn.shopify.com/s/files/1/{place}/files/{row['filename']}?v={row['updated_at'] // 1_000_000}"


def of_product(store: Store, product: int) -> list[Row]:
    """A product's media in their order, with the numbers of their images."""
    sql = (
        "SELECT f.*, m.position, m.image_id, m.product_id FROM product_media m JOIN files f ON f.id = m.file_id "
        "WHERE m.product_id = ? ORDER BY m.position"
    )
    return store.db.all(sql, (product,))


def of_variant(store: Store, variant: int) -> list[Row]:
    """The media of a variant: one image at most."""
    sql = "SELECT f.* FROM variant_media m JOIN files f ON f.id = m.file_id WHERE m.variant_id = ?"
    return store.db.all(sql, (variant,))


def attach(store: Store, product: int, number: int) -> None:
    """Make a file the last of a product's media; one that is there stays where it is."""
    sql = "SELECT COALESCE(MAX(position), 0) + 1 FROM product_media WHERE product_id = ?"
    row = (product, number, store.db.value(sql, (product,)), store.db.next_id("ProductImage"))
    store.db.run("INSERT OR IGNORE INTO product_media VALUES (?, ?, ?, ?)", row)


def detach(store: Store, product: int, number: int) -> None:
    """Take a file out of a product's media and off its variants."""
    sql = "DELETE FROM variant_media WHERE file_id = ? AND variant_id IN (SELECT id FROM variants WHERE product_id = ?)"
    store.db.run(sql, (number, product))
    store.db.run("DELETE FROM product_media WHERE product_id = ? AND file_id = ?", (product, number))
    _close_up(store, product)


def reorder(store: Store, product: int, moves: list[tuple[int, int]]) -> None:
    """Move media to positions counted from zero, one move after the other."""
    order = [row["id"] for row in of_product(store, product)]
    for number, position in moves:
        if number in order:
            order.remove(number)
            order.insert(position, number)
    _number(store, product, order)


def _close_up(store: Store, product: int) -> None:
    _number(store, product, [row["id"] for row in of_product(store, product)])


def _number(store: Store, product: int, order: list[int]) -> None:
    sql = "UPDATE product_media SET position = ? WHERE product_id = ? AND file_id = ?"
    for position, number in enumerate(order, 1):
        store.db.run(sql, (position, product, number))


def set_variant(store: Store, variant: int, number: int | None) -> None:
    """Give a variant its image, or none."""
    store.db.run("DELETE FROM variant_media WHERE variant_id = ?", (variant,))
    if number is not None:
        store.db.run("INSERT INTO variant_media VALUES (?, ?)", (variant, number))


def product_gone(store: Store, product: int) -> None:
    """Let go of the files of a deleted product; media made for it alone go with it."""
    store.db.run("DELETE FROM product_media WHERE product_id = ?", (product,))
