"""The delivery ledger in SQL: every change is one compare-and-set, or made under the subscription's lock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.digests import LOOK_BACK, Occurrence, Progress, SubscriptionState
from bot.services.digest_ports import INTERRUPTED, OVERTAKEN, Claim, Delivery, DeliveryState, Posted
from bot.storage.database import Database
from bot.storage.tables import deliveries as table
from bot.storage.tables import subscriptions

_MOST_PARAMETERS = 500  # in one statement; databases have limits

_CLAIMED, _SENDING, _SENT, _SKIPPED, _FAILED, _UNKNOWN = (
    table.c.state == state.value
    for state in (
        DeliveryState.CLAIMED,
        DeliveryState.SENDING,
        DeliveryState.SENT,
        DeliveryState.SKIPPED,
        DeliveryState.FAILED,
        DeliveryState.UNKNOWN,
    )
)
_TO_RETRY = and_(_FAILED, table.c.retry_at.is_not(None))
_UNSETTLED = and_(_UNKNOWN, table.c.settled.is_(False))
_DONE_WITH = or_(_SENT, _SKIPPED, _UNKNOWN, and_(_FAILED, table.c.retry_at.is_(None)))
_COVERING = and_(or_(_SENT, _SKIPPED, _UNKNOWN), table.c.covers)


class SqlDeliveryLedger:
    """The ``DeliveryLedger`` on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, occurrence: Occurrence, *, owner: str, now: datetime, lease: timedelta) -> Claim | None:
        mine = table.c.subscription_id == occurrence.subscription_id
        async with self._database.writing() as connection:
            # Whoever claims for this subscription waits here (on SQLite: has waited already, for the write lock).
            team_id = await connection.scalar(
                select(subscriptions.c.team_id)
                .where(
                    subscriptions.c.id == occurrence.subscription_id,
                    subscriptions.c.state == SubscriptionState.ACTIVE.value,
                )
                .with_for_update()
            )
            if team_id is None:
                return None
            await _interrupt(connection, now, mine)
            await _overtake(connection, now, mine, table.c.due_at < occurrence.due_at)
            # Only now: whoever began to send in time was not overtaken and is seen here.
            if await connection.scalar(select(_is_barred(mine, occurrence.due_at, now))):
                return None
            taken_over = (
                update(table)
                .where(mine, table.c.due_at == occurrence.due_at, _may_be_taken(now))
                .values(_claimed(owner, now, lease) | {"attempt": table.c.attempt + 1})
                .returning(table)
            )
            if row := (await connection.execute(taken_over)).first():
                return _claim(row)
            if await connection.scalar(select(table.c.attempt).where(mine, table.c.due_at == occurrence.due_at)):
                return None
            first = insert(table).values(
                {
                    **_claimed(owner, now, lease),
                    "subscription_id": occurrence.subscription_id,
                    "due_at": occurrence.due_at,
                    "team_id": team_id,
                    "window_start": occurrence.window_start,
                    "window_end": occurrence.window_end,
                    "late": occurrence.late,
                    "attempt": 1,
                }
            )
            return _claim((await connection.execute(first.returning(table))).one())

    async def skip(self, claim: Claim, reason: str, *, now: datetime) -> bool:
        return await self._change(claim, _CLAIMED, _state(DeliveryState.SKIPPED, now, reason))

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
        leaving = {"lease_until": now + lease, "deployments": sorted(deployments), "covers": covers}
        return await self._change(claim, _CLAIMED, _state(DeliveryState.SENDING, now, reason) | leaving)

    async def mark_sent(self, claim: Claim, message: Posted, *, now: datetime) -> bool:
        return await self._change(claim, or_(_SENDING, _UNKNOWN), _sent(message, now))

    async def mark_failed(self, claim: Claim, reason: str, *, now: datetime, retry_at: datetime | None = None) -> bool:
        failed = _state(DeliveryState.FAILED, now, reason) | {"retry_at": retry_at, "deployments": []}
        return await self._change(claim, or_(_CLAIMED, _SENDING, _UNSETTLED), failed)

    async def mark_unknown(self, claim: Claim, reason: str, *, now: datetime) -> bool:
        return await self._change(claim, _SENDING, _state(DeliveryState.UNKNOWN, now, reason))

    async def unknowns(self, *, now: datetime) -> Sequence[Delivery]:
        async with self._database.writing() as connection:
            await _interrupt(connection, now)
            rows = await connection.execute(select(table).where(_UNSETTLED).order_by(table.c.due_at))
            return [_delivery(row) for row in rows]

    async def adopt(self, delivery: Delivery, message: Posted, *, now: datetime) -> bool:
        return await self._change(_as_claim(delivery), _UNSETTLED, _sent(message, now))

    async def send_again(self, delivery: Delivery, *, owner: str, now: datetime, lease: timedelta) -> Claim | None:
        attempt = delivery.attempt + 1
        claimed = _claimed(owner, now, lease) | {"attempt": attempt}
        taken = await self._change(_as_claim(delivery), _UNSETTLED, claimed)
        return Claim(delivery.occurrence, owner, attempt) if taken else None

    async def let_be(self, delivery: Delivery, *, now: datetime) -> bool:
        return await self._change(_as_claim(delivery), _UNSETTLED, {"settled": True, "changed_at": now})

    async def progress(self, subscription_ids: Collection[str]) -> Mapping[str, Progress]:
        ids = sorted(subscription_ids)
        found: dict[str, Progress] = {}
        async with self._database.reading() as connection:
            for start in range(0, len(ids), _MOST_PARAMETERS):
                statement = (
                    select(
                        table.c.subscription_id,
                        func.max(case((_DONE_WITH, table.c.due_at))).label("last_due"),
                        func.max(case((_COVERING, table.c.window_end))).label("covered_until"),
                    )
                    .where(table.c.subscription_id.in_(ids[start : start + _MOST_PARAMETERS]))
                    .group_by(table.c.subscription_id)
                )
                for row in await connection.execute(statement):
                    found[row.subscription_id] = Progress(row.last_due, row.covered_until)
        return found

    async def told(self, subscription_id: str, since: datetime) -> frozenset[str]:
        statement = select(table.c.deployments).where(
            table.c.subscription_id == subscription_id,
            table.c.window_end > since,
            or_(_SENDING, _SENT, _UNKNOWN),
        )
        async with self._database.reading() as connection:
            return frozenset(id for ids in await connection.scalars(statement) for id in ids)

    async def history(self, subscription_id: str, most: int) -> Sequence[Delivery]:
        newest_first = select(table).where(table.c.subscription_id == subscription_id).order_by(table.c.due_at.desc())
        async with self._database.reading() as connection:
            return [_delivery(row) for row in await connection.execute(newest_first.limit(most))]

    async def oldest_undelivered(self) -> datetime | None:
        still_to_come = and_(or_(_CLAIMED, _TO_RETRY), table.c.due_at > subscriptions.c.due_after)
        statement = (
            select(func.min(table.c.due_at))
            .join(subscriptions, subscriptions.c.id == table.c.subscription_id)
            .where(
                subscriptions.c.state == SubscriptionState.ACTIVE.value,
                or_(_SENDING, _UNSETTLED, still_to_come),
            )
        )
        async with self._database.reading() as connection:
            oldest: datetime | None = await connection.scalar(statement)
        return oldest

    async def purge(self, before: datetime) -> int:
        removed = 0
        covered = select(table.c.subscription_id, func.max(table.c.window_end).label("until")).where(_COVERING)
        async with self._database.writing() as connection:
            rows = (await connection.execute(covered.group_by(table.c.subscription_id))).all()
            kept_from = {row.subscription_id: min(before, row.until - LOOK_BACK) for row in rows}
            known = set(await connection.scalars(select(subscriptions.c.id)))
            for subscription_id in await connection.scalars(select(table.c.subscription_id).distinct()):
                limit = kept_from.get(subscription_id) if subscription_id in known else before
                if limit is None:
                    continue  # nothing of it was ever told: all its rows are news
                gone = delete(table).where(table.c.subscription_id == subscription_id, table.c.window_end < limit)
                removed += (await connection.execute(gone)).rowcount
        return removed

    async def _change(self, claim: Claim, while_it_is: ColumnElement[bool], values: dict[str, Any]) -> bool:
        """The compare-and-set: only what is still this owner's attempt and in that state is changed."""
        statement = (
            update(table)
            .where(
                table.c.subscription_id == claim.occurrence.subscription_id,
                table.c.due_at == claim.occurrence.due_at,
                table.c.owner == claim.owner,
                table.c.attempt == claim.attempt,
                while_it_is,
            )
            .values(values)
        )
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).rowcount == 1


