"""Microsoft's runtime for the tests of this folder; without a Python 3.13 they say that they are skipped."""

from __future__ import annotations

import pytest

from tests.contract.runtime.oracle import Oracle, find_python


@pytest.fixture(scope="session")
def oracle(request: pytest.FixtureRequest) -> Oracle:
    """The runtime in its own venv (made on first use, about a minute)."""
    python = find_python()
    if python is None:
        reason = "Microsoft's runtime needs a Python 3.13 (on PATH or of pyenv), and there is none here"
        reporter = request.config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"\nSKIPPED tests/contract/runtime: {reason}")
        pytest.skip(reason)
    return Oracle(python)
