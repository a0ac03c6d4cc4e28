from __future__ import annotations

import os
from typing import Any

import pytest
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

from bot.slack.bolt import REQUEST_TIMEOUT, create_app, open_session, proxy_for, web_client
from bot.slack.digest_listeners import DigestListeners
from bot.slack.listeners import Listeners
from tests.builders import NOW

SLACK = "https://slack.com/api/"
TRAPS = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "a-client-secret",
    "SLACK_BOT_TOKEN": "xoxb-of-another-app",
    "SLACK_SIGNING_SECRET": "of-another-app",
    "SLACK_VERIFICATION_TOKEN": "of-another-app",
}


@pytest.fixture
async def session():
    async with open_session(SLACK) as session:
        yield session


@pytest.fixture
def listeners():
    nobody: Any = None  # nothing is asked here
    digests = DigestListeners(nobody, nobody, nobody)
    return {"listeners": Listeners(nobody, nobody, nobody, nobody, nobody, clock=lambda: NOW), "digests": digests}


async def test_the_environment_switches_nothing_on(session, listeners, monkeypatch, caplog):
    for name, value in TRAPS.items():
        monkeypatch.setenv(name, value)
    app = create_app(bot_token="xoxb-1", signing_secret="s", api_url=SLACK, session=session, **listeners)
    assert app.oauth_flow is None
    assert app.installation_store is None
    assert app._signing_secret == "s"
    assert app._verification_token is None
    assert {name: os.environ[name] for name in TRAPS} == TRAPS
    assert caplog.records == []


async def test_calls_are_bounded_and_repeated_only_where_slack_asks_for_it(session):
    client = web_client(token="xoxb-1", api_url=SLACK, session=session)
    assert [type(handler) for handler in client.retry_handlers] == [AsyncRateLimitErrorRetryHandler]
    assert session.timeout.total == REQUEST_TIMEOUT


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        (SLACK, "http://proxy.example:3128"),
        ("https://slack.internal.example/api/", None),
        ("http://127.0.0.1:3000/api/", None),
        ("http://localhost:3000/api/", None),
    ],
)
def test_the_proxy_is_the_environments_with_its_exceptions(monkeypatch, url, proxy):
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "internal.example")
    assert proxy_for(url) == proxy
