"""What the bot says to Slack, and what Slack's refusals mean.

https://docs.slack.dev/reference/methods and https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.formatting.message import Message

logger = logging.getLogger(__name__)

Sent = TypeVar("Sent")

# The message was refused for its blocks, so its plain text can still go out.
_REFUSED_BLOCKS = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "only_one_table_allowed", "invalid_attachments"}
)
# Something may have been done all the same: https://docs.slack.dev/reference/methods/chat.postMessage#errors
_AMBIGUOUS = frozenset({"fatal_error", "internal_error", "request_timeout"})
_POINTER = re.compile(r"\[json-pointer:([^\]]*)\]")
# No link that a message carries is to be unfolded: a summary of deployments is not a gallery of pull requests.
_QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}


class NotDelivered(Exception):
    """Slack did not take what was said. ``ambiguous``: it may have, its answer was lost.

    ``code`` is Slack's error code, or "http_500", "no answer", "no connection". ``pointers`` say which parts were
    refused; ``retry_after`` is in seconds, where Slack asked to wait.
    """

    def __init__(
        self,
        code: str,
        *,
        ambiguous: bool = False,
        pointers: tuple[str, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.ambiguous = ambiguous
        self.pointers = pointers
        self.retry_after = retry_after


class Messenger:
    """Posts, replaces and removes messages and views; every method raises ``NotDelivered`` and nothing else.

    A message whose blocks Slack refuses goes out once more as its plain text, and the refusal is logged.
    """

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
        self._client = client
        self._session = session

    async def respond(self, url: str, message: Message, **options: Any) -> None:
        """Answer to a ``response_url``; ``options`` are its fields beside text and blocks."""

        async def send(said: Message) -> None:
            await self._to_url(url, {**_content(said), **_QUIET, **options})

        await _plain_if_refused(send, message)

    async def delete_original(self, url: str) -> None:
        """Remove the message whose button gave this ``response_url``."""
        await self._to_url(url, {"delete_original": True})

    async def post(
        self,
        channel: str,
        message: Message,
        *,
        thread_ts: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> str:
        """A message for everybody in the channel; returns its ``ts``. ``metadata`` goes with it unseen.

        https://docs.slack.dev/messaging/message-metadata
        """
        carried: dict[str, Any] = {"metadata": dict(metadata)} if metadata else {}

        async def send(said: Message) -> str:
            call = self._client.chat_postMessage(
                channel=channel, thread_ts=thread_ts, **_content(said), **carried, **_QUIET
            )
            return str((await _called(call))["ts"])

        return await _plain_if_refused(send, message)

    async def post_privately(self, channel: str, user: str, message: Message, *, thread_ts: str | None = None) -> None:
        """A message in the channel that only this member of it sees."""

        async def send(said: Message) -> None:
            call = self._client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread_ts, **_content(said))
            await _called(call)

        await _plain_if_refused(send, message)

    async def update(self, channel: str, ts: str, message: Message) -> None:
        """Other content for a message of ours."""

        async def send(said: Message) -> None:
            content = {"blocks": [], **_content(said)}  # without blocks, Slack would keep the old ones
            await _called(self._client.chat_update(channel=channel, ts=ts, **content))

        await _plain_if_refused(send, message)

    async def delete(self, channel: str, ts: str) -> None:
        """Remove a message of ours."""
        await _called(self._client.chat_delete(channel=channel, ts=ts))

    async def history(self, channel: str, *, oldest: float, cursor: str = "") -> Mapping[str, Any]:
        """A page of the channel's messages since ``oldest`` (epoch seconds), newest first, with their metadata."""
        call = self._client.conversations_history(
            channel=channel, oldest=f"{oldest:.6f}", cursor=cursor or None, limit=200, include_all_metadata=True
        )
        page = (await _called(call)).data
        return page if isinstance(page, dict) else {}

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> str:
        """A modal for whoever caused the trigger, within its three seconds; returns the view's id."""
        opened = await _called(self._client.views_open(trigger_id=trigger_id, view=dict(view)))
        return str(opened["view"]["id"])

    async def update_view(self, view_id: str, view: Mapping[str, Any]) -> None:
        """Other content for an open modal."""
        await _called(self._client.views_update(view_id=view_id, view=dict(view)))

    async def update_named_view(self, external_id: str, view: Mapping[str, Any]) -> None:
        """Other content for an open modal that we gave a name of ours."""
        await _called(self._client.views_update(external_id=external_id, view=dict(view)))

    async def publish_home(self, user: str, view: Mapping[str, Any]) -> None:
        """The Home tab as this person sees it."""
        await _called(self._client.views_publish(user_id=user, view=dict(view)))

    async def _to_url(self, url: str, body: Mapping[str, Any]) -> None:
        try:
            async with self._session.post(url, json=body, allow_redirects=False) as answer:
                text = await answer.text(errors="replace")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unreachable(error) from None  # the text of these errors may hold the address, which is a secret
        if answer.status != 200 or text.strip() not in ("", "ok"):
            _check_answer(answer.status, text)


async def quietly(said: Awaitable[object]) -> None:
    """For what nobody waits for: a failure is logged and that is all."""
    try:
        await said
    except NotDelivered as failed:
        logger.warning("Slack did not take what was said: %s", failed.code)


def _check_answer(status: int, text: str) -> None:
    """A ``response_url`` says "ok", or gives its error as JSON or as a bare word."""
    try:
        said = json.loads(text)
    except ValueError:
        said = {"error": text.strip()} if re.fullmatch(r"[a-z_]{3,60}", text.strip()) else {}
    if status == 200 and not (isinstance(said, dict) and (said.get("error") or said.get("ok") is False)):
        return
    raise _refusal(said if isinstance(said, dict) else {}, status)


def _content(message: Message) -> dict[str, Any]:
    return {"text": message.text, **({"blocks": list(message.blocks)} if message.blocks else {})}


async def _plain_if_refused(send: Callable[[Message], Awaitable[Sent]], message: Message) -> Sent:
    try:
        return await send(message)
    except NotDelivered as refused:
        if refused.code not in _REFUSED_BLOCKS or not message.blocks:
            raise
        fields = {"code": refused.code, "pointers": ",".join(refused.pointers)}
        logger.error("Slack refused a message's blocks; its plain text is sent", extra={"fields": fields})
    return await send(Message(message.text))


async def _called(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    try:
        return await call
    except SlackApiError as error:
        response = error.response
        said = response.data if isinstance(response.data, dict) else {}
        raise _refusal(said, response.status_code, _retry_after(response.headers)) from None
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise _unreachable(error) from None


def _refusal(said: Mapping[str, Any], status: int, retry_after: float | None = None) -> NotDelivered:
    code = str(said.get("error") or f"http_{status}")
    metadata = said.get("response_metadata")
    messages = [*_strings(said.get("errors")), *_strings(metadata.get("messages") if metadata else ())]
    pointers = tuple(dict.fromkeys(pointer for text in messages for pointer in _POINTER.findall(text)))
    ambiguous = status >= 500 or code in _AMBIGUOUS
    return NotDelivered(code, ambiguous=ambiguous, pointers=pointers, retry_after=retry_after)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """https://docs.slack.dev/apis/web-api/rate-limits: whole seconds."""
    seconds = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(seconds) if seconds.isascii() and seconds.isdigit() else None


def _strings(values: Any) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _unreachable(error: Exception) -> NotDelivered:
    never_sent = isinstance(error, aiohttp.ClientConnectorError)
    return NotDelivered("no connection" if never_sent else "no answer", ambiguous=not never_sent)
