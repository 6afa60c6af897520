"""Headers that let a call skip custom logic, and who may send them.

Reference: bypass-custom-business-logic. Here only registered webhook steps are custom logic; the platform's own
sales rules always run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import error
from .security import demand_named

if TYPE_CHECKING:
    from .context import Context
    from .http import Request

MAX_STEPS = 3
_KINDS = frozenset({"customsync", "customasync"})


@dataclass(frozen=True)
class Bypass:
    """What a call leaves out: synchronous steps, asynchronous ones, or single ones."""

    synchronous: bool = False
    asynchronous: bool = False
    steps: frozenset[str] = frozenset()

    def skips(self, step_id: str, mode: int) -> bool:
        """Whether a step is left out; mode 1 is asynchronous."""
        return step_id in self.steps or (self.asynchronous if mode else self.synchronous)


def read_bypass(ctx: Context, request: Request) -> Bypass:
    """The bypass a call asks for; 403 without the privilege, 400 for what the page does not name."""
    plugins = (request.header("mscrm.bypasscustompluginexecution") or "").lower() == "true"
    kinds = _names(request.header("mscrm.bypassbusinesslogicexecution"))
    steps = _names(request.header("mscrm.bypassbusinesslogicexecutionstepids"))
    if plugins:
        demand_named(ctx, "prvBypassCustomPlugins")
    if kinds or steps:
        demand_named(ctx, "prvBypassCustomBusinessLogic")
    if not kinds <= _KINDS:
        raise error("InvalidArgument", message="BypassBusinessLogicExecution takes CustomSync and CustomAsync.")
    if len(steps) > MAX_STEPS:
        raise error("InvalidArgument", message=f"BypassBusinessLogicExecutionStepIds takes {MAX_STEPS} steps at most.")
    return Bypass(plugins or "customsync" in kinds, "customasync" in kinds, steps)


def _names(header: str | None) -> frozenset[str]:
    return frozenset(n.strip().lower() for n in (header or "").split(",") if n.strip())
