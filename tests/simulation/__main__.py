"""``python -m tests.simulation [--subscriptions N] [--seed N] [--days N]``: a year of digests, and what came of it."""

from __future__ import annotations

import argparse
import logging
import sys

from tests.simulation.year import FIRST, Year


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    arguments.add_argument("--subscriptions", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=26)
    arguments.add_argument("--days", type=int, default=365)
    chosen = arguments.parse_args()
    logging.disable(logging.CRITICAL)
    findings = Year(seed=chosen.seed, subscriptions=chosen.subscriptions, start=FIRST, days=chosen.days).run()
    sys.stdout.write(f"{findings}\n{len(findings.faults)} broken promises\n")
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(main())
