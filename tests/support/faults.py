"""What can go wrong at one call to the outside, decided by the test at every call.

`Faults` is asked before and after each call of a wrapped thing by the call's name; it raises, lets time pass, or lets
somebody else act meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from shared.errors import Throttled, Unavailable
from shared.records import Side
from shared.telemetry import spend


class Killed(Exception):
    """The worker's process died here; nothing of it runs any further."""


class Fault(StrEnum):
    """One way a call can go wrong."""

    FAIL_BEFORE = "refused before anything happened"
    FAIL_AFTER = "it happened, the answer was lost"
    THROTTLED = "asked to wait"
    KILL_BEFORE = "the worker died before it"
    KILL_AFTER = "the worker died after it"


Choice = Callable[[str], Fault | None]


class Faults:
    """The faults of one world. `choose` names the fault of a call; `meanwhile` runs once, inside the named call."""

    def __init__(self) -> None:
        self.choose: Choice = lambda name: None
        self.meanwhile: dict[str, Callable[[], None]] = {}
        self.calls: Counter[str] = Counter()

    def plan(self, *planned: tuple[str, Fault]) -> None:
        """Each of these faults strikes once, at the next call of its name."""
        left = list(planned)

        def choose(name: str) -> Fault | None:
            for entry in left:
                if entry[0] == name:
                    left.remove(entry)
                    return entry[1]
            return None

        self.choose = choose

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.choose = lambda name: None
        self.meanwhile.clear()

    def before(self, name: str) -> Fault | None:
        """Called at the start of a call; raises what strikes before it, returns what strikes after it."""
        self.calls[name] += 1
        fault = self.choose(name)
        if fault is Fault.KILL_BEFORE:
            raise Killed(name)
        if fault is Fault.FAIL_BEFORE:
            raise Unavailable(f"{name} could not be reached.", retry_after_s=10.0)
        if fault is Fault.THROTTLED:
            raise Throttled(f"{name} asks to wait.", retry_after_s=5.0)
        act = self.meanwhile.pop(name, None)
        if act is not None:
            act()
        return fault


class Wrapped:
    """A port whose every method passes by the faults; a lost answer of storage shows as Unavailable."""

    def __init__(self, inner: Any, name: str, faults: Faults) -> None:
        self._inner = inner
        self._name = name
        self._faults = faults

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._inner, attribute)
        if not callable(found):
            return found
        name = f"{self._name}.{attribute}"

        def call(*args: Any, **kwargs: Any) -> Any:
            fault = self._faults.before(name)
            answer = found(*args, **kwargs)
            if fault is Fault.KILL_AFTER:
                raise Killed(name)
            if fault is Fault.FAIL_AFTER:
                raise Unavailable(f"{name} gave no answer.", retry_after_s=10.0)
            if self._name in list(Side):
                spend(answered=self._name)
            return answer

        return call
