"""Times the query service beside the official client and beside the floor, and checks the bars.

``python -m tests.benchmarks [--runs N] [--quick]`` prints a Markdown table and exits 1 where a bar is missed. Figures
are comparable with those of the same run only: contenders take turns, each in a fresh process, on a core that the
server does not use where there is more than one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

NAMES = {
    "ours": "What Shipped, query service",
    "official": "launchdarkly-api, page by page",
    "floor": "floor: the same requests, not decoded",
}
Case = tuple[str, int, int]  # contender, deployments, latency in ms


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    arguments.add_argument("--runs", type=int, default=5, help="how often each case is measured; medians are shown")
    arguments.add_argument("--quick", action="store_true", help="one run of the largest and the smallest size")
    chosen = arguments.parse_args()
    runs = 1 if chosen.quick else chosen.runs
    sizes = (100, 10_000) if chosen.quick else (100, 1_000, 10_000)
    cases = [(name, size, latency) for size in sizes for latency in (40, 0) for name in NAMES]
    with server() as host:
        measured: dict[Case, list[dict[str, float]]] = {case: [] for case in cases}
        for run in range(runs):
            for case in cases:
                print(f"run {run + 1}/{runs}: {case[0]}, {case[1]} at {case[2]} ms", file=sys.stderr)
                name, size, latency = case
                measured[case].append(contend(name, host, size, latency, 20 if size <= 100 else 1))
        shared = contend("equal-questions", host)
    figures = {case: median(results) for case, results in measured.items()}
    print_table(figures, runs)
    return print_bars(figures, shared)


def median(results: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def print_table(figures: dict[Case, dict[str, float]], runs: int) -> None:
    today, python = f"{datetime.now(UTC):%Y-%m-%d}", platform.python_version()
    print(f"{today}, {machine()}, {os.cpu_count()} cores, Python {python}, medians of {runs}\n")
    print("| deployments | latency | contender | wall | CPU | memory growth | requests | in flight |")
    print("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for (name, size, latency), took in figures.items():
        print(
            f"| {size:,} | {latency} ms | {NAMES[name]} | {seconds(took['wall'])} | {seconds(took['cpu'])} "
            f"| {took['memory_mb']:.0f} MB | {took['requests']:.0f} | {took['in_flight']:.0f} |"
        )
    print()


def print_bars(figures: dict[Case, dict[str, float]], shared: dict[str, float]) -> int:
    def ratio(what: str, size: int, latency: int, over: str, under: str) -> float:
        return figures[over, size, latency][what] / figures[under, size, latency][what]

    bars: list[tuple[str, float, bool]] = []

    def at_least(words: str, value: float, bar: float) -> None:
        bars.append((f"{words}: at least {bar:g}", value, value >= bar))

    def at_most(words: str, value: float, bar: float) -> None:
        bars.append((f"{words}: at most {bar:g}", value, value <= bar))

    at_least("10,000 at 40 ms, times faster than the official client", ratio("wall", 10_000, 40, "official", "ours"), 8)
    at_most("10,000 at 40 ms, times the floor", ratio("wall", 10_000, 40, "ours", "floor"), 1.4)
    at_least("10,000 at 0 ms, times less CPU than the official client", ratio("cpu", 10_000, 0, "official", "ours"), 5)
    at_most("10,000 at 0 ms, of the official client's memory", ratio("memory_mb", 10_000, 0, "ours", "official"), 0.5)
    for latency in (40, 0):
        at_most(
            f"100 at {latency} ms, of the official client's time", ratio("wall", 100, latency, "ours", "official"), 1
        )
    at_most("one page, requests", figures["ours", 100, 40]["requests"], 1)
    # Planning: the first page, and one page of each slice that is not full.
    at_most("10,000, requests for 100 pages and 26 of planning", figures["ours", 10_000, 40]["requests"], 126)
    at_most("100 equal questions at once, requests", shared["requests"], 1)

    print("| bar | measured | |")
    print("| --- | ---: | --- |")
    for words, value, held in bars:
        print(f"| {words} | {value:.2f} | {'PASS' if held else 'FAIL'} |")
    return 0 if all(held for _, _, held in bars) else 1


@contextmanager
def server() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server"], stdout=subprocess.PIPE, text=True, preexec_fn=pin_to(0)
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


def contend(name: str, host: str, *numbers: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.contenders", name, host, *map(str, numbers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, preexec_fn=pin_to(1))  # noqa: S603 (our own command line)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def pin_to(core: int) -> Any:
    """What a child process does first: keep to one of the cores that we have, where there are several."""
    cores = sorted(os.sched_getaffinity(0))
    return (lambda: os.sched_setaffinity(0, {cores[core]})) if len(cores) > 1 else None


def machine() -> str:
    with open("/proc/cpuinfo") as lines:
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
