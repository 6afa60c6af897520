"""Jobs of mutations whose work is done at once and whose end is told a moment later.

Recorded: a collection or a product reads as changed right after the mutation, while its job still says it is not done.
"""

from __future__ import annotations

from sandbox.shopify.store import jobs
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

TAKES_S = 0.5


@jobs.work("settled")
def _nothing(_store: Store, _request: Row) -> None:
    """All was done when the job was made."""


def job_done_soon(store: Store) -> Row:
    """A job as a mutation answers it."""
    return jobs.promise(store, "settled", {}, TAKES_S)
