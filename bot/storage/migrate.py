"""Bringing the tables up to date, also where two processes start at once."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from bot.domain.errors import StorageError
from bot.storage.database import Database

_log = logging.getLogger(__name__)
_LOCK = 0x5752_4154  # any number that is ours among the advisory locks of a shared PostgreSQL


async def migrate(url: str) -> tuple[str | None, str | None]:
    """Run the migrations that the database lacks, all or none, and tell its revision before and after.

    Whoever comes second waits and finds nothing left to do. Raises ``StorageError``, also for a database that a newer
    version of the bot has already changed.
    """
    database = Database(url)
    try:
        async with database.writing() as connection:  # on SQLite this is the lock
            if not database.is_sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            before, after = await connection.run_sync(_upgrade)
    finally:
        await database.close()
    if before != after:
        _log.info("database migrated from=%s to=%s", before, after)
    return before, after


def _upgrade(connection: Connection) -> tuple[str | None, str | None]:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    before = MigrationContext.configure(connection).get_current_revision()
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StorageError(
            f"The database is at revision {before}, which this version does not know: a newer one has migrated it. "
            "Run that version, or restore a copy of the database."
        ) from error
    return before, MigrationContext.configure(connection).get_current_revision()
