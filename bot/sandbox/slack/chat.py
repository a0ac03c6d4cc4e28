"""``chat.*``: posting, changing and removing messages, with Slack's refusals.

https://docs.slack.dev/reference/methods/chat.postMessage, chat.update and their neighbours
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.elements import initial_state, with_ids
from bot.sandbox.slack.refusals import Refused, check_blocks, missing_argument
from bot.sandbox.slack.world import Channel, Message, World

MOST_TEXT = 40_000  # what is longer is cut, with a warning
MOST_METADATA_BYTES = 16_000  # Slack publishes no figure; apps are well advised to stay far below
_LONG_TEXT = frozenset({"msg_too_long"})


class Chat:
    def __init__(self, world: World) -> None:
        self._world = world

    def post_message(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self.destination(arguments)
        check_blocks(arguments, allowed=_LONG_TEXT)
        metadata = _metadata(arguments)
        message = self.store(channel, arguments, thread_ts=arguments.get("thread_ts"), metadata=metadata)
        answer = {"channel": channel.id, "ts": message.ts, "message": message.as_json(metadata=True)}
        if len(arguments.get("text") or "") > MOST_TEXT:
            answer |= {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
        return answer

    def post_ephemeral(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self.destination(arguments)
        user = arguments.get("user")
        if not user:
            raise missing_argument("user")
        if user not in channel.members:
            raise Refused("user_not_in_channel")
        check_blocks(arguments)
        message = self.store(channel, arguments, thread_ts=arguments.get("thread_ts"), only_for=user)
        return {"message_ts": message.ts}

    def update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        message = self._own_message(arguments, "cant_update_message")
        # A text alone takes the blocks away; attachments stay until others, or none, are given.
        content = {key: arguments[key] for key in ("text", "blocks", "attachments") if arguments.get(key) is not None}
        check_blocks(content)
        metadata = _metadata(arguments)
        if "text" not in content and "blocks" not in content:
            content |= {"text": message.text, "blocks": message.blocks}
        self.rewrite(message, {"attachments": message.attachments, **content})
        if metadata is not None:
            message.metadata = metadata or None
        return {
            "channel": message.channel,
            "ts": message.ts,
            "text": message.text,
            "message": message.as_json(metadata=True),
        }

    def delete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        message = self._own_message(arguments, "cant_delete_message")
        self._world.remove(message)
        return {"channel": message.channel, "ts": message.ts}

    def get_permalink(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self.known_channel(arguments)
        ts = str(arguments.get("message_ts", ""))
        if self._world.find(channel.id, ts) is None:
            raise Refused("message_not_found")
        place = f"https://{self._world.team_domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
        return {"channel": channel.id, "permalink": place}

    def store(
        self,
        channel: Channel,
        content: Mapping[str, Any],
        *,
        thread_ts: str | None = None,
        only_for: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Message:
        """A new message of the app. A reply to a reply goes to the thread's first message, as in Slack."""
        app = self._world.app
        parent = self._world.find(channel.id, thread_ts) if thread_ts else None
        message = Message(
            channel=channel.id,
            ts=self._world.next_ts(),
            user=app.bot_user_id,
            bot_id=app.bot_id,
            app_id=app.id,
            thread_ts=parent.thread_ts if parent and parent.thread_ts else thread_ts,
            only_for=only_for,
            metadata=metadata,
        )
        self._fill(message, content)
        return self._world.add(message)

    def rewrite(self, message: Message, content: Mapping[str, Any]) -> None:
        """New content for a message that is there. Its place, its time and who sees it stay."""
        self._fill(message, content)
        message.edited_ts = None if message.blocks else self._world.next_ts()
        self._world.changed()

    def known_channel(self, arguments: dict[str, Any]) -> Channel:
        """The channel that the app may know of: a private one only as its member."""
        if not arguments.get("channel"):
            raise missing_argument("channel")
        try:
            channel = self._world.channel(str(arguments["channel"]))
        except LookupError:
            raise Refused("channel_not_found") from None
        if channel.kind != "public" and self._world.app.bot_user_id not in channel.members:
            raise Refused("channel_not_found")
        return channel

    def destination(self, arguments: dict[str, Any]) -> Channel:
        """Where the app may post; a person's id means their direct messages with the app."""
        app, wanted = self._world.app, arguments.get("channel")
        if wanted in self._world.users and wanted != app.bot_user_id:
            return self._world.direct_messages(str(wanted))
        channel = self.known_channel(arguments)
        if channel.archived:
            raise Refused("is_archived")
        if app.bot_user_id not in channel.members and "chat:write.public" not in app.scopes:
            raise Refused("not_in_channel")
        return channel

    def _own_message(self, arguments: dict[str, Any], not_ours: str) -> Message:
        channel = self.known_channel(arguments)
        message = self._world.find(channel.id, str(arguments.get("ts", "")))
        if message is None:
            raise Refused("message_not_found")
        if message.bot_id != self._world.app.bot_id:
            raise Refused(not_ours)
        if channel.archived:
            raise Refused("is_inactive")
        return message

    def _fill(self, message: Message, content: Mapping[str, Any]) -> None:
        message.text = (content.get("text") or "")[:MOST_TEXT]
        message.blocks = with_ids(content.get("blocks") or [], self._world.new_id)
        message.attachments = list(content.get("attachments") or [])
        message.state = initial_state(message.blocks)


def _metadata(arguments: dict[str, Any]) -> dict[str, Any] | None:
    metadata = arguments.get("metadata")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise Refused("invalid_metadata_format")
    if not metadata:
        return metadata
    event_type, event_payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(event_type, str) or not event_type or not isinstance(event_payload, dict):
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(metadata).encode()) > MOST_METADATA_BYTES:
        raise Refused("metadata_too_large")
    return metadata
