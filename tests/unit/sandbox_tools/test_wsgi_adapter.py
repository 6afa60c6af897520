"""A WSGI application behind a requests.Session behaves as it would behind a socket."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest
import requests
from werkzeug import Request, Response

from sandbox.wsgi_adapter import WsgiAdapter


def _answer(request: Request) -> Response:
    if request.path == "/redirect":
        return Response(status=302, headers={"Location": "/echo?followed=1"})
    if request.path == "/cookie":
        answer = Response("ok")
        answer.set_cookie("seen", "yes")
        answer.set_cookie("twice", "too")
        return answer
    if request.path == "/gzip":
        return Response(gzip.compress(b"plain"), headers={"Content-Encoding": "gzip"})
    if request.path == "/teapot":
        return Response("no", status="418 I'm a teapot")
    if request.path == "/broken":
        raise ConnectionResetError("the application broke")
    echo = {
        "method": request.method,
        "url": request.url,
        "path": request.path,
        "body": request.get_data().decode(),
        "length": request.content_length,
        "type": request.content_type,
        "if_match": request.headers.get("If-Match"),
        "cookies": dict(request.cookies),
    }
    return Response(json.dumps(echo), content_type="application/json")


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """A session whose only transport is the application above."""
    with requests.Session() as session:
        session.mount("https://shop.test/", WsgiAdapter(Request.application(_answer)))
        yield session


def test_method_url_headers_and_body_arrive(session: requests.Session) -> None:
    """The application sees the request as sent: method, full URL, headers and body."""
    got = session.patch(
        "https://shop.test/a%20b/%C3%A9?x=1&y=%2F", json={"k": "é"}, headers={"If-Match": 'W/"7"'}
    ).json()
    assert got["method"] == "PATCH"
    assert got["path"] == "/a b/é"
    assert got["url"].startswith("https://shop.test/a%20b/")
    assert got["url"].endswith("?x=1&y=/") or got["url"].endswith("?x=1&y=%2F")
    assert json.loads(got["body"]) == {"k": "é"}
    assert got["type"] == "application/json"
    assert got["if_match"] == 'W/"7"'


@pytest.mark.parametrize("body", ["text", b"text", iter([b"te", b"xt"])])
def test_every_kind_of_body_is_sent_whole(session: requests.Session, body: object) -> None:
    """Text, bytes and chunked bodies all arrive complete with their length."""
    got = session.post("https://shop.test/echo", data=body).json()
    assert (got["body"], got["length"]) == ("text", 4)


def test_status_and_reason_come_back(session: requests.Session) -> None:
    """Status code and reason reach the caller, and raise_for_status works."""
    response = session.get("https://shop.test/teapot")
    assert (response.status_code, response.reason, response.text) == (418, "I'm a teapot", "no")
    with pytest.raises(requests.HTTPError):
        response.raise_for_status()


def test_redirects_cookies_and_compression_work(session: requests.Session) -> None:
    """What requests does above a transport still works: redirects, cookies, decompression."""
    assert session.get("https://shop.test/redirect").json()["url"].endswith("/echo?followed=1")
    session.get("https://shop.test/cookie")
    assert session.get("https://shop.test/echo").json()["cookies"] == {"seen": "yes", "twice": "too"}
    assert session.get("https://shop.test/gzip").text == "plain"


def test_a_streamed_answer_can_be_read_in_chunks(session: requests.Session) -> None:
    """An answer asked for as a stream is read piece by piece."""
    response = session.get("https://shop.test/gzip", stream=True)
    assert b"".join(response.iter_content(2)) == b"plain"


def test_an_error_of_the_application_reaches_the_caller(session: requests.Session) -> None:
    """An exception in the application is the caller's exception, not a hidden 500."""
    with pytest.raises(ConnectionResetError, match="the application broke"):
        session.get("https://shop.test/broken")


def test_head_has_headers_but_no_body(session: requests.Session) -> None:
    """A HEAD answer keeps its headers and drops its body."""
    response = session.head("https://shop.test/echo")
    assert response.headers["Content-Type"] == "application/json"
    assert response.content == b""
