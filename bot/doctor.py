"""Checks that tell an operator what is wrong and whose move it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import typer

from bot.app import App, build, utc_now
from bot.checks import check_slack
from bot.config import Settings, SettingsError, load_settings
from bot.domain.errors import SourceError, SourceNotFound
from bot.slack.startup import Check

# LaunchDarkly's rate-limit resets are absolute times, so a clock that is far off waits wrongly.
_TOLERATED_SKEW = timedelta(seconds=30)


async def examine() -> list[Check]:
    """All findings, in the order in which they were made; it never raises for an operator's mistake."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return [Check("settings", False, problem, "You: correct the variable.") for problem in error.problems]
    findings = [Check("settings", True, f"read; LaunchDarkly at {settings.launchdarkly_base_url}")]
    findings += [Check("settings", None, warning) for warning in settings.warnings()]
    async with build(settings) as app:
        findings += [finding async for finding in _launchdarkly(app)]
    return findings + await check_slack(settings)


def show(findings: list[Check]) -> bool:
    """Print the findings; True where none failed."""
    marks = {True: ("✓", "green"), False: ("✗", "red"), None: ("!", "yellow")}
    for finding in findings:
        mark, colour = marks[finding.ok]
        typer.secho(f"{mark} ", fg=colour, nl=False)
        typer.echo(f"{finding.name}: {finding.result}")
        if finding.advice:
            typer.echo(f"  → {finding.advice}")
    failed = sum(finding.ok is False for finding in findings)
    typer.echo("All well." if not failed else f"{failed} of {len(findings)} checks failed.")
    return not failed


async def _launchdarkly(app: App) -> AsyncIterator[Check]:
    settings = app.settings
    try:
        identity, skew = await app.source.identity(timeout=settings.answer_timeout)
    except SourceError as error:
        yield Check("token", False, error.message, _whose_move(error))
        return
    kind = "service token" if identity.is_service_token else "token"
    yield Check("token", True, f"{kind} “{identity.token_name or 'without a name'}” is accepted")
    if identity.is_service_token is False:
        yield Check(
            "token", None, "this is a personal token: it dies with its owner's account", "You: use a service token."
        )
    if skew is not None and abs(skew) > _TOLERATED_SKEW:
        side = "behind" if skew > timedelta() else "ahead of"
        yield Check(
            "clock",
            None,
            f"this machine's clock is {abs(skew).total_seconds():.0f} s {side} LaunchDarkly's",
            "You: let the machine keep time by NTP.",
        )
    elif skew is not None:
        yield Check("clock", True, "agrees with LaunchDarkly's")
    async for finding in _deployments(app, settings):
        yield finding


async def _deployments(app: App, settings: Settings) -> AsyncIterator[Check]:
    project, environment = settings.launchdarkly_project, settings.launchdarkly_environment
    if not project:
        yield Check(
            "project",
            None,
            "LAUNCHDARKLY_PROJECT is not set, so every question must name its project",
            "You: set it, unless that is wanted.",
        )
        return
    where = f"deployments of {project}/{environment}"
    try:
        counted = await app.source.check(project, environment, now=utc_now(), timeout=settings.answer_timeout)
    except SourceNotFound as error:
        told = await app.resolver.explained(error, project, environment)
        near = f" Did you mean {' or '.join(told.near)}?" if told.near else ""
        yield Check(where, False, told.message + near, "You: correct LAUNCHDARKLY_PROJECT or _ENVIRONMENT.")
    except SourceError as error:
        yield Check(where, False, error.message, _whose_move(error))
    else:
        said = "can be read" if counted is None else f"can be read; {counted} in the last 7 days"
        yield Check(where, True, said)
        if counted == 0:
            yield Check(
                where,
                None,
                "there are none in the last 7 days",
                "Whoever deploys: send deployment events, or set the application's id and version in the SDK.",
            )


def _whose_move(error: SourceError) -> str:
    return "Wait and try again." if error.retryable else "You: see the message."
