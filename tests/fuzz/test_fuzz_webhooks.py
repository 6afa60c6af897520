"""The webhook endpoint under damaged requests, through the local host: no 5xx, nothing lost, nothing made up."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator

import pytest

import function_app
from sandbox.host.host import Host, HostOptions
from shared import wiring
from shared.flows import FLOWS
from shared.records import Message
from shared.state.queues import from_text, queue_name
from tests.fuzz.webhooks import IN, OUT, Damaged, damaged
from tests.support.plant import ENVIRONMENT, Plant

ANSWERS = {200, 400, 401, 404, 413}
SCHEDULES = {f"{name}_SCHEDULE": "0 0 0 1 1 *" for name in ("HOUSEKEEPING", *(flow.setting for flow in FLOWS))}
IDS = {IN: re.compile(r"[1-9]\d{0,19}"), OUT: re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")}
STORAGE = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:9/a;"


class Endpoint:
    """The app on the host, in this process, over a state in memory."""

    def __init__(self, plant: Plant) -> None:
        self.state = plant.app.state
        settings = {**ENVIRONMENT, **SCHEDULES, "AzureWebJobsStorage": STORAGE}
        self.host = Host(function_app.app, settings, options=HostOptions(port=None), report=lambda record: None)
        self.answers: Counter[int] = Counter()

    def post(self, sent: Damaged) -> tuple[int, str]:
        """Status and text of the answer."""
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/api/webhooks/{sent.flow}",
            "SERVER_NAME": "host",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(sent.body),
            "CONTENT_LENGTH": str(len(sent.body)),
            **_as_wsgi(sent),
        }
        told: list[str] = []
        parts = self.host.web(environ, lambda status, headers, info=None: told.append(status))
        text = b"".join(parts).decode()
        status = int(told[0].split()[0])
        self.answers[status] += 1
        return status, text

    def stored(self, flow: str) -> list[Message]:
        """Take what lies on the flow's queue."""
        service, queue = self.state.queue_service, queue_name("sync", flow)
        taken = service.receive(queue, 32, 60)
        assert all(len(each.text) < 1_000 and service.delete(queue, each) for each in taken)
        return [from_text(each.text) for each in taken]


def _as_wsgi(sent: Damaged) -> dict[str, str]:
    """Headers as a WSGI server hands them over: Latin-1, doubled ones joined, names that cannot be left out."""
    found: dict[str, str] = {}
    for name, text in sent.headers:
        key = "HTTP_" + name.upper().replace("-", "_")
        value = text.encode("utf-8", "surrogatepass").decode("latin-1").strip()
        if name.lower() not in ("content-type", "content-length", "transfer-encoding") and "\n" not in value:
            found[key] = f"{found[key]}, {value}" if key in found else value
    return found


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """The app of one plant, at an endpoint."""
    plant = Plant()
    monkeypatch.setattr(wiring, "app", lambda: plant.app)
    made = Endpoint(plant)
    with plant.shopify:
        yield made
    made.host.stop(1)
    plant.crm.close()


@pytest.mark.parametrize("cases", [range(1_200), pytest.param(range(1_200, 60_000), marks=pytest.mark.long)], ids=str)
@pytest.mark.timeout(900)
def test_no_request_breaks_the_endpoint(endpoint: Endpoint, cases: range) -> None:
    """Whatever is sent gets one of the table's answers; what is accepted is one message, and nothing else is any."""
    accepted = 0
    for number in cases:
        sent = damaged(number)
        before = _transactions(endpoint)
        status, text = endpoint.post(sent)
        spent = _transactions(endpoint) - before
        assert status in ANSWERS, f"case {number}: {status}"
        took = (status, text) == (200, "accepted")
        assert spent == int(took), f"case {number}: {spent} storage calls"
        if sent.wanted is not None:
            assert took, f"case {number}: a good request was answered {status} {text}"
        messages = endpoint.stored(sent.flow) if took else []
        assert len(messages) == int(took), f"case {number}: {messages}"
        for message in messages:
            accepted += 1
            named = (*message.ids, *message.deleted)
            assert sent.wanted in (None, *named), f"case {number}: {named} instead of {sent.wanted}"
            assert message.poll or (len(named) == 1 and IDS[sent.flow].fullmatch(named[0])), f"case {number}: {named}"
    assert not any(endpoint.stored(flow) for flow in (IN, OUT))
    assert accepted > len(cases) / 5
    assert all(endpoint.answers[status] > len(cases) / 100 for status in (200, 400, 401))


def _transactions(endpoint: Endpoint) -> int:
    return sum(endpoint.state.transactions().values())


def test_the_damage_repeats() -> None:
    """A case is the same whenever it is made: a failure is repeated by its number."""
    assert [damaged(number) for number in range(50)] == [damaged(number) for number in range(50)]


