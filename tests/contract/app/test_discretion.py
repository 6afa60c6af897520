"""What vendors say may quote a record: it may be parked with the record, and goes nowhere else."""

from __future__ import annotations

import json
import logging
import traceback
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

import function_app
from sandbox.catalogue import DESIGNERS, CrmProduct, SeedProduct
from sandbox.host.functions import read_functions
from sandbox.wsgi_adapter import WsgiAdapter
from shared import app as actions
from shared import wiring
from shared.records import Message, Origin
from shared.state.queues import to_text
from shared.telemetry import FunctionFailed
from tests.support.plant import SHOP, Plant

IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"
NAME = DESIGNERS[0]
SAYS = f"{NAME} cannot be stored, ask {NAME}"


class Trigger:
    """What starts a function, of any kind."""

    dequeue_count = 1

    def __init__(self, text: str) -> None:
        self._text = text
        self.headers: dict[str, str] = {}

    def get_body(self) -> bytes:
        """The message or request."""
        return self._text.encode()


def gossip(status: int, content: Any) -> WsgiAdapter:
    """A system that answers everything with one error, whose text quotes a person."""
    body = json.dumps(content)
    return WsgiAdapter(Request.application(lambda _: Response(body, status, content_type="application/json")))


def _told(plant: Plant, caplog: pytest.LogCaptureFixture, failures: list[str]) -> str:
    """All that leaves the app: logs, what functions fail with, reasons of pauses, health."""
    records = [record.getMessage() + str(vars(record)) for record in caplog.records]
    return "\n".join([*records, *failures, str(plant.app.state.switches.all()), actions.health()[1]])


GRAPHQL = ("INTERNAL_SERVER_ERROR", "INVALID_VARIABLE", "X")
ODATA = (("0x80044150", 500), ("0x80040265", 400), ("0x80040225", 403))


@pytest.mark.parametrize("code", GRAPHQL)
def test_what_shopify_says_stays_out_of_logs_and_pauses(
    plant: Plant, lamp: SeedProduct, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    """Promise: through retries, pauses and alerts of a Shopify that answers with errors its words are told nowhere."""
    plant.run()
    caplog.set_level(logging.DEBUG)
    error = {"message": SAYS, "extensions": {"code": code}}
    for client in plant.app.shopify.values():
        client.transport.session.mount("https://", gossip(200, {"errors": [error]}))
    told = _told(plant, caplog, _keep_trying())
    assert code in told
    assert NAME not in told


@pytest.mark.parametrize(("code", "status"), ODATA)
def test_what_dataverse_says_stays_out_of_logs_and_pauses(
    plant: Plant, chair: CrmProduct, caplog: pytest.LogCaptureFixture, code: str, status: int
) -> None:
    """Promise: the same of a Dataverse."""
    plant.run()
    caplog.set_level(logging.DEBUG)
    plant.app.crm.transport.session.mount("https://", gossip(status, {"error": {"code": code, "message": SAYS}}))
    told = _told(plant, caplog, _keep_trying())
    assert code in told or f"HTTP {status}" in told
    assert NAME not in told


def _keep_trying() -> list[str]:
    """Timers and workers of both flows until everything that can pause has paused; what the functions failed with."""
    failures = []
    functions, _ = read_functions(function_app.app)
    called = {function.name: function.call for function in functions}
    for attempt in range(4):
        for flow in (IN, OUT):
            message = Message(flow, SHOP, Origin.RETRY, ids=("77",), attempt=attempt)
            for name in ("timer", "worker"):
                try:
                    called[f"{flow}_{name}"](Trigger(to_text(message)))
                except FunctionFailed as failed:
                    failures += traceback.format_exception(failed)
    return failures


def test_a_defect_tells_the_host_its_class_and_place_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: no function lets the text of an exception out, which the host would log."""

    def broken() -> wiring.App:
        raise ValueError(NAME)

    monkeypatch.setattr(wiring, "app", broken)
    functions, _ = read_functions(function_app.app)
    for function in functions:
        with pytest.raises(FunctionFailed, match=r"^ValueError$") as caught:
            function.call(Trigger(to_text(Message(IN, SHOP, Origin.RETRY))))
        assert caught.value.__suppress_context__, function.name
