"""An embedded Slack on loopback: the Web API, Socket Mode, signed HTTP, response_url, modals and App Home.

It is what the demo plays in and what the tests run against, and it refuses what Slack refuses. May import: aiohttp,
the domain and the public facts. Must not: the bot's side of the wire, nor Slack's own client libraries.

    async with SandboxSlack() as slack:
        …  # an app connects to slack.api_url with slack.world.app's tokens
        delivery = await slack.command("jane.doe", "#deploys", "/shipped", "since:2d")
        answer = await slack.wait_for(lambda: slack.visible_to("jane.doe", "#deploys"))
"""

from bot.sandbox.slack.clock import Clock, ManualClock, ShiftedClock, SystemClock
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.elements import NotPossible
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.journal import Exchange
from bot.sandbox.slack.server import SandboxSlack
from bot.sandbox.slack.views import View
from bot.sandbox.slack.world import App, Channel, Message, User, World

__all__ = [
    "App",
    "Channel",
    "Clock",
    "Delivery",
    "Exchange",
    "Faults",
    "ManualClock",
    "Message",
    "NotPossible",
    "SandboxSlack",
    "ShiftedClock",
    "SystemClock",
    "User",
    "View",
    "World",
]
