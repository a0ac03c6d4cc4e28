"""What is asked of Slack and LaunchDarkly before the bot counts as started, and by the doctor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import App, utc_now
from bot.config import Settings
from bot.domain.deployments import Identity
from bot.domain.digests import ON_TIME_FOR
from bot.domain.errors import SourceError, SourceNotFound, StorageError
from bot.formatting.times import length
from bot.slack.bolt import open_session, web_client
from bot.slack.startup import Check, Probe, check_bot_token, check_channels, check_socket_mode, failed_source
from bot.slack.surface import SCOPES
from bot.stores import open_stores

# LaunchDarkly's rate-limit resets are absolute times, so a clock that is far off waits wrongly.
_TOLERATED_SKEW = timedelta(seconds=30)

# For each question to LaunchDarkly: a start must not wait as long as a person would.
CHECK_SECONDS = 5.0


async def check_slack(settings: Settings) -> list[Check]:
    """Every check of Slack, asked once: for the doctor."""
    if not settings.slack_bot_token:
        advice = "You: set SLACK_BOT_TOKEN, unless the command line is all that is wanted."
        return [Check("Slack", None, "SLACK_BOT_TOKEN is not set, so nobody can ask in Slack.", advice)]
    missing = settings.slack_problems(web=False, socket=not settings.slack_signing_secret)
    checks = [Check("Slack", False, problem) for problem in missing]
    async with open_session(settings.slack_api_url) as session:
        probes = slack_probes(slack_client(settings, session), settings.slack_app_token.get_secret_value())
        return checks + [check for probe in probes for check in await probe()]


async def check_digests(settings: Settings) -> list[Check]:
    """Whether the database can be used, digests leave in time, and their channels are open: for the doctor."""
    try:
        async with open_stores(settings) as stores:
            active = await stores.subscriptions.active()
            oldest = await stores.ledger.oldest_undelivered()
    except StorageError as error:
        return [Check("digests", False, error.message)]
    channels = {one.channel_id for one in active}
    checks = [Check("digests", True, f"the database can be used; {len(active)} active, in {len(channels)} channels")]
    if oldest is not None and utc_now() - oldest > ON_TIME_FOR:
        advice = "You: see that “whatshipped worker” or “whatshipped run” is running, and what it logs."
        checks.append(Check("digests", None, f"one that was due {oldest:%Y-%m-%d %H:%M} UTC has not left yet", advice))
    if not (channels and settings.slack_bot_token):
        return checks
    async with open_session(settings.slack_api_url) as session:
        return checks + await check_channels(slack_client(settings, session), channels)


def slack_client(settings: Settings, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Slack's Web API as the settings say."""
    token = settings.slack_bot_token.get_secret_value()
    return web_client(token=token, api_url=settings.slack_api_url, session=session)


def slack_probes(client: AsyncWebClient, app_token: str) -> list[Probe]:
    """What is asked of Slack at the start, and by the doctor; Socket Mode only where there is an ``app_token``."""
    required = [scope.name for scope in SCOPES if not scope.optional]
    optional = [scope.name for scope in SCOPES if scope.optional]
    probes: list[Probe] = [partial(check_bot_token, client, required=required, optional=optional)]
    if app_token:
        probes.append(partial(check_socket_mode, client, app_token))
    return probes


async def check_launchdarkly(app: App) -> list[Check]:
    """Whether LaunchDarkly takes the token, agrees about the time, and lets the defaults be read."""
    try:
        identity, skew = await app.source.identity(timeout=CHECK_SECONDS)
    except SourceError as error:
        return [failed_source("LaunchDarkly", error)]  # the token is not judged yet
    return [*_token(identity), *_clock(skew), *await _deployments(app)]


def _token(identity: Identity) -> Iterator[Check]:
    kind = "service token" if identity.is_service_token else "token"
    yield Check("LaunchDarkly token", True, f"{kind} “{identity.token_name or 'without a name'}” is accepted")
    if identity.is_service_token is False:
        lost = "this is a personal token: it dies with its owner's account"
        yield Check("LaunchDarkly token", None, f"{lost}.", "You: use a service token.")


def _clock(skew: timedelta | None) -> Iterator[Check]:
    if skew is not None and abs(skew) > _TOLERATED_SKEW:
        side = "behind" if skew > timedelta() else "ahead of"
        told = f"this machine's clock is {length(abs(skew))} {side} LaunchDarkly's."
        yield Check("clock", None, told, "You: let the machine keep time by NTP.")
    elif skew is not None:
        yield Check("clock", True, "agrees with LaunchDarkly's")


async def _deployments(app: App) -> list[Check]:
    settings = app.settings
    project, environment = settings.launchdarkly_project, settings.launchdarkly_environment
    if not project:
        told = "LAUNCHDARKLY_PROJECT is not set, so where there are several projects a question must name one."
        return [Check("LaunchDarkly project", None, told, "You: set it, unless that is wanted.")]
    name = f"LaunchDarkly {project}/{environment}"
    try:
        counted = await app.source.check(project, environment, now=utc_now(), timeout=CHECK_SECONDS)
    except SourceNotFound as error:
        told = (explained := await app.resolver.explained(error, project, environment)).message
        near = f" Did you mean {' or '.join(explained.near)}?" if explained.near else ""
        return [Check(name, False, told + near, "You: correct LAUNCHDARKLY_PROJECT or LAUNCHDARKLY_ENVIRONMENT.")]
    except SourceError as error:
        return [failed_source(name, error)]
    checks = [Check(name, True, "can be read" if not counted else f"can be read; {counted} in the last 7 days")]
    if counted == 0:
        advice = "Whoever deploys: send deployment events, or set the application's id and version in the SDK."
        checks.append(Check(name, None, "no deployments in the last 7 days.", advice))
    return checks
