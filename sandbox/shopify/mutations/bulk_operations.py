"""bulkOperationRunQuery, bulkOperationRunMutation, bulkOperationCancel.

They only begin and end; the work is done by the bulk worker.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.bulk import reading
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations.staged_uploads import uploaded
from sandbox.shopify.resolvers.bulk_operations import source
from sandbox.shopify.store import bulk_operations as operations
from sandbox.shopify.store.database import Row

MAX_FILE = 100 * 1024 * 1024
NO_FILE = (
    "The JSONL file could not be found. Try uploading the file again, and check that you've entered the URL correctly "
    "for the stagedUploadPath mutation argument."
)


@registry.mutation("bulkOperationRunQuery", "query groupObjects", "bulkOperation userErrors")
def _run_query(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    reading.query(call.store, args["query"])
    _check_room(call, "QUERY", "query")
    return _begun(call, {"type": "QUERY", "query": args["query"], "group_objects": int(bool(args.get("groupObjects")))})


@registry.mutation(
    "bulkOperationRunMutation", "mutation stagedUploadPath clientIdentifier groupObjects", "bulkOperation userErrors"
)
def _run_mutation(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    reading.mutation(call.store, args["mutation"])
    _check_identifier(args.get("clientIdentifier"))
    name = _file(call, args["stagedUploadPath"])
    _check_room(call, "MUTATION", "mutation")
    given: Row = {"type": "MUTATION", "query": args["mutation"], "group_objects": 0, "staged_path": name}
    return _begun(call, given | {"client_identifier": args.get("clientIdentifier")})


def _begun(call: Call, given: Row) -> Row:
    who: Row = {"actor": call.actor.name, "scopes": sorted(call.actor.scopes), "api_version": call.api_version}
    row = operations.create(call.store, given | who, call.store.bulk_delay_s)
    call.target("BulkOperation", row["id"])
    return {"bulkOperation": source(operations.get(call.store, row["id"])), "userErrors": []}


def _check_room(call: Call, kind: str, word: str) -> None:
    # One at a time before the 2026-01 version, five since.
    most = 5 if call.api_version >= "2026-01" else 1
    held = operations.in_progress(call.store, call.actor.name, kind)
    if len(held) >= most:
        listed = ", ".join(operations.global_id(row) for row in held)
        message = f"A bulk {word} operation for this app and shop is already in progress: {listed}."
        raise refuse(None, message, "OPERATION_IN_PROGRESS")


def _check_identifier(identifier: str | None) -> None:
    if identifier is None:
        return
    wrong = "is too short (minimum is 10 characters)" if len(identifier) < 10 else None
    if len(identifier) > 255:
        wrong = "is too long (maximum is 255 characters)"
    if wrong:
        raise UserErrors([user_error(["clientIdentifier"], wrong, "INVALID_MUTATION")])


def _file(call: Call, path: str) -> str:
    found = uploaded(call.store, path)
    if found is None:
        raise refuse(None, NO_FILE, "NO_SUCH_FILE")
    if found["size"] == 0:
        raise refuse(None, "The input file is empty.", "INVALID_STAGED_UPLOAD_FILE")
    if found["size"] > MAX_FILE:
        message = "The input file size exceeds the maximum allowed size of 100 MB."
        raise refuse(None, message, "INVALID_STAGED_UPLOAD_FILE")
    return str(found["file"])


@registry.mutation("bulkOperationCancel", "id", "bulkOperation userErrors")
def _cancel(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = operations.get(call.store, gid.number(args["id"], "BulkOperation"))
    if row is None or row["actor"] != call.actor.name:
        raise refuse(["id"], "Bulk operation does not exist")
    status = operations.status(call.store, row)
    if status not in {"CREATED", "RUNNING"}:
        message = f"A bulk operation cannot be canceled when it is {status.lower()}"
        raise refuse(None, message, bulkOperation=source(row))
    due_at = call.store.clock.micros() + round(call.store.bulk_delay_s * operations.SECOND)
    call.db.update("bulk_operations", row["id"], {"status": "CANCELING", "due_at": due_at})
    call.target("BulkOperation", row["id"])
    return {"bulkOperation": source(operations.get(call.store, row["id"])), "userErrors": []}
