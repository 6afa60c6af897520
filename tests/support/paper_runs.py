"""Documents that are sent while calls break at random: a thousand of them, each from its seed, and what came of each.

    python -m tests.support.paper_runs --log runs.jsonl --route draft --start 100 --runs 500

A log holds a line of JSON per document. A run that was ended goes on with the seeds that the log does not have.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from shared import wiring
from shared.records import Message, Origin
from tests.support.breaking import Breaker
from tests.support.papers import OUTWARD, Papers, text
from tests.support.plant import SHOP

PAIRS = ("pairs begin", "pairs complete")
POINTS = {
    "draft": (
        "OrdersMarked",
        "DraftsSought",
        "DraftOrdersMade",
        "DraftOrdersCompleted",
        "OrdersFinished",
        "OrdersRead",
        *PAIRS,
    ),
    "order": ("OrdersMarked", "OrdersCreated", "TermsGiven", "OrdersRead", *PAIRS),
}
LAG_S = 60.0
NET_30 = 1
TOGETHER = 10
"""Documents in one shop: each finds the others' orders and draft orders there."""
MADE = """query { orders(first: 250, sortKey: ID) { nodes { tags paymentTerms { paymentTermsName } } } }"""


@dataclass(frozen=True)
class Run:
    """What came of one document: its orders (one is right), what waits of it, and what else was not as promised."""

    route: str
    seed: int
    orders: int
    waiting: str = ""
    broken: str = ""

    @property
    def fine(self) -> bool:
        """Whether it is one order, equal to the cent, and nothing waits."""
        return self.orders == 1 and not self.waiting and not self.broken


def runs(route: str, seeds: range, *, log: Path | None = None) -> Iterator[Run]:
    """Those documents, less those that the log has; a shop in which a promise was broken is not used again."""
    left = [seed for seed in seeds if (route, seed) not in _logged(log)]
    while left:
        with pytest.MonkeyPatch.context() as patch:
            for run in _in_one_shop(route, left[:TOGETHER], patch):
                left.remove(run.seed)
                if log is not None:
                    with log.open("a") as file:
                        file.write(json.dumps(asdict(run)) + "\n")
                yield run


def _logged(log: Path | None) -> set[tuple[str, int]]:
    lines = log.read_text().splitlines() if log is not None and log.is_file() else []
    return {(each["route"], each["seed"]) for each in map(json.loads, lines)}


def _in_one_shop(route: str, seeds: Sequence[int], patch: pytest.MonkeyPatch) -> Iterator[Run]:
    papers = Papers(DOCUMENT_ROUTE=route)
    try:
        patch.setattr(wiring, "app", lambda: papers.app)
        papers.shopify.__enter__()
        papers.shopify.store.index.lag_s = LAG_S
        breaker = Breaker(papers)
        for seed in list(seeds):
            run = _one(papers, breaker, route, seed)
            yield run
            if not run.fine:
                return
    finally:
        papers.close()


def _one(papers: Papers, breaker: Breaker, route: str, seed: int) -> Run:
    chance = random.Random(f"{route} {seed}")
    line = text("Tea", chance.randrange(1, 99), chance.randrange(1, 9), manualdiscountamount=1)
    document = papers.sold(line, paymenttermscode=NET_30)
    for _ in range(chance.randrange(1, 4)):
        breaker.chosen(chance, POINTS[route])
        breaker.meanwhile = lambda: meanwhile(papers, breaker, document)
        breaker.run()
    breaker.point = ""
    papers.run()
    made = [order for order in papers.merchant.call(MADE)["orders"]["nodes"] if f"crm-{document}" in order["tags"]]
    waits = papers.waiting().get(document, ("", ""))
    return Run(route, seed, len(made), " ".join(waits).strip(), _broken(papers, document, made))


def _broken(papers: Papers, document: str, made: Sequence[dict[str, Any]]) -> str:
    if len(made) != 1:
        return ""
    try:
        papers.equals(document)
    except AssertionError as error:
        return f"not equal: {error}".splitlines()[0]
    terms = made[0]["paymentTerms"]
    return "" if terms and terms["paymentTermsName"] == "Net 30" else f"its terms are {terms}"


def meanwhile(papers: Papers, breaker: Breaker, document: str) -> None:
    """Another worker does the same work."""
    papers.app.state.queues.send(Message(OUTWARD, SHOP, Origin.RETRY, ids=(document,)))
    breaker.again()


def main(arguments: list[str] | None = None) -> int:
    """Run, log, and say how many were doubled, lost, or otherwise not as promised."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.paper_runs", description=__doc__)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--route", choices=sorted(POINTS), required=True)
    parser.add_argument("--start", type=int, default=100)
    parser.add_argument("--runs", type=int, default=500)
    given = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    wanted = range(given.start, given.start + given.runs)
    for run in runs(given.route, wanted, log=given.log):
        if not run.fine:
            sys.stdout.write(f"{run}\n")
    lines = [Run(**json.loads(line)) for line in given.log.read_text().splitlines()]
    mine = [run for run in lines if run.route == given.route and run.seed in wanted]
    doubled, lost = (sum(test(run.orders) for run in mine) for test in (lambda n: n > 1, lambda n: n < 1))
    other = sum(not run.fine for run in mine) - doubled - lost
    sys.stdout.write(f"{len(mine)} documents by {given.route}: {doubled} doubled, {lost} lost, {other} other faults\n")
    return 0 if all(run.fine for run in mine) else 1


if __name__ == "__main__":
    sys.exit(main())
