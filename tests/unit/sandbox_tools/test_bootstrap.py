"""The set-up script, run on a project of its own that needs no package at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import bootstrap

_SCRIPT = Path(bootstrap.__file__)
_LOCK = {"name": "x", "lockfileVersion": 3, "requires": True, "packages": {"": {"name": "x"}}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the script and empty lists of packages."""
    (tmp_path / "sandbox").mkdir()
    shutil.copy(_SCRIPT, tmp_path / "sandbox")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("# none\n", "utf-8")
    (tmp_path / "package.json").write_text('{"name": "x"}', "utf-8")
    (tmp_path / "package-lock.json").write_text(json.dumps(_LOCK), "utf-8")
    (tmp_path / "node_modules").mkdir()
    return tmp_path


def _start(project: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-I", str(project / "sandbox" / "bootstrap.py"), *command],
        env={"PATH": os.environ["PATH"], "HOME": str(project)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(project: Path, *command: str) -> tuple[int, str, str]:
    process = _start(project, *command)
    out, err = process.communicate(timeout=180)
    return process.returncode, out, err


def test_two_at_once_set_up_once_and_later_runs_do_nothing(project: Path) -> None:
    """Two first runs at once both end in the venv's Python, one of them did the work; a third run does none."""
    command = ("python", "-c", "import sys; print(sys.prefix)")
    both = [_start(project, *command) for _ in range(2)]
    results = [process.communicate(timeout=180) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert {out.strip() for out, _ in results} == {str(project / ".venv")}
    assert sum("creating .venv" in err for _, err in results) == 1
    assert sum("installing Python packages" in err for _, err in results) == 1
    code, _, err = _run(project, *command)
    assert (code, err) == (0, "")


def test_only_what_changed_is_done_again_and_a_failure_is_shown_and_repeated(project: Path) -> None:
    """A changed list runs its own step only; a failed step shows its output, ends with 1 and is tried again."""
    stamp = project / "stamp"
    lists = [project / "requirements.txt"]
    with bootstrap.if_changed(stamp, lists) as changed:
        assert changed
    with bootstrap.if_changed(stamp, lists) as changed:
        assert not changed
    lists[0].write_text("something\n", "utf-8")
    with pytest.raises(bootstrap.SetupError, match=r"(?s)trying failed \(code 3\).*why"):
        _try_and_fail(stamp, lists)
    with bootstrap.if_changed(stamp, lists) as changed:
        assert changed


def _try_and_fail(stamp: Path, lists: list[Path]) -> None:
    with bootstrap.if_changed(stamp, lists) as changed:
        assert changed
        bootstrap.step("trying", [sys.executable, "-c", "print('why'); raise SystemExit(3)"])


def test_a_broken_list_of_packages_is_reported_with_pips_words(project: Path) -> None:
    """A requirement that cannot be read ends the set-up with pip's own last lines and code 1."""
    (project / ".venv").symlink_to(sys.prefix)  # pip stops at the list and changes nothing there
    (project / "requirements-dev.txt").write_text("===\n", "utf-8")
    code, _, err = _run(project, "python", "--version")
    assert code == 1
    assert "installing Python packages … failed after" in err
    assert "Invalid requirement" in err


@pytest.mark.parametrize(
    ("version", "expected"), [("3.10", False), ("3.11", True), ("3.13", True), ("3.14", False), (None, False)]
)
def test_supported_versions(version: str | None, expected: bool) -> None:
    """Python 3.11 to 3.13 and nothing else is taken."""
    assert bootstrap._supported(version) is expected


def test_a_machine_without_a_fitting_python_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without Python 3.11 to 3.13 the message names the versions and how to get one."""
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "_version_of", lambda python: "3.9")
    with pytest.raises(bootstrap.SetupError, match=r"needs Python 3\.11 to 3\.13.*apt install python3"):
        bootstrap.make_venv()


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A command that does not exist is named instead of a traceback."""
    bootstrap.become(["no-such-program"])
    assert "no-such-program is not a program" in capsys.readouterr().err
