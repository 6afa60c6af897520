"""`python -m sandbox.dataverse`: serves one sandbox until SIGTERM and says where it listens.

It writes a JSON file with the address and the tokens once it listens, so a caller need not guess.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from waitress.server import create_server
from werkzeug.serving import make_server

from .config import DataverseConfig
from .pipeline import LostAnswerError
from .server import DataverseSandbox, create
from .tls import certificate


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.dataverse", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--db", default=":memory:", help="SQLite file; kept between runs")
    parser.add_argument("--token", default="app-token")
    parser.add_argument("--salesperson-token", default="salesperson-token")
    parser.add_argument("--admin-token", default="admin-token")
    parser.add_argument("--webhook-key", default="sandbox-webhook-key")
    parser.add_argument("--info", default="", help="JSON file to write once it listens")
    parser.add_argument("--tls", default="", help="folder of cert.pem, key.pem, ca.pem (made if missing): https")
    parser.add_argument("--no-limits", action="store_true", help="do not enforce the service protection limits")
    parser.add_argument("--local-webhooks", action="store_true", help="send webhooks to any port of this machine too")
    return parser.parse_args(argv)


def _without_lost_answers(record: logging.LogRecord) -> bool:
    """Answers lost on purpose are no errors worth a traceback."""
    return not (record.exc_info and isinstance(record.exc_info[1], LostAnswerError))


def _server(sandbox: DataverseSandbox, args: argparse.Namespace) -> tuple[Callable[[], None], str]:
    """What serves until interrupted, and where: waitress, or werkzeug for https."""
    if args.tls:
        pair = certificate(Path(args.tls))
        secure = make_server("127.0.0.1", args.port, sandbox.wsgi, threaded=True, ssl_context=pair)
        return secure.serve_forever, f"https://127.0.0.1:{secure.server_port}"
    server = create_server(sandbox.wsgi, host="127.0.0.1", port=args.port, threads=16, ident="Microsoft-HTTPAPI/2.0")
    return server.run, f"http://127.0.0.1:{server.effective_port}"


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status."""
    args = arguments(argv)
    sandbox = create(DataverseConfig(
        db=args.db, token=args.token, salesperson_token=args.salesperson_token, admin_token=args.admin_token,
        webhook_key=args.webhook_key, enforce_limits=not args.no_limits, local_webhooks=args.local_webhooks))
    server, url = _server(sandbox, args)
    logging.getLogger("waitress").addFilter(_without_lost_answers)
    info = {"url": url, "token": args.token, "salesperson_token": args.salesperson_token,
            "admin_token": args.admin_token, "webhook_key": args.webhook_key}

    def stop(signum: int, frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if args.info:
        Path(args.info).write_text(json.dumps(info), encoding="utf-8")
    print(f"Dataverse sandbox on {url}", flush=True)
    try:
        server()
    except SystemExit:
        pass
    finally:
        sandbox.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
