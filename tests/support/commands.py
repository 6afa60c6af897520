"""The command line over a world that a test has open: its app, its clock and its two systems."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ops.__main__ import main
from sandbox.wsgi_adapter import WsgiAdapter
from shared import wiring
from shared.settings import Settings
from tests.support.plant import Plant


def opened_in(world: Callable[[], Plant]) -> Callable[[Settings], wiring.App]:
    """Stands in for wiring.open_app: the app is that world's, of which it has clock, state and wires."""
    made = wiring.open_app

    def opened(settings: Settings) -> wiring.App:
        here = world()
        app = made(settings, clock=here.clock, state=here.app.state)
        app.crm.transport.session.mount("https://", WsgiAdapter(here.crm.wsgi))
        for client in app.shopify.values():
            client.transport.session.mount("https://", WsgiAdapter(here.shopify.wsgi))
        return app

    return opened


def commands(world: Plant, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs `python -m ops` with those arguments in that world; its exit code."""
    monkeypatch.setattr(wiring, "open_app", opened_in(lambda: world))
    return lambda *arguments: main(list(arguments), world.environment)
