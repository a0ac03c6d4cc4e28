"""What Slack is told about us, as one table: commands, events, scopes and the Web API methods that we call.

``manifest.yml``, the listeners, the help, the README and the doctor are held against it by tests.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command: ``usage_hint`` is what Slack shows beside it while a person types."""

    name: str
    description: str
    usage_hint: str


@dataclass(frozen=True, slots=True)
class Scope:
    """A right of the bot's token: what it is for, and what is lost without it."""

    name: str
    why: str
    without: str
    optional: bool = False


DIGEST = "/digest"

COMMANDS = (
    Command(
        "/shipped",
        "What shipped? Deployments with their pull requests and flags.",
        "[app] [today | since:2d | last week] [in:staging] [by:jane.doe] [help]",
    ),
    Command(
        "/release",
        "Has it shipped? Find a pull request, version, flag or application in every environment.",
        "#406 | version | flag:key | app | help",
    ),
    Command(
        DIGEST,
        "Tell this channel regularly what shipped, at its own time. Alone: the digests that it has.",
        "weekdays 09:30 [app] [in:staging] [tz:Europe/Berlin] | list | pause 1 | why 1 | help",
    ),
)

# https://docs.slack.dev/reference/events; app_mention does not come from direct messages, message.im does.
BOT_EVENTS = ("app_home_opened", "app_mention", "message.im")

SCOPES = (
    Scope("commands", "adds `/shipped`, `/release` and `/digest`", "there is nothing to type"),
    Scope(
        "chat:write",
        "posts digests; answers in threads and in direct messages; tells an answer whose command is older than thirty "
        "minutes",
        "no digests; only slash commands are answered, and only while their reply address lasts",
    ),
    Scope(
        "app_mentions:read",
        "is told of messages that name the bot, to answer in threads, where slash commands cannot run",
        "`@What Shipped release #406` is not answered",
    ),
    Scope(
        "im:history",
        "is told what people write to the bot itself in a direct message; no other conversation is read",
        "words in a direct message are not answered; slash commands there still are",
    ),
    Scope(
        "users:read",
        "reads the asker's time zone, so that “today” is theirs, and the name that “Shared by” shows",
        "`TIMEZONE` is used for everybody, and “Shared by” names the account",
        optional=True,
    ),
)

METHODS = (
    "apps.connections.open",
    "auth.test",
    "chat.delete",
    "chat.postEphemeral",
    "chat.postMessage",
    "chat.update",
    "users.info",
    "views.open",
    "views.publish",
    "views.update",
)
"""The Web API methods that we call; each but the first needs only the scopes above.

Two more are tried where a team has granted more: ``conversations.history`` finds a digest whose answer was lost
(``channels:history``, ``groups:history``), and ``users.conversations`` lets the doctor look for the digests' channels
(``channels:read``, ``groups:read``).
"""
