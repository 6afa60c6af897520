"""`python -m sandbox.bench shopify-pages`: what a page costs in a large store compared with a small one.

Prints a line per list and leaves with 1 when one of them is beyond the limit.
"""

from __future__ import annotations

import argparse

from sandbox.bench import shopify_pages


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.bench", description=__doc__)
    parser.add_argument("what", choices=["shopify-pages"])
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=50_000)
    parser.add_argument("--limit", type=float, default=1.3)
    chosen = parser.parse_args()
    worst = 0.0
    for entry in shopify_pages.measure(chosen.small, chosen.large):
        print(entry.line(), flush=True)
        worst = max(worst, entry.ratio)
    print(f"worst ratio {worst:.2f}, limit {chosen.limit:.2f}")
    return int(worst > chosen.limit)


if __name__ == "__main__":
    raise SystemExit(main())
