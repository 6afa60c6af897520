"""What is asked of ledger documents when quantities move.

It reads and refuses; it writes nothing. Codes and texts as recorded for inventoryAdjustQuantities.
"""

from __future__ import annotations

from sandbox.shopify.call import UserErrors, refuse, user_error
from sandbox.shopify.store.database import Row

Entry = tuple[list[str], str, str | None]


def check_ledgers(entries: list[Entry], root: list[str] | None) -> None:
    """Refuse documents that are missing, not allowed, Shopify's own, or, with a root to say so at, more than one."""
    errors = [error for entry in entries for error in _problem(*entry)]
    if errors:
        raise UserErrors(errors)
    documents = {ledger for _, name, ledger in entries if name != "available"}
    if root is not None and len(documents) > 1:
        text = (
            "All changes must have the same ledger document URI or, in the case of adjusting available, "
            "no ledger document URI."
        )
        raise refuse(root, text, "MAX_ONE_LEDGER_DOCUMENT")


def _problem(path: list[str], name: str, ledger: str | None) -> list[Row]:
    where = [*path, "ledgerDocumentUri"]
    if name == "available":
        text = "A ledger document URI is not allowed when adjusting available."
        return [user_error(where, text, "INVALID_AVAILABLE_DOCUMENT")] if ledger else []
    if not ledger:
        text = "A ledger document URI is required except when adjusting available."
        return [user_error(where, text, "INVALID_QUANTITY_DOCUMENT")]
    if ledger.startswith("gid://shopify/"):
        text = "Internal (gid://shopify/) ledger documents are not allowed to be adjusted via API."
        return [user_error(where, text, "INTERNAL_LEDGER_DOCUMENT")]
    return []
