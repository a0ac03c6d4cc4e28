"""What is asked of Slack before the first question is taken, and how a fault is told: once, plainly, with its owner."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import (
    SourceAuthError,
    SourceContractError,
    SourceError,
    SourceRateLimited,
    SourceUnavailable,
)

logger = logging.getLogger(__name__)

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0

# https://docs.slack.dev/reference/methods/auth.test, /apps.connections.open: all others do not go away by waiting
_PASSING = frozenset(
    {
        "fatal_error",
        "internal_error",
        "ratelimited",
        "rate_limited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
_CHANNELS_A_PAGE = 200
_DIRECT = "D"  # how the ids of direct messages begin: https://docs.slack.dev/reference/objects/conversation-object
_ADVICE_BOT = "You: copy the bot token (xoxb-…) from the app's “OAuth & Permissions” page into SLACK_BOT_TOKEN."
_ADVICE_APP = (
    "You: make an app-level token with the scope connections:write on the app's “Basic Information” page and set "
    "SLACK_APP_TOKEN."
)
_ADVICE = {
    "account_inactive": "You: the app was removed from the workspace; install it again and set SLACK_BOT_TOKEN.",
    "token_revoked": "You: the token was withdrawn; install the app again and set SLACK_BOT_TOKEN.",
    "token_expired": "You: turn token rotation off in the app's settings and install it again.",
    "org_login_required": "You: wait until the workspace's move to an Enterprise organisation has ended.",
    "unknown_method": "You: SLACK_API_URL must be https://slack.com/api/ or a GovSlack address.",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. ``ok`` is None for a warning; ``advice`` says whose move it is; a ``passing`` fault may go by itself.

    ``retry_after`` is in seconds, where the other side said how long to wait.
    """

    name: str
    ok: bool | None
    result: str
    advice: str = ""
    passing: bool = False
    retry_after: float | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.result}" + f" {self.advice}" * bool(self.advice)


Probe = Callable[[], Awaitable[Sequence[Check]]]


async def check_bot_token(
    client: AsyncWebClient, *, required: Collection[str], optional: Collection[str]
) -> list[Check]:
    """Who the bot is, and whether it was granted the scopes that it needs (``auth.test``)."""
    try:
        answer = await client.auth_test()
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        return [_failed("Slack bot token", error, _ADVICE_BOT)]
    signed_in = f"signed in as @{answer.get('user')} in {answer.get('team')} ({answer.get('team_id')})"
    return [Check("Slack bot token", True, signed_in), *_scopes(answer.headers, required, optional)]


async def check_socket_mode(client: AsyncWebClient, app_token: str) -> list[Check]:
    """Whether Socket Mode can be reached (``apps.connections.open``); a bad token would be tried for ever later."""
    try:
        await client.apps_connections_open(app_token=app_token)
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        return [_failed("Slack Socket Mode", error, _ADVICE_APP)]
    return [Check("Slack Socket Mode", True, "can be reached")]


async def check_channels(client: AsyncWebClient, channels: Collection[str]) -> list[Check]:
    """Whether the bot is in these channels (ids), so that it can post there (``users.conversations``).

    In direct messages it always may. For the others that needs scopes which nothing else needs, so a bot without them
    is told of and not at fault: https://docs.slack.dev/reference/methods/users.conversations
    """
    channels = {channel for channel in channels if not channel.startswith(_DIRECT)}
    if not channels:
        return []
    inside: set[str] = set()
    try:
        pages = await client.users_conversations(
            types="public_channel,private_channel", exclude_archived=True, limit=_CHANNELS_A_PAGE
        )
        async for page in pages:  # follows the cursors
            inside |= {str(channel.get("id")) for channel in page.get("channels") or ()}
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        if isinstance(error, SlackApiError) and _code(error) == "missing_scope":
            told = "whether the bot is in them cannot be asked without the scopes channels:read and groups:read."
            return [Check("digest channels", None, told, "Nobody: a digest that cannot be posted tells its owner.")]
        return [_failed("digest channels", error, _ADVICE_BOT)]
    outside = sorted(channels - inside)
    if not outside:
        return [Check("digest channels", True, f"the bot is in all of them ({len(channels)})")]
    advice = "Whoever is there: /invite the bot, or remove the digest. Until then it cannot be posted."
    return [
        Check("digest channels", False, f"the bot is not in {name}, or it is archived.", advice) for name in outside
    ]


