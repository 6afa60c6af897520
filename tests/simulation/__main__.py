"""`make simulate`: many lives, each from its seed, on all cores; which broke a promise, and what the weather was.

One seed alone prints its whole trace. With a log each life's outcome is kept, and a run that was ended goes on where
it was. Exit code 1: a promise was broken, or a trouble never struck. Must be run from the project's folder.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.simulation.bugs import BUGS
from tests.simulation.life import SAMPLE, live
from tests.simulation.many import Tally, lives

SAMPLE_SEEDS = range(1, 51)
console = Console()


def main(
    seed: Annotated[int | None, typer.Option(help="Live this one life and print all of it.")] = None,
    start: Annotated[int, typer.Option(help="The first seed.")] = 1,
    seeds: Annotated[int, typer.Option(help="How many lives.")] = 500,
    log: Annotated[Path | None, typer.Option(help="Keep every outcome here, and go on from what is there.")] = None,
    bug: Annotated[str, typer.Option(help=f"Plant one first: {', '.join(BUGS)}.")] = "",
    enough: Annotated[int, typer.Option(help="Stop after so many broken lives; 0: never.")] = 0,
    record: Annotated[bool, typer.Option(help="Write down how the sample's lives went, to be compared later.")] = False,
) -> None:
    """Live many lives and say which broke a promise."""
    logging.disable(logging.CRITICAL)
    if record:
        SAMPLE.write_text(json.dumps({str(each): live(each).digest for each in SAMPLE_SEEDS}, indent=1) + "\n")
        return
    if seed is not None:
        raise typer.Exit(_one(seed))
    tally = Tally()
    for outcome in lives(range(start, start + seeds), log=log, bug=bug):
        tally.add(outcome)
        if outcome.broken:
            console.print(f"seed {outcome.seed}: {outcome.broken[0]}", markup=False, soft_wrap=True)
            console.print(f"  make simulate SEED={outcome.seed}", markup=False)
        if tally.lives % 100 == 0:
            console.print(f"{tally.lives} of {seeds} lives, {len(tally.broken)} broke a promise", markup=False)
        if len(tally.broken) == enough > 0:
            break
    console.print("\n".join(tally.report()), markup=False, soft_wrap=True)
    raise typer.Exit(1 if tally.broken or tally.idle() else 0)


def _one(seed: int) -> int:
    verdict = live(seed)
    console.print("\n".join(verdict.trace), markup=False, highlight=False)
    console.print(f"seed {seed}, trace {verdict.digest}: {len(verdict.broken)} promises broken", markup=False)
    console.print("\n".join(verdict.broken), markup=False, soft_wrap=True)
    return 1 if verdict.broken else 0


if __name__ == "__main__":
    typer.run(main)
