"""Where things stand in what Slack sends. https://docs.slack.dev/reference/interaction-payloads"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.slack.messenger import Messenger
from bot.slack.replies import Place, PostedReply, Reply, UrlReply, ViewReply

Body = dict[str, Any]


def team_of(body: Body) -> str:
    """The workspace: of a command or an event at the top, of an interaction in ``team``, which may be null there."""
    user = body.get("user") or {}
    return str(body.get("team_id") or (body.get("team") or {}).get("id") or user.get("team_id") or "")


def channel_of(body: Body) -> str:
    """The conversation in which something was pressed; "" in a view."""
    return str((body.get("channel") or {}).get("id") or "")


def value_of(action: Mapping[str, Any]) -> str:
    """What a button carries, or what was chosen in a menu."""
    return str((action.get("selected_option") or action).get("value") or "")


def place_of(body: Body) -> str:
    """The message or view in which something was pressed."""
    container = body.get("container") or {}
    return str(container.get("message_ts") or container.get("view_id") or "")


def is_home(body: Body) -> bool:
    """Whether something was pressed in the Home tab."""
    return bool((body.get("view") or {}).get("type") == "home")


def reply_to(messenger: Messenger, body: Body, user: str, *, replaces: bool, title: str) -> Reply | None:
    """Where the answer to a press belongs: in the same modal (under ``title``), or where the message stands."""
    view = body.get("view") or {}
    if view.get("type") == "modal":
        return ViewReply(messenger, view["id"], title)
    container = body.get("container") or {}
    if url := body.get("response_url"):
        channel = channel_of(body)
        is_direct = channel.startswith("D") and not container.get("is_ephemeral")
        return UrlReply(
            messenger,
            url,
            channel=channel,
            user=user,
            place=Place.DIRECT if is_direct else Place.PRIVATE,
            replaces=replaces,
            thread_ts=container.get("thread_ts"),
        )
    if view:  # the Home tab, where an answer opens in a modal of its own
        return PostedReply(messenger, channel=user, user=user, thread_ts=None, direct=True)
    return None
