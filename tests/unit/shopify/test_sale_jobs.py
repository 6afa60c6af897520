"""What the engine is told of an order's write that went through several mutations, some of which failed."""

from __future__ import annotations

import pytest

from shared.errors import Conflict, Invalid, SyncError, Throttled, Unavailable, UnknownOutcome
from shared.lines import PARTLY
from shared.records import Action, Write
from shared.shopify.sale_jobs import SaleJob
from shared.shopify.sale_paths import Values


def job(*, begun: bool) -> SaleJob:
    """A write of which something stands in Shopify, or nothing."""
    return SaleJob(Write(Action.CREATE, "1", {}), Values(), begun=begun)


@pytest.mark.parametrize("begun", [True, False])
def test_a_refusal_says_whether_a_part_was_written(*, begun: bool) -> None:
    """Promise: what is refused after something was made says so, so that nobody takes it for not having happened."""
    failed = job(begun=begun)
    failed.fail(Invalid("no"))
    assert isinstance(failed.result, Invalid)
    assert bool(failed.result.facts.get(PARTLY)) is begun


@pytest.mark.parametrize("error", [Throttled("wait", retry_after_s=1.0), Unavailable("away", retry_after_s=1.0)])
def test_a_wait_after_the_beginning_is_an_unknown_outcome(error: SyncError) -> None:
    """Promise: a wait before anything was made is a wait; after that nobody may make it a second time."""
    waiting, unknown = job(begun=False), job(begun=True)
    waiting.fail(error)
    unknown.fail(error)
    assert type(waiting.result) is type(error)
    assert isinstance(unknown.result, UnknownOutcome)


def test_the_first_error_is_told() -> None:
    """Promise: what went wrong first is what a person reads, whatever followed from it."""
    failed = job(begun=True)
    failed.fail(Conflict("first"))
    failed.fail(Invalid("second"))
    assert isinstance(failed.result, SyncError)
    assert failed.result.sentence == "first"
