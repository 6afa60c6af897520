"""Pages for the engine that come from no queue: ids that a person named, or the source's own listing.

Reads only; where a listing stands is kept by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from shared.records import Item, Origin, Page, Side
from shared.sync.dispatch import CHUNK
from shared.sync.flow import WAITED, Job
from shared.wiring import App


def of_items(job: Job, items: Iterable[Item], origin: Origin = Origin.COMMAND) -> Iterator[Page]:
    """Ids in pages as a worker handles them; the engine reads them live."""
    left = iter(items)
    while part := tuple(islice(left, CHUNK)):
        yield Page(job.flow.name, job.shop, part, origin, tried_at=WAITED)


def of_listing(app: App, job: Job, most: int | None = None) -> Iterator[Page]:
    """Everything the source lists, with content, in pages as a worker handles them; `most` ends it early."""
    token, more, left = "", True, most
    began = app.clock.now() if job.flow.source is Side.SHOPIFY else None
    while more and left != 0:
        found = job.source.listing(token)
        token, more = found.token, found.more
        items = found.items if left is None else found.items[:left]
        left = left if left is None else left - len(items)
        page = Page(
            flow=job.flow.name,
            shop=job.shop,
            items=(),
            origin=Origin.COMMAND,
            read_at=found.read_at,
            selection=job.source.selection,
            listed_from=began,
            tried_at=WAITED,
        )
        for start in range(0, len(items), CHUNK):
            yield replace(page, items=items[start : start + CHUNK])
