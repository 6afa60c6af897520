"""`python -m sandbox.shopify`: one sandboxed store on a port, until SIGTERM."""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.shopify import tls
from sandbox.shopify.config import ShopifyConfig

if TYPE_CHECKING:
    from sandbox.shopify.server import ShopifySandbox


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; the JSON line says where, once it listens."""
    options = _parse(arguments)
    # Half a million objects of the schema are made at the start and none of them ever goes.
    gc.disable()
    from sandbox.shopify.server import create

    with ExitStack() as stack:
        if options.db == ":memory:":
            # A file is read beside whoever writes, memory is not.
            options.db = stack.enter_context(tempfile.TemporaryDirectory(prefix="shopify-")) + "/store.db"
            options.temporary = True
        sandbox = stack.enter_context(create(_config(options)))
        gc.freeze()
        gc.enable()
        return _serve(sandbox, options)


def _config(options: argparse.Namespace) -> ShopifyConfig:
    return ShopifyConfig(
        shop=options.shop,
        currency=options.currency,
        plan=options.plan,
        client_id=options.client_id,
        client_secret=options.client_secret,
        token=options.token,
        merchant_token=options.merchant_token,
        db=options.db,
        index_lag_s=options.index_lag,
        development_store=options.development_store,
        token_lifetime_s=options.token_lifetime,
        webhook_ca_file=options.webhook_ca,
        local_webhooks=options.local_webhooks,
        temporary=options.temporary,
    )


def _serve(sandbox: ShopifySandbox, options: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    files = tls.files(Path(options.tls)) if options.tls else None
    config = sandbox.config
    info = {
        "url": sandbox.serve(options.port, options.host, files),
        "shop": config.shop,
        "client_id": config.client_id,
        "client_secret": config.client_secret,
        "token": config.token,
        "merchant_token": config.merchant_token,
        "webhook_secret": config.client_secret,
    }
    _tell(info, options.info)
    stop.wait()
    return 0


def _tell(info: dict[str, str], target: str | None) -> None:
    """Where it listens; the tokens too, but into the file where there is one: what is printed may end in a log."""
    if target:
        part = Path(f"{target}.{os.getpid()}")
        part.write_text(json.dumps(info) + "\n", encoding="utf-8")
        part.replace(target)
        info = {name: info[name] for name in ("url", "shop")}
    print(json.dumps(info), flush=True)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    default = ShopifyConfig()
    parser = argparse.ArgumentParser(prog="python -m sandbox.shopify", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--db", default=":memory:", help="file that keeps the store between runs")
    parser.add_argument("--shop", default=default.shop)
    parser.add_argument("--currency", default=default.currency)
    parser.add_argument("--plan", default=default.plan)
    parser.add_argument("--client-id", default=default.client_id)
    parser.add_argument("--client-secret", default=default.client_secret)
    parser.add_argument("--token", default=default.token, help="fixed token of the app")
    parser.add_argument("--merchant-token", default=default.merchant_token, help="fixed token of the merchant")
    parser.add_argument("--token-lifetime", type=float, default=default.token_lifetime_s)
    parser.add_argument("--index-lag", type=float, default=0.0, help="seconds until a write is found by a search")
    parser.add_argument("--development-store", action="store_true", help="take five orders a minute, no more")
    parser.add_argument("--info", help="file for the JSON line")
    parser.add_argument("--tls", help="folder with, or for, a certificate of a self-made authority")
    parser.add_argument("--webhook-ca", help="authority whose receivers of webhooks are trusted; none: any will do")
    parser.add_argument("--local-webhooks", action="store_true", help="let subscriptions name http on loopback")
    parser.set_defaults(temporary=False)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
