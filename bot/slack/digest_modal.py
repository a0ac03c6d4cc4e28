"""The form of a digest on the screen: opened at once, filled when its choices are read, following what is chosen.

https://docs.slack.dev/surfaces/modals
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.commands.digest import NewDigest
from bot.commands.questions import Asker
from bot.domain.digests import Subscription
from bot.domain.errors import SourceError
from bot.domain.schedule import is_zone
from bot.formatting.digest_form import CHANNEL, Form, Keys, form_view
from bot.formatting.message import Message
from bot.formatting.problem import format_problem
from bot.services.choices import Choices, Offered
from bot.slack.digest_form import Errors, filled, read_form, typed
from bot.slack.digest_state import decode, encode
from bot.slack.messenger import Messenger, NotDelivered
from bot.slack.modals import loading_view, message_view
from bot.slack.replies import Place, Reply, ViewReply, opened

TITLE = "Digest"
_TRIES, _PAUSE = 20, 0.15


@dataclass(frozen=True, slots=True)
class FormModal:
    """The form of one subscription, which travels with it; stored is nothing here."""

    choices: Choices
    messenger: Messenger
    clock: Callable[[], datetime]

    async def open(self, subscription: Subscription, zone: str, trigger_id: str, reply: Reply) -> str:
        """The form, filled with the subscription, in ``zone``; ``reply`` is for when it cannot be opened."""
        view = await opened(self.messenger, TITLE, trigger_id, reply)
        if view is None:
            return "not opened"
        if is_zone(zone):
            subscription = replace(subscription, schedule=replace(subscription.schedule, zone=zone))
        try:
            offered = await self.choices.offered(subscription.project, subscription.environment)
        except SourceError as error:
            return await view.privately(format_problem(error))
        form = filled(subscription, {*offered.lately, *offered.others})
        await self.messenger.update_view(view.view_id, self._view(form, offered, subscription))
        return "views.update"

    async def follow(self, view: dict[str, Any]) -> str:
        """Other environments for another project, other applications for another environment, the next due time."""
        form = read_form(view)
        offered = await self.choices.offered(form.project, form.environment)
        shown = self._view(form, offered, decode(view["private_metadata"]))
        await self.messenger.update_view(view["id"], shown)
        return "views.update"

    def read(self, view: dict[str, Any]) -> tuple[Subscription, NewDigest | Errors]:
        """The subscription that the form is of, and what it says now, or what is wrong in which field.

        Raises ``BadState`` for another version's form.
        """
        subscription, form = decode(view["private_metadata"]), read_form(view)
        said = typed(form, Asker(self.clock(), UTC))
        if subscription.channel_id:  # which the form does not ask for: a digest stays in its channel
            return subscription, said
        if not form.channel:
            return subscription, {CHANNEL: "Choose a channel."} | (said if isinstance(said, dict) else {})
        # A view's state comes from Slack, whose menu offers nobody a channel that they cannot see. We could not look
        # ourselves without more scopes, so it is believed as the user id beside it is.
        return replace(subscription, channel_id=form.channel), said

    def pushed(self) -> tuple[dict[str, Any], Reply]:
        """A view to lie upon the form while its preview is read, and the way to put that into it."""
        name = secrets.token_hex(12)
        return {**loading_view(TITLE), "external_id": name}, PushedReply(self.messenger, name)

    def _view(self, form: Form, offered: Offered, subscription: Subscription) -> dict[str, Any]:
        title = f"Digest #{subscription.number}" if subscription.number else "New digest"
        return form_view(
            replace(form, project=offered.project, environment=offered.environment),
            Keys(offered.projects, offered.environments, offered.lately, offered.others),
            title=title,
            metadata=encode(subscription),
            now=self.clock(),
            asks_channel=not subscription.channel_id,
        )


class FinalReply(ViewReply):
    """Into a preview that lies upon its form: what is done is done, so closing it closes the form as well."""

    async def answer(self, message: Message) -> str:
        view = {**message_view(TITLE, message), "clear_on_close": True}
        await self._messenger.update_view(self.view_id, view)
        return "views.update"

    async def privately(self, message: Message) -> str:
        return await super().answer(message)


class PushedReply:
    """Into a view that the acknowledgement of a form pushes: it has our name, and may not be there yet."""

    def __init__(
        self, messenger: Messenger, name: str, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self.place = Place.VIEW
        self._messenger = messenger
        self._name = name
        self._sleep = sleep

    async def reading(self, notice: Message) -> None:
        pass

    async def answer(self, message: Message) -> str:
        view = {**message_view(TITLE, message), "external_id": self._name}
        for _ in range(_TRIES):
            try:
                await self._messenger.update_named_view(self._name, view)
            except NotDelivered as failed:
                if failed.code != "not_found":
                    raise
                await self._sleep(_PAUSE)
            else:
                return "views.update"
        raise NotDelivered("not_found")

    async def privately(self, message: Message) -> str:
        return await self.answer(message)
