"""Digests into Slack: paced, with a key that nobody sees and that finds the message again.

https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.commands.retyped import as_typed
from bot.domain.query import DeploymentQuery
from bot.formatting.controls import show_all
from bot.formatting.message import Message, check_message
from bot.services.digest_ports import Digest, Hitch, NotPosted, Posted
from bot.slack.messenger import Messenger, NotDelivered
from bot.slack.pacing import Pacer
from bot.slack.state import State

EVENT_TYPE = "whatshipped_digest"
_PAGES = 20

# https://docs.slack.dev/reference/methods/chat.postMessage#errors
_LATER = frozenset(
    {
        "message_limit_exceeded",
        "no connection",
        "rate_limited",
        "ratelimited",
        "service_unavailable",
        "team_added_to_org",
    }
)
_CHANNEL = frozenset(
    {
        "cannot_reply_to_message",
        "channel_not_found",
        "channel_type_not_supported",
        "ekm_access_denied",
        "is_archived",
        "is_inactive",
        "messages_tab_disabled",
        "not_in_channel",
        "team_not_found",
        "user_not_found",
    }
)
_CLOSED_CHANNEL = "restricted_action"  # and what begins so
_ACCESS = frozenset(
    {
        "access_denied",
        "accesslimited",
        "account_inactive",
        "app_access_restricted",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)


class SlackDigestMessenger:
    """The ``DigestMessenger`` on Slack's Web API.

    ``messenger``'s client must not wait by itself where Slack asks to: the wait is for all digests, and for the ledger.
    """

    def __init__(self, messenger: Messenger, pacer: Pacer) -> None:
        self._messenger = messenger
        self._pacer = pacer

    async def turn(self, channel_id: str) -> None:
        await self._pacer.turn(channel_id)

    async def post(self, digest: Digest) -> Posted:
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": digest.key}}
        message = _with_show_all(digest.message, digest.everything)
        try:
            return Posted(digest.channel_id, await self._messenger.post(digest.channel_id, message, metadata=metadata))
        except NotDelivered as failed:
            raise self._not_posted(failed) from None

    async def find(self, channel_id: str, key: str, since: datetime) -> Posted | None:
        cursor = ""
        for _ in range(_PAGES):
            try:
                page = await self._messenger.history(channel_id, oldest=since.timestamp(), cursor=cursor)
            except NotDelivered as failed:
                raise self._not_posted(failed) from None
            for message in page["messages"]:
                if _key_of(message) == key:
                    return Posted(channel_id, str(message["ts"]))
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None
        raise NotPosted(Hitch.ACCESS, "too much to look through")  # a channel of many thousand messages an hour

    async def tell(self, user_id: str, message: Message) -> None:
        await self.turn(user_id)
        try:
            await self._messenger.post(user_id, message)
        except NotDelivered as failed:
            raise self._not_posted(failed) from None

    def _not_posted(self, failed: NotDelivered) -> NotPosted:
        if failed.retry_after is not None:
            self._pacer.pause(failed.retry_after)
        return NotPosted(hitch_of(failed), failed.code, failed.retry_after)


def hitch_of(failed: NotDelivered) -> Hitch:
    """What stood in the way, by what can be done about it."""
    if failed.ambiguous:
        return Hitch.UNCLEAR
    if failed.code in _LATER or failed.retry_after is not None:
        return Hitch.LATER
    if failed.code in _CHANNEL or failed.code.startswith(_CLOSED_CHANNEL):
        return Hitch.CHANNEL
    return Hitch.ACCESS if failed.code in _ACCESS else Hitch.MESSAGE


def _key_of(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("key")) if metadata.get("event_type") == EVENT_TYPE else ""


def _with_show_all(message: Message, everything: DeploymentQuery | None) -> Message:
    """With a button that gives whoever presses it the whole list, with its pages and filters, for them alone."""
    if everything is None:
        return message
    value = State("/shipped", as_typed(everything), zone=getattr(everything.window.zone, "key", "")).encode()
    return check_message(Message(message.text, (*message.blocks, *(block.to_dict() for block in show_all(value)))))
