"""The stores under test: in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.services.digest_ports import DeliveryLedger, SubscriptionStore
from bot.storage.database import Database
from bot.storage.ledger import SqlDeliveryLedger
from bot.storage.migrate import migrate
from bot.storage.subscriptions import SqlSubscriptionStore
from tests.fakes_digests import FakeLedger, FakeSubscriptionStore

KINDS = ("memory", "sqlite", "postgres")


@dataclass(frozen=True)
class Stores:
    """What one worker holds."""

    subscriptions: SubscriptionStore
    ledger: DeliveryLedger


@asynccontextmanager
async def opened(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Callable[[], Stores]]:
    """A function that opens the same, at first empty, store as often as it is called."""
    if kind == "memory":
        subscriptions = FakeSubscriptionStore()
        one = Stores(subscriptions, FakeLedger(subscriptions))
        yield lambda: one
        return
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else await _sqlite_url(request)
    databases: list[Database] = []

    def another() -> Stores:
        databases.append(Database(url))
        return Stores(SqlSubscriptionStore(databases[-1]), SqlDeliveryLedger(databases[-1]))

    try:
        yield another
    finally:
        for database in databases:
            await database.close()


async def _sqlite_url(request: pytest.FixtureRequest) -> str:
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    migrated = factory.getbasetemp() / "migrated.db"
    if not migrated.exists():
        await migrate(f"sqlite:///{migrated}")
    file: Path = request.getfixturevalue("tmp_path") / "whatshipped.db"
    shutil.copy(migrated, file)
    return f"sqlite:///{file}"
