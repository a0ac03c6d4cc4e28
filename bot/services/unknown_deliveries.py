"""Digests of which nobody knows whether they were posted: look for them, or do as the operator wished."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum

from bot.domain.digests import Subscription
from bot.domain.schedule import previous_due
from bot.services.delivery import LEASE
from bot.services.digest_ports import (
    OVERTAKEN,
    Claim,
    Delivery,
    DeliveryLedger,
    DigestMessenger,
    DigestMeter,
    Hitch,
    NotPosted,
    SubscriptionStore,
)
from bot.services.digest_reading import Due

_SETTLES_IN = timedelta(minutes=1)  # Slack may still be at work on a message whose answer was lost
_CLOCKS_DIFFER = timedelta(minutes=5)
_MOST_ATTEMPTS = 5


class UnknownDelivery(Enum):
    """What to do where nobody can look."""

    NEVER_TWICE = "never-twice"
    NEVER_LOST = "never-lost"


class UnknownDeliveries:
    """Settles what is unknown, one by one. ``otherwise`` is for where the bot may not read the channel's history."""

    def __init__(
        self,
        subscriptions: SubscriptionStore,
        ledger: DeliveryLedger,
        messenger: DigestMessenger,
        meter: DigestMeter,
        *,
        otherwise: UnknownDelivery,
        owner: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._subscriptions = subscriptions
        self._ledger = ledger
        self._messenger = messenger
        self._meter = meter
        self._otherwise = otherwise
        self._owner = owner
        self._clock = clock

    async def settle(self, delivery: Delivery) -> tuple[Due, Claim] | None:
        """Settle one, or leave it for a later tick; the claim to send it again, where that is to be done.

        Raises ``StorageError``.
        """
        if self._clock() - delivery.changed_at < _SETTLES_IN:
            return None
        subscription = await self._subscriptions.get(delivery.team_id, delivery.occurrence.subscription_id)
        if subscription is None:
            await self._let_be(delivery)
            return None
        try:
            since = delivery.occurrence.window_end - _CLOCKS_DIFFER
            found = await self._messenger.find(subscription.channel_id, delivery.occurrence.key, since)
        except NotPosted as failed:
            may_look = failed.hitch not in (Hitch.ACCESS, Hitch.CHANNEL)
            if may_look and self._clock() <= delivery.changed_at + LEASE * _MOST_ATTEMPTS:
                return None  # ask again
            return await self._unseen(subscription, delivery)
        if found is not None:
            if await self._ledger.adopt(delivery, found, now=self._clock()):
                self._meter.ended("adopted")
            return None
        return await self._again(subscription, delivery)

    async def _unseen(self, subscription: Subscription, delivery: Delivery) -> tuple[Due, Claim] | None:
        # Each attempt may have been posted, so there must be an end to them.
        if self._otherwise is UnknownDelivery.NEVER_TWICE or delivery.attempt >= _MOST_ATTEMPTS:
            await self._let_be(delivery)
            return None
        return await self._again(subscription, delivery)

    async def _again(self, subscription: Subscription, delivery: Delivery) -> tuple[Due, Claim] | None:
        """Once more; or, where it is not wanted or another one is due already, as a part of the next digest."""
        now, occurrence = self._clock(), delivery.occurrence
        overtaken = previous_due(subscription.schedule, now) > occurrence.due_at
        in_vain = delivery.attempt >= _MOST_ATTEMPTS and now > occurrence.deadline
        if overtaken or in_vain or not subscription.is_active:
            mine = Claim(occurrence, delivery.owner, delivery.attempt)
            if await self._ledger.mark_failed(mine, OVERTAKEN if overtaken else delivery.reason, now=now):
                self._meter.ended("failed", "unknown")
            return None
        claim = await self._ledger.send_again(delivery, owner=self._owner, now=now, lease=LEASE)
        if claim is None:
            return None
        self._meter.retried("unknown")
        return Due(subscription, claim.occurrence), claim

    async def _let_be(self, delivery: Delivery) -> None:
        if await self._ledger.let_be(delivery, now=self._clock()):
            self._meter.ended("let be", delivery.reason)
