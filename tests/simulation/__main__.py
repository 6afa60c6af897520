"""`make simulate`: many lives, each from its seed, on all cores; which broke a promise, and what the weather was.

One seed alone prints its whole trace. Exit code 1: a promise was broken. Must be run from the project's folder.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from tests.simulation.life import SAMPLE, live, live_apart

SAMPLE_SEEDS = range(1, 51)
console = Console()


def main(
    seed: Annotated[int | None, typer.Option(help="Live this one life and print all of it.")] = None,
    start: Annotated[int, typer.Option(help="The first seed.")] = 1,
    seeds: Annotated[int, typer.Option(help="How many lives.")] = 500,
    record: Annotated[bool, typer.Option(help="Write down how the sample's lives went, to be compared later.")] = False,
) -> None:
    """Live many lives and say which broke a promise."""
    logging.disable(logging.CRITICAL)
    if record:
        SAMPLE.write_text(json.dumps({str(each): live(each).digest for each in SAMPLE_SEEDS}, indent=1) + "\n")
        return
    if seed is not None:
        raise typer.Exit(_one(seed))
    raise typer.Exit(_many(range(start, start + seeds)))


def _one(seed: int) -> int:
    verdict = live(seed)
    console.print("\n".join(verdict.trace), markup=False, highlight=False)
    console.print(f"seed {seed}, trace {verdict.digest}: {len(verdict.broken)} promises broken", markup=False)
    console.print("\n".join(verdict.broken), markup=False, soft_wrap=True)
    return 1 if verdict.broken else 0


def _many(seeds: range) -> int:
    started, struck, calls, edits, broken = time.monotonic(), Counter[str](), 0, 0, 0
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for verdict in track(pool.map(live_apart, seeds, chunksize=4), "lives", len(seeds), console=console):
            struck.update({trouble.name: count for trouble, count in verdict.struck.items()})
            calls, edits = calls + verdict.calls, edits + verdict.edits
            if verdict.broken:
                broken += 1
                console.print(f"seed {verdict.seed}: {verdict.broken[0]}", markup=False, soft_wrap=True)
                console.print(f"  make simulate SEED={verdict.seed}", markup=False)
    faults = ", ".join(f"{count} {name.lower()}" for name, count in sorted(struck.items()))
    console.print(
        f"{len(seeds)} lives in {time.monotonic() - started:.0f} s: {edits} edits, {calls} calls while the weather "
        f"was on, troubles: {faults}; {broken} broke a promise",
        soft_wrap=True,
    )
    return 1 if broken else 0


if __name__ == "__main__":
    typer.run(main)
