"""Starts the world without the app: Azurite and both sandboxes on free loopback ports, and ends all of it.

State lives in one folder and is kept between runs. What it starts, and only that, it stops by process id.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.azurite import Azurite, start_azurite
from sandbox.processes import ChildProcess, start_process

SHOP = "sandbox-shop.myshopify.com"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class World:
    """The running parts and how to reach them; `info` is what `sandbox up --info` writes."""

    azurite: Azurite
    shopify: ChildProcess
    dataverse: ChildProcess
    info: dict[str, Any]


@contextmanager
def running(folder: Path, *, tls: Path | None = None, say: Callable[[str], None] = print) -> Iterator[World]:
    """The world, with its databases in `folder`; all of it ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        say("starting Azurite")
        azurite = start_azurite(folder / "azurite")
        stack.callback(azurite.stop)
        say("starting the Shopify sandbox")
        shopify = _start("shopify", folder, ["--shop", SHOP, "--local-webhooks"], tls)
        stack.callback(shopify.stop)
        say("starting the Dataverse sandbox")
        dataverse = _start("dataverse", folder, ["--local-webhooks"], tls)
        stack.callback(dataverse.stop)
        info = {
            "shopify": told(folder, "shopify"),
            "dataverse": told(folder, "dataverse"),
            "azurite": azurite.info(),
        }
        yield World(azurite, shopify, dataverse, info)


def _start(name: str, folder: Path, more: list[str], tls: Path | None) -> ChildProcess:
    info = folder / f"{name}.info.json"
    info.unlink(missing_ok=True)
    command = [sys.executable, "-m", f"sandbox.{name}", "--port", "0", "--db", str(folder / f"{name}.db")]
    command += ["--info", str(info), *more]
    if tls is not None:
        command += ["--tls", str(tls)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = folder / f"{name}.log"
    return start_process(
        f"{name} sandbox", command, ready=lambda _: complete(info), environment=environment, log_file=log
    )


def complete(info: Path) -> bool:
    """Whether a child has written how to reach it."""
    try:
        return bool(json.loads(info.read_text()))
    except (OSError, ValueError):
        return False


def told(folder: Path, name: str) -> dict[str, Any]:
    """How to reach one part, as it said itself."""
    info: dict[str, Any] = json.loads((folder / f"{name}.info.json").read_text())
    return info
