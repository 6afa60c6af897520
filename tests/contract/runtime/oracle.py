"""Asks Microsoft's Python runtime about an app, in a virtual environment of its own that is made once and kept.

    Oracle(python).examine(app_dir)                         the table of functions, or why there is none
    Oracle(python).examine(app_dir, payloads={}, environment={…})   and every function invoked once

`python -m tests.contract.runtime.oracle APP_DIR` prints the table, to be reviewed and kept as expected_functions.json.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
RUNTIME = "azure-functions-runtime==1.3.0"
_DRIVER = Path(__file__).with_name("driver.py")
_FOLDER = ROOT / ".run" / "runtime-venv"


def find_python() -> str | None:
    """A Python 3.13, the only one Microsoft's current runtime and this project share, or None."""
    candidates = [shutil.which("python3.13")]
    candidates += map(str, sorted(Path.home().glob(".pyenv/versions/3.13*/bin/python"), reverse=True))
    for candidate in filter(None, candidates):
        asked = subprocess.run(
            [candidate, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True, check=False
        )
        if asked.stdout.strip() == "(3, 13)":
            return candidate
    return None


class Oracle:
    """Microsoft's runtime, ready to be asked."""

    def __init__(self, python: str) -> None:
        self._python = _make_venv(python)

    def examine(
        self,
        app: Path,
        *,
        payloads: Mapping[str, Mapping[str, Any]] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """{"error", "functions", "invocations"} of an app. Without `payloads` nothing is invoked.

        `payloads` holds, by function name, what differs from a plain call: body, headers, query, params, method,
        past_due, dequeue_count. `environment` is all the app sees: none by default, as importing must need none.
        """
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "answer.json"
            command = [self._python, "-B", str(_DRIVER), str(app), str(answer)]
            if payloads is not None:
                command.append(json.dumps(payloads))
            done = subprocess.run(
                command, env=dict(environment or {}), capture_output=True, text=True, timeout=240, check=False
            )
            if done.returncode != 0:
                raise RuntimeError(f"the driver failed:\n{done.stderr[-4000:]}")
            result: dict[str, Any] = json.loads(answer.read_text("utf-8"))
            return result


def _make_venv(python: str) -> str:
    """The Python of a venv with the app's requirements and the runtime; made when the requirements changed."""
    requirements = ROOT / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes() + f"{RUNTIME} {python}".encode()).hexdigest()[:16]
    venv = _FOLDER / digest
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (venv / "ready").is_file():
            for old in _FOLDER.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            _run([python, "-m", "venv", str(venv)])
            pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            _run([*pip, RUNTIME, "-r", str(requirements)])
            (venv / "ready").touch()
    return str(venv / "bin" / "python")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


if __name__ == "__main__":
    found = find_python()
    if found is None:
        sys.exit("no Python 3.13 here")
    told = Oracle(found).examine(Path(sys.argv[1]).resolve())
    print(told["error"] or json.dumps(told["functions"], indent=2))
