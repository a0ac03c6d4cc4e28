"""The subscriptions and the delivery ledger in memory, held to the same contract as those in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.digests import LOOK_BACK, Occurrence, Progress, Subscription
from bot.services.digest_ports import INTERRUPTED, OVERTAKEN, Claim, Delivery, DeliveryState, Posted

CLAIMED, SENDING, SENT, SKIPPED, FAILED, UNKNOWN = DeliveryState


class FakeSubscriptionStore:
    def __init__(self) -> None:
        self.held: dict[str, Subscription] = {}

    async def add(self, subscription: Subscription) -> Subscription:
        if subscription.id in self.held:
            raise ValueError(f"there is a subscription {subscription.id} already")
        taken = {s.number for s in await self.of_channel(subscription.team_id, subscription.channel_id)}
        wanted = subscription.number
        number = wanted if wanted and wanted not in taken else max(taken, default=0) + 1
        self.held[subscription.id] = added = replace(subscription, number=number)
        return added

    async def get(self, team_id: str, subscription_id: str) -> Subscription | None:
        found = self.held.get(subscription_id)
        return found if found and found.team_id == team_id else None

    async def of_channel(self, team_id: str, channel_id: str) -> Sequence[Subscription]:
        return [s for s in await self.of_team(team_id) if s.channel_id == channel_id]

    async def of_team(self, team_id: str) -> Sequence[Subscription]:
        return _in_order(s for s in self.held.values() if s.team_id == team_id)

    async def active(self) -> Sequence[Subscription]:
        return _in_order(s for s in self.held.values() if s.is_active)

    async def update(self, subscription: Subscription) -> Subscription | None:
        stored = await self.get(subscription.team_id, subscription.id)
        if stored is None or stored.revision != subscription.revision:
            return None
        self.held[stored.id] = changed = replace(
            subscription,
            channel_id=stored.channel_id,
            number=stored.number,
            revision=stored.revision + 1,
        )
        return changed

    async def remove(self, team_id: str, subscription_id: str) -> Subscription | None:
        found = await self.get(team_id, subscription_id)
        return self.held.pop(subscription_id) if found else None


class FakeLedger:
    def __init__(self, subscriptions: FakeSubscriptionStore) -> None:
        self._subscriptions = subscriptions
        self.rows: dict[tuple[str, datetime], Delivery] = {}

    async def claim(self, occurrence: Occurrence, *, owner: str, now: datetime, lease: timedelta) -> Claim | None:
        subscription = self._subscriptions.held.get(occurrence.subscription_id)
        if subscription is None or not subscription.is_active:
            return None
        self._interrupt(now, occurrence.subscription_id)
        for other in self._of(occurrence.subscription_id):
            left = other.state is CLAIMED and other.lease_until <= now
            if other.occurrence.due_at < occurrence.due_at and (left or _is_to_retry(other)):
                self._put(replace(other, state=FAILED, retry_at=None, reason=OVERTAKEN, changed_at=now))
        for other in self._of(occurrence.subscription_id):
            in_hand = other.state in {CLAIMED, SENDING} and other.lease_until > now
            earlier = other.occurrence.due_at < occurrence.due_at
            if other.occurrence.due_at > occurrence.due_at or (earlier and (in_hand or _is_unsettled(other))):
                return None
        row = self.rows.get((occurrence.subscription_id, occurrence.due_at))
        if row is None:
            row = Delivery(
                team_id=subscription.team_id,
                occurrence=occurrence,
                state=CLAIMED,
                owner=owner,
                attempt=0,
                claimed_at=now,
                changed_at=now,
                lease_until=now,
            )
        elif not (
            (row.state is CLAIMED and row.lease_until <= now)
            or (row.state is FAILED and row.retry_at is not None and row.retry_at <= now)
        ):
            return None
        return self._claimed(row, owner, now, lease)

    async def skip(self, claim: Claim, reason: str, *, now: datetime) -> bool:
        return self._change(claim, {CLAIMED}, state=SKIPPED, reason=reason, changed_at=now)

    async def begin_sending(
        self,
        claim: Claim,
        deployments: Collection[str],
        *,
        now: datetime,
        lease: timedelta,
        covers: bool = True,
        reason: str = "",
    ) -> bool:
        return self._change(
            claim,
            {CLAIMED},
            state=SENDING,
            reason=reason,
            changed_at=now,
            lease_until=now + lease,
            deployments=tuple(sorted(deployments)),
            covers=covers,
        )

    async def mark_sent(self, claim: Claim, message: Posted, *, now: datetime) -> bool:
        return self._change(claim, {SENDING}, state=SENT, message=message, changed_at=now) or self._change(
            claim, {UNKNOWN}, state=SENT, message=message, reason="", changed_at=now
        )

    async def mark_failed(self, claim: Claim, reason: str, *, now: datetime, retry_at: datetime | None = None) -> bool:
        row = self._held_by(claim)
        if row is None or (row.state is UNKNOWN and row.settled):
            return False
        return self._change(
            claim,
            {CLAIMED, SENDING, UNKNOWN},
            state=FAILED,
            reason=reason,
            retry_at=retry_at,
            changed_at=now,
            deployments=(),
        )

    async def mark_unknown(self, claim: Claim, reason: str, *, now: datetime) -> bool:
        return self._change(claim, {SENDING}, state=UNKNOWN, reason=reason, changed_at=now)

    async def unknowns(self, *, now: datetime) -> Sequence[Delivery]:
        self._interrupt(now)
        found = [row for row in self.rows.values() if _is_unsettled(row)]
        return sorted(found, key=lambda row: row.occurrence.due_at)

    async def adopt(self, delivery: Delivery, message: Posted, *, now: datetime) -> bool:
        return self._is_still_unsettled(delivery) and await self.mark_sent(_claim(delivery), message, now=now)

    async def send_again(self, delivery: Delivery, *, owner: str, now: datetime, lease: timedelta) -> Claim | None:
        return self._claimed(delivery, owner, now, lease) if self._is_still_unsettled(delivery) else None

    async def let_be(self, delivery: Delivery, *, now: datetime) -> bool:
        return self._is_still_unsettled(delivery) and self._change(
            _claim(delivery), {UNKNOWN}, settled=True, changed_at=now
        )

    async def progress(self, subscription_ids: Collection[str]) -> Mapping[str, Progress]:
        found = {}
        for subscription_id in subscription_ids:
            if rows := self._of(subscription_id):
                done = [row.occurrence.due_at for row in rows if _is_done_with(row)]
                covered = [row.occurrence.window_end for row in rows if _is_covering(row)]
                found[subscription_id] = Progress(max(done, default=None), max(covered, default=None))
        return found

    async def told(self, subscription_id: str, since: datetime) -> frozenset[str]:
        return frozenset(
            id
            for row in self._of(subscription_id)
            if row.occurrence.window_end > since and row.state in {SENDING, SENT, UNKNOWN}
            for id in row.deployments
        )

    async def history(self, subscription_id: str, most: int) -> Sequence[Delivery]:
        return sorted(self._of(subscription_id), key=lambda row: row.occurrence.due_at, reverse=True)[:most]

    async def oldest_undelivered(self) -> datetime | None:
        active = {s.id: s for s in await self._subscriptions.active()}
        open_rows = [
            row.occurrence.due_at
            for row in self.rows.values()
            if (one := active.get(row.occurrence.subscription_id))
            and (
                row.state is SENDING
                or _is_unsettled(row)
                or ((row.state is CLAIMED or _is_to_retry(row)) and row.occurrence.due_at > one.due_after)
            )
        ]
        return min(open_rows, default=None)

    async def purge(self, before: datetime) -> int:
        limits: dict[str, datetime | None] = {key[0]: before for key in self.rows}
        for id in limits.keys() & self._subscriptions.held.keys():
            covered = [row.occurrence.window_end for row in self._of(id) if _is_covering(row)]
            limits[id] = min(before, max(covered) - LOOK_BACK) if covered else None
        gone = []
        for key, row in self.rows.items():
            limit = limits[key[0]]
            if limit is not None and row.occurrence.window_end < limit:
                gone.append(key)
        for key in gone:
            del self.rows[key]
        return len(gone)

    def _of(self, subscription_id: str) -> list[Delivery]:
        return [row for (owner, _), row in self.rows.items() if owner == subscription_id]

    def _put(self, row: Delivery) -> None:
        self.rows[row.occurrence.subscription_id, row.occurrence.due_at] = row

    def _held_by(self, claim: Claim) -> Delivery | None:
        row = self.rows.get((claim.occurrence.subscription_id, claim.occurrence.due_at))
        return row if row and (row.owner, row.attempt) == (claim.owner, claim.attempt) else None

    def _change(self, claim: Claim, states: set[DeliveryState], **values: object) -> bool:
        row = self._held_by(claim)
        if row is None or row.state not in states:
            return False
        self._put(replace(row, **values))  # type: ignore[arg-type]  # the names are those of Delivery's fields
        return True

    def _claimed(self, row: Delivery, owner: str, now: datetime, lease: timedelta) -> Claim:
        self._put(
            Delivery(
                team_id=row.team_id,
                occurrence=row.occurrence,
                state=CLAIMED,
                owner=owner,
                attempt=row.attempt + 1,
                claimed_at=now,
                changed_at=now,
                lease_until=now + lease,
            )
        )
        return Claim(row.occurrence, owner, row.attempt + 1)

    def _interrupt(self, now: datetime, subscription_id: str | None = None) -> None:
        for (mine, _), row in list(self.rows.items()):
            if subscription_id in {None, mine} and row.state is SENDING and row.lease_until <= now:
                self._put(replace(row, state=UNKNOWN, reason=INTERRUPTED, changed_at=now))

    def _is_still_unsettled(self, delivery: Delivery) -> bool:
        row = self._held_by(_claim(delivery))
        return row is not None and _is_unsettled(row)


def _in_order(subscriptions: Iterable[Subscription]) -> list[Subscription]:
    return sorted(subscriptions, key=lambda s: (s.team_id, s.channel_id, s.number))


def _claim(delivery: Delivery) -> Claim:
    return Claim(delivery.occurrence, delivery.owner, delivery.attempt)


def _is_to_retry(row: Delivery) -> bool:
    return row.state is FAILED and row.retry_at is not None


def _is_unsettled(row: Delivery) -> bool:
    return row.state is UNKNOWN and not row.settled


def _is_done_with(row: Delivery) -> bool:
    return row.state in {SENT, SKIPPED, UNKNOWN} or (row.state is FAILED and row.retry_at is None)


def _is_covering(row: Delivery) -> bool:
    return row.state in {SENT, SKIPPED, UNKNOWN} and row.covers
