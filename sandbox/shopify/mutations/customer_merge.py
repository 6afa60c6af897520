"""customerMerge: two customers become one, at once; the job that says so is done a second later.

What stands against a merge is found by `obstacles`, for the mutation and for `Customer.mergeable` alike.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations.customer_fields import NOTE_LIMIT, TAGS_LIMIT
from sandbox.shopify.payloads import people
from sandbox.shopify.resolvers.customer_merge import MERGE_JOB, SECONDS, chosen_of, obstacles
from sandbox.shopify.store import customer_union, customers, jobs
from sandbox.shopify.store.customer_union import CHOICES
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.products import sort_tags
from sandbox.shopify.store.shop import Store

registry.inputs("CustomerMergeOverrideFields", f"{' '.join(CHOICES.values())} note tags")
ARGUMENTS = "customerOneId customerTwoId overrideFields"
MANY_TAGS = f"Customers must have {TAGS_LIMIT} tags or less."
LONG_NOTE = f"Customer notes must be {NOTE_LIMIT:,} characters or less."


@registry.mutation("customerMerge", ARGUMENTS, "resultingCustomerId job userErrors")
def _merge(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    one, two = (_customer(call, args, name) for name in ("customerOneId", "customerTwoId"))
    if one["id"] == two["id"]:
        raise refuse(None, "Customers IDs should not match", "INVALID_CUSTOMER_ID")
    override = args.get("overrideFields") or {}
    chosen = _chosen(override, one, two)
    kept = customer_union.kept_of(one, two, chosen)
    gone = two if kept is one else one
    columns, _ = customer_union.merged(kept, gone, chosen)
    if override.get("note") is not None:
        columns["note"] = override["note"]
    if override.get("tags") is not None:
        columns["tags"] = override["tags"]
    columns["tags"] = sort_tags(columns["tags"])
    _refuse_what_blocks(call, (one, two), columns)
    customer_union.unite(call.store, kept, gone, columns)
    call.target("Customer", kept["id"])
    call.wrote("Customer", gone["id"])
    job = jobs.promise(call.store, MERGE_JOB, {"kept": kept["id"], "gone": gone["id"]}, SECONDS)
    number = job["id"].rsplit("/", 1)[-1]
    ready = call.store.clock.micros() + round(SECONDS * 1_000_000)
    call.db.insert("customer_merges", {"job": number, "resulting_id": kept["id"], "ready_at": ready})
    return {"resultingCustomerId": gid.make("Customer", kept["id"]), "job": job, "userErrors": []}


def _customer(call: Call, args: dict[str, Any], name: str) -> Row:
    row = customers.get(call.store, gid.number(args[name], "Customer"))
    if row is None:
        text = f"Customer does not exist with ID {args[name].rsplit('/', 1)[-1]}"
        raise refuse([name], text, "INVALID_CUSTOMER_ID")
    return row


def _chosen(override: Row, one: Row, two: Row) -> dict[str, int]:
    chosen = chosen_of(override)
    for column, number in chosen.items():
        owner = next((row for row in (one, two) if row["id"] == number), None)
        path = ["overrideFields", CHOICES[column]]
        if owner is None:
            raise refuse(path, "The override attribute is invalid.", "OVERRIDE_ATTRIBUTE_INVALID")
        if not owner[column]:
            text = "The customer is missing the attribute requested for override."
            raise refuse(path, text, "MISSING_OVERRIDE_ATTRIBUTE")
    return chosen


def _refuse_what_blocks(call: Call, pair: tuple[Row, Row], columns: Row) -> None:
    names = ("customerOneId", "customerTwoId")
    errors = [
        user_error([name], message, "INVALID_CUSTOMER")
        for name, row in zip(names, pair, strict=True)
        for _, message in obstacles(call, row)
    ]
    texts = [MANY_TAGS] if len(columns["tags"]) > TAGS_LIMIT else []
    texts += [LONG_NOTE] if len(columns["note"] or "") > NOTE_LIMIT else []
    errors += [user_error([name], text, "INVALID_CUSTOMER") for text in texts for name in names]
    if errors:
        raise UserErrors(errors)


@jobs.work(MERGE_JOB)
def _done(store: Store, request: Row) -> None:
    store.event("customers/merge", request["kept"], people.merged(request["kept"], request["gone"]))
