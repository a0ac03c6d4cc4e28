"""The demo: the real adapter, services and formatters against an embedded LaunchDarkly, over HTTP."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule

from bot.app import build, utc_now
from bot.commands.parser import parse
from bot.config import load_settings
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.terminal import print_message

QUESTIONS = (
    ("What shipped today and yesterday?", "/shipped"),
    ("Has my pull request reached production?", "/release #406"),
    ("What failed this month, robots aside?", "/shipped since:30d status:failed -by:dependabot[bot]"),
)


async def tour(console: Console | None = None) -> None:
    """Ask each question and show the message that Slack would get."""
    console = console or Console()
    async with SandboxLaunchDarkly(now=utc_now()) as launchdarkly:
        settings = load_settings(
            _env_file=None,
            launchdarkly_access_token=launchdarkly.token,
            launchdarkly_base_url=launchdarkly.base_url,
            launchdarkly_project="default",
            launchdarkly_environment="production",
        )
        async with build(settings) as app:
            for why, text in QUESTIONS:
                asker = app.asker()
                message = await app.answers.answer(parse(text, asker), asker)
                console.print(Rule(style="dim"))
                console.print(f"{why}  [bold cyan]{text.replace('[', chr(92) + '[')}[/]")
                console.print(Padding("", (0, 0)))
                print_message(message, console)
        console.print(Rule(style="dim"))
        reads = sum(request.path.endswith("/deployments") for request in launchdarkly.requests)
        console.print(
            f"Answered over HTTP by an embedded LaunchDarkly with made-up data ({reads} reads of its deployments). "
            "To ask your own: set LAUNCHDARKLY_ACCESS_TOKEN and LAUNCHDARKLY_PROJECT, then whatshipped ask /shipped"
        )
