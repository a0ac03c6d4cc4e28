"""Slack's framework, set up: every setting passed in, nothing read from the environment, every listener registered.

https://docs.slack.dev/tools/bolt-python/
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.formatting.digest_buttons import PREFIX
from bot.formatting.digest_form import FORM
from bot.slack.digest_listeners import DigestListeners
from bot.slack.listeners import Listeners
from bot.slack.surface import COMMANDS, DIGEST

REQUEST_TIMEOUT = 15.0
"""Seconds for one call to Slack."""

_ANYTHING = re.compile("")


def open_session(api_url: str) -> aiohttp.ClientSession:
    """The one connection pool for everything that goes to Slack; the caller closes it.

    The time-out is set here: the client's own does not apply to a session that it was given.
    """
    timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT)
    return aiohttp.ClientSession(timeout=timeout, proxy=proxy_for(api_url))


def web_client(
    *, token: str | None, api_url: str, session: aiohttp.ClientSession, patient: bool = True
) -> AsyncWebClient:
    """A client that waits and asks again where Slack says so (429: nothing was done), and in no other case.

    After a lost connection a message may have been posted; the client's default would post it again. One that is not
    ``patient`` leaves the waiting to its caller as well.
    """
    client = AsyncWebClient(
        token=token,
        base_url=api_url,
        session=session,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=1)] if patient else [],
    )
    client.proxy = proxy_for(api_url)  # the constructor reads the environment, and knows no NO_PROXY
    return client


def proxy_for(url: str) -> str | None:
    """The environment's proxy, ``NO_PROXY`` respected; never one on the way to this machine itself."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        if ip_address(host).is_loopback:
            return None
    if host == "localhost" or proxy_bypass(host):
        return None
    return getproxies().get(urlsplit(url).scheme)


def create_app(
    *,
    bot_token: str,
    signing_secret: str,
    api_url: str,
    session: aiohttp.ClientSession,
    listeners: Listeners,
    digests: DigestListeners,
) -> AsyncApp:
    """The app with all its listeners. ``signing_secret`` may be empty where nothing comes in by HTTP."""

    async def authorize(context: AsyncBoltContext) -> AuthorizeResult:
        # Bolt's own way asks auth.test before the first acknowledgement.
        return AuthorizeResult(enterprise_id=context.enterprise_id, team_id=context.team_id, bot_token=bot_token)

    client = web_client(token=None, api_url=api_url, session=session)  # a token beside ``authorize`` is warned about
    with _no_slack_variables():
        app = AsyncApp(name="whatshipped", client=client, signing_secret=signing_secret, authorize=authorize)
    register(app, listeners, digests)
    return app


def register(app: AsyncApp, listeners: Listeners, digests: DigestListeners) -> None:
    """Every listener of the bot, in one place; the first that fits is the one that is called."""
    for command in COMMANDS:
        app.command(command.name)(digests.command if command.name == DIGEST else listeners.command)
    app.action(re.compile(f"^{re.escape(PREFIX)}"))(digests.action)
    app.view(FORM)(digests.form)
    app.event("app_mention")(listeners.mention)
    app.event("message")(listeners.direct_message)
    app.event("app_home_opened")(listeners.home_opened)
    app.action(_ANYTHING)(listeners.action)  # also buttons of other versions: they get an answer, too


@contextmanager
def _no_slack_variables() -> Iterator[None]:
    """Bolt reads ``SLACK_*`` behind our back; a client id and secret there would switch OAuth on, without our token."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("SLACK_")}
    try:
        yield
    finally:
        os.environ.update(hidden)
