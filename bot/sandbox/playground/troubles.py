"""What can go wrong on purpose, in the two embedded services and between them, and what can happen at Acme."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.launchdarkly.faults import ALWAYS
from bot.sandbox.playground.controls import Button, Choice, Control, Option
from bot.sandbox.playground.news import News
from bot.sandbox.playground.workspace import DEPLOYS
from bot.sandbox.slack import SandboxSlack

LAUNCHDARKLY, SLACK, HAPPENINGS = "LaunchDarkly", "Slack", "At Acme"

SLOW_SECONDS = 3
LIMIT_SECONDS = 65  # longer than an answer may take, so that the person is told at once
WAIT_SECONDS = 2

_WELL = "well"
_POSTS = ("response_url", "chat.postMessage", "chat.postEphemeral", "chat.update")


def troubles(slack: SandboxSlack, launchdarkly: SandboxLaunchDarkly, news: News) -> Sequence[Control]:
    """All of them, in the order in which the page shows them."""
    return (
        _new_deployment(news, slack.world.changed),
        _launchdarkly(launchdarkly),
        _slack(slack),
        _channel(slack),
    )


def _new_deployment(news: News, changed: Callable[[], None]) -> Button:
    async def deploy() -> str:
        said = news.happen()
        changed()
        return f"{said} Ask again to see it."

    return Button("deploy", HAPPENINGS, "A new deployment happens", "One more release reaches production now.", deploy)


def _launchdarkly(launchdarkly: SandboxLaunchDarkly) -> Choice:
    faults, position = launchdarkly.faults, _WELL
    throw: dict[str, Callable[[], None]] = {
        _WELL: lambda: None,
        "slow": lambda: faults.slow(SLOW_SECONDS),
        "limited": lambda: faults.rate_limit(ALWAYS, retry_after=LIMIT_SECONDS),
        "down": faults.down,
        "cut": lambda: faults.cut_body(ALWAYS),
    }

    def choose(value: str) -> None:
        nonlocal position
        faults.clear()
        throw[value]()
        position = value

    options = (
        Option(_WELL, "Well", "It answers at once."),
        Option("slow", "Slow", f"Every answer takes {SLOW_SECONDS} seconds."),
        Option(
            "limited",
            "Rate limited",
            f"It answers 429: wait {LIMIT_SECONDS} s. No question may take that long: the bot says so at once.",
        ),
        Option("down", "Down", "It answers 503, with a web page."),
        Option("cut", "Cut off", "Every answer ends in the middle."),
    )
    return Choice("launchdarkly", LAUNCHDARKLY, "LaunchDarkly is", options, lambda: position, choose)


def _slack(slack: SandboxSlack) -> Choice:
    faults, positions = slack.faults, {"rate_limit": "limited", "reset_after": "dropping"}

    def current() -> str:
        return next((positions[fault.kind] for fault in faults.planned() if fault.kind in positions), _WELL)

    def choose(value: str) -> None:
        faults.clear()
        for method in _POSTS:
            if value == "limited":
                faults.rate_limit(method, retry_after=WAIT_SECONDS)
            elif value == "dropping":
                faults.reset_after(method, times=ALWAYS)

    options = (
        Option(_WELL, "Well", "It takes what the bot says."),
        Option("limited", "Rate limited", f"It refuses the bot's next message of each kind: wait {WAIT_SECONDS} s."),
        Option(
            "dropping",
            "Dropping answers",
            "It takes messages and hangs up. A private answer may then come twice; nothing that others see does.",
        ),
    )
    return Choice("slack", SLACK, "Slack is", options, current, choose)


def _channel(slack: SandboxSlack) -> Choice:
    world, channel = slack.world, slack.world.channel(DEPLOYS)
    bot = world.app.bot_user_id

    def current() -> str:
        if channel.archived:
            return "archived"
        return "open" if bot in channel.members else "without"

    def choose(value: str) -> None:
        channel.archived = value == "archived"
        channel.members.discard(bot) if value == "without" else channel.members.add(bot)

    options = (
        Option("open", "As usual", "The bot is a member."),
        Option("archived", "Archived", "Nobody can post there any more."),
        Option("without", "Without the bot", "Somebody has removed the bot from the channel."),
    )
    return Choice("channel", SLACK, f"#{DEPLOYS} is", options, current, choose)
