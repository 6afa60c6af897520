"""The plain page to look at and edit the rows."""

from __future__ import annotations

from typing import Any

from .context import Core
from .http import Request, Response


def answer(core: Core, request: Request, recent: list[dict[str, Any]]) -> Response:
    """The page, or 404."""
    return Response(404, {"Content-Type": "text/plain"}, b"not found")
