"""Talking about digests: a preview before anything is stored, one public line after it, one log line for each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from bot.commands.digest import DigestVerb, ManageDigest, NewDigest, parse_digest
from bot.commands.questions import Asker, ShowHelp
from bot.domain.digests import Subscription
from bot.domain.errors import CommandError, StorageError, WhatShippedError
from bot.domain.previews import Draft
from bot.formatting import digest_buttons, notices
from bot.formatting import subscriptions as told
from bot.formatting.digest import format_digest
from bot.formatting.digest_list import format_list
from bot.formatting.digest_results import format_why
from bot.formatting.message import Message
from bot.formatting.previews import format_now, format_preview
from bot.formatting.problem import format_problem
from bot.formatting.subscriptions import Change
from bot.services.answers import Answers
from bot.services.digest_ports import Hitch
from bot.services.previews import Previews
from bot.services.subscriptions import NotManager, Outcome, Subscriptions
from bot.slack.canonical import CanonicalLine
from bot.slack.conversation import Defaults
from bot.slack.digest_messenger import hitch_of
from bot.slack.digest_modal import FormModal
from bot.slack.digest_state import MOST_VALUE, encode
from bot.slack.home import Home
from bot.slack.messenger import Messenger, NotDelivered, quietly
from bot.slack.profiles import Profiles
from bot.slack.replies import Place, Reply, opened, patiently

logger = logging.getLogger(__name__)

TITLE, _HELP = "Digest", "/digest help"
_WHY = 10
_MANAGERS = 5
_ROOM = 150  # characters that a digest gains while it lives: a number, a revision, the reason of a pause


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and where and how: ids for the store and the log. ``name`` is the account's, if known."""

    user: str
    team: str
    channel: str
    how: str
    name: str = ""


