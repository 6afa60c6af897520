"""collectionCreate, collectionUpdate, collectionDelete.

A collection with rules is smart, one without is custom; what it is, it stays.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry, text
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.mutations.metafields import put_all
from sandbox.shopify.mutations.publishing import shop
from sandbox.shopify.resolvers.collections import source
from sandbox.shopify.store import collections, products, publications, rules
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.settled import job_done_soon

LIMIT = 255
FIELDS = (
    "title handle descriptionHtml sortOrder templateSuffix seo ruleSet products metafields id image redirectNewHandle"
)
registry.inputs("CollectionInput", FIELDS)
registry.inputs("CollectionDeleteInput", "id")
registry.inputs("CollectionRuleSetInput", "appliedDisjunctively rules")
registry.inputs("CollectionRuleInput", "column relation condition")
registry.inputs("ImageInput", "altText src")
PLAIN = {"title": "title", "descriptionHtml": "description_html", "templateSuffix": "template_suffix"}


@registry.mutation("collectionCreate", "input", "collection userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    if given.get("id"):
        raise refuse(["id"], "id cannot be specified on collection creation")
    _check(given, True)
    members = _members(call, given.get("products") or [])
    columns = _columns(given)
    wanted = text.handle(given["handle"]) if (given.get("handle") or "").strip() else text.handle(columns["title"])
    columns["handle"] = collections.free_handle(call.store, wanted[:LIMIT])
    rule_set = _rule_set(given)
    if rule_set is not None:
        columns["rule_set"] = json.dumps(rule_set)
    number = collections.create(call.store, columns)
    collections.add(call.store, number, members)
    publications.announce(call.store, "Collection", number)
    put_all(call, "Collection", number, given.get("metafields") or [])
    call.target("Collection", number)
    fresh = {"count_before": 0, "filling": rule_set is not None}
    return {"collection": (source(collections.get(call.store, number)) or {}) | fresh, "userErrors": []}


@registry.mutation("collectionUpdate", "input", "collection job userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    if not given.get("id"):
        raise FieldFailed("id must be specified on collectionUpdate", "BAD_REQUEST")
    row = collections.get(call.store, gid.number(given["id"], "Collection"))
    if row is None:
        raise refuse(None, "Collection does not exist")
    standing = source(row)
    _check(given, False, collection=standing)
    columns = _columns(given)
    if (given.get("handle") or "").strip():
        columns["handle"] = collections.free_handle(call.store, text.handle(given["handle"])[:LIMIT], row["id"])
    rule_set = _rule_set(given)
    if rule_set is not None and not row["rule_set"]:
        raise refuse(["id"], "Cannot update rule set of a custom collection", None, collection=standing)
    before = collections.count(call.store, row["id"])
    if rule_set is not None:
        columns["rule_set"] = json.dumps(rule_set)
    collections.change(call.store, row["id"], columns)
    put_all(call, "Collection", row["id"], given.get("metafields") or [])
    collections.reindex(call.store, row["id"])
    call.target("Collection", row["id"])
    changed = (source(collections.get(call.store, row["id"])) or {}) | {"count_before": before}
    job = job_done_soon(call.store) if rule_set is not None else None
    return {"collection": changed, "job": job, "userErrors": []}


@registry.mutation("collectionDelete", "input", "deletedCollectionId shop userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    identifier = args["input"]["id"]
    row = collections.get(call.store, gid.number(identifier, "Collection"))
    if row is None:
        raise refuse(["id"], "Collection does not exist", None, **shop(call))
    call.target("Collection", row["id"])
    collections.delete(call.store, row["id"])
    return {"deletedCollectionId": identifier, "userErrors": []} | shop(call)


def _check(given: Row, creating: bool, **payload: Any) -> None:
    errors: list[Row] = []
    if (creating or "title" in given) and not (given.get("title") or "").strip():
        errors.append(user_error(["title"], "Title can't be blank"))
    elif len(given.get("title") or "") > LIMIT:
        errors.append(user_error(["title"], f"Title is too long (maximum is {LIMIT} characters)"))
    if len(given.get("handle") or "") > LIMIT:
        errors.append(user_error(["handle"], f"Handle is too long (maximum is {LIMIT} characters)"))
    rule_set = given.get("ruleSet")
    # An empty list of rules makes a custom collection, no list at all is refused (recorded for creation).
    if rule_set is not None and (rule_set.get("rules") is None or not (rule_set["rules"] or creating)):
        errors.append(user_error(["ruleSet", "rules"], "Rules cannot be an empty set"))
    if errors:
        raise UserErrors(errors, **payload)


def _rule_set(given: Row) -> Row | None:
    rule_set = given.get("ruleSet")
    if rule_set is None or not rule_set["rules"]:
        return None
    for rule in rule_set["rules"]:
        if rule["column"] not in rules.COLUMNS:
            raise registry.not_built(f"collection rules on {rule['column']}")
    kept = [{name: rule[name] for name in ("column", "relation", "condition")} for rule in rule_set["rules"]]
    return {"appliedDisjunctively": rule_set["appliedDisjunctively"], "rules": kept}


def _columns(given: Row) -> Row:
    found: Row = {column: given[name] for name, column in PLAIN.items() if name in given}
    if "title" in found:
        found["title"] = found["title"].strip()
    if found.get("description_html", "") is None:
        found["description_html"] = ""
    if given.get("sortOrder"):
        found["sort_order"] = given["sortOrder"]
    if given.get("seo"):
        found |= {f"seo_{name}": value for name, value in given["seo"].items()}
    if given.get("image"):
        image = {"altText": given["image"].get("altText"), "url": given["image"].get("src")}
        found["image"] = json.dumps(image | {"width": None, "height": None})
    return found


def _members(call: Call, identifiers: list[str]) -> list[int]:
    errors: list[Row] = []
    found: list[int] = []
    for place, identifier in enumerate(identifiers):
        product = products.get(call.store, gid.number(identifier, "Product"))
        if product is None:
            errors.append(user_error(["products", str(place)], "Product does not exist"))
        else:
            found.append(product["id"])
    if errors:
        raise UserErrors(errors)
    return found
