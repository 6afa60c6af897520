"""Cost does not grow with the table: a small measurement here, the whole one as a program."""

from __future__ import annotations

import pytest

from sandbox.dataverse import bench


@pytest.mark.long
def test_cost_in_time() -> None:
    """An upsert by key and a page of 500 take the same time at 1,000 rows and at 20,000, within 1.3."""
    # own rule: python -m sandbox.dataverse.bench measures 100,000 rows
    ratios = bench.measure(1_000, 20_000, 15)
    assert max(ratios.values()) <= bench.LIMIT, ratios


def test_the_bench_notices_a_scan() -> None:
    """The measurement tells a call whose cost grows from one whose cost does not."""
    # own rule: a benchmark that cannot fail proves nothing
    organizations = [bench.Organization(rows) for rows in (200, 4_000)]
    spent = []
    for organization in organizations:
        count = 0

        def tick() -> int:
            nonlocal count
            count += 1
            return 0

        database = organization.sandbox.core.store._db
        database.set_progress_handler(tick, 10)
        organization.call("GET", "accounts?$select=name&$filter=contains(name,'nothing like it')")
        database.set_progress_handler(None, 0)
        spent.append(count)
        organization.sandbox.close()
    assert spent[1] > spent[0] * 5
