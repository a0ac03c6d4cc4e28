"""Checks that tell an operator what is wrong and whose move it is."""

from __future__ import annotations

from dataclasses import replace

import typer

from bot.app import build
from bot.checks import check_digests, check_launchdarkly, check_slack
from bot.config import SettingsError, load_settings
from bot.slack.startup import Check


async def examine() -> list[Check]:
    """All findings, in the order in which they were made; it never raises for an operator's mistake."""
    try:
        settings = load_settings()
    except SettingsError as error:
        *others, last = [Check("settings", False, problem) for problem in error.problems]
        return [*others, replace(last, advice="You: correct them." if others else "You: correct it.")]
    findings = [Check("settings", True, f"read; LaunchDarkly at {settings.launchdarkly_base_url}")]
    findings += [Check("settings", None, warning) for warning in settings.warnings()]
    async with build(settings) as app:
        findings += await check_launchdarkly(app)
    findings += await check_slack(settings)
    return findings + (await check_digests(settings) if settings.slack_bot_token else [])


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
    remarks = sum(finding.ok is None for finding in findings)
    told = f", {remarks} remark{'s' * (remarks > 1)}" if remarks else ""
    typer.echo(f"{failed} failed{told}." if failed else f"All well{told}.")
    return not failed
