"""`apply` whose process is killed: whoever applies the plan again finishes it, with the same writes and no double."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.transport import Request, Transport
from tests.contract.ops.conftest import Sit
from tests.contract.ops.worlds import SCRIPTS


class Killed(BaseException):
    """The process ends here."""


class Killer:
    """Ends the process before (even places) or after (odd ones) one of its calls that write."""

    def __init__(self, place: int) -> None:
        self._left, self._after = divmod(place, 2)
        self.struck = False

    def __call__(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def killing(transport: Transport, request: Request, offered: Any) -> Any:
            said = str(request.json or request.body or "")
            if request.method == "GET" or ("graphql" in request.url and "mutation" not in said):
                return call(transport, request, offered)
            self._left -= 1
            if self._left != -1:
                return call(transport, request, offered)
            self.struck = True
            if self._after:
                call(transport, request, offered)
            raise Killed

        return killing


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_plan_whose_process_is_killed_at_any_write_is_finished_by_the_next(
    sit: Sit, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: killed before or after any call that writes, a plan applied again leaves nothing to do and no double."""
    flows, kind, begin, _ = SCRIPTS[name]
    flow, file = flows[-1], tmp_path / "plan.jsonl"
    for place in range(40):
        desk = sit(kind)
        begin(desk)
        for first in flows[:-1]:
            desk.later()
            desk("sync", first, "--limit", "100")
        desk.later()
        planned = desk("--json", "plan", flow, "--out", file).json["flows"][0]["totals"]
        killer = Killer(place)
        with monkeypatch.context() as patched:
            patched.setattr(Transport, "_exchange", killer(Transport._exchange))
            try:
                assert desk("apply", file).code == 0
            except Killed:
                desk.plant.clock.advance(300)  # the lease of the dead one, and the shop's search
        (one,) = desk.json("apply", file)["flows"]
        assert one["created"] + one["updated"] + one["already"] == planned["create"] + planned["update"], place
        then = desk("--json", "plan", flow).json["flows"][0]["totals"]
        assert (then["create"], then["update"], then["leave"]) == (0, 0, planned["create"] + planned["update"]), place
        if not killer.struck:
            assert place > 2
            return
    raise AssertionError("there is no end of calls")
