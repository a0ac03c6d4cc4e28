"""From a question in Slack to its answer there: private first, told when it takes longer, one log line for each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.commands.questions import Asker, FindRelease, ShowHelp, ShowShipped
from bot.domain.errors import SourceError, WhatShippedError
from bot.formatting import notices
from bot.formatting.details import deployment_blocks
from bot.formatting.message import Message
from bot.formatting.problem import format_problem
from bot.formatting.release import format_lookup
from bot.formatting.shipped import format_shipped, page_count
from bot.services.answers import Answers
from bot.slack.canonical import CanonicalLine
from bot.slack.messenger import Messenger, NotDelivered, quietly
from bot.slack.offers import beside_lookup, beside_shipped
from bot.slack.profiles import Profiles
from bot.slack.replies import Place, Reply, UrlReply, opened, patiently
from bot.slack.state import State, as_asked, minute_of

logger = logging.getLogger(__name__)

ANSWER_TITLE, DETAILS_TITLE = "What shipped", "Deployment"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and where and how: ids for the log. ``name`` is the account's, where Slack sent it along."""

    user: str
    channel: str
    how: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a question means that does not say. ``base_url`` is where LaunchDarkly's web pages are."""

    project: str
    environment: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """The use cases of Slack. No method raises for what people, Slack or LaunchDarkly did.

    ``patience`` is how many seconds pass before it is said that a read takes longer.
    """

    answers: Answers
    messenger: Messenger
    profiles: Profiles
    defaults: Defaults
    clock: Callable[[], datetime]
    patience: float = 1.0

    async def ask(self, asked: Asked, state: State, reply: Reply) -> None:
        """Answer a question. ``public`` in the words of a command makes the answer one for the channel."""
        await self._told(asked, state, reply, "Asked by" if asked.how == "command" else "")

    async def share(self, asked: Asked, state: State, reply: UrlReply) -> None:
        """Answer for everybody in the channel, say who shared it, and take the private copy away."""
        reply.place = Place.PUBLIC
        if await self._told(asked, state, reply, "Shared by"):
            await quietly(reply.remove_original())

    async def ask_in_view(self, asked: Asked, state: State, trigger_id: str, reply: Reply) -> None:
        """Answer in a modal, which is opened at once. ``reply`` is for when it cannot be opened."""
        if view := await opened(self.messenger, ANSWER_TITLE, trigger_id, reply):
            await self._told(asked, state, view, "")

    async def details(self, asked: Asked, project: str, deployment_id: str, trigger_id: str, reply: Reply) -> None:
        """Everything about one deployment, in a modal. ``reply`` is for when it cannot be opened."""
        view = await opened(self.messenger, DETAILS_TITLE, trigger_id, reply)
        if view is None:
            return
        with CanonicalLine(asked.how, asked.user, asked.channel) as log_line:
            try:
                try:
                    deployment = await self.answers.deployment(project, deployment_id)
                except SourceError as error:
                    log_line.ended(type(error).__name__, await view.privately(format_problem(error)))
                    return
                zone = (await self.profiles.of(asked.user)).zone
                blocks = deployment_blocks(deployment, zone=zone, now=self.clock(), base_url=self.defaults.base_url)
                log_line.ended("answered", await view.show(blocks))
            except NotDelivered as failed:
                log_line.ended("not delivered", failed.code)

    async def tell(self, reply: Reply, message: Message) -> None:
        """Say something to the asker alone."""
        await quietly(reply.privately(message))

    async def _told(self, asked: Asked, state: State, reply: Reply, signature: str) -> bool:
        """Whether an answer got through; with one log line."""
        with CanonicalLine(asked.how, asked.user, asked.channel) as log_line:
            try:
                try:
                    log_line.ended("answered", await self._answered(asked, state, reply, signature, log_line))
                except WhatShippedError as error:
                    log_line.ended(type(error).__name__, await reply.privately(format_problem(error)))
                else:
                    return True
            except NotDelivered as failed:
                log_line.ended("not delivered", failed.code)
                if failed.ambiguous and reply.place is Place.PUBLIC:  # never posted twice, but not left in silence
                    await quietly(reply.privately(notices.unconfirmed()))
        return False

    async def _answered(self, asked: Asked, state: State, reply: Reply, signature: str, log_line: CanonicalLine) -> str:
        """The road that the answer took."""
        now = self.clock()
        profile = await self.profiles.of(asked.user)
        zone = ZoneInfo(state.zone) if state.zone else profile.zone
        state = replace(state, asked_at=state.asked_at or minute_of(now), zone=zone.key)
        asker = Asker(state.asked_at or now, zone, self.defaults.project, self.defaults.environment)
        question = state.question(asker)
        if isinstance(question, ShowHelp):
            log_line.asked(question, state)
            return await reply.privately(await self.answers.help(question))
        question = replace(question, window=as_asked(question.window, asker.now, now))
        log_line.asked(question, state)
        if question.public and asked.how == "command" and reply.place is Place.PRIVATE:
            reply.place = Place.PUBLIC
        work = self._message(question, asker, state, reply.place, log_line)
        message = await patiently(work, self.patience, reply, notices.reading(question.window, now))
        if signature and reply.place is Place.PUBLIC:
            message = notices.signed(message, signature, profile.name or asked.name, state.told)
        return await reply.answer(message)

    async def _message(
        self, question: ShowShipped | FindRelease, asker: Asker, state: State, place: Place, log_line: CanonicalLine
    ) -> Message:
        base_url = self.defaults.base_url
        with self.answers.in_time():
            if isinstance(question, FindRelease):
                lookup = await self.answers.release(question, asker)
                log_line.read(lookup.searched.copy, lookup.searched.deployments, lookup.searched.completeness)
                return format_lookup(lookup, base_url=base_url, controls=beside_lookup(state, lookup, place))
            summary = await self.answers.shipped(question, asker)
            log_line.read(summary.copy, summary.totals.deployments, summary.completeness)
            environments = await self.answers.environments(summary.query.project) if place is not Place.PUBLIC else ()
        state = state.on_page(min(state.page, page_count(summary)))
        offers = beside_shipped(state, summary, environments, place)
        return format_shipped(summary, base_url=base_url, page=state.page, controls=offers)
