"""The sandbox as a server, in ratios: a run of `sandbox.shopify.measure` on a machine that has time for it."""

from __future__ import annotations

import pytest

from sandbox.shopify.measure import measure


@pytest.mark.long
def test_the_sandbox_is_no_bottleneck() -> None:
    """Small reads come near an endpoint that does nothing, and a long write does not hold them up."""
    found = measure(2.0)
    print(found)
    assert found["one_ratio"] >= 0.25
    assert found["list_ratio"] >= 0.05
    assert found["update_ratio"] >= 0.04
    assert found["read_beside_writes_ms"]["p95"] < max(200, found["one_write_ms"] / 2)
