"""Subscribing channels to digests: making, changing, pausing and removing them, who may, and what became of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import TypeVar

from bot.commands.digest import NewDigest
from bot.commands.questions import Asker
from bot.domain.digests import Subscription
from bot.domain.errors import CommandError, SourceNotFound
from bot.domain.filters import NO_FILTERS, Filters
from bot.domain.previews import Draft
from bot.domain.query import DeploymentQuery
from bot.domain.schedule import WEEKDAYS, Schedule
from bot.domain.spelling import nearest, only_match
from bot.formatting.digest_list import Entry
from bot.formatting.digest_results import Ended, Result
from bot.formatting.subscriptions import place
from bot.services.digest_ports import Delivery, DeliveryLedger, DeliveryState, SubscriptionStore
from bot.services.resolver import Resolver

_LIST, _NEW = "/digest list", "/digest weekdays 09:30"
_LISTED = 8
_Said = TypeVar("_Said")


class NotManager(CommandError):
    """Only ``managers`` (Slack user ids) may change digests here."""

    def __init__(self, managers: Collection[str]) -> None:
        super().__init__("Only the managers of digests may change them.", _LIST)
        self.managers = tuple(managers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A subscription as it is now. ``changed`` is False where it was so already: a second press, another's earlier one.

    ``before`` is what a change replaced.
    """

    subscription: Subscription
    changed: bool = True
    before: Subscription | None = None


