"""Recordings that contradict themselves, with the reason: no sandbox can answer them and stay true.

They are named so that nobody models towards them; they still count as not passed.
"""

from __future__ import annotations

CONTRADICTIONS: dict[str, str] = {}