class Shown(Enum):
    """What a person looks at who presses a button of a digest."""

    WORDS = "words"  # nothing: the digest was named in words
    PREVIEW = "preview"
    LIST = "list"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class DigestConversation:
    """The use cases of ``/digest``. No method raises for what people, Slack, LaunchDarkly or the store did."""

    subscriptions: Subscriptions
    previews: Previews
    answers: Answers
    modal: FormModal
    home: Home
    messenger: Messenger
    profiles: Profiles
    defaults: Defaults
    clock: Callable[[], datetime]
    patience: float = 1.0

    # -- Words --------------------------------------------------------------------------------------------------------

    async def command(self, actor: Actor, text: str, reply: Reply, trigger_id: str = "") -> None:
        """What was typed after ``/digest``; the answer is the asker's alone."""
        await self._told(actor, "digest", reply, self._command(actor, text, reply, trigger_id))

    async def _command(self, actor: Actor, text: str, reply: Reply, trigger_id: str) -> str:
        command = parse_digest(text, self._anywhere())
        match command:
            case (NewDigest() as new) | ManageDigest(verb=DigestVerb.PREVIEW, new=NewDigest() as new):
                return await self._propose(actor, reply, self._blank(actor, await self._asker(actor)), new)
            case ManageDigest(verb=DigestVerb.HELP, which=topic):
                return await reply.privately(await self.answers.help(ShowHelp("/digest", topic)))
            case ManageDigest(verb=DigestVerb.LIST):
                return await reply.privately(await self._list(actor))
        found = await self.subscriptions.find(actor.team, actor.channel, command.which, command.verb.value)
        if command.new is not None:
            return await self._propose(actor, reply, found, command.new)
        return await self._manage(actor, command.verb, found, Shown.WORDS, reply, trigger_id)

    # -- Buttons ------------------------------------------------------------------------------------------------------

    async def decide(self, actor: Actor, drafted: Subscription, reply: Reply) -> None:
        """Store what a preview showed: a new digest, or a changed one."""
        await self._told(actor, "digest decide", reply, self._decide(actor, drafted, reply))

    async def cancel(self, reply: Reply) -> None:
        """Throw a preview away."""
        await quietly(reply.answer(told.cancelled()))

    async def press(
        self, actor: Actor, verb: DigestVerb, subscription_id: str, shown: Shown, reply: Reply, trigger_id: str
    ) -> None:
        """A button of one digest."""

        async def work() -> str:
            found = await self.subscriptions.get(actor.team, subscription_id)
            return await self._manage(actor, verb, found, shown, reply, trigger_id)

        await self._told(actor, f"digest {verb.value}", reply, work())

    async def undo(self, actor: Actor, removed: Subscription, shown: Shown, reply: Reply) -> None:
        """Bring back what was removed."""

        async def work() -> str:
            outcome = await self.subscriptions.restore(removed, actor.user)
            return await self._report(actor, Change.RESTORED, outcome, shown, reply)

        await self._told(actor, "digest undo", reply, work())

    async def page(self, actor: Actor, page: int, reply: Reply) -> None:
        """Another page of the channel's digests."""

        async def work() -> str:
            return await reply.answer(await self._list(actor, page))

        await self._told(actor, "digest list", reply, work())

    async def new(self, actor: Actor, reply: Reply, trigger_id: str) -> None:
        """The form of a new digest; it asks for the channel where the actor is in none, as in the Home tab."""

        async def work() -> str:
            blank = self._blank(actor, self._anywhere())
            return await self.modal.open(blank, (await self.profiles.of(actor.user)).zone.key, trigger_id, reply)

        await self._told(actor, "digest new", reply, work())

    # -- The form -----------------------------------------------------------------------------------------------------

    async def form_changed(self, actor: Actor, view: dict[str, Any], reply: Reply) -> None:
        """Something was chosen in the form, and the rest of it follows."""
        await self._told(actor, "digest form", reply, self.modal.follow(view))

    async def form_submitted(self, actor: Actor, subscription: Subscription, new: NewDigest, reply: Reply) -> None:
        """The form was filled in: the preview of what it says."""
        await self._told(actor, "digest form", reply, self._propose(actor, reply, subscription, new, form=True))

    # -- What they do -------------------------------------------------------------------------------------------------

    async def _propose(
        self, actor: Actor, reply: Reply, subscription: Subscription, new: NewDigest, *, form: bool = False
    ) -> str:
        """Show what it would have sent, with the button that makes it so."""
        now = self.clock()
        asker = self._anywhere()

        async def preview() -> Message:
            draft = await self.subscriptions.drafted(subscription, new, asker, actor.user, whole=form)
            value = encode(draft.subscription)
            if len(value) > MOST_VALUE - _ROOM:
                raise CommandError(
                    "A digest with so many filters is too long for me to keep.", "/digest weekdays 09:30"
                )
            decision = digest_buttons.SAVE if draft.before else digest_buttons.SUBSCRIBE
            return await self._previewed(draft, now, reply, decision, value)

        shown = await patiently(preview(), self.patience, reply, notices.previewing())
        return await (reply.answer(shown) if form else reply.privately(shown))

    async def _decide(self, actor: Actor, drafted: Subscription, reply: Reply) -> str:
        now = self.clock()
        if drafted.number:
            outcome = await self.subscriptions.save(drafted, actor.user, now)
            return await self._report(actor, Change.EDITED, outcome, Shown.PREVIEW, reply)
        outcome = await self.subscriptions.subscribe(drafted, actor.user, now)
        stored = outcome.subscription
        if not outcome.changed:
            return await self._decided(actor, stored, told.unchanged(stored, now), reply)
        failed = await self._announced(actor, Change.SUBSCRIBED, stored)
        if failed and hitch_of(failed) is Hitch.CHANNEL:
            await self.subscriptions.withdraw(stored)
            refused = told.cannot_post("subscribed", direct=stored.channel_id.startswith("D"))
            return await reply.privately(_placed(refused, stored, reply))
        return await self._decided(actor, stored, _confirmed(Change.SUBSCRIBED, stored, now, failed), reply)

    async def _decided(self, actor: Actor, stored: Subscription, message: Message, reply: Reply) -> str:
        """Say in place of a preview what became of it."""
        road = await reply.answer(_placed(message, stored, reply))
        if reply.place is Place.VIEW:  # it may lie upon the Home tab, which lists what was just decided
            await self.home.show(actor.user, actor.team)
        return road

    async def _manage(
        self, actor: Actor, verb: DigestVerb, found: Subscription, shown: Shown, reply: Reply, trigger_id: str
    ) -> str:
        which = found.team_id, found.id, actor.user
        match verb:
            case DigestVerb.EDIT:
                self.subscriptions.check_manager(actor.user)
                if not trigger_id:  # Slack gives none with a message
                    example = f"/digest edit {found.number} {found.schedule.at:%H:%M}"
                    raise CommandError("In answer to a message I cannot open a form; say what is to change.", example)
                return await self.modal.open(found, found.schedule.zone, trigger_id, reply)
            case DigestVerb.PREVIEW | DigestVerb.WHY:
                return await self._look(verb, found, shown, reply, trigger_id)
            case DigestVerb.NOW:
                return await self._now(actor, found, reply)
            case DigestVerb.REMOVE:
                change, outcome = Change.REMOVED, Outcome(await self.subscriptions.remove(*which))
            case DigestVerb.PAUSE:
                outcome = await self.subscriptions.pause(*which, f"by {await self._name(actor)}")
                change = Change.PAUSED
            case _:
                change, outcome = Change.RESUMED, await self.subscriptions.resume(*which, self.clock())
        return await self._report(actor, change, outcome, shown, reply)

    async def _look(self, verb: DigestVerb, found: Subscription, shown: Shown, reply: Reply, trigger_id: str) -> str:
        """A preview, or what became of the last ones: beside the list, or in a modal above the Home tab."""
        now = self.clock()
        place = await opened(self.messenger, TITLE, trigger_id, reply) if shown is Shown.HOME else reply
        if place is None:
            return "not opened"
        if verb is DigestVerb.WHY:
            results = await self.subscriptions.history(found, _WHY)
            message = _placed(format_why(found, results, now), found, place)
        else:
            preview = self._previewed(Draft(found), now, place)
            message = await patiently(preview, self.patience, place, notices.previewing())
        return await place.privately(message)

    async def _now(self, actor: Actor, found: Subscription, reply: Reply) -> str:
        self.subscriptions.check_manager(actor.user)
        so_far = await patiently(
            self.previews.until_now(found, self.clock()), self.patience, reply, notices.previewing()
        )
        digest = format_digest(so_far.summary, so_far.occurrence, name=found.name, base_url=self.defaults.base_url)
        try:
            await self.messenger.post(found.channel_id, format_now(digest, await self._name(actor)))
        except NotDelivered as failed:
            if hitch_of(failed) is not Hitch.CHANNEL:
                raise
            return await reply.privately(told.cannot_post("posted", direct=found.channel_id.startswith("D")))
        return await reply.privately(told.posted_now(found, self.clock()))

    async def _report(self, actor: Actor, change: Change, outcome: Outcome, shown: Shown, reply: Reply) -> str:
        """Tell the channel what changed, and the actor, where they look."""
        now, stored = self.clock(), outcome.subscription
        if outcome.changed:
            failed = await self._announced(actor, change, stored, outcome.before)
            message = _confirmed(change, stored, now, failed)
        else:
            message = told.unchanged(stored, now)
        match shown:
            case Shown.PREVIEW:
                return await self._decided(actor, stored, message, reply)
            case Shown.LIST:
                return await reply.answer(await self._list(actor, notice=message))
            case Shown.HOME:
                await self.home.show(actor.user, actor.team, message)
                return "views.publish"
            case Shown.WORDS:
                return await reply.privately(message)

    async def _announced(
        self, actor: Actor, change: Change, subscription: Subscription, before: Subscription | None = None
    ) -> NotDelivered | None:
        """The one public line; why it did not come, where it did not."""
        line = told.announcement(change, subscription, await self._name(actor), self.clock(), before)
        try:
            await self.messenger.post(subscription.channel_id, line)
        except NotDelivered as failed:
            logger.warning("a change of digest %s was not announced: %s", subscription.id, failed.code)
            return failed
        return None

    async def _previewed(
        self, draft: Draft, now: datetime, reply: Reply, decision: str = "", value: str = ""
    ) -> Message:
        subscription = draft.subscription
        sample = await self.previews.last_days(subscription, now)
        example = None
        if sample.example is not None and sample.preview.example is not None:
            example = format_digest(
                sample.example,
                sample.preview.example.occurrence,
                name=subscription.name,
                base_url=self.defaults.base_url,
            )
        in_modal = reply.place is Place.VIEW
        shown = format_preview(sample.preview, example, draft=draft, decision=decision, value=value, first=in_modal)
        return _placed(shown, subscription, reply)

    async def _list(self, actor: Actor, page: int = 1, notice: Message | None = None) -> Message:
        entries = await self.subscriptions.of_channel(actor.team, actor.channel)
        return format_list(entries, self.clock(), channel_id=actor.channel, page=page, notice=notice)

    # -- Who, and how it ends -----------------------------------------------------------------------------------------

    def _blank(self, actor: Actor, asker: Asker) -> Subscription:
        return self.subscriptions.blank(asker, team=actor.team, channel=actor.channel, user=actor.user)

    def _anywhere(self) -> Asker:
        """Somebody whose zone does not matter."""
        return Asker(self.clock(), UTC, self.defaults.project, self.defaults.environment)

    async def _asker(self, actor: Actor) -> Asker:
        return replace(self._anywhere(), zone=(await self.profiles.of(actor.user)).zone)

    async def _name(self, actor: Actor) -> str:
        return (await self.profiles.of(actor.user)).name or actor.name

    async def _told(self, actor: Actor, what: str, reply: Reply, work: Coroutine[Any, Any, str]) -> None:
        with CanonicalLine(actor.how, actor.user, actor.channel) as log_line:
            log_line.did(what)
            try:
                try:
                    log_line.ended("answered", await work)
                except NotManager as error:
                    names = [(await self.profiles.of(user)).name for user in error.managers[:_MANAGERS]]
                    log_line.ended("NotManager", await reply.privately(told.not_a_manager(names)))
                except WhatShippedError as error:
                    if isinstance(error, StorageError):
                        logger.warning("the database cannot be used: %s", error.message)
                    log_line.ended(type(error).__name__, await reply.privately(format_problem(error, _HELP)))
            except NotDelivered as failed:
                log_line.ended("not delivered", failed.code)


def _placed(message: Message, subscription: Subscription, reply: Reply) -> Message:
    return told.in_modal(message, subscription.channel_id) if reply.place is Place.VIEW else message


def _confirmed(change: Change, stored: Subscription, now: datetime, failed: NotDelivered | None) -> Message:
    undo = encode(stored) if change is Change.REMOVED else ""
    message = told.confirmation(change, stored, now, undo if len(undo) <= MOST_VALUE else "")
    return told.not_announced(message, failed.code) if failed else message
