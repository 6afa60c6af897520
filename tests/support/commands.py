"""The command line over a world that a test has open: its app, its clock and its two systems."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ops.__main__ import main
from sandbox.wsgi_adapter import WsgiAdapter
from shared import wiring
from shared.settings import Settings
from tests.support.plant import Plant


def commands(world: Plant, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs `python -m ops` with those arguments in that world; its exit code."""
    made = wiring.open_app

    def opened(settings: Settings) -> wiring.App:
        app = made(settings, clock=world.clock, state=world.app.state)
        app.crm.transport.session.mount("https://", WsgiAdapter(world.crm.wsgi))
        for client in app.shopify.values():
            client.transport.session.mount("https://", WsgiAdapter(world.shopify.wsgi))
        return app

    monkeypatch.setattr(wiring, "open_app", opened)
    return lambda *arguments: main(list(arguments), world.environment)
