"""Microsoft's runtime on the app, from the checkout and from the package: the functions meant, and each runs."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ops import packaging
from sandbox import world
from sandbox.run import app_environment
from shared.flows import FLOWS
from shared.records import Message, Origin
from shared.state import queues
from tests.contract.runtime.oracle import ROOT, Oracle

CHECKOUT, PACKAGE = "as it stands in the checkout", "unpacked from dist/app.zip"
_EXPECTED = json.loads(Path(__file__).with_name("expected_functions.json").read_text("utf-8"))


@pytest.fixture(params=[CHECKOUT, PACKAGE])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The app's folder: the checkout, and somewhere else what `make package` packs and nothing beside it."""
    if request.param == CHECKOUT:
        return ROOT
    packaging.build(ROOT, tmp_path / "app.zip")
    with zipfile.ZipFile(tmp_path / "app.zip") as package:
        package.extractall(tmp_path / "app")
    return tmp_path / "app"


def test_the_app_is_exactly_the_expected_table(oracle: Oracle, app: Path) -> None:
    """Importing needs no environment, and names, triggers, routes, schedules and queues are those written down."""
    told = oracle.examine(app)
    assert told["error"] is None
    assert told["functions"] == _EXPECTED


def test_every_function_runs_once(oracle: Oracle, app: Path, tmp_path: Path) -> None:
    """Each function, given what it gets on Azure, runs to its end against real storage and both sandboxes."""
    with world.running(tmp_path / "world", say=lambda text: None) as running:
        shop = running.info["shopify"]["shop"]
        ran = oracle.examine(app, payloads=_payloads(shop), environment=app_environment(running.info))["invocations"]
    assert sorted(ran) == [function["name"] for function in _EXPECTED]
    assert {name: result.get("error") for name, result in ran.items() if not result["succeeded"]} == {}
    assert ran["health"]["returned"]["status"] == "200"
    for flow in FLOWS:
        assert ran[f"{flow.name}_webhook"]["returned"]["status"] == "401"  # nothing signed this call


def _payloads(shop: str) -> dict[str, dict[str, Any]]:
    """A message of each flow that has its worker and its loader poll the source."""
    return {
        f"{flow.name}_{part}": {"body": queues.to_text(Message(flow.name, shop, Origin.POLL, poll=True))}
        for flow in FLOWS
        for part in ("worker", "loader")
    }