async def _interrupt(connection: AsyncConnection, now: datetime, *conditions: ColumnElement[bool]) -> None:
    """An expired sending becomes unknown."""
    expired = update(table).where(*conditions, _SENDING, table.c.lease_until <= now)
    await connection.execute(expired.values(_state(DeliveryState.UNKNOWN, now, INTERRUPTED)))


async def _overtake(connection: AsyncConnection, now: datetime, *conditions: ColumnElement[bool]) -> None:
    """What waits for its next attempt, or was left by its owner, fails for good."""
    waiting = or_(_TO_RETRY, and_(_CLAIMED, table.c.lease_until <= now))
    failed = _state(DeliveryState.FAILED, now, OVERTAKEN) | {"retry_at": None}
    await connection.execute(update(table).where(*conditions, waiting).values(failed))


def _is_barred(mine: ColumnElement[bool], due_at: datetime, now: datetime) -> ColumnElement[bool]:
    """Whether another occurrence of the subscription must be finished first, or came later."""
    in_hand = and_(or_(_CLAIMED, _SENDING), table.c.lease_until > now)
    others = or_(table.c.due_at > due_at, and_(table.c.due_at < due_at, or_(in_hand, _UNSETTLED)))
    return select(table.c.due_at).where(mine, others).exists()


def _may_be_taken(now: datetime) -> ColumnElement[bool]:
    return or_(and_(_CLAIMED, table.c.lease_until <= now), and_(_FAILED, table.c.retry_at <= now))


