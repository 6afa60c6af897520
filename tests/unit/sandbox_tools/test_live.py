"""`make run LIVE=1`: whose settings win, and where its Azurite listens, so that `python -m ops` works beside it."""

from __future__ import annotations

import json
import socket
import threading
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from sandbox import azurite, live
from sandbox.processes import ProcessFailedError

VALUES = {
    "SHOPIFY_SHOPS": "acme.myshopify.com",
    "SHOPIFY_CLIENT_ID": "id",
    "SHOPIFY_CLIENT_SECRET": "",
    "DATAVERSE_URL": "https://acme.crm.dynamics.com",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
}


def run(root: Path) -> tuple[int, str]:
    """The exit code of a live run, and what it printed."""
    (root / live.FILE).write_text(json.dumps({"Values": VALUES}))
    printed = StringIO()
    return live.run(root, Console(file=printed, width=400), threading.Event()), printed.getvalue()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a live run would start, kept instead of started."""
    kept: dict[str, Any] = {}

    def emulator(_: Path, **options: Any) -> SimpleNamespace:
        return SimpleNamespace(stop=lambda: 0, connection_string="elsewhere", **kept.setdefault("azurite", options))

    def host(_: str, command: list[Any], **options: Any) -> SimpleNamespace:
        kept["host"] = options["environment"]
        return SimpleNamespace(stop=lambda: 0)

    monkeypatch.setattr(live, "start_azurite", emulator)
    monkeypatch.setattr(live, "start_process", host)
    monkeypatch.setattr(live.watch, "follow", lambda app, *_: kept.setdefault("app", app.settings))
    return kept


def test_a_secret_of_the_shell_is_not_replaced_by_the_files_empty_text(
    started: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: what the environment says wins over local.settings.json, in the host and beside it, as with ops."""
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", "from the shell")
    assert run(tmp_path)[0] == 0
    assert started["host"]["SHOPIFY_CLIENT_SECRET"] == "from the shell"
    assert started["host"]["SHOPIFY_CLIENT_ID"] == "id"
    assert started["app"].shops[0].client_secret == "from the shell"


def test_its_azurite_is_the_one_that_the_settings_file_means(
    started: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: ops with the same file finds the same state: Azurite listens where UseDevelopmentStorage=true leads."""
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", "s")
    assert run(tmp_path)[0] == 0
    assert started["azurite"] == {"ports": (10000, 10001, 10002)}
    assert started["host"]["AzureWebJobsStorage"] == "UseDevelopmentStorage=true"


def test_a_port_that_is_taken_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: where something else listens on a port of Azurite's, a live run ends with 2 and names that port."""
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", "s")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr(live, "DEVELOPMENT_PORTS", (0, port, 0))
        code, printed = run(tmp_path)
    assert code == 2
    assert f"port {port} is taken" in printed


def test_azurite_listens_where_it_is_told() -> None:
    """Promise: a port that is asked for is the one it listens on, and a second start there says that it is taken."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    first = azurite.start_azurite(ports=(port, 0, 0))
    try:
        assert first.blob_url == f"http://127.0.0.1:{port}/{azurite.ACCOUNT}"
        with pytest.raises(ProcessFailedError, match=f"port {port} is taken"):
            azurite.start_azurite(ports=(port, 0, 0))
    finally:
        first.stop()
