"""Every `az` line of Makefile, scripts and docs, parsed by the real Azure CLI (long: it is installed first)."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CLI = "azure-cli==2.91.0"
PLACES = [ROOT / "Makefile", ROOT / "infra" / "deploy.sh", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
_LINE = re.compile(r"(?:^|[\s`($])(az [a-z][^\n`]*)")
_MISREAD = 2
"""What the CLI answers to a command, an argument or a value it does not know."""


def az_lines() -> Iterator[tuple[str, list[str]]]:
    """Where each stands, and its words; a value that a shell would put in becomes an example."""
    for path in PLACES:
        text = path.read_text("utf-8").replace("\\\n", " ")
        for number, line in enumerate(text.splitlines(), 1):
            for found in _LINE.findall(line.split("#")[0]) if "az " in line else ():
                words = _words(found)
                if words:
                    yield f"{path.relative_to(ROOT)}:{number}", words


def _words(line: str) -> list[str]:
    try:
        words = shlex.split(line.rstrip(")").removesuffix("; return"))
    except ValueError:
        words = shlex.split(line.rstrip(')"'))
    if len(words) < 3 or not re.fullmatch(r"[a-z][a-z-]*", words[1]):
        return []
    return [re.sub(r"\$\{?\w+\}?|<\w+>", "example", word) for word in words]


def test_the_lines_are_found() -> None:
    """Promise: the search that the next test leans on finds the commands of the script and of the documentation."""
    texts = [" ".join(words) for _, words in az_lines()]
    assert len(texts) >= 12
    for command in ("az group create", "az deployment group what-if", "az keyvault secret set", "az group delete"):
        assert any(text.startswith(command) for text in texts), command


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_real_cli_understands_every_line(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Promise: no command, argument or value is unknown to it; that nobody is signed in is another answer."""
    venv = ROOT / ".run" / "az"
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", CLI], check=True)
    home = tmp_path_factory.mktemp("az")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "AZURE_CONFIG_DIR": str(home / ".azure")}
    environment |= {"AZURE_CORE_COLLECT_TELEMETRY": "no", "AZURE_CORE_NO_COLOR": "yes"}
    (home / "example").write_text("", "utf-8")  # the CLI answers the same to a file that is not there
    for folder in ("infra", "dist"):
        (home / folder).symlink_to(ROOT / folder)
    misread = []
    for place, words in az_lines():
        command = [str(python), "-m", "azure.cli", *words[1:]]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=home, check=False)
        if done.returncode == _MISREAD:
            misread.append(f"{place}: {' '.join(words)}: {done.stderr.strip()[-200:]}")
    assert misread == []
