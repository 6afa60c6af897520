"""Webhooks that arrive while another one is being stored share the next write."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event, Lock
from time import monotonic, sleep

import pytest

from shared.errors import Retryable
from shared.records import Message, Origin
from shared.state import together as together_module
from shared.state.together import Together

SHOP = "sandbox-shop.myshopify.com"
TWELVE = datetime(2026, 11, 26, 12, tzinfo=UTC)


def webhook(record: str, *, flow: str = "orders_shopify_to_crm", shop: str = SHOP, second: int = 0) -> Message:
    """The message of one webhook."""
    at = TWELVE.replace(second=second)
    return Message(flow, shop, Origin.WEBHOOK, ids=(record,), first_at=at, seen_at=at, correlation_id=f"hook-{record}")


@dataclass
class Slow:
    """A queue whose first write lasts until `go` is set."""

    go: Event = field(default_factory=Event)
    begun: Event = field(default_factory=Event)
    wrote: list[Message] = field(default_factory=list)
    fails: int = 0
    _door: Lock = field(default_factory=Lock)

    def send(self, message: Message) -> None:
        with self._door:
            self.wrote.append(message)
            number = len(self.wrote)
        if number == 1:
            self.begun.set()
            assert self.go.wait(20)
        if number == self.fails:
            raise Retryable("The queue is busy.")


def meanwhile(queue: Slow, first: Message, others: list[Message]) -> list[Future[None]]:
    """Send the others while the first is being written, and let it end once they all wait."""
    together = Together(queue.send)
    with ThreadPoolExecutor(20) as pool:
        sent = [pool.submit(together.send, first)]
        assert queue.begun.wait(20)
        sent += [pool.submit(together.send, message) for message in others]
        until(lambda: sum(len(line.brought) for line in together._lines.values()) + len(queue.wrote) - 1 >= len(others))
        assert not any(each.done() for each in sent[:1])
        queue.go.set()
    return sent


def until(true: Callable[[], bool]) -> None:
    """Wait for it, twenty seconds at the most."""
    end = monotonic() + 20
    while not true():
        assert monotonic() < end
        sleep(0.001)


def test_what_comes_during_a_write_goes_with_the_next() -> None:
    """Promise: a burst costs few queue writes, and every id is in one."""
    queue = Slow()
    sent = meanwhile(queue, webhook("1"), [webhook(str(each), second=each) for each in range(2, 12)])
    assert [each.exception() for each in sent] == [None] * 11
    first, second = queue.wrote
    assert first == webhook("1")
    assert sorted(second.ids, key=int) == [str(each) for each in range(2, 12)]
    assert (second.first_at, second.seen_at) == (TWELVE.replace(second=2), TWELVE.replace(second=11))
    assert second.correlation_id == f"hook-{second.ids[0]}"


def test_the_log_says_with_which_one_a_webhook_went(caplog: pytest.LogCaptureFixture) -> None:
    """Promise: a webhook's id leads to the work it caused, also where another one's id is on that work."""
    caplog.set_level("INFO", "intake")
    queue = Slow()
    meanwhile(queue, webhook("1"), [webhook("2"), webhook("3")])
    head, tail = queue.wrote[1].ids
    said = [(record.__dict__["webhook"], record.__dict__["with"]) for record in caplog.records]
    assert said == [(f"hook-{tail}", f"hook-{head}")]


def test_nobody_is_told_stored_when_the_write_failed() -> None:
    """Promise: when the shared write fails, each sender hears it and sends again; the one before it is not touched."""
    queue = Slow(fails=2)
    sent = meanwhile(queue, webhook("1"), [webhook(str(each)) for each in range(2, 6)])
    assert sent[0].exception() is None
    assert [type(each.exception()) for each in sent[1:]] == [Retryable] * 4


def test_after_a_failure_the_next_is_written() -> None:
    """Promise: a failed write leaves nothing behind that a later webhook would wait for or bring again."""
    queue = Slow(fails=1)
    queue.go.set()
    together = Together(queue.send)
    with pytest.raises(Retryable):
        together.send(webhook("1"))
    together.send(webhook("2"))
    assert [message.ids for message in queue.wrote] == [("1",), ("2",)]


UNLIKE = [
    webhook("2", flow="products_shopify_to_crm"),
    webhook("2", shop="other-shop.myshopify.com"),
    replace(webhook("2"), table="refunds"),
    replace(webhook("2"), ids=(), deleted=("2",)),
    replace(webhook("2"), notice="customers/redact"),
]


def test_what_has_to_be_read_in_any_case_stays_so() -> None:
    """Promise: a webhook without a time is read whatever was read before, also beside one that has its time."""
    queue = Slow()
    meanwhile(queue, webhook("1"), [replace(webhook("2"), seen_at=None), webhook("3")])
    assert queue.wrote[1].seen_at is None


def test_a_write_that_stands_still_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: who has waited long enough writes for himself; no id is lost, whoever else brings it too."""
    monkeypatch.setattr(together_module, "PATIENCE_S", 0.05)
    queue = Slow()
    together = Together(queue.send)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.send, webhook("1"))
        assert queue.begun.wait(20)
        others = [pool.submit(together.send, webhook(each)) for each in "23"]
        assert [each.result(20) for each in others] == [None, None]
        assert not first.done()
        queue.go.set()
    assert sorted(each for message in queue.wrote for each in message.ids) == ["1", "2", "3"]


def test_who_is_written_goes_at_once() -> None:
    """Promise: under steady load nobody waits for more than the write under way and the next one."""
    order: list[str] = []
    gate = {each: Event() for each in "123"}

    def send(message: Message) -> None:
        order.append(message.ids[0])
        assert gate[message.ids[0]].wait(20)

    together = Together(send)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.send, webhook("1"))
        until(lambda: order == ["1"])
        second = pool.submit(together.send, webhook("2"))
        until(lambda: sum(len(line.brought) for line in together._lines.values()) == 1)
        gate["1"].set()
        until(lambda: order == ["1", "2"])
        third = pool.submit(together.send, webhook("3"))
        gate["2"].set()
        assert second.result(20) is None
        until(lambda: order == ["1", "2", "3"])
        assert first.done()
        assert not third.done()
        gate["3"].set()


@pytest.mark.parametrize("other", UNLIKE, ids=["flow", "shop", "table", "deleted", "notice"])
def test_what_is_not_alike_is_not_mixed(other: Message) -> None:
    """Promise: ids of another flow, shop or table, deletes and notices go by themselves."""
    queue = Slow()
    meanwhile(queue, webhook("1"), [other, webhook("3")])
    assert sorted(queue.wrote[1:], key=str) == sorted([other, webhook("3")], key=str)


def test_alone_it_goes_as_it_is() -> None:
    """Promise: without company a webhook is one write, at once, and unchanged."""
    queue = Slow()
    queue.go.set()
    together = Together(queue.send)
    for record in "123":
        together.send(webhook(record))
    assert queue.wrote == [webhook(record) for record in "123"]
