"""Pairs as the tests need them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from shared.errors import SyncError
from shared.records import Pair, PairState, Side
from tests.contract.state.conftest import Bench

KIND = "product"
TABLE = "product"
LEASE_S = 240


def crm_id(number: int) -> str:
    """A GUID for a number."""
    return f"00000000-0000-4000-8000-{number:012d}"


def intent(bench: Bench, number: int, *, born: Side = Side.SHOPIFY, **changes: Any) -> Pair:
    """An intent that `worker` holds for 240 s."""
    ids: dict[str, Any] = {"shopify_id": str(number)} if born is Side.SHOPIFY else {"crm_id": crm_id(number)}
    content: dict[str, Any] = {
        "holder": "worker",
        "lease_until": bench.clock.now() + timedelta(seconds=LEASE_S),
        **ids,
        **changes,
    }
    return Pair(bench.shop, KIND, born, PairState.INTENT, TABLE, **content)


def good(results: Sequence[Pair | SyncError]) -> list[Pair]:
    """The pairs, all of which must have been stored."""
    pairs = [result for result in results if isinstance(result, Pair)]
    assert len(pairs) == len(results), [result for result in results if not isinstance(result, Pair)]
    return pairs


def bad(result: Pair | SyncError) -> SyncError:
    """The error that a result must be."""
    assert isinstance(result, SyncError), result
    return result
