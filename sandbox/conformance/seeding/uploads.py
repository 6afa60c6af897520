"""Puts in place the files that a case had uploaded: uploads go past GraphQL, so no step of a case shows them.

Which file stood where is told by the mutation that names it and was not told that it is missing.
"""

from __future__ import annotations

from sandbox.conformance.cases import Case, Step
from sandbox.shopify.server import ShopifySandbox

MUTATION = "bulkOperationRunMutation"
# What the files held is not recorded; one line without variables is the least that a file may hold.
CONTENT = b"{}\n"


def place(box: ShopifySandbox, case: Case) -> None:
    """Put a file at every staged path that the store found."""
    for step in case.steps:
        if MUTATION in step.query and _found(step):
            for value in step.variables.values():
                if isinstance(value, str) and value.startswith("tmp/"):
                    _put(box, value)


def _found(step: Step) -> bool:
    payload = (step.expected.get("data") or {}).get(MUTATION)
    codes = [error.get("code") for error in (payload or {}).get("userErrors") or []]
    return "NO_SUCH_FILE" not in codes


def _put(box: ShopifySandbox, key: str) -> None:
    path = box.store.blobs.new()
    path.write_bytes(CONTENT)
    row = {"key": key, "signature": "", "resource": "BULK_MUTATION_VARIABLES", "filename": key.rsplit("/", 1)[-1]}
    row |= {"mime_type": "text/jsonl", "method": "POST", "expected_size": None, "file": path.name}
    box.store.db.insert("staged_uploads", row | {"size": len(CONTENT), "created_at": box.store.now()})
