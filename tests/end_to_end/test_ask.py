"""``whatshipped ask``, ``demo`` and ``doctor`` as people run them: a process, real HTTP, the embedded LaunchDarkly."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.facts.block_kit import violations
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from tests.sandboxes import running_launchdarkly


@pytest.fixture(scope="module")
def launchdarkly() -> Iterator[SandboxLaunchDarkly]:
    with running_launchdarkly() as sandbox:
        yield sandbox


@dataclass
class Terminal:
    """Runs ``whatshipped`` in an empty folder with only these variables set."""

    folder: str
    variables: dict[str, str]

    stdout: int = subprocess.PIPE

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "LANG")}
        return subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-m", "bot", *words],
            cwd=self.folder,
            env=kept | {"PYTHONWARNINGS": "error", "COLUMNS": "100"} | self.variables | variables,
            stdout=self.stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def terminal(launchdarkly: SandboxLaunchDarkly, tmp_path) -> Terminal:
    launchdarkly.faults.clear()
    return Terminal(
        str(tmp_path),
        {
            "LAUNCHDARKLY_ACCESS_TOKEN": launchdarkly.token,
            "LAUNCHDARKLY_BASE_URL": launchdarkly.base_url,
            "LAUNCHDARKLY_PROJECT": "default",
        },
    )


def test_an_answer_is_printed_readably_and_leaves_standard_error_alone(terminal: Terminal):
    asked = terminal.run("ask", "/shipped billing since:30d")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "to production · the last 30 days" in asked.stdout
    assert "only billing-service" in asked.stdout
    assert "#406" in asked.stdout
    assert "\x1b" not in asked.stdout  # no colour in a pipe


@pytest.mark.parametrize(
    "words",
    [
        ("/shipped", "billing", "since:30d", "-by:dependabot[bot]"),
        ("shipped", "billing", "--since", "30d", "-by:dependabot[bot]"),
        ("billing since:30d -by:dependabot[bot]",),
    ],
)
def test_the_words_may_come_unquoted(terminal: Terminal, words: tuple[str, ...]):
    asked = terminal.run("ask", *words)
    assert asked.returncode == 0
    assert "not by dependabot[bot]" in asked.stdout


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("what changed in the last hour?", "the last hour"),
        ("/shipped —by:dependabot[bot] since:7d", "not by dependabot[bot]"),
        ("/shipped billing and checkout-web since:7d", "only billing-service, checkout-web"),
        ("/release acme-shop/billing-service#406", "#406"),
        ("/release flag:enable-new-payment-structure", "enable-new-payment-structure"),
    ],
)
def test_questions_are_understood_as_people_type_them(terminal: Terminal, question: str, told: str):
    asked = terminal.run("ask", question)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert told in " ".join(asked.stdout.split())
    assert "Not found" not in asked.stdout


def test_json_is_exactly_what_slack_would_get(terminal: Terminal):
    asked = terminal.run("ask", "--json", "/release #406")
    payload = json.loads(asked.stdout)
    assert set(payload) == {"response_type", "text", "blocks"}
    assert payload["response_type"] == "ephemeral"
    assert violations({"text": payload["text"], "blocks": payload["blocks"]}) == []
    assert payload["text"].startswith("Yes: pull request #406 reached production")


def test_raw_is_launchdarklys_own_json(terminal: Terminal):
    asked = terminal.run("ask", "--raw", "/shipped since:2d")
    [exchange] = json.loads(asked.stdout)
    assert exchange["request"].startswith("/api/v2/engineering-insights/deployments?projectKey=default&")
    page = exchange["response"]
    assert page["totalCount"] >= len(page["items"]) > 0
    assert {"applicationKey", "pullRequests", "flagReferences"} <= set(page["items"][0])
    assert terminal.variables["LAUNCHDARKLY_ACCESS_TOKEN"] not in asked.stdout


def test_raw_pages_are_one_document_and_each_says_what_was_asked(terminal: Terminal):
    asked = terminal.run("ask", "--raw", "/release #406")
    environments = ("production", "staging", "test")
    requests = [exchange["request"] for exchange in json.loads(asked.stdout)]
    assert all(any(f"environmentKey={name}" in request for request in requests) for name in environments)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGPIPE")
@pytest.mark.parametrize("option", ["--json", "--raw", "--page=1"])
def test_a_reader_who_has_read_enough_is_no_failure(terminal: Terminal, option: str):
    reader, writer = os.pipe()
    os.close(reader)
    asked = replace(terminal, stdout=writer).run("ask", option, "/shipped")
    os.close(writer)
    assert (asked.returncode, asked.stderr) == (-signal.SIGPIPE, "")


def test_a_page_that_is_not_there_is_said_not_to_be(terminal: Terminal):
    assert "There is no page 99. " in terminal.run("ask", "--page", "99", "this month").stdout


def test_a_warning_is_told_in_plain_words(terminal: Terminal):
    asked = terminal.run("ask", "/shipped", LAUNCHDARKLY_ACCESS_TOKEN="odd-token")
    assert asked.stderr.startswith("LAUNCHDARKLY_ACCESS_TOKEN: LaunchDarkly's API access tokens start with")


def test_a_long_answer_has_pages(terminal: Terminal):
    first, second = (terminal.run("ask", "--page", page, "this month") for page in ("1", "2"))
    assert "page 1 of" in first.stdout
    assert "page 2 of" in second.stdout
    assert "Deployments 9–16 of" in second.stdout


@pytest.mark.parametrize(
    ("question", "said", "example"),
    [
        ("/shipped sinse:2d", "sinse", "since:2d"),
        ("/shipped since:2026-13-45", "2026-13-45", "since:"),
        ("/shipped october", "october", "-10-01.."),
        ("/release Introduce the new payment structure", "One thing", '/shipped "Introduce the new payment structure"'),
        ("/shipped chekout-*", "chekout-*", "checkout-"),
        ("/shipped in:prodution", "prodution", "production"),
        ("/shipped project:defalt", "defalt", "default"),
    ],
)
def test_a_wrong_question_ends_with_2_and_the_nearest_right_spelling(
    terminal: Terminal, question: str, said: str, example: str
):
    asked = terminal.run("ask", question)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert said in asked.stderr
    assert example in asked.stderr
    assert "Traceback" not in asked.stderr


@pytest.mark.parametrize(
    ("fault", "options", "said"),
    [("no_plan", {}, "403"), ("down", {}, "503"), ("not_json", {"times": 50}, "not JSON")],
)
def test_a_source_that_fails_ends_with_1_and_says_why(
    terminal: Terminal, launchdarkly: SandboxLaunchDarkly, fault: str, options: dict[str, Any], said: str
):
    getattr(launchdarkly.faults, fault)(**options)
    asked = terminal.run("ask", "/shipped", ANSWER_TIMEOUT="30")  # more than three waits between four attempts take
    assert (asked.returncode, asked.stdout) == (1, "")
    assert said in asked.stderr
    assert "Traceback" not in asked.stderr


def test_a_rejected_token_is_the_operators_move_and_is_not_repeated(terminal: Terminal):
    asked = terminal.run("ask", "/shipped", LAUNCHDARKLY_ACCESS_TOKEN="api-wrong")
    assert asked.returncode == 1
    assert "LAUNCHDARKLY_ACCESS_TOKEN" in asked.stderr
    assert "api-wrong" not in asked.stderr


def test_json_of_a_failure_is_the_message_that_slack_would_get(terminal: Terminal):
    asked = terminal.run("ask", "--json", "/shipped sinse:2d")
    assert asked.returncode == 2
    assert "since" in json.loads(asked.stdout)["text"]
    assert asked.stderr.count("\n") == 1


def test_a_host_that_is_not_there_is_told_in_a_sentence(terminal: Terminal):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    asked = terminal.run("ask", "/shipped", LAUNCHDARKLY_BASE_URL=nobody, ANSWER_TIMEOUT="2")
    assert asked.returncode == 1
    assert "Traceback" not in asked.stderr


def test_settings_that_cannot_work_are_all_named_at_once(terminal: Terminal):
    asked = terminal.run("ask", "/shipped", LAUNCHDARKLY_ACCESS_TOKEN="sdk-1", TIMEZONE="Mars")
    assert (asked.returncode, asked.stdout) == (1, "")
    assert "LAUNCHDARKLY_ACCESS_TOKEN: this is an SDK key" in asked.stderr
    assert "TIMEZONE: 'Mars'" in asked.stderr


def test_what_a_start_lacks_is_told_at_once_for_both_sides(tmp_path):
    started = Terminal(str(tmp_path), {}).run("run")
    assert started.returncode == 1
    for variable in ("LAUNCHDARKLY_ACCESS_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        assert f"{variable}: missing" in started.stderr


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SSL_CERT_FILE": "/nowhere"}, "SSL_CERT_FILE or SSL_CERT_DIR"),
        ({"PYTHONIOENCODING": "ascii"}, "to production"),  # a terminal without "–" shows "?" in its place
    ],
)
def test_an_odd_machine_is_no_reason_for_a_traceback(terminal: Terminal, variables: dict[str, str], said: str):
    asked = terminal.run("ask", "/shipped", **variables)
    assert said in asked.stdout + asked.stderr
    assert "Traceback" not in asked.stderr


def test_two_outputs_at_once_are_refused(terminal: Terminal):
    asked = terminal.run("ask", "--raw", "--json", "/shipped")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "choose one" in asked.stderr


def test_the_version_is_told(tmp_path):
    assert Terminal(str(tmp_path), {}).run("--version").stdout.startswith("whatshipped 0.")


def test_the_demo_needs_nothing(tmp_path):
    shown = Terminal(str(tmp_path), {}).run("demo", "--once")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Yes: pull request #406" in shown.stdout
    assert "made-up data" in shown.stdout


def test_the_demo_ends_with_a_digest_that_was_subscribed_came_due_and_was_posted_once(tmp_path):
    variables = {"LAUNCHDARKLY_PROJECT": "ours", "DIGEST_MANAGERS": "U0BOSS", "DATABASE_URL": "sqlite:///ours.db"}
    shown = Terminal(str(tmp_path), variables).run("demo", "--once")
    assert (shown.returncode, shown.stderr) == (0, "")
    said = " ".join(shown.stdout.partition("/digest weekdays 09:30")[2].split())
    preview, announced, posted = said.partition("jane.doe subscribed this channel to #1")
    assert "Preview · New digest" in preview
    assert "weekdays at 09:30, Europe/Berlin" in announced + posted
    _, moved, digest = posted.partition("The clock moves on to")
    assert moved
    assert "Shipped to production" in digest
    assert "3 deployments · 1 failed" in digest
    assert "Understand plurals" in digest
    assert "The bot looked 3 times; it was posted once." in digest
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_finds_all_well(terminal: Terminal):
    examined = terminal.run("doctor")
    assert examined.returncode == 0, examined.stdout
    assert "LaunchDarkly default/production: can be read" in examined.stdout
    assert examined.stdout.endswith("All well, 1 remark.\n")  # Slack is not set up


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"LAUNCHDARKLY_ACCESS_TOKEN": "mob-1"}, "mobile key"),
        ({"LAUNCHDARKLY_ACCESS_TOKEN": "api-wrong"}, "✗ LaunchDarkly: LaunchDarkly refused the access token (401)"),
        ({"LAUNCHDARKLY_BASE_URL": "http://127.0.0.1:9"}, "✗ LaunchDarkly: “127.0.0.1” refused the connection."),
        ({"TIMEZONE": "Mars", "PORT": "x"}, "✗ settings: PORT: must be a whole number\n✗ settings: TIMEZONE"),
        ({"LAUNCHDARKLY_PROJECT": "defalt"}, "Did you mean default"),
        ({"LAUNCHDARKLY_ENVIRONMENT": "prod"}, "Did you mean production"),
    ],
)
def test_the_doctor_says_what_is_wrong_and_whose_move_it_is(terminal: Terminal, variables: dict[str, str], said: str):
    examined = terminal.run("doctor", **variables)
    assert examined.returncode == 1
    assert said in examined.stdout
    assert "You: " in examined.stdout or "Whoever runs this bot" in examined.stdout
    assert "Traceback" not in examined.stderr


def test_the_doctor_tells_a_missing_plan_from_a_wrong_token(terminal: Terminal, launchdarkly: SandboxLaunchDarkly):
    launchdarkly.faults.no_plan()
    examined = terminal.run("doctor")
    assert examined.returncode == 1
    assert "✓ LaunchDarkly token" in examined.stdout
    assert "✗ LaunchDarkly default/production" in examined.stdout
