"""Reading beside writing: a store in a file answers queries while somebody writes, and never shows half a write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create
from sandbox.shopify.store.readers import NeedsTheWriter
from tests.contract.shopify.client import Shop

COUNT = "{ productsCount { count } }"
TITLE = "query($i: ID!) { product(id: $i) { title } }"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[ShopifySandbox]:
    """A store in a file."""
    config = ShopifyConfig(db=str(tmp_path / "store.db"))
    with create(config, Clock(datetime(2026, 11, 2, 12, tzinfo=UTC))) as sandbox:
        yield sandbox


def test_a_query_is_answered_while_somebody_writes(box: ShopifySandbox) -> None:
    """With a transaction open in another thread a query answers at once, with the store as it was before."""
    shop = Shop(box)
    product = shop.create(title="before")["id"]
    changed, answered = threading.Event(), threading.Event()

    def write() -> None:
        with box.store.db.transaction():
            box.store.db.run("UPDATE products SET title = 'half'")
            changed.set()
            assert answered.wait(20), "the query waited for the writer"

    thread = threading.Thread(target=write)
    thread.start()
    assert changed.wait(20)
    assert shop.data(TITLE, {"i": product}) == {"product": {"title": "before"}}
    answered.set()
    thread.join()
    assert shop.data(TITLE, {"i": product}) == {"product": {"title": "half"}}


def test_a_read_is_one_picture(box: ShopifySandbox) -> None:
    """What others commit in the middle of a read is not seen by it."""
    shop = Shop(box)
    shop.create()
    with box.store.db.reading():
        assert box.store.db.value("SELECT COUNT(*) FROM products") == 1
        thread = threading.Thread(target=shop.create)
        thread.start()
        thread.join()
        assert box.store.db.value("SELECT COUNT(*) FROM products") == 1
    assert shop.data(COUNT) == {"productsCount": {"count": 2}}


def test_a_transaction_reads_its_own_writes(box: ShopifySandbox) -> None:
    """Within a transaction reading is the writer's own: webhook bodies are built there."""
    Shop(box).create()
    with box.store.db.transaction():
        box.store.db.run("UPDATE products SET title = 'mine'")
        with box.store.db.reading():
            assert box.store.db.value("SELECT title FROM products") == "mine"


@pytest.mark.parametrize(
    "write",
    [
        lambda db: db.run("DELETE FROM products"),
        lambda db: db.insert("settings", {"name": "x", "value": "y"}),
        lambda db: db.next_id("Product"),
        lambda db: db.transaction().__enter__(),
    ],
)
def test_a_read_cannot_write(box: ShopifySandbox, write: object) -> None:
    """Every way to write says so within a read."""
    with box.store.db.reading(), pytest.raises(NeedsTheWriter):
        write(box.store.db)  # type: ignore[operator]


def test_a_query_that_finds_something_to_do_starts_again_as_a_writer(box: ShopifySandbox) -> None:
    """A search that must bring its index up to date does so and answers with the result."""
    shop = Shop(box)
    box.store.index.lag_s = 5.0
    shop.create(title="Lamp")
    query = '{ products(first: 5, query: "title:lamp") { nodes { title } } }'
    assert shop.data(query)["products"]["nodes"] == []
    box.clock.advance(6)
    body = shop.run(query)
    assert body["data"]["products"]["nodes"] == [{"title": "Lamp"}]
    assert len(body["extensions"].get("search", [])) <= 1


def test_many_readers_and_writers_at_once(box: ShopifySandbox) -> None:
    """Threads that read and write at the same time all succeed, and every write is there at the end."""
    problems: list[BaseException] = []

    def work(place: int) -> None:
        shop = Shop(box)
        try:
            for number in range(6):
                if place % 2:
                    shop.create(title=f"{place}-{number}")
                else:
                    shop.data("{ products(first: 20) { nodes { id title variants(first: 2) { nodes { sku } } } } }")
        except BaseException as error:  # noqa: BLE001 - told below
            problems.append(error)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert Shop(box).data(COUNT) == {"productsCount": {"count": 18}}
