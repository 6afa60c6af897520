"""Files of a store: results of bulk operations and what was uploaded, on disk so that memory stays flat.

A store in memory keeps them in a temporary folder that goes with it.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from pathlib import Path


class Blobs:
    """Named files in one folder; the folder is made when the first file is."""

    def __init__(self, database: str) -> None:
        self._kept = database != ":memory:"
        self._folder = Path(f"{database}.files") if self._kept else None

    def new(self) -> Path:
        """The path of a new file, not yet there."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="shopify-sandbox-files-"))
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / uuid.uuid4().hex

    def path(self, name: str | None) -> Path | None:
        """A file by its name; None when there is none."""
        if self._folder is None or not name or not name.isalnum():
            return None
        found = self._folder / name
        return found if found.is_file() else None

    def remove(self, name: str | None) -> None:
        """Take a file away."""
        found = self.path(name)
        if found is not None:
            found.unlink()

    def close(self) -> None:
        """Remove what does not outlive the store."""
        if not self._kept and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
