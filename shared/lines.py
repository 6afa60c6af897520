"""The words for lines: rows of a record's child collection, what is known of them, and how they are written.

In a record's content a collection is a list of mappings; each holds its row's id under `@id` and CRM's row version
under `@etag`, names that no column has. A header whose lines are not all written yet says so under `@pending`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROW, ETAG, PENDING = "@id", "@etag", "@pending"
PARTLY = "partly"
"""The fact of an error that says that a part of the record was written before the rest of it was refused."""


@dataclass(frozen=True, slots=True)
class LineWrite:
    """One row of a collection: made (no `etag`), changed, or deleted (no `values`).

    `name` is what outcomes and errors call the line; `to` the collection's path; `row` the row's id; `values` map
    paths inside the row to wanted values; `etag` is what *look* saw.
    """

    name: str
    to: str
    row: str
    values: Mapping[str, Any] | None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class LinePair:
    """A line on its source side and its row on the target side.

    `bases`: per side and physical path the digest of the value both sides last agreed on; the source's paths are
    those of the record, the target's those inside the row. `sent`: per target path the digests on their way, comma
    separated; they count only while the pair is in doubt. `version` is the state row's ETag (None: not stored yet).
    """

    group: str
    id: str
    row: str
    bases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sent: Mapping[str, str] = field(default_factory=dict)
    version: str | None = None
