from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dataverse.batch import MAX_BYTES, Composer, Operation, Part, parse, size_of
from tests.unit.dataverse.organization import batch, changeset, part

ROOT = "/api/data/v9.2/"


def composed(*items: Operation | tuple[Operation, ...]) -> str:
    """The text of a batch."""
    return Composer(ROOT, "x").body(items).decode()


def test_a_batch_is_written_as_the_documentation_shows_it() -> None:
    """CRLF everywhere, a Content-ID in changesets only, references left as they are, exact numbers."""
    text = composed(
        (
            Operation("POST", "products", {"price": Decimal("1.10")}, content_id="1"),
            Operation("PATCH", "$1", {"name": "é"}),
        ),
        Operation("GET", "products(1)", headers={"Prefer": "x"}),
    )
    assert text.replace("\r\n", "").count("\n") == 0
    assert "POST /api/data/v9.2/products HTTP/1.1\r\n" in text
    assert "Content-ID: 1\r\n" in text
    assert "Content-ID: 2\r\n\r\nPATCH $1 HTTP/1.1" in text
    assert text.count("Content-ID") == 2
    assert '{"price":1.10}' in text
    assert text.rstrip("\r\n").endswith("--batch_x--")


def test_numbered_parts_avoid_the_ids_that_were_chosen() -> None:
    """A Content-ID is unique in its batch even where some are given by hand."""
    text = composed((Operation("POST", "a", {}), Operation("POST", "b", {}, content_id="1")))
    assert sorted(line for line in text.split("\r\n") if line.startswith("Content-ID")) == [
        "Content-ID: 1",
        "Content-ID: 2",
    ]


def test_limits_are_refused_before_anything_is_sent() -> None:
    """More than 1000 requests, or too many bytes, never reach the wire; a GET never enters a changeset."""
    with pytest.raises(ValueError, match="1000"):
        composed(*[Operation("GET", "a")] * 1001)
    with pytest.raises(ValueError, match="bytes"):
        composed(Operation("POST", "a", {"x": "y" * MAX_BYTES}))
    with pytest.raises(ValueError, match="writes only"):
        composed((Operation("GET", "a"),))


@given(st.lists(st.text(max_size=200), min_size=1, max_size=5))
def test_the_estimate_is_never_below_the_truth(texts: list[str]) -> None:
    """Cutting by the estimate keeps every batch below the limit."""
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    items = [(Operation("POST", "products", {"name": text}, {"If-Match": "*"}),) for text in texts]
    assert len(Composer(ROOT, "x" * 32).body(items)) <= sum(size_of(item) + 100 for item in items) + 50


ROWS = st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=30) | st.integers(), max_size=3), max_size=4)


@given(ROWS)
def test_answers_come_back_whole(rows: list[dict[str, object]]) -> None:
    """Whatever a row holds, boundaries and line ends included, each part's JSON is read as it was."""
    bodies = [json.dumps(row).encode() for row in rows]
    _, headers, body = batch(*(part(200, each) for each in bodies), part(200, b"{}"))
    results = parse(headers["Content-Type"], body, len(bodies) + 1)
    assert [result.json() for result in results if isinstance(result, Part)] == [*rows, {}]


def test_a_changeset_is_one_result() -> None:
    """Its parts on success, its one failure otherwise, in or out of a changeset envelope."""
    refused = part(412, b'{"error":{"code":"0x80060882","message":"m"}}')
    _, headers, body = batch(changeset(part(204), part(204)), changeset(refused), refused)
    good, bad, bare = parse(headers["Content-Type"], body, 3)
    assert isinstance(good, tuple)
    assert [each.status for each in good] == [204, 204]
    assert isinstance(bad, Part)
    assert isinstance(bare, Part)
    assert bad.status == bare.status == 412


def test_a_batch_that_ended_early_leaves_the_rest_open() -> None:
    """The documented 400 ends with the part that failed; what follows it was not run and is not invented."""
    _, headers, body = batch(part(204), part(400, b"{}"), status=400)
    results = parse(headers["Content-Type"], body, 4)
    assert [result.status if isinstance(result, Part) else None for result in results] == [204, 400, None, None]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/mixed; boundary=a", b"--a\r\n\r\nnonsense\r\n--a--\r\n"),
        (
            "multipart/mixed; boundary=a",
            b"--a\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        ),
        ("multipart/mixed; boundary=a", b""),
    ],
)
def test_an_unreadable_answer_is_an_error(content_type: str, body: bytes) -> None:
    """A text that is no batch answer is refused, never taken for success."""
    with pytest.raises(ValueError, match="part"):
        parse(content_type, body, 1)
