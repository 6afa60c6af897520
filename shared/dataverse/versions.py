"""The version of a record in Dataverse: what its row and its child rows were when they were read.

Pure text in and out. The rows of a record's collections carry their versions themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """A record's version: the row's own ETag, and per child its id and ETag. None: there are several children.

    A row's ETag does not move when its child does, so a conditional write needs both.
    """

    etag: str
    children: Mapping[str, tuple[str, str] | None]

    def text(self) -> str:
        """The form kept in `Record.etag`."""
        if not self.children:
            return self.etag
        return json.dumps([self.etag, dict(self.children)], separators=(",", ":"), sort_keys=True)

    @staticmethod
    def of(text: str | None) -> Version | None:
        """Read it back; None where the record carries none."""
        if not text:
            return None
        if not text.startswith("["):
            return Version(text, {})
        etag, children = json.loads(text)
        return Version(etag, {name: tuple(pair) if pair else None for name, pair in children.items()})
