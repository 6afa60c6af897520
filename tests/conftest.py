"""What holds for every test: no secret and nothing personal gets into a log (tests/support/leaks.py).

Hypothesis judges results, never speed, for a busy machine is no defect.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.support.leaks import pytest_configure, pytest_runtest_teardown

__all__ = ["pytest_configure", "pytest_runtest_teardown"]

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
