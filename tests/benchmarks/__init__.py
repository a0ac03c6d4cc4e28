"""Speed beside the official client and beside the floor, in one run: ``python -m tests.benchmarks``."""
