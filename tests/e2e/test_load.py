"""`make load` itself, small: the measurement holds what it promises on the app as it is."""

from __future__ import annotations

import subprocess
import sys

from sandbox.world import ROOT


def test_a_small_load_loses_nothing() -> None:
    """Promise: the load that is measured is one the app takes: every accepted webhook lies on its queue once."""
    load = [sys.executable, "-m", "sandbox.load", "--rate", "20", "--seconds", "2", "--burst", "20", "--hosts", "1"]
    told = subprocess.run(load, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert (told.returncode, "every promise held" in told.stdout) == (0, True), told.stdout + told.stderr
