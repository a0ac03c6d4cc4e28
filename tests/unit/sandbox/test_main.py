"""``python -m bot.sandbox`` prints what a shell needs and ends on Ctrl-C without a traceback."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from itertools import takewhile

import httpx


def test_the_printed_variables_open_the_sandbox_until_ctrl_c():
    command = [sys.executable, "-m", "bot.sandbox", "--port", "0"]
    with subprocess.Popen(  # noqa: S603  # our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        printed = takewhile(lambda line: not line.startswith("# Ctrl-C"), process.stdout)
        exports = dict(line.removeprefix("export ").strip().split("=", 1) for line in printed if "=" in line)
        response = httpx.get(
            f"{exports['LAUNCHDARKLY_BASE_URL']}/api/v2/projects",
            headers={"Authorization": exports["LAUNCHDARKLY_ACCESS_TOKEN"]},
            trust_env=False,
        )
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)

    assert exports["LAUNCHDARKLY_PROJECT"] in {project["key"] for project in response.json()["items"]}
    assert (process.returncode, errors) == (0, "")


def test_a_port_in_use_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "bot.sandbox", "--port", port]
        ended = subprocess.run(  # noqa: S603  # our own program
            command, capture_output=True, text=True, timeout=20, check=False
        )

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Cannot listen on port {port}: ")
    assert ended.stderr.count("\n") == 1