def _claimed(owner: str, now: datetime, lease: timedelta) -> dict[str, Any]:
    """A row at the beginning of an attempt."""
    return {
        **_state(DeliveryState.CLAIMED, now, ""),
        "owner": owner,
        "claimed_at": now,
        "lease_until": now + lease,
        "retry_at": None,
        "covers": True,
        "deployments": [],
        "channel_id": None,
        "ts": None,
        "settled": False,
    }


def _state(state: DeliveryState, now: datetime, reason: str) -> dict[str, Any]:
    return {"state": state.value, "changed_at": now, "reason": reason}


def _sent(message: Posted, now: datetime) -> dict[str, Any]:
    """What was lacking was said in ``begin_sending``; it stays, except that the answer's fate is known now."""
    reason = case((_UNKNOWN, ""), else_=table.c.reason)
    return {
        "state": DeliveryState.SENT.value,
        "changed_at": now,
        "reason": reason,
        "channel_id": message.channel_id,
        "ts": message.ts,
    }


def _claim(row: Row[Any]) -> Claim:
    return Claim(_occurrence(row), row.owner, row.attempt)


def _as_claim(delivery: Delivery) -> Claim:
    return Claim(delivery.occurrence, delivery.owner, delivery.attempt)


def _occurrence(row: Row[Any]) -> Occurrence:
    return Occurrence(row.subscription_id, row.due_at, row.window_start, row.window_end, row.late)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        team_id=row.team_id,
        occurrence=_occurrence(row),
        state=DeliveryState(row.state),
        owner=row.owner,
        attempt=row.attempt,
        claimed_at=row.claimed_at,
        changed_at=row.changed_at,
        lease_until=row.lease_until,
        retry_at=row.retry_at,
        reason=row.reason,
        covers=row.covers,
        deployments=tuple(row.deployments),
        message=Posted(row.channel_id, row.ts) if row.ts else None,
        settled=row.settled,
    )
