"""Microsoft's runtime for the tests of this folder; without a Python 3.13 the run says that they are skipped."""

from __future__ import annotations

import pytest

from tests.contract.runtime.oracle import Oracle, find_python

_REASON = "Microsoft's runtime needs a Python 3.13, on PATH or of pyenv, and there is none here"


def pytest_itemcollected(item: pytest.Item) -> None:
    """One worker of xdist runs them all, so that Microsoft's runtime is installed once."""
    item.add_marker(pytest.mark.xdist_group("runtime"))


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    """The runtime in its own venv (made on first use, about a minute)."""
    python = find_python()
    if python is None:
        pytest.skip(_REASON)
    return Oracle(python)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it once and in words: a row of letters is easily overlooked."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if _REASON in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"SKIPPED {len(skipped)} tests in tests/contract/runtime: {_REASON}")
