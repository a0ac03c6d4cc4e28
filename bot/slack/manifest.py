"""The app's manifest, written from the table of what Slack is told about us (``bot.slack.surface``).

Its fields: https://docs.slack.dev/reference/app-manifest. ``manifest.yml`` is ``manifest_text()``, and a test says so.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from bot.slack.http import EVENTS_PATH
from bot.slack.surface import BOT_EVENTS, COMMANDS, SCOPES

_ABOUT = (
    "Ask what shipped, where and when: /shipped lists the deployments of an application or an environment with the "
    "pull requests that they carried and the feature flags that they touched; /release tells where a pull request, "
    "a version or a flag has arrived. The answers come from LaunchDarkly's Engineering Insights. The bot reads no "
    "channel messages."
)

_SOCKET_MODE = """\
# The Slack app of What Shipped: https://api.slack.com/apps/new → From a manifest.
# Socket Mode needs no public address. For HTTP, “whatshipped manifest --url https://your-host” prints this file
# with its addresses filled in.
"""
_HTTP = """\
# The Slack app of What Shipped, for “whatshipped web”: https://api.slack.com/apps/new → From a manifest.
# Then set SLACK_SIGNING_SECRET, start the bot at {url} and let Slack verify the
# address under “Event Subscriptions”.
"""


def manifest_text(url: str | None = None) -> str:
    """The manifest as YAML: for Socket Mode, or for HTTP where ``url`` is the bot's public address.

    Raises ``ValueError`` where ``url`` is not an https address.
    """
    endpoint = None if url is None else _endpoint(url)
    at = [] if endpoint is None else [f"request_url: {endpoint}"]
    lines = [
        "display_information:",
        "  name: What Shipped",
        "  description: What shipped, where, and which flags guard it, from LaunchDarkly",
        f"  long_description: {_quoted(_ABOUT)}",
        '  background_color: "#1d2433"',
        "features:",
        "  bot_user:",
        "    display_name: What Shipped",
        "    always_online: true",
        "  app_home:",
        "    home_tab_enabled: true",
        "    messages_tab_enabled: true",
        "    messages_tab_read_only_enabled: false",
        "  slash_commands:",
        *_commands(endpoint),
        "oauth_config:",
        "  scopes:",
        "    bot:",
        *(f"      - {scope.name}" for scope in SCOPES),
        "    bot_optional: # the bot works without these, less well",
        *(f"      - {scope.name}" for scope in SCOPES if scope.optional),
        "settings:",
        "  event_subscriptions:",
        *(f"    {line}" for line in at),
        "    bot_events:",
        *(f"      - {event}" for event in BOT_EVENTS),
        "  interactivity:",
        "    is_enabled: true",
        *(f"    {line}" for line in at),
        "  org_deploy_enabled: false",
        f"  socket_mode_enabled: {'true' if endpoint is None else 'false'}",
        "  token_rotation_enabled: false",
    ]
    head = _SOCKET_MODE if endpoint is None else _HTTP.format(url=endpoint.removesuffix(EVENTS_PATH))
    return head + "\n".join(lines) + "\n"


def _commands(endpoint: str | None) -> list[str]:
    lines = []
    for command in COMMANDS:
        lines.append(f"    - command: {command.name}")
        if endpoint is not None:
            lines.append(f"      url: {endpoint}")
        lines.append(f"      description: {_quoted(command.description)}")
        lines.append(f"      usage_hint: {_quoted(command.usage_hint)}")
        lines.append("      should_escape: true # mentions arrive as ids")
    return lines


_PLAIN = re.compile(r"https://[\w.:-]+(/[\w./~-]*)?", re.ASCII)


def _endpoint(url: str) -> str:
    base = url.strip().rstrip("/").removesuffix(EVENTS_PATH)
    parts = urlsplit(base)
    if parts.scheme != "https" or not parts.hostname or not _PLAIN.fullmatch(base):
        raise ValueError(f"{url!r} is not an https address; Slack takes for example https://whatshipped.example.com")
    return base + EVENTS_PATH


def _quoted(text: str) -> str:
    """A JSON string, which is a YAML string too."""
    return json.dumps(text, ensure_ascii=False)
