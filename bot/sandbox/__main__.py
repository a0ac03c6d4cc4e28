"""``python -m bot.sandbox``: an embedded LaunchDarkly to point ``whatshipped ask`` at, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys

from bot.sandbox.launchdarkly import SandboxLaunchDarkly

_DEFAULT_PORT = 8765


async def serve(port: int, seed: int) -> None:
    """Serve until cancelled; standard output gets the variables, in a form that a shell can read."""
    async with SandboxLaunchDarkly(port=port, seed=seed) as launchdarkly:
        sys.stdout.write(
            "# An embedded LaunchDarkly with made-up data. In another terminal:\n"
            f"export LAUNCHDARKLY_BASE_URL={launchdarkly.base_url}\n"
            f"export LAUNCHDARKLY_ACCESS_TOKEN={launchdarkly.token}\n"
            "export LAUNCHDARKLY_PROJECT=default\n"
            "whatshipped ask /shipped\n"
            "# Ctrl-C ends it.\n"
        )
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=_DEFAULT_PORT, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="another number, another company (default: %(default)s)")
    options = parser.parse_args()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(options.port, options.seed))
    except OSError as error:
        raise SystemExit(f"Cannot listen on port {options.port}: {error.strerror}. Try --port 0.") from error


if __name__ == "__main__":
    main()
