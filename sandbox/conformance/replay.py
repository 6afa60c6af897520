"""Replays recorded cases of a Shopify store in a fresh sandbox each, over the sandbox's own HTTP entry, in process.

A case passes when every answer is the recorded one; the sandbox gets nothing of the case but its requests, its shop's
words and, where the case starts from records it did not make, those records.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import UTC, datetime

from werkzeug.test import Client

from sandbox.conformance import compare
from sandbox.conformance.bindings import Bindings
from sandbox.conformance.cases import Case, Step
from sandbox.conformance.introspection import unordered
from sandbox.conformance.seeding import uploads
from sandbox.conformance.seeding.plant import plant
from sandbox.conformance.seeding.records import shown
from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create

START = datetime(2026, 11, 2, 12, tzinfo=UTC)
SECONDS_PER_STEP = 1.0
NOT_MODELLED = "SANDBOX_NOT_IMPLEMENTED"


@dataclass(frozen=True)
class Outcome:
    """How a case went; `problem` is None when it passed."""

    case: Case
    problem: str | None = None
    step: int = 0


def replay(case: Case) -> Outcome:
    """Send every step of a case to a fresh sandbox and stop at the first difference."""
    bindings = Bindings()
    with create(_config(case), Clock(case.moment or START)) as box:
        try:
            plant(box, shown(case))
            uploads.place(box, case)
        except Exception:  # noqa: BLE001 - without its records the case tells what it misses
            traceback.print_exc()
        for number, step in enumerate(case.steps, 1):
            bindings.note_sent(step.query, step.variables)
            try:
                problem = _play(box, case, step, bindings)
            except Exception:  # noqa: BLE001 - a sandbox that breaks is a case that does not pass
                problem = f"the sandbox broke: {traceback.format_exc(limit=-3).strip()}"
            if problem is not None:
                return Outcome(case, problem, number)
            box.clock.advance(SECONDS_PER_STEP)
    return Outcome(case)


def _config(case: Case) -> ShopifyConfig:
    default = ShopifyConfig()
    shop = case.shop or default.shop
    return ShopifyConfig(
        shop=shop,
        shop_name=shop.split(".")[0] if case.shop else default.shop_name,
        currency=case.currency or "CAD",
        time_zone="America/Toronto",
        country="CA",
        plan="enterprise",
        # A second passes between two steps here, a fraction of one did there: background work must not overtake them.
        bulk_delay_s=10.0,
        locations=(case.location_name or default.locations[0],),
        scopes=case.scopes or default.scopes,
        index_lag_s=(case.polled_steps + 0.5) * SECONDS_PER_STEP if case.polled_steps else 0.0,
    )


def _play(box: ShopifySandbox, case: Case, step: Step, bindings: Bindings) -> str | None:
    path = f"/admin/api/{case.version}/graphql.json"
    body = {"query": bindings.translate(step.query), "variables": bindings.translate(step.variables)}
    headers = {"X-Shopify-Access-Token": box.config.token}
    answer = Client(box.wsgi).post(path, json=body, headers=headers).json
    missing = [error["message"] for error in answer.get("errors") or () if _code(error) == NOT_MODELLED]
    if missing:
        return f"not modelled: {missing[0]}"
    theirs, ours = unordered(step.query, step.expected), unordered(step.query, answer)
    found = compare.answers(theirs, ours, bindings)
    return None if found is None else str(found)


def _code(error: object) -> object:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return extensions.get("code") if isinstance(extensions, dict) else None
