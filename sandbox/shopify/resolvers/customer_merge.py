"""customerMergePreview, customerMergeJobStatus and Customer.mergeable.

Reads only. A preview honours the overrides that name a customer, not those of note and tags (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.resolvers.customers import email_address, phone_number
from sandbox.shopify.resolvers.mailing_addresses import source as address_source
from sandbox.shopify.store import customer_addresses as addresses
from sandbox.shopify.store import customer_union, customers
from sandbox.shopify.store.customer_union import CHOICES
from sandbox.shopify.store.database import Row

MERGE_JOB, SECONDS = "customer merge", 1.0
registry.keys("CustomerMergePreview", "resultingCustomerId defaultFields alternateFields blockingFields")
registry.keys("CustomerMergePreview", "customerMergeErrors")
for _part in ("Default", "Alternate"):
    registry.keys(f"CustomerMergePreview{_part}Fields", "firstName lastName email phoneNumber defaultAddress")
registry.keys("CustomerMergePreviewDefaultFields", "displayName note tags orderCount metafieldCount")
registry.keys("CustomerMergePreviewBlockingFields", "note tags")
registry.keys("CustomerMergeRequest", "jobId resultingCustomerId status customerMergeErrors")
registry.keys("CustomerMergeError", "errorFields message")


def chosen_of(override: Row) -> dict[str, int]:
    """The customers that overrides name, by the column they decide."""
    found = {column: gid.number(override.get(name), "Customer") for column, name in CHOICES.items()}
    return {column: number for column, number in found.items() if number is not None}


def obstacles(call: Call, row: Row) -> list[tuple[str, str]]:
    """What keeps a customer from being merged: the field at fault and a sentence."""
    name = customers.display_name(row)
    found = []
    if call.db.value("SELECT 1 FROM company_contacts WHERE customer_id = ?", (row["id"],)):
        found.append(("COMPANY_CONTACT", f"{name} is a company contact and can\u2019t be merged."))
    if row["erasure_requested_at"] is not None:
        found.append(("REDACTED_AT", f"{name} has a pending or completed redaction and can\u2019t be merged."))
    if row["multipass_identifier"]:
        found.append(("MULTIPASS_IDENTIFIER", f"{name} has a multipass identifier and can\u2019t be merged."))
    return found


@registry.field("Customer", "mergeable")
def _mergeable(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = obstacles(call, row)
    return {
        "isMergeable": not found,
        "reason": found[0][1] if found else None,
        "errorFields": [field for field, _ in found],
        # A merge is done as soon as it is asked for, so none is under way.
        "mergeInProgress": None,
    }


@registry.field("QueryRoot", "customerMergePreview", "customerOneId customerTwoId overrideFields")
def _preview(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    if args["customerOneId"] == args["customerTwoId"]:
        raise FieldFailed("Customers must be different.", "BAD_REQUEST")
    one, two = (_known(call, args[name]) for name in ("customerOneId", "customerTwoId"))
    chosen = chosen_of(args.get("overrideFields") or {})
    kept = customer_union.kept_of(one, two, chosen)
    gone = two if kept is one else one
    columns, left = customer_union.merged(kept, gone, chosen)
    wrong = [{"errorFields": [field], "message": text} for row in (one, two) for field, text in obstacles(call, row)]
    blocked = len(columns["tags"]) > 250 or len(columns["note"] or "") > 5000
    return {
        "resultingCustomerId": gid.make("Customer", kept["id"]),
        "defaultFields": None if wrong else _defaults(call, kept, gone, columns),
        "alternateFields": None if wrong else _alternates(call, kept, gone, left),
        "blockingFields": {"note": columns["note"], "tags": columns["tags"]} if blocked else None,
        "customerMergeErrors": wrong or None,
    }


def _known(call: Call, identifier: str) -> Row:
    row = customers.get(call.store, gid.number(identifier, "Customer"))
    if row is None:
        raise FieldFailed(f"Invalid id: {identifier}", "RESOURCE_NOT_FOUND")
    return row


def _fields(call: Call, kept: Row, gone: Row, columns: Row) -> Row:
    holder = {column: next(row for row in (kept, gone) if row[column] == columns[column]) for column in CHOICES}
    return {
        "firstName": columns["first_name"],
        "lastName": columns["last_name"],
        "email": email_address(holder["email"], call) if columns["email"] else None,
        "phoneNumber": phone_number(holder["phone"], call) if columns["phone"] else None,
        "defaultAddress": address_source(addresses.get(call.store, columns["default_address_id"])),
    }


def _defaults(call: Call, kept: Row, gone: Row, columns: Row) -> Row:
    numbers = (kept["id"], gone["id"])
    orders = call.db.value("SELECT COUNT(*) FROM orders WHERE customer_id IN (?, ?)", numbers)
    sql = (
        "SELECT COUNT(*) FROM (SELECT DISTINCT namespace, key FROM metafields "
        "WHERE owner_kind = 'Customer' AND owner_id IN (?, ?))"
    )
    counts = {"orderCount": str(orders), "metafieldCount": str(call.db.value(sql, numbers))}
    texts = {name: columns[name] for name in ("note", "tags")}
    return _fields(call, kept, gone, columns) | texts | counts | {"displayName": customers.display_name(columns)}


def _alternates(call: Call, kept: Row, gone: Row, left: Row) -> Row:
    return _fields(call, kept, gone, left)


@registry.field("QueryRoot", "customerMergeJobStatus", "jobId")
def _status(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    row = call.db.one("SELECT * FROM customer_merges WHERE job = ?", (args["jobId"].rsplit("/", 1)[-1],))
    if row is None:
        return None
    return {
        "jobId": args["jobId"],
        "resultingCustomerId": gid.make("Customer", row["resulting_id"]),
        "status": "COMPLETED" if row["ready_at"] <= call.store.clock.micros() else "IN_PROGRESS",
        "customerMergeErrors": [],
    }
