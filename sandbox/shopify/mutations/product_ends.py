"""productDelete and productDuplicate, at once or as an operation that ends later.

While an operation on a product runs, no second one is begun (recorded for deletion).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.mutations.publishing import shop
from sandbox.shopify.resolvers.products import source
from sandbox.shopify.store import copies, operations, products
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.settled import job_done_soon

BUSY = "Another operation already in progress. Please wait until current one is finished."
DELETE, DUPLICATE = "ProductDeleteOperation", "ProductDuplicateOperation"


@registry.mutation("productDelete", "input synchronous", "deletedProductId shop productDeleteOperation userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = products.get(call.store, gid.number(args["input"]["id"], "Product"))
    if product is None:
        raise refuse(["id"], "Product does not exist", None, **shop(call))
    if operations.is_busy(call.store, product["id"]):
        raise refuse(None, BUSY, None, **shop(call))
    call.target("Product", product["id"])
    answer: Row = {"deletedProductId": None, "productDeleteOperation": None, "userErrors": []} | shop(call)
    if args.get("synchronous") is False:
        return answer | {"productDeleteOperation": operations.ask(call.store, DELETE, {}, product["id"])}
    products.delete(call.store, product["id"])
    return answer | {"deletedProductId": gid.make("Product", product["id"])}


@operations.work(DELETE)
def _deleted(call: Call, row: Row, _request: Row) -> Row:
    if products.get(call.store, row["product_id"]) is not None:
        products.delete(call.store, row["product_id"])
    return {"deleted_id": row["product_id"]}


@registry.mutation(
    "productDuplicate",
    "productId newTitle newStatus includeImages synchronous",
    "newProduct productDuplicateOperation imageJob shop userErrors",
)
def _duplicate(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = products.get(call.store, gid.number(args["productId"], "Product"))
    if product is None:
        raise refuse(["productId"], "Product does not exist", None, **shop(call))
    title = args["newTitle"].strip()
    if not title:
        raise refuse(["newTitle"], "Title can't be blank", None, **shop(call))
    request = {"title": title, "status": args.get("newStatus"), "images": bool(args.get("includeImages"))}
    blank: Row = dict.fromkeys(("newProduct", "productDuplicateOperation", "imageJob"))
    answer = blank | {"userErrors": []} | shop(call)
    if args.get("synchronous") is False:
        call.target("Product", product["id"])
        return answer | {"productDuplicateOperation": operations.ask(call.store, DUPLICATE, request, product["id"])}
    number = _copy(call, product, request)
    job = job_done_soon(call.store) if request["images"] else None
    return answer | {"newProduct": source(products.get(call.store, number)), "imageJob": job}


def _copy(call: Call, product: Row, request: Row) -> int:
    status = request["status"] or product["status"]
    number = copies.copy(call.store, product, request["title"], status, request["images"])
    call.target("Product", number)
    return number


@operations.work(DUPLICATE)
def _duplicated(call: Call, row: Row, request: Row) -> Row:
    product = products.get(call.store, row["product_id"])
    return {} if product is None else {"new_product_id": _copy(call, product, request)}
