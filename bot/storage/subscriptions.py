"""The subscriptions in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import time
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.digests import Subscription, SubscriptionState
from bot.domain.filters import Filters
from bot.domain.schedule import Schedule, Weekday
from bot.storage.database import Database
from bot.storage.tables import subscriptions as table

_NUMBERING_ATTEMPTS = 100  # each that fails means that another has got its number, so this is for many at once


class SqlSubscriptionStore:
    """The ``SubscriptionStore`` on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, subscription: Subscription) -> Subscription:
        for _ in range(_NUMBERING_ATTEMPTS):
            try:
                async with self._database.writing() as connection:
                    if await connection.scalar(select(table.c.id).where(table.c.id == subscription.id)):
                        raise ValueError(f"there is a subscription {subscription.id} already")
                    added = replace(subscription, number=await _free_number(connection, subscription))
                    await connection.execute(insert(table).values(_columns(added)))
                    return added
            except IntegrityError:
                continue  # another took the number meanwhile
        raise ValueError(f"no number is free for subscription {subscription.id}")

    async def get(self, team_id: str, subscription_id: str) -> Subscription | None:
        found = await self._select(table.c.team_id == team_id, table.c.id == subscription_id)
        return found[0] if found else None

    async def of_channel(self, team_id: str, channel_id: str) -> Sequence[Subscription]:
        return await self._select(table.c.team_id == team_id, table.c.channel_id == channel_id)

    async def of_team(self, team_id: str) -> Sequence[Subscription]:
        return await self._select(table.c.team_id == team_id)

    async def active(self) -> Sequence[Subscription]:
        return await self._select(table.c.state == SubscriptionState.ACTIVE.value)

    async def update(self, subscription: Subscription) -> Subscription | None:
        changed = replace(subscription, revision=subscription.revision + 1)
        kept = {"id", "team_id", "channel_id", "number"}
        statement = (
            update(table)
            .where(
                table.c.id == subscription.id,
                table.c.team_id == subscription.team_id,
                table.c.revision == subscription.revision,
            )
            .values({name: value for name, value in _columns(changed).items() if name not in kept})
            .returning(table)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(statement)).first()
        return _subscription(row) if row else None

    async def remove(self, team_id: str, subscription_id: str) -> Subscription | None:
        statement = delete(table).where(table.c.team_id == team_id, table.c.id == subscription_id).returning(table)
        async with self._database.writing() as connection:
            row = (await connection.execute(statement)).first()
        return _subscription(row) if row else None

    async def _select(self, *conditions: ColumnElement[bool]) -> list[Subscription]:
        statement = select(table).where(*conditions).order_by(table.c.team_id, table.c.channel_id, table.c.number)
        async with self._database.reading() as connection:
            return [_subscription(row) for row in await connection.execute(statement)]


async def _free_number(connection: AsyncConnection, subscription: Subscription) -> int:
    mine = (table.c.team_id == subscription.team_id, table.c.channel_id == subscription.channel_id)
    if subscription.number and not await connection.scalar(
        select(table.c.id).where(*mine, table.c.number == subscription.number)
    ):
        return subscription.number
    highest = await connection.scalar(select(func.max(table.c.number)).where(*mine))
    return (highest or 0) + 1


def _columns(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "team_id": subscription.team_id,
        "channel_id": subscription.channel_id,
        "number": subscription.number,
        "name": subscription.name,
        "project": subscription.project,
        "environment": subscription.environment,
        "filters": asdict(subscription.filters),
        "days": [int(day) for day in sorted(subscription.schedule.days)],
        "at": f"{subscription.schedule.at:%H:%M}",
        "zone": subscription.schedule.zone,
        "say_when_empty": subscription.say_when_empty,
        "created_by": subscription.created_by,
        "created_at": subscription.created_at,
        "counts_from": subscription.counts_from,
        "due_after": subscription.due_after,
        "state": subscription.state.value,
        "reason": subscription.reason,
        "revision": subscription.revision,
    }


def _subscription(row: Row[Any]) -> Subscription:
    filters: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.filters.items()
    }
    return Subscription(
        id=row.id,
        team_id=row.team_id,
        channel_id=row.channel_id,
        number=row.number,
        name=row.name,
        project=row.project,
        environment=row.environment,
        filters=Filters(**filters),
        schedule=Schedule(frozenset(Weekday(day) for day in row.days), time.fromisoformat(row.at), row.zone),
        say_when_empty=row.say_when_empty,
        created_by=row.created_by,
        created_at=row.created_at,
        counts_from=row.counts_from,
        due_after=row.due_after,
        state=SubscriptionState(row.state),
        reason=row.reason,
        revision=row.revision,
    )
