"""`make run`: what it leaves for the command line beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ops.session import Session
from sandbox import run
from shared import settings
from shared.flows import FLOWS

INFO = {
    "azurite": {"connection_string": "UseDevelopmentStorage=true"},
    "shopify": {"shop": "acme.myshopify.com", "url": "http://127.0.0.1:1", "client_id": "i", "client_secret": "s"},
    "dataverse": {"url": "http://127.0.0.1:2", "token": "app-token", "webhook_key": "k"},
}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the host would be started with, kept instead of started."""
    kept: dict[str, Any] = {}
    monkeypatch.setattr(run, "set_up", lambda *_: None)
    monkeypatch.setattr(run.world, "told", lambda *_: {"admin_token": "admin-token"})
    monkeypatch.setattr(run, "start_process", lambda *_, **options: kept.update(options))
    return kept


def test_the_command_line_finds_the_sandboxes_by_one_file(started: dict[str, Any], tmp_path: Path) -> None:
    """Promise: `ops --settings` with the written file knows all that the host knows, and nobody else can read it."""
    path = tmp_path / run.SETTINGS
    path.write_text("from an earlier run")
    path.chmod(0o644)
    run.start_host(run.app_environment(INFO), tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    given = Session(environment={}, file=path).values()
    assert {name: started["environment"][name] for name in given} == given
    assert "WEBHOOKS_URL" in given
    known = settings.read(given, flows=FLOWS)
    assert [shop.endpoint for shop in known.shops] == ["http://127.0.0.1:1"]
    assert (known.dataverse.url, known.dataverse.token) == ("http://127.0.0.1:2", "app-token")
    assert "admin-token" not in json.dumps(dict(given))


def test_the_tables_of_the_shell_are_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: who tries a table of his own names it in the environment of `make run`."""
    assert run.app_environment(INFO)["TABLES"] == run.TABLES
    monkeypatch.setenv("TABLES", "abandoned_checkouts")
    assert run.app_environment(INFO)["TABLES"] == "abandoned_checkouts"
