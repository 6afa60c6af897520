"""The one error a host refuses to start with: every problem found, each naming its place and its fix.

Start checks collect problems instead of raising at the first, so that one start shows all of them.
"""

from __future__ import annotations

from collections.abc import Sequence


class HostStartError(Exception):
    """The app cannot be hosted as it is; `problems` holds one sentence for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("The host cannot start:\n" + "\n".join(f"  - {problem}" for problem in self.problems))
