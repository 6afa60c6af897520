"""The real clock and the real source of identifiers; tests and simulations bring their own."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime


class SystemClock:
    """Time of this machine, UTC."""

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait that long."""
        time.sleep(seconds)


class RandomIds:
    """Identifiers nobody gave out before."""

    def new(self) -> str:
        """32 hexadecimal digits."""
        return uuid.uuid4().hex
