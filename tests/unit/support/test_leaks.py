"""The search of all logs finds what it is there for, and names the test."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import azurite, catalogue
from sandbox.dataverse.config import DataverseConfig
from sandbox.shopify.config import ShopifyConfig
from tests.support import leaks, plant
from tests.support.leaks import ROOT, WATCH, Watch

NAME = catalogue.DESIGNERS[0]
HARMLESS = (
    'INFO sync: later {"flow": "products_crm_to_shopify", "error": "Busy", "retry_after_s": 30.0}',
    "gid://shopify/Product/8474977763649 changed at 2026-11-23T12:00:00+00:00, cost 12, a Gracefully-made thing",
)

LEAKY = f'''
import logging, sys
from sandbox.processes import start_process

log = logging.getLogger("shared.somewhere")

def test_message(): log.info("to %s", "{NAME}")
def test_fact(): log.warning("told", extra={{"who": "{NAME}"}})
def test_traceback():
    try: raise ValueError("{NAME}")
    except ValueError: log.exception("failed")
def test_child(tmp_path):
    start_process("a child", [sys.executable, "-c", "print('{NAME}')"], log_file=tmp_path / "child.log").wait()
def test_nothing(): log.info("all is well")
'''


def test_it_knows_the_seeds() -> None:
    """Promise: secrets of both sandboxes, of Azurite and of the tests are looked for, and so are people."""
    secrets, people = leaks.seeded()
    configs = (ShopifyConfig(), DataverseConfig())
    born = {value for each in configs for name, value in vars(each).items() if name in leaks.SECRET_FIELDS}
    assert secrets >= {azurite.ACCOUNT_KEY, plant.SECRET, plant.KEY, *born}
    assert people >= {*catalogue.DESIGNERS, "Berg", "Hauptstr. 1", "buyer@example.com"}


@pytest.mark.parametrize("text", HARMLESS)
def test_what_logs_need_is_no_leak(text: str) -> None:
    """Promise: ids, times, flows and words that only contain a name are left alone."""
    assert leaks.leaks(text, "here") == []


@pytest.mark.parametrize(
    "leak",
    ["shpat_abcdef0123", "Bearer abcdefgh12345678", "AccountKey=x", "https://x/y?sig=abcd1234", "https://x/y?code=abcd",
     "jo@nowhere.example", "+49 170 1234567", NAME, plant.SECRET, azurite.ACCOUNT_KEY],
)  # fmt: skip
def test_every_kind_is_found_in_its_line(leak: str) -> None:
    """Promise: seeded words and whatever has the shape of a token, an address or a number are found."""
    (found,) = leaks.leaks(f"{HARMLESS[0]}\nhere it is: {leak}\n{HARMLESS[1]}", "here")
    assert found.text == f"here it is: {leak}"


def test_it_listens_in_this_very_process() -> None:
    """Promise: the watch that every test is judged by hears the app's loggers at the level Azure runs them at."""
    assert WATCH in logging.getLogger().handlers
    assert all(logging.getLogger(name).isEnabledFor(logging.INFO) for name in ("sync", "intake", "shared.transport"))


def test_a_leak_is_told_once() -> None:
    """Promise: what was told is not blamed on the next test."""
    watch = Watch()
    watch.emit(logging.makeLogRecord({"msg": NAME}))
    assert [leak.word for leak in watch.found()] == [NAME]
    assert watch.found() == []


def test_the_test_that_leaked_fails(tmp_path: Path) -> None:
    """Promise: a message, a fact, a traceback and a child's output are each blamed on the test that made them."""
    (tmp_path / "test_leaky.py").write_text(LEAKY)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.leaks", "--rootdir", str(tmp_path), tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    blamed = set(re.findall(r"^ERROR \S+::(\w+)", done.stdout, re.MULTILINE))
    assert blamed == {"test_message", "test_fact", "test_traceback", "test_child"}, done.stdout
