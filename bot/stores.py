"""The composition root of what is kept: apart from ``app``, so that a question in a terminal imports no database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.config import Settings
from bot.storage.database import Database
from bot.storage.ledger import SqlDeliveryLedger
from bot.storage.migrate import migrate
from bot.storage.subscriptions import SqlSubscriptionStore


@dataclass(frozen=True, slots=True)
class Stores:
    """What is kept: the digests, and what was delivered of them."""

    subscriptions: SqlSubscriptionStore
    ledger: SqlDeliveryLedger


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """The database, its tables brought up to date; raises ``StorageError`` where it cannot be used."""
    url = settings.database_url.get_secret_value()
    await migrate(url)
    database = Database(url)
    try:
        yield Stores(SqlSubscriptionStore(database), SqlDeliveryLedger(database))
    finally:
        await database.close()
