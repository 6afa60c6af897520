"""`python -m sandbox.host --app DIR`: hosts a function app until SIGTERM or Ctrl-C.

Exit codes: 0 stopped cleanly, 1 work was still running after the grace time, 2 the app cannot be hosted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import signal
import sys
import threading
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

from sandbox.host.app_loader import load_app
from sandbox.host.app_settings import load_local_settings
from sandbox.host.errors import HostStartError
from sandbox.host.host import Host, HostOptions
from sandbox.host.host_json import HostJson, load_host_json
from sandbox.host.web import Keys

_HOST_ID = "AzureFunctionsWebHost__hostid"
_RECORDS = "sandbox.host.invocations"
_LEVELS = {"Trace": 10, "Debug": 10, "Information": 20, "Warning": 30, "Error": 40, "Critical": 50, "None": 60}


def main(arguments: list[str] | None = None) -> int:
    """Run one host. Prints every problem and returns 2 when the app cannot be hosted."""
    options = _parser().parse_args(arguments)
    directory = options.app.resolve()
    info = options.info.resolve() if options.info else None
    try:
        host_json = _environment(directory, options.settings)
        writer = _start_logging(host_json.log_level)
        os.chdir(directory)
        host = Host(load_app(directory), os.environ, options=_host_options(options, directory, host_json))
    except HostStartError as error:
        print(error, file=sys.stderr)
        return 2
    finished = _run(host, info, options.grace_s)
    writer.stop()
    if not finished:
        logging.shutdown()
        os._exit(1)  # functions still run on threads that nothing can end
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.host", description="A local Azure Functions host.")
    add = parser.add_argument
    add("--app", type=Path, default=Path(), help="folder with function_app.py and host.json (default: here)")
    add("--port", type=int, default=7071, help="loopback port, 0: any free one (default 7071)")
    add("--info", type=Path, help="write url, pid and functions to this file as JSON once ready")
    add("--settings", type=Path, help="settings file (default: local.settings.json of the app, if there)")
    add("--message-lock-s", type=int, default=600, help="how long a message is hidden; renewed at half (600)")
    add("--timer-lock-s", type=int, default=60, help="lease of the timers' lock, 15 to 60 (60)")
    add("--timer-poll-s", type=float, default=60, help="how often a host without that lock asks for it (60)")
    add("--grace-s", type=float, default=30, help="how long SIGTERM waits for running functions (30)")
    add("--function-key", help="demand this key of FUNCTION-level routes (needs --master-key)")
    add("--master-key", help="check keys, as Azure does; default: check none, as func start")
    return parser


def _environment(directory: Path, settings: Path | None) -> HostJson:
    file = settings.resolve() if settings else directory / "local.settings.json"
    if settings or file.is_file():
        load_local_settings(file, os.environ)
    host_json, problems = load_host_json(directory / "host.json")
    if problems:
        raise HostStartError(problems)
    return host_json


def _host_options(options: argparse.Namespace, directory: Path, host_json: HostJson) -> HostOptions:
    own_id = "local-" + hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    return HostOptions(
        host_json=host_json,
        port=options.port,
        message_lock_s=max(1, options.message_lock_s),
        timer_lock_s=min(60, max(15, options.timer_lock_s)),
        timer_poll_s=options.timer_poll_s,
        keys=Keys(options.function_key, options.master_key),
        directory=str(directory),
        host_id=os.environ.get(_HOST_ID) or own_id,
    )


def _start_logging(level: str) -> QueueListener:
    """App and host to stderr; one bare JSON line per invocation to stdout.

    Written by one thread, as the real worker hands its logs over: functions never wait for each other's lines.
    """
    told, records = logging.StreamHandler(sys.stderr), logging.StreamHandler(sys.stdout)
    told.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    told.addFilter(lambda record: record.name != _RECORDS)
    records.addFilter(lambda record: record.name == _RECORDS)
    lines: SimpleQueue[logging.LogRecord] = SimpleQueue()
    logging.basicConfig(level=_LEVELS.get(level, 20), handlers=[QueueHandler(lines)], format="%(message)s")
    logging.getLogger("azure").setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    writer = QueueListener(lines, told, records)
    writer.start()
    return writer


def _run(host: Host, info: Path | None, grace_s: float) -> bool:
    """Host until asked to end; whether everything finished in time."""
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set() and number == signal.SIGINT:
            os._exit(130)  # Ctrl-C twice: a person who does not want to wait
        asked.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    host.start()
    if info:
        _write_info(host, info)
    print(f"Functions host listening on {host.url}", file=sys.stderr, flush=True)
    asked.wait()
    return host.stop(grace_s)


def _write_info(host: Host, file: Path) -> None:
    """Whole or not at all: a reader never sees half a file."""
    document = {
        "url": host.url,
        "pid": os.getpid(),
        "functions": [function.name for function in host.resolved.functions],
    }
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(json.dumps(document), "utf-8")
    draft.replace(file)


if __name__ == "__main__":
    sys.exit(main())