def failed_source(name: str, error: SourceError) -> Check:
    """What LaunchDarkly's refusal is as a check. An answer that was cut off or garbled may be whole next time."""
    retry_after = getattr(error, "retry_after", None)
    passing = error.retryable or isinstance(error, SourceContractError)
    return Check(name, False, error.message, _whose_move(error), passing=passing, retry_after=retry_after)


def _whose_move(error: SourceError) -> str:
    match error:
        case SourceAuthError():
            return ""  # its own words say what to do
        case SourceRateLimited():
            return "Nobody: the limit ends by itself."
        case SourceUnavailable():
            return "Nobody yet. If it stays, you: check this machine's network, and https://status.launchdarkly.com."
        case SourceContractError():
            return "You: see that LAUNCHDARKLY_BASE_URL is LaunchDarkly's, and that no proxy answers in its place."
        case _:
            return "You: check LAUNCHDARKLY_BASE_URL, LAUNCHDARKLY_PROJECT and LAUNCHDARKLY_ENVIRONMENT."


class Gate:
    """Probes that must pass before the bot counts as started. One that has passed is not asked again.

    Warnings and passing faults are logged, good news at DEBUG alone. ``sleep`` waits between two rounds.
    """

    def __init__(self, probes: Sequence[Probe], *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._left = list(probes)
        self._sleep = sleep
        self._pause = 0.0
        self._wait = FIRST_WAIT_SECONDS

    async def ask(self) -> list[Check]:
        """One round; returns the faults that waiting does not cure, [] where there are none."""
        await self._sleep(self._pause)
        faults: list[Check] = []
        again: list[Probe] = []
        for probe in self._left:
            checks = await probe()
            failed = [check for check in checks if check.ok is False]
            for check in checks:
                if check.ok is not False:
                    logger.log(logging.DEBUG if check.ok else logging.WARNING, "%s", check)
            if failed:
                faults += failed
                again.append(probe)
        self._left = again
        if lasting := [fault for fault in faults if not fault.passing]:
            return lasting
        self._pause = max([self._wait, *(fault.retry_after or 0.0 for fault in faults)])
        self._wait = min(2 * self._wait, LONGEST_WAIT_SECONDS)
        for fault in faults:
            logger.warning("%s Trying again in %.0f s.", fault, self._pause)
        return []

    async def settle(self) -> list[Check]:
        """Rounds until every probe has passed ([]) or waiting does not help (those faults).

        Waits double from one second to a minute, or last as long as the other side asks.
        """
        while self._left:
            if lasting := await self.ask():
                return lasting
        return []


def _scopes(headers: dict[str, str], required: Collection[str], optional: Collection[str]) -> list[Check]:
    granted_text = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), None)
    if granted_text is None:
        return [Check("Slack scopes", None, "Slack did not say which scopes the token has")]
    granted = {scope.strip() for scope in granted_text.split(",")}
    checks = []
    if missing := sorted(set(required) - granted):
        advice = "You: add them under “OAuth & Permissions” (or take manifest.yml again), then reinstall the app."
        checks.append(Check("Slack scopes", False, f"missing: {', '.join(missing)}.", advice))
    if lacking := sorted(set(optional) - granted):
        advice = "You: add them and reinstall the app, unless that is wanted; the README says what is lost."
        checks.append(Check("Slack scopes", None, f"not granted: {', '.join(lacking)}.", advice))
    return checks or [Check("Slack scopes", True, "all granted")]


def _failed(name: str, error: Exception, advice: str) -> Check:
    """A failed call as a check; no exception's text is used, for it may hold the address with its ticket."""
    if not isinstance(error, SlackApiError):
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return Check(name, False, "Slack's certificate is not trusted here.", "You: check the machine's proxy.")
        reason = "did not answer in time" if isinstance(error, TimeoutError) else "could not be reached"
        return Check(name, False, f"Slack {reason} ({type(error).__name__}).", passing=True)
    status, code = error.response.status_code, _code(error)
    if status == 429 or status >= 500 or code in _PASSING:
        retry_after = _seconds(error.response.headers.get("Retry-After"))
        return Check(name, False, f"Slack answered {code or status}.", passing=True, retry_after=retry_after)
    if not code:
        return Check(name, False, f"what answers is not Slack's API (status {status}).", _ADVICE["unknown_method"])
    if code == "missing_scope" and (needed := error.response.get("needed")):
        return Check(name, False, f"Slack refused it: the scope {needed} is missing.", advice)
    return Check(name, False, f"Slack refused it ({code}).", _ADVICE.get(code, advice))


def _code(error: SlackApiError) -> str:
    try:
        return str(error.response.get("error") or "")
    except (AttributeError, ValueError):  # the body was HTML or bytes, not an answer of the API
        return ""


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
