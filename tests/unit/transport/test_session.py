"""What every session of the app promises: the surroundings are heeded, and asked for once."""

from __future__ import annotations

import pytest
from requests import sessions

from shared.state.wire import network
from shared.transport import Session, Transport
from tests.unit.transport.clocks import StillClock

URL = "https://account.queue.core.windows.net/sync/messages"


def test_the_environment_is_asked_once_per_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a request does not pay for looking through all environment variables, whatever its path."""
    asked: list[str] = []
    monkeypatch.setattr(sessions, "get_environ_proxies", lambda url, no_proxy=None: asked.append(url) or {})
    session = Session()
    for number in range(5):
        session.merge_environment_settings(f"{URL}?n={number}", {}, None, None, None)
    session.merge_environment_settings("https://other.test/", {}, None, None, None)
    assert asked == [f"{URL}?n=0", "https://other.test/"]


def test_a_proxy_is_used_where_the_environment_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE count as they do for every other program."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", "inside.test")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/a-bundle.pem")
    session = Session()
    found = [session.merge_environment_settings(URL, {}, None, True, None) for _ in range(2)]
    assert found[0] == found[1]
    assert (found[0]["proxies"].get("https"), found[0]["verify"]) == ("http://proxy.test:3128", "/etc/a-bundle.pem")
    assert "https" not in session.merge_environment_settings("https://inside.test/", {}, None, True, None)["proxies"]


def test_every_session_of_the_app_is_one_of_these() -> None:
    """Promise: the storage and both systems are spoken to by such a session, which also never reads ~/.netrc."""
    transport = Transport("https://example.test/api/", clock=StillClock())
    for session in (network(4).session, transport.session):
        assert isinstance(session, Session)
        assert session.auth is not None
