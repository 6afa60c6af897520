"""Which collections and files a product's input puts it into or takes it from.

Only custom collections are joined and left by hand; those that do not exist are passed over.
"""

from __future__ import annotations

from sandbox.shopify import gid
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.store import collections, files
from sandbox.shopify.store.database import Row


def check(call: Call, given: Row, root: list[str]) -> None:
    """Refuse smart collections: no product is put into or taken from them by hand."""
    for name in ("collectionsToJoin", "collectionsToLeave", "collections"):
        for identifier in given.get(name) or []:
            row = collections.get(call.store, gid.number(identifier, "Collection"))
            if row is not None and row["rule_set"]:
                what = "remove products from" if name == "collectionsToLeave" else "add products to"
                raise refuse([*root, name], f"Can't manually {what} a smart collection")


def write(call: Call, product: int, given: Row) -> None:
    """Join and leave what the input names; `collections` is the whole list."""
    joined = _known(call, given.get("collectionsToJoin"))
    left = _known(call, given.get("collectionsToLeave"))
    if given.get("collections") is not None:
        wanted = _known(call, given["collections"])
        left = [number for number in _custom(call, product) if number not in wanted]
        joined = wanted
    for number in joined:
        collections.add(call.store, number, [product])
        collections.touch(call.store, number)
    for number in left:
        collections.remove(call.store, number, [product])
        collections.touch(call.store, number)


def _known(call: Call, identifiers: list[str] | None) -> list[int]:
    # Collections that do not exist are passed over without an error (recorded for joining).
    numbers = [gid.number(identifier, "Collection") for identifier in identifiers or []]
    return [number for number in numbers if number is not None and collections.get(call.store, number) is not None]


def _custom(call: Call, product: int) -> list[int]:
    sql = (
        "SELECT c.id FROM collection_products m JOIN collections c ON c.id = m.collection_id "
        "WHERE m.product_id = ? AND c.rule_set IS NULL"
    )
    return [row["id"] for row in call.db.all(sql, (product,))]


def set_files(call: Call, product: int, wanted: list[Row]) -> None:
    """Make a product's media be the files of that list, in that order."""
    numbers = []
    for one in wanted:
        kept = gid.number(one.get("id"), gid.kind_of(one.get("id") or ""))
        if kept is None:
            content = one.get("contentType") or files.content_of(one["originalSource"])
            kept = files.create(call.store, content, one, call.request_id)
        elif "alt" in one:
            files.change(call.store, kept, {"alt": one["alt"] or ""})
        numbers.append(kept)
    for row in files.of_product(call.store, product):
        if row["id"] not in numbers:
            files.detach(call.store, product, row["id"])
    for number in numbers:
        files.attach(call.store, product, number)
    files.reorder(call.store, product, [(number, place) for place, number in enumerate(numbers)])


def check_files(call: Call, given: Row) -> None:
    """Refuse files of productSet that are not known or whose address is none."""
    for place, one in enumerate(given.get("files") or []):
        path = ["input", "files", str(place)]
        if one.get("id"):
            if files.get(call.store, gid.number(one["id"], gid.kind_of(one["id"]))) is None:
                raise refuse([*path, "id"], "File does not exist", "INVALID_INPUT")
        elif not files.is_address(one.get("originalSource") or ""):
            raise refuse([*path, "originalSource"], "File URL is invalid", "INVALID_INPUT")
