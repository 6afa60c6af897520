"""The local host's own limits, before a function is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from werkzeug.wrappers import Request, Response

from sandbox.host import server


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that says how long a body is, with a limit of five bytes instead of 100 MB."""
    monkeypatch.setattr(server, "_MOST_BYTES", 5)
    application = Request.application(lambda request: Response(str(len(request.get_data()))))
    running = server.LoopbackServer(application, 0)
    running.start()
    yield f"http://127.0.0.1:{running.port}/"
    running.stop()


@pytest.mark.parametrize(("size", "answer"), [(5, (200, "5")), (6, (413, None))])
def test_a_body_over_the_limit_never_reaches_a_function(url: str, size: int, answer: tuple[int, str | None]) -> None:
    """Promise: as on Azure, the host refuses what is larger than its limit and hands on what is not."""
    said = requests.post(url, data=b"x" * size, timeout=10)
    assert (said.status_code, said.text if said.ok else None) == answer


def test_a_body_of_unknown_length_is_counted_as_it_comes(url: str) -> None:
    """Promise: chunks without a Content-Length do not get around the limit."""
    said = requests.post(url, data=iter([b"xxx", b"xxx"]), timeout=10)
    assert said.status_code == 413
