"""The state lost and brought back, by the real commands over both systems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ops.cli import main
from shared import wiring
from shared.records import Pair
from shared.settings import Settings
from shared.state.keys import split
from shared.state.pair_rows import from_row, is_pair
from shared.sync.rebuilding import is_ours
from tests.contract.ops.shapes import hold
from tests.support.clientele import Clientele


class Operator:
    """Somebody at the command line of a running world."""

    def __init__(self, world: Clientele, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.world = world
        self._capsys = capsys
        made = wiring.open_app

        def opened(settings: Settings, **given: Any) -> wiring.App:
            app = made(settings, **(given or {"clock": world.clock, "state": world.app.state}))
            world.mount(app.crm.transport.session, world.crm.wsgi)
            for client in app.shopify.values():
                world.mount(client.transport.session, world.shopify.wsgi)
            return app

        monkeypatch.setattr(wiring, "open_app", opened)

    def __call__(self, *arguments: object, code: int = 0) -> Any:
        """What a command prints with --json; it has to end with that code."""
        self._capsys.readouterr()
        ended = main(["--json", *map(str, arguments)], self.world.environment)
        told = self._capsys.readouterr()
        assert ended == code, (arguments, told)
        if not told.out:
            return told.err
        answer = json.loads(told.out)
        hold([str(each) for each in arguments], answer)
        return answer

    def lose(self) -> None:
        """All tables, queues and blobs are gone, and every process starts anew."""
        self.world.app = self.world.wired(self.world.environment)

    def rebuild(self, *, code: int = 0) -> Mapping[str, Mapping[str, int]]:
        """What the command counts, by kind; nothing is written by it."""
        before = self.world.writes()
        self.answer = self("pairs", "rebuild", code=code)
        assert self.world.writes() == before
        return {row["kind"]: row for row in self.answer["kinds"]}

    def links(self) -> set[tuple[str, str | None, str | None, str]]:
        """Kind, both ids and state of every pair."""
        return {(pair.kind, pair.shopify_id, pair.crm_id, pair.state.value) for pair in self.pairs()}

    def pairs(self) -> list[Pair]:
        """Every pair that the state holds."""
        rows = self.world.app.state.tables["crossrefs"]._rows.values()  # type: ignore[attr-defined]
        return [from_row(row) for row in rows if is_pair(row)]

    def lines(self) -> set[tuple[str, ...]]:
        """Kind, record, group and id of every line, and its row."""
        rows = self.world.app.state.tables["lines"]._rows.values()  # type: ignore[attr-defined]
        return {
            (*split(row.partition)[1:], *split(row.key), str(row.values["row"])) for row in rows if "row" in row.values
        }

    def unsettled(self) -> list[Pair]:
        """Pairs of which something is still to be settled."""
        return [pair for pair in self.pairs() if is_ours(pair)]

    def quiet(self) -> None:
        """All flows run, and neither system is written to."""
        before = self.world.writes()
        self.world.run()
        assert self.world.writes() == before

