"""publishablePublish, publishableUnpublish, productPublish, productUnpublish and the current-channel pair.

Texts and paths as recorded; the app of the sandbox has no channel of its own.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.resolvers.publications import resource
from sandbox.shopify.store import collections, products, publications
from sandbox.shopify.store.database import Row

registry.inputs("PublicationInput", "publicationId channelId publishDate")
registry.inputs("ProductPublicationInput", "publicationId channelId publishDate")
registry.inputs("ProductPublishInput", "id productPublications")
registry.inputs("ProductUnpublishInput", "id productPublications")


@registry.mutation("publishablePublish", "id input", "publishable shop userErrors")
def _publish(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _publishable(call, args, True)


@registry.mutation("publishableUnpublish", "id input", "publishable shop userErrors")
def _unpublish(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _publishable(call, args, False)


@registry.mutation("publishablePublishToCurrentChannel", "id", "publishable shop userErrors")
def _publish_here(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _current(call, args["id"])


@registry.mutation("publishableUnpublishToCurrentChannel", "id", "publishable shop userErrors")
def _unpublish_here(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _current(call, args["id"])


def _current(call: Call, identifier: str) -> Row:
    found = _resource(call, identifier)
    raise refuse(["id"], "Channel does not exist", None, publishable=found, **shop(call))


def _resource(call: Call, identifier: str) -> Row:
    kind = gid.kind_of(identifier)
    found = resource(call, kind, gid.number(identifier, kind))
    if found is None:
        raise refuse(["id"], "Resource does not exist", None, **shop(call))
    return found


def shop(call: Call) -> Row:
    """The `shop` that some payloads carry on success and refusal alike."""
    return {"shop": registry.FIELDS["QueryRoot", "shop"].resolve(None, call, {})}


def _publishable(call: Call, args: dict[str, Any], on: bool) -> Row:
    found = _resource(call, args["id"])
    kind = found["__typename"]
    errors: list[Row] = []
    chosen: list[tuple[int, int | None]] = []
    for place, one in enumerate(args["input"]):
        path = ["input", str(place)]
        number = gid.number(one.get("publicationId"), "Publication")
        error = _problem(call, one, number, [entry[0] for entry in chosen])
        if error is not None:
            errors.append(user_error([*path, error[0]], error[1]))
        elif number is not None:
            chosen.append((number, _moment(one)))
    if errors:
        raise UserErrors(errors, publishable=found, **shop(call))
    _write(call, (kind, found["id"]), chosen, on)
    return {"publishable": resource(call, kind, found["id"]), "userErrors": []} | shop(call)


def _problem(call: Call, one: Row, number: int | None, before: list[int]) -> tuple[str, str] | None:
    if one.get("publishDate") and (_moment(one) or 0) < 0:
        return "publishDate", "Publish date must be a date after the year 1969"
    if not one.get("publicationId"):
        return "publicationId", "PublicationId cannot be empty"
    if number in before:
        return "publicationId", "The same publication was specified more than once"
    if publications.get(call.store, number) is None:
        return "publicationId", "Publication does not exist or is not publishable"
    return None


def _moment(one: Row) -> int | None:
    return parse_micros(str(one["publishDate"])) if one.get("publishDate") else None


def _write(call: Call, target: tuple[str, int], chosen: list[tuple[int, int | None]], on: bool) -> None:
    for number, date in chosen:
        if on:
            publications.publish(call.store, target, number, date)
        else:
            publications.unpublish(call.store, target, number)
    call.target(*target)
    if not chosen:
        return
    if target[0] == "Product":
        products.touch(call.store, target[1])
        products.reindex(call.store, target[1])
    else:
        collections.touch(call.store, target[1])


@registry.mutation("productPublish", "input", "product shop userErrors")
def _product_publish(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _product(call, args["input"], True)


@registry.mutation("productUnpublish", "input", "product shop userErrors")
def _product_unpublish(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _product(call, args["input"], False)


def _product(call: Call, given: Row, on: bool) -> Row:
    found = resource(call, "Product", gid.number(given["id"], "Product"))
    if found is None:
        raise refuse(["id"], "Product does not exist", None, **shop(call))
    errors: list[Row] = []
    chosen: list[tuple[int, int | None]] = []
    for place, one in enumerate(given["productPublications"]):
        number = gid.number(one.get("publicationId"), "Publication")
        if publications.get(call.store, number) is None:
            what = "Channel" if one.get("channelId") else "Publication"
            path = ["productPublications", str(place), "publicationId"]
            errors.append(user_error(path, f"{what} does not exist or is not publishable"))
        elif number is not None:
            chosen.append((number, _moment(one)))
    if errors:
        raise UserErrors(errors, product=found, **shop(call))
    _write(call, ("Product", found["id"]), chosen, on)
    return {"product": resource(call, "Product", found["id"]), "userErrors": []} | shop(call)
