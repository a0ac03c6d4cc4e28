"""What is asked of Slack and LaunchDarkly before the bot counts as started, and by the doctor."""

from __future__ import annotations

from functools import partial

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import App, utc_now
from bot.config import Settings
from bot.domain.errors import SourceError, SourceNotFound
from bot.slack.bolt import open_session, web_client
from bot.slack.startup import Check, Probe, check_bot_token, check_socket_mode, failed_source
from bot.slack.surface import SCOPES

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


def launchdarkly_probe(app: App) -> Probe:
    """Whether LaunchDarkly takes the token, and lets the default project and environment be read."""
    return partial(_check_launchdarkly, app)


async def _check_launchdarkly(app: App) -> list[Check]:
    settings = app.settings
    project, environment = settings.launchdarkly_project, settings.launchdarkly_environment
    name = f"LaunchDarkly {project}/{environment}" if project else "LaunchDarkly"
    try:
        await app.source.identity(timeout=CHECK_SECONDS)
        if project:
            await app.source.check(project, environment, now=utc_now(), timeout=CHECK_SECONDS)
    except SourceNotFound as error:
        told = await app.resolver.explained(error, project, environment)
        near = f" Did you mean {' or '.join(told.near)}?" if told.near else ""
        return [Check(name, False, told.message + near, "You: correct LAUNCHDARKLY_PROJECT or _ENVIRONMENT.")]
    except SourceError as error:
        return [failed_source(name, error)]
    return [Check(name, True, "can be read")]
