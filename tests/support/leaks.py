"""A plugin that lets no test pass that wrote a secret or something personal into a log.

Searched are all log records of this process as the app writes them (facts and tracebacks included), and everything
that child processes of sandbox/processes.py put into their log files. Seeded are the secrets of tests and sandboxes,
and the persons that stand in their sources; besides, whatever looks like a token, an e-mail address or a phone number.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from sandbox import azurite, catalogue, clientele, orderbook, processes
from sandbox.dataverse.config import DataverseConfig
from sandbox.dataverse.seed import ACTORS
from sandbox.shopify.config import ShopifyConfig
from shared.telemetry import Discreet

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("sandbox", "tests")
SECRET_FIELDS = ("client_secret", "token", "merchant_token", "salesperson_token", "admin_token", "webhook_key")
_VALUE = r"""["']?(?:\s*:\s*str)?\s*[:=]\s*["']([^"'\n{}\\]{3,60})["']"""
_SECRET = re.compile(rf"(?:SECRET|TOKEN|KEY|OLD|\b(?:secret|token|master-key|function-key)){_VALUE}")
_PERSON = re.compile(
    rf"(?:first_?name|last_?name|full_?name|email(?:address\d)?|phone(?:\d|_number)?|address_?1|line1){_VALUE}", re.I
)
_LOOKS_SECRET = re.compile(r"\S*[-_0-9]\S*")
_LOOKS_PERSONAL = re.compile(r"[A-Z][a-z]{2,}|.*[@0-9].*")
"""What of the values found by name is a person's: a capitalised name, or something with an @ or a digit in it."""
_NOBODY = {"Address1", "Address2", "address1", "Customer", "One", "Two", "Three", "Other", "Person", "Phone"}
_SHAPES = {  # by a text that stands in every one of them
    "shp": r"\bshp[a-z]{2}_\w{6,}",
    "eyJ": r"\beyJ[\w-]{8,}\.[\w-]+",
    "earer ": r"\b[Bb]earer\s+[\w.~+/-]{8,}",
    "AccountKey=": r"\bAccountKey=",
    "sig=": r"\bsig=[^&\s]{4,}",
    "code=": r"[?&]code=[^&\s]{4,}",
    "@": r"[\w.+-]+@[\w-]+\.\w+",
    "+": r"(?<![\w/:])\+\d[\d ().-]{6,}\d",
}


@dataclass(frozen=True)
class Leak:
    """What was found and where it stood."""

    word: str
    place: str
    text: str

    def __str__(self) -> str:
        """One line for a failure."""
        return f"'{self.word}' in {self.place}: {self.text[:300]}"


@cache
def seeded() -> tuple[frozenset[str], frozenset[str]]:
    """Every secret that tests and sandboxes use, and every person's name, address and number in their sources."""
    lines = [line for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") for line in _lines(path)]
    secrets = {text for line in lines for text in _SECRET.findall(line) if _LOOKS_SECRET.fullmatch(text)}
    people = {text.strip() for line in lines for text in _PERSON.findall(line) if _LOOKS_PERSONAL.fullmatch(text)}
    configs = (ShopifyConfig(), DataverseConfig())
    secrets |= {str(getattr(each, name)) for each in configs for name in SECRET_FIELDS if hasattr(each, name)}
    people |= {" ".join(ACTORS[name]) for name in ("salesperson", "admin")} | set(catalogue.DESIGNERS)
    people |= {*clientele.FIRST, *clientele.LAST, *clientele.STREETS, orderbook.NOTE, orderbook.MOVED}
    return frozenset({azurite.ACCOUNT_KEY, *secrets}), frozenset(people - _NOBODY)


def _lines(path: Path) -> list[str]:
    """The lines that may hold a value by one of the names."""
    text = path.read_text("utf-8")
    return [line for line in text.splitlines() if "=" in line or ":" in line]


@cache
def _forbidden() -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Texts of which one stands in every leak, and the search for all leaks."""
    words = sorted(frozenset.union(*seeded()), key=len, reverse=True)
    whole = rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)"
    return (*words, *_SHAPES), re.compile("|".join([whole, *_SHAPES.values()]))


def leaks(text: str, place: str) -> list[Leak]:
    """What of the forbidden stands in a text, by line."""
    anchors, pattern = _forbidden()
    there = [anchor for anchor in anchors if anchor in text]
    if not there:
        return []
    suspects = [line for line in text.splitlines() if any(anchor in line for anchor in there)]
    found = [(pattern.search(line), line) for line in suspects]
    return [Leak(match.group(), place, line.strip()) for match, line in found if match]


class Watch(logging.Handler):
    """Hears every record of the process and reads along in the log files of its children."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._format = Discreet(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self._texts: list[str] = []
        self._files: list[_Tail] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the text that the app's own handlers would write."""
        self._texts.append(self._format.format(record))

    def follow(self, child: processes.ChildProcess) -> None:
        """Read along in what that child writes."""
        self._files.append(_Tail(child))

    def found(self) -> list[Leak]:
        """What leaked since it was asked last."""
        texts, self._texts = self._texts, []
        found = leaks("\n".join(texts), "a log record") if texts else []
        for tail in self._files:
            found += leaks(tail.news(), f"the output of {tail.name}")
        self._files = [tail for tail in self._files if not tail.over]
        return found


class _Tail:
    """A child's output file, read on from where the last reading ended, whoever closes it meanwhile."""

    def __init__(self, child: processes.ChildProcess) -> None:
        self.name = child.name
        self.over = False
        self._child = child
        self._file = os.dup(child._output.fileno())
        self._at = 0

    def news(self) -> str:
        """The whole lines that came since; at the end all that is left."""
        self.over = self._child._output.closed
        data = os.pread(self._file, max(0, os.fstat(self._file).st_size - self._at), self._at)
        whole = data if self.over else data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        if self.over:
            os.close(self._file)
        return whole.decode("utf-8", "replace")


WATCH = Watch()


class _Watched(processes.ChildProcess):
    """A child whose output is read along."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        WATCH.follow(self)


def pytest_configure() -> None:
    """Listen at the level at which the app runs in Azure (host.json: Information)."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(WATCH)
    processes.ChildProcess = _Watched  # type: ignore[misc]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """After a test and everything that ended with it: fail by its name if something leaked."""
    yield
    found = WATCH.found()
    if found:
        raise AssertionError("logs hold what must not be in them:\n" + "\n".join(map(str, found[:20])))
