"""Plants media of products: those an answer lists, and those a request names without an answer that misses them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.conformance.seeding.garden import Garden
from sandbox.conformance.seeding.records import Record, Shown

CONTENT = {"MediaImage": "IMAGE", "ExternalVideo": "EXTERNAL_VIDEO", "Video": "VIDEO", "Model3d": "MODEL_3D"}
CREATE = """mutation($p: ID!, $m: [CreateMediaInput!]!) { productCreateMedia(productId: $p, media: $m) {
  mediaUserErrors { message } } }"""


def plant(garden: Garden, shown: Shown) -> None:
    """Plant the media of every product that was there before."""
    products = shown.of("Product")
    for product in products:
        listed = [one for one in product.list("media") if isinstance(one, Record)]
        _add(garden, product, [one for one in listed if one.kind in CONTENT and not one.is_new])
    if len(products) == 1:
        named = [one for kind in CONTENT for one in shown.of(kind) if not garden.has(one)]
        _add(garden, products[0], named)


def _add(garden: Garden, product: Record, media: list[Record]) -> None:
    if not media or not garden.has(product):
        return
    garden.expect("Media", media)
    given = [_input(one) for one in media]
    garden.ask(CREATE, p=f"gid://shopify/Product/{product.number}", m=given)
    for one in media:
        garden.mark(one)
        columns: dict[str, Any] = {} if one.fields.get("status") in {"UPLOADED", "PROCESSING"} else {"ready_at": 0}
        address = urlsplit(_address(one) or "")
        if address.path:
            columns["filename"] = address.path.rsplit("/", 1)[-1]
            version = (parse_qs(address.query).get("v") or [""])[0]
            columns |= {"updated_at": int(version) * 1_000_000} if version.isdigit() else {}
        garden.stamp("files", one, **columns)


def _input(one: Record) -> dict[str, Any]:
    content = CONTENT[one.kind]
    source = "https://youtu.be/seed" if content == "EXTERNAL_VIDEO" else f"https://media.example.com/{one.number}.png"
    return {"mediaContentType": content, "originalSource": source, "alt": one.fields.get("alt") or ""}


def _address(one: Record) -> str | None:
    preview = one.fields.get("preview")
    for image in (one.fields.get("image"), preview.get("image") if isinstance(preview, dict) else None):
        fields = image.fields if isinstance(image, Record) else image
        if isinstance(fields, dict) and isinstance(fields.get("url"), str):
            return str(fields["url"])
    return None
