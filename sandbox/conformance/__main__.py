"""`python -m sandbox.conformance shopify FILE`: how many recorded cases the sandbox answers as the real store did;
`costs FILE`: how many recorded costs it charges.

Prints a line per case and the count; leaves with 0 whenever it ran, whatever the count.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sandbox.conformance import costs
from sandbox.conformance.cases import Case, read
from sandbox.conformance.contradictions import CONTRADICTIONS
from sandbox.conformance.replay import Outcome, replay


def main(arguments: list[str] | None = None) -> int:
    """Run the command that the arguments name."""
    options = _parse(arguments)
    return int(options.run(options))


def _costs(options: argparse.Namespace) -> int:
    for line in costs.report(options.file):
        print(line)
    return 0


def _shopify(options: argparse.Namespace) -> int:
    chosen = [case for case in read(options.file) if _wanted(case, options)]
    passed = 0
    for case in chosen:
        outcome = replay(case)
        passed += outcome.problem is None
        print(_line(outcome), flush=True)
    print(f"passed {passed} of {len(chosen)}")
    return 0


def _wanted(case: Case, options: argparse.Namespace) -> bool:
    if options.core and not case.is_core:
        return False
    if options.stateful and not case.is_stateful:
        return False
    return (not options.area or case.area == options.area) and options.name in case.name


def _line(outcome: Outcome) -> str:
    case = outcome.case
    if outcome.problem is None:
        return f"pass {case.name}"
    reason = CONTRADICTIONS.get(case.name)
    note = f" [the recording contradicts itself: {reason}]" if reason else ""
    return f"FAIL {case.name}: step {outcome.step} of {len(case.steps)}: {outcome.problem}{note}"


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.conformance", description=__doc__)
    commands = parser.add_subparsers(required=True)
    shopify = commands.add_parser("shopify", help="replay recorded conversations")
    shopify.add_argument("file", type=Path, help=".jsonl or .jsonl.gz of recorded cases")
    shopify.add_argument("--core", action="store_true", help="only cases that need no state and are in scope")
    shopify.add_argument("--stateful", action="store_true", help="only cases in scope that start from records")
    shopify.add_argument("--area", default="", help="only cases of this area")
    shopify.add_argument("--name", default="", help="only cases whose name contains this")
    shopify.set_defaults(run=_shopify)
    cost = commands.add_parser("costs", help="compare costs of recorded documents")
    cost.add_argument("file", type=Path, help=".jsonl or .jsonl.gz of recorded documents with their costs")
    cost.set_defaults(run=_costs)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
