"""A connection to SQLite or PostgreSQL from one URL, and what goes wrong with it in words for the operator."""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.domain.errors import StorageError

_BUSY_TIMEOUT_MS = 10_000
_CONNECT_TIMEOUT_S = 10
_READ_ONLY = "whatshipped_read_only"
_POSTGRES = frozenset({"postgres", "postgresql"})
# Parameters of libpq that hosts put into their URLs and that asyncpg would hand on to the server, which refuses them.
_LIBPQ_ONLY = frozenset({"channel_binding", "connect_timeout", "gssencmode", "keepalives", "sslcompression"})


class Database:
    """An engine with the transactions that the stores use. Create it inside the loop that uses it; close it there.

    ``url``: ``sqlite:///file``, or ``postgresql://…`` as hosts hand it out (``postgres://`` and ``sslmode`` included).
    Raises ``StorageError`` for a URL that cannot be used.
    """

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._name = _name(parsed)
        # SQLite has one writer: within a process we queue for it in turn rather than knock until it opens.
        self._turn: AbstractAsyncContextManager[object] = asyncio.Lock() if self.is_sqlite else nullcontext()
        self.engine = _sqlite(parsed) if self.is_sqlite else _postgres(parsed)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads."""
        async with self._transaction(read_only=True) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: committed at the end, undone by an exception.

        On SQLite it holds the only write lock from its beginning, so what it reads stays true until it commits.
        """
        async with self._turn, self._transaction(read_only=False) as connection:
            yield connection

    async def check(self) -> None:
        """Raises ``StorageError`` where the database does not answer or cannot be written."""
        async with self.writing() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()

    @asynccontextmanager
    async def _transaction(self, *, read_only: bool) -> AsyncIterator[AsyncConnection]:
        try:
            async with self.engine.connect() as plain:
                connection = await plain.execution_options(**{_READ_ONLY: read_only})
                async with connection.begin():
                    yield connection
        except IntegrityError:
            raise  # a row that is there already: for the store to understand
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise StorageError(f"{self._name} cannot be used: {_cause(error)}") from error


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StorageError(
            "DATABASE_URL cannot be read; it looks like sqlite:///whatshipped.db or postgresql://user:password@host/name."
        ) from None
    backend = parsed.drivername.partition("+")[0]
    if backend in _POSTGRES:
        return parsed.set(drivername="postgresql+asyncpg")
    if backend == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    raise StorageError(f"DATABASE_URL names {backend}; this bot keeps its data in sqlite:///… or postgresql://… .")


def _name(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return f"The database file {url.database}"
    return f"PostgreSQL at {url.host or url.query.get('host') or 'localhost'}"


def _cause(error: BaseException) -> str:
    """The driver's own words, without the statement and its values."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    lines = str(cause).strip().splitlines()
    return f"{lines[0] if lines else type(cause).__name__}."


def _sqlite(url: URL) -> AsyncEngine:
    _check_file(url.database)
    engine = create_async_engine(url)

    @event.listens_for(engine.sync_engine, "connect")
    def _set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver would begin transactions of its own
        cursor = connection.cursor()
        for setting in (
            f"busy_timeout = {_BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            # A commit survives the machine, too: one that is lost with the power would be sent again.
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(_READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _check_file(database: str | None) -> None:
    if not database or database == ":memory:":
        raise StorageError(
            "The database needs a file, as in sqlite:///whatshipped.db: what was sent must be remembered."
        )
    file = Path(database)
    folder = file.absolute().parent
    if not folder.is_dir():
        raise StorageError(
            f"The folder {folder} of the database file does not exist; create it or change DATABASE_URL."
        )
    # WAL keeps two more files beside the database, so the folder must be writable, too.
    unwritable = next((path for path in (folder, file) if path.exists() and not os.access(path, os.W_OK)), None)
    if unwritable or file.is_dir():
        raise StorageError(
            f"The database file {file} cannot be written, and the bot must remember what it sent. "
            f"Make {unwritable or file} writable, or point DATABASE_URL to a place that is."
        )


def _postgres(url: URL) -> AsyncEngine:
    try:
        asyncpg: Any = importlib.import_module("asyncpg")  # an optional dependency
    except ImportError:
        raise StorageError("PostgreSQL needs its driver: pip install 'whatshipped[postgres]'.") from None
    # The driver reads its own URL: it knows sslmode, sslrootcert, a socket's folder and service files.
    dsn = url.set(drivername="postgresql").difference_update_query(_LIBPQ_ONLY).render_as_string(hide_password=False)

    async def connect() -> Any:
        try:
            return await asyncpg.connect(dsn, timeout=_CONNECT_TIMEOUT_S)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
            # Raised before SQLAlchemy has a connection, so it would pass these on as they are.
            raise StorageError(f"{_name(url)} cannot be reached: {_cause(error)}") from error

    return create_async_engine("postgresql+asyncpg://", async_creator=connect, pool_pre_ping=True)
