from __future__ import annotations

import io
import json
import logging

import pytest

from bot import log

SECRET = "api-0123-secret"


@pytest.fixture
def root_logger():
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield root
    root.handlers[:] = before[0]
    root.setLevel(before[1])


def written(style: str, root_logger: logging.Logger, **extra: object) -> str:
    stream = io.StringIO()
    log.configure("INFO", style, [SECRET, ""], stream)
    try:
        raise ValueError(f"refused {SECRET}")
    except ValueError:
        logging.getLogger("bot.test").exception("token %s", SECRET, extra={"fields": extra})
    return stream.getvalue()


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_secret_is_struck_out_of_message_fields_and_traceback(style, root_logger):
    line = written(style, root_logger, header=SECRET)
    assert SECRET not in line
    assert line.count(log.REDACTED) == 3


def test_json_is_one_object_a_line(root_logger):
    (line,) = written("json", root_logger, milliseconds=12, outcome="answered").splitlines()
    entry = json.loads(line)
    assert entry["level"] == "error"
    assert entry["logger"] == "bot.test"
    assert entry["milliseconds"] == 12
    assert entry["time"].endswith("+00:00")
    assert "ValueError" in entry["exception"]


def test_text_lines_carry_the_fields(root_logger):
    first = written("text", root_logger, outcome="answered").splitlines()[0]
    assert first.endswith(f"ERROR bot.test token {log.REDACTED} outcome=answered")


def test_libraries_that_log_every_request_are_quiet_unless_debugging(root_logger):
    log.configure("INFO", "text", [], io.StringIO())
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    log.configure("DEBUG", "text", [], io.StringIO())
    assert logging.getLogger("httpx").isEnabledFor(logging.DEBUG)


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123-456-abc",
        "xapp-1-A1-2-abc",
        "wss://wss-primary.slack.com/link/?ticket=0123-abc&app_id=1",
        "https://hooks.slack.com/commands/T1/2/abc",
        "https://hooks.slack-gov.com/actions/T1/2/abc",
    ],
)
def test_slacks_secrets_are_known_by_their_shape(secret, root_logger):
    stream = io.StringIO()
    log.configure("INFO", "text", [], stream)
    logging.getLogger("bot.test").error("refused: %r (again)", secret)
    assert "abc" not in stream.getvalue()
    assert log.REDACTED in stream.getvalue()
    assert "(again)" in stream.getvalue()


@pytest.mark.parametrize("name", ["slack_bolt.AsyncApp", "slack_sdk.web.async_base_client"])
def test_slacks_libraries_write_no_payloads_whatever_their_own_level(name, root_logger):
    stream = io.StringIO()
    log.configure("DEBUG", "text", [], stream)
    library = logging.getLogger(name)
    before = library.level
    library.setLevel(logging.DEBUG)
    library.debug("body: secret plans")
    library.info("request body: secret plans")
    library.warning("something is odd")
    library.setLevel(before)
    assert "secret plans" not in stream.getvalue()
    assert "something is odd" in stream.getvalue()