class Subscriptions:
    """The use cases. Times are aware; ``user`` is whoever acts.

    ``managers`` may change digests; where there are none, everybody may. Refusals are raised as ``CommandError``, what
    LaunchDarkly does not know as ``SourceNotFound``, a digest whose project may not be shown (which can be paused and
    removed) as ``ProjectNotShown``, a store that cannot be used as ``StorageError``.
    """

    def __init__(
        self,
        store: SubscriptionStore,
        ledger: DeliveryLedger,
        resolver: Resolver,
        *,
        managers: Collection[str] = (),
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._resolver = resolver
        self._managers = tuple(managers)
        self._new_id = new_id

    def check_manager(self, user: str) -> None:
        """Raises ``NotManager`` for somebody who may not change digests."""
        if self._managers and user not in self._managers:
            raise NotManager(self._managers)

    def oversees(self, user: str) -> bool:
        """Whether the person was named as one who manages the digests of all channels."""
        return user in self._managers

    # -- What is there ------------------------------------------------------------------------------------------------

    async def get(self, team: str, subscription_id: str) -> Subscription:
        """The team's subscription of that id."""
        found = await self._store.get(team, subscription_id)
        if found is None:
            raise CommandError("That digest is not there any more: somebody removed it.", _LIST)
        return found

    async def find(self, team: str, channel: str, which: str, verb: str) -> Subscription:
        """The channel's digest of that number or name; the only one where ``which`` is "".

        ``verb`` is what was typed before it, for the example of a refusal.
        """
        there = await self._store.of_channel(team, channel)
        if not there:
            raise CommandError(f"This {place(channel)} has no digest yet.", _NEW)
        found = _called(which, there)
        if which and len(found) > 1:
            many = "Two" if len(found) == 2 else len(found)
            examples = [f"/digest {verb} {one.number}" for one in found[:_LISTED]]
            raise CommandError(f"{many} digests here are called “{found[0].name}”; say which number.", *examples)
        if len(found) != 1:
            names = {one.name: one.number for one in there if one.name}
            near = nearest(which, names, most=1)
            number = names[near[0]] if near else there[0].number
            told = f"has no digest “{which}”." if which else "has several digests; say which."
            listed = ", ".join(f"#{one.number} {one.name}".strip() for one in there[:_LISTED])
            more = f" and {len(there) - _LISTED} more" if len(there) > _LISTED else ""
            raise CommandError(f"This {place(channel)} {told} There is {listed}{more}.", f"/digest {verb} {number}")
        return found[0]

    async def of_channel(self, team: str, channel: str) -> Sequence[Entry]:
        """The channel's digests, by number."""
        return [await self._entry(one) for one in await self._store.of_channel(team, channel)]

    async def of_person(self, team: str, user: str) -> Sequence[Entry]:
        """The digests of all channels that the person made; for those who oversee them, all of the team.

        Who else is in a channel is not known to us, so what it reads is not shown to just anybody.
        """
        everything = await self._store.of_team(team)
        return [await self._entry(one) for one in everything if self.oversees(user) or one.created_by == user]

    async def history(self, subscription: Subscription, most: int) -> Sequence[Result]:
        """What became of the last occurrences, newest first."""
        return [_result(delivery, subscription) for delivery in await self._ledger.history(subscription.id, most)]

    # -- Making and changing ------------------------------------------------------------------------------------------

    def blank(self, asker: Asker, *, team: str, channel: str, user: str) -> Subscription:
        """A digest of nothing in particular, to be filled in: weekdays at 09:30 in the asker's zone, not stored."""
        self.check_manager(user)
        return Subscription(
            id=self._new_id(),
            team_id=team,
            channel_id=channel,
            name="",
            project=asker.project,
            environment=asker.environment,
            filters=NO_FILTERS,
            schedule=Schedule(WEEKDAYS, time(9, 30), str(asker.zone)),
            say_when_empty=True,
            created_by=user,
            created_at=asker.now,
            counts_from=asker.now,
            due_after=asker.now,
        )

    async def drafted(
        self, subscription: Subscription, typed: NewDigest, asker: Asker, user: str, *, whole: bool = False
    ) -> Draft:
        """The subscription with what was typed, its keys resolved, in place of what it was; not stored yet.

        What was not typed stays as it is. Filters that were typed replace all that there were; ``whole``: so do none.
        """
        self.check_manager(user)
        if subscription.number and typed.asked.project is None:
            self._resolver.check_shown(subscription.project)
        asker = replace(asker, project=subscription.project, environment=subscription.environment)
        query, title_words = await self._resolved(typed, asker)
        old = subscription.schedule
        drafted = replace(
            subscription,
            name=_said(typed.name, subscription.name),
            project=query.project,
            environment=query.environment,
            filters=query.filters if whole or query.filters != NO_FILTERS else subscription.filters,
            schedule=Schedule(_said(typed.days, old.days), _said(typed.at, old.at), _said(typed.zone, old.zone)),
            say_when_empty=_said(typed.say_when_empty, subscription.say_when_empty),
        )
        return Draft(drafted, before=subscription if subscription.number else None, title_words=title_words)

    async def subscribe(self, draft: Subscription, user: str, now: datetime) -> Outcome:
        """Store a draft, which counts from now. The same draft again changes nothing."""
        self._check(user, draft)
        return await self._added(replace(draft, created_by=user, created_at=now, counts_from=now, due_after=now))

    async def withdraw(self, subscription: Subscription) -> None:
        """Take back what was just stored, and cannot be delivered."""
        await self._store.remove(subscription.team_id, subscription.id)

    async def save(self, changed: Subscription, user: str, now: datetime) -> Outcome:
        """Store a changed draft, made of ``changed.revision``; refused where that is no longer the last one.

        The next digest tells, by the new filters, what came since the last one.
        """
        self._check(user, changed)
        stored = await self.get(changed.team_id, changed.id)
        if _wish(stored) == _wish(changed):
            return Outcome(stored, changed=False)
        if stored.revision != changed.revision:
            raise _changed_meanwhile(stored)
        fresh = replace(
            stored,
            name=changed.name,
            project=changed.project,
            environment=changed.environment,
            filters=changed.filters,
            say_when_empty=changed.say_when_empty,
        )
        if changed.schedule != stored.schedule:
            fresh = fresh.rescheduled(changed.schedule, now)
        if _question(fresh) != _question(stored):
            progress = (await self._ledger.progress([stored.id])).get(stored.id)
            if progress and progress.covered_until:  # what the old filters left out before that stays untold
                fresh = replace(fresh, counts_from=max(stored.counts_from, progress.covered_until))
        return Outcome(await self._stored(fresh), before=stored)

    async def pause(self, team: str, subscription_id: str, user: str, reason: str) -> Outcome:
        """No digests until it is resumed; ``reason`` is shown."""
        self.check_manager(user)
        stored = await self.get(team, subscription_id)
        if not stored.is_active:
            return Outcome(stored, changed=False)
        return Outcome(await self._stored(stored.paused(reason)), before=stored)

    async def resume(self, team: str, subscription_id: str, user: str, now: datetime) -> Outcome:
        """Digests again, from now on."""
        stored = await self.get(team, subscription_id)
        self._check(user, stored)
        if stored.is_active:
            return Outcome(stored, changed=False)
        return Outcome(await self._stored(stored.resumed(now)), before=stored)

    async def remove(self, team: str, subscription_id: str, user: str) -> Subscription:
        """Forget it; what it was, for ``restore``."""
        self.check_manager(user)
        removed = await self._store.remove(team, subscription_id)
        return removed or await self.get(team, subscription_id)  # which says that it is gone

    async def restore(self, removed: Subscription, user: str) -> Outcome:
        """Bring back what was removed, where it left off."""
        self._check(user, removed)
        return await self._added(removed)

    # -- Inside -------------------------------------------------------------------------------------------------------

    def _check(self, user: str, wanted: Subscription) -> None:
        """Whether the person may have this digest come."""
        self.check_manager(user)
        self._resolver.check_shown(wanted.project)

    async def _resolved(self, typed: NewDigest, asker: Asker) -> tuple[DeploymentQuery, tuple[str, ...]]:
        """What it asks, and the bare words that it looks for in titles."""
        try:
            resolved = await self._resolver.shipped(typed.asked, asker)
        except SourceNotFound as error:
            raise SourceNotFound(error.message, error.near) from error  # the commands that it offers are no digests
        except CommandError as error:
            raise CommandError(error.message, error.example.replace("/shipped", _NEW, 1)) from error
        for word in resolved.taken_as_words:
            # A digest that never finds anything is worse than a question that does not: nobody looks at it.
            if near := await self._resolver.near_applications(word):
                raise SourceNotFound(
                    f"No application is called “{word}”. If you mean a word of a title, put it in quotes.", near
                )
        return resolved.query, resolved.taken_as_words

    async def _added(self, subscription: Subscription) -> Outcome:
        try:
            return Outcome(await self._store.add(subscription))
        except ValueError:
            return Outcome(await self.get(subscription.team_id, subscription.id), changed=False)

    async def _stored(self, fresh: Subscription) -> Subscription:
        stored = await self._store.update(fresh)
        if stored is None:
            raise _changed_meanwhile(await self.get(fresh.team_id, fresh.id))
        return stored

    async def _entry(self, subscription: Subscription) -> Entry:
        last = await self._ledger.history(subscription.id, 1)
        return Entry(subscription, _result(last[0], subscription) if last else None)


_ENDED = {
    DeliveryState.CLAIMED: Ended.UNDER_WAY,
    DeliveryState.SENDING: Ended.UNDER_WAY,
    DeliveryState.SENT: Ended.SENT,
    DeliveryState.SKIPPED: Ended.SKIPPED,
    DeliveryState.FAILED: Ended.FAILED,
    DeliveryState.UNKNOWN: Ended.UNKNOWN,
}


def _result(delivery: Delivery, subscription: Subscription) -> Result:
    return Result(
        due_at=delivery.occurrence.due_at,
        ended=_ended(delivery, subscription),
        at=delivery.changed_at,
        deployments=len(delivery.deployments),
        reason=delivery.reason,
        retry_at=delivery.retry_at,
    )


def _ended(delivery: Delivery, subscription: Subscription) -> Ended:
    if delivery.state is DeliveryState.UNKNOWN and delivery.settled:
        return Ended.NEVER_KNOWN
    if delivery.state is not DeliveryState.FAILED or delivery.retry_at is None:
        return _ENDED[delivery.state]
    if subscription.is_active and delivery.occurrence.due_at > subscription.due_after:
        return Ended.RETRYING
    # Paused, resumed or moved since: there is no other attempt, and after a pause its deployments do not count.
    still_count = subscription.is_active and delivery.occurrence.window_end > subscription.counts_from
    return Ended.LEFT_TO_NEXT if still_count else Ended.FAILED


def _called(which: str, there: Sequence[Subscription]) -> Sequence[Subscription]:
    """Those that can be meant; all where nothing was said."""
    if not which:
        return there
    if which.isdecimal():
        return [one for one in there if one.number == int(which)]
    name = only_match(which.casefold(), [one.name.casefold() for one in there if one.name])
    return [one for one in there if one.name.casefold() == name]


def _said(typed: _Said | None, otherwise: _Said) -> _Said:
    return otherwise if typed is None else typed


def _question(subscription: Subscription) -> tuple[str, str, Filters]:
    return subscription.project, subscription.environment, subscription.filters


def _wish(subscription: Subscription) -> tuple[object, ...]:
    """What people decide about a digest."""
    return (*_question(subscription), subscription.name, subscription.schedule, subscription.say_when_empty)


def _changed_meanwhile(stored: Subscription) -> CommandError:
    return CommandError(
        f"Somebody changed digest #{stored.number} a moment before you, so your change was not made. "
        "Look at how it is now, and change that.",
        _LIST,
    )
