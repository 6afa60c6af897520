"""Verdicts that are read back after their run: whatever error ended a record, the run can still be explained."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import ops
import shared
from shared.dataverse.faults import RowChanged
from shared.errors import Retryable, SyncError
from shared.records import Outcome, Verdict
from tests.contract.state.conftest import Bench


def _kinds() -> dict[str, type[SyncError]]:
    """Every class of error of the product, its clients' own too."""
    for package in (shared, ops):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    return {kind.__name__: kind for kind in _beneath(SyncError) if kind.__module__.startswith(("shared.", "ops."))}


def _beneath(kind: type[SyncError]) -> Iterator[type[SyncError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _beneath(each)


def _outcome(kind: type[SyncError]) -> Outcome:
    """A record that ended with such an error, made as its family is made."""
    error, facts = kind.__new__(kind), {"call": "write"}
    if isinstance(error, Retryable):
        Retryable.__init__(error, "Said so.", retry_after_s=7.5, facts=facts)
        return Outcome(kind.__name__, Verdict.LATER, "Said so.", error=error)
    SyncError.__init__(error, "Said so.", facts=facts)
    return Outcome(kind.__name__, Verdict.PARKED, "Said so.", error=error)


def test_every_error_of_the_product_is_read_back_from_a_runs_verdicts(bench: Bench) -> None:
    """Promise: no kind of error makes a run unreadable: its code, sentence, facts and wait are what they were."""
    kinds = _kinds()
    assert {"RowChanged", "RowGone", "AlreadyExists", "Throttled", "TotalsDiffer"} <= set(kinds)
    journal = bench.state.journal
    name = journal.put_outcomes(bench.shop, bench.flow, "run", [_outcome(kind) for kind in kinds.values()])
    read = {each.source_id: each.error for each in journal.get_outcomes(name)}
    assert set(read) == set(kinds)
    for code, error in read.items():
        assert error is not None
        assert (error.code, error.sentence, error.facts) == (code, "Said so.", {"call": "write"})
        assert isinstance(error, Retryable) == issubclass(kinds[code], Retryable)
        assert not isinstance(error, Retryable) or error.retry_after_s == 7.5


def test_a_verdict_of_a_row_that_moved_leaves_the_others_readable(bench: Bench) -> None:
    """Promise: one answer 412 of Dataverse in a run hides no other verdict of it."""
    moved = Outcome("1", Verdict.LATER, "Moved.", error=RowChanged("Moved.", retry_after_s=1.0))
    name = bench.state.journal.put_outcomes(bench.shop, bench.flow, "run", [moved, Outcome("2", Verdict.CREATED, "")])
    assert [each.source_id for each in bench.state.journal.get_outcomes(name)] == ["1", "2"]
