from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.errors import StorageError
from bot.storage.database import Database
from bot.storage.ledger import SqlDeliveryLedger
from bot.storage.migrate import migrate
from bot.storage.subscriptions import SqlSubscriptionStore
from tests.builders import NOW, subscription

PASSWORD = "hunter2-secret"


async def complaint(url: str) -> str:
    """What is said of a database that cannot be used."""
    with pytest.raises(StorageError) as caught:
        await migrate(url)
    return caught.value.message


async def answers(url: str) -> bool:
    database = Database(url)
    await database.check()
    await database.close()
    return True


# URLs


@pytest.mark.parametrize("url", ["", "whatshipped.db", f"postgres//me:{PASSWORD}@host/db", "sqlite:whatshipped.db"])
async def test_a_url_that_cannot_be_read_is_refused_without_being_repeated(url):
    said = await complaint(url)
    assert "DATABASE_URL cannot be read" in said
    assert PASSWORD not in said


async def test_another_kind_of_database_is_refused_by_name():
    assert "mysql" in await complaint(f"mysql://me:{PASSWORD}@host/db")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2"])
async def test_postgresql_is_reached_by_every_spelling_that_hosts_hand_out(postgres_url: str, scheme):
    assert await answers(postgres_url.replace("postgresql", scheme, 1))


async def test_parameters_for_other_drivers_are_understood_or_left_out(postgres_url: str):
    assert await answers(
        f"{postgres_url}&sslmode=disable&channel_binding=prefer&connect_timeout=5&application_name=bot"
    )


async def test_a_server_without_the_encryption_that_is_asked_for_is_refused(unused_tcp_port: int):
    async def refuse_encryption(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)  # PostgreSQL's SSLRequest
        writer.write(b"N")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse_encryption, "127.0.0.1", unused_tcp_port):
        said = await complaint(f"postgres://me:{PASSWORD}@127.0.0.1:{unused_tcp_port}/db?sslmode=require")
    assert "SSL" in said
    assert PASSWORD not in said


async def test_a_server_that_does_not_answer_is_named_without_the_password(unused_tcp_port: int):
    said = await complaint(f"postgres://me:{PASSWORD}@127.0.0.1:{unused_tcp_port}/db")
    assert said.startswith("PostgreSQL at 127.0.0.1 cannot be reached")
    assert PASSWORD not in said


async def test_an_unknown_database_is_named(postgres_url: str):
    said = await complaint(postgres_url.replace("/test_", "/nowhere_", 1))
    assert "does not exist" in said


async def test_without_its_driver_postgresql_is_refused_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    assert "pip install 'whatshipped[postgres]'" in await complaint("postgres://localhost/db")


# SQLite's file


async def test_a_file_in_a_folder_that_does_not_exist_is_refused(tmp_path: Path):
    assert f"{tmp_path / 'missing'} of the database file does not exist" in await complaint(
        f"sqlite:///{tmp_path}/missing/whatshipped.db"
    )


async def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path):
    assert "cannot be written" in await complaint(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("unwritable", ["whatshipped.db", ""])
async def test_a_file_or_folder_that_is_not_writable_is_refused_loudly(tmp_path: Path, monkeypatch, unwritable):
    file, refused = tmp_path / "whatshipped.db", tmp_path / unwritable
    file.touch()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != refused)  # the tests may run as root
    said = await complaint(f"sqlite:///{file}")
    assert f"Make {refused} writable" in said
    assert "DATABASE_URL" in said


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    file = tmp_path / "whatshipped.db"
    file.write_text("This is a shopping list. " * 100)
    assert "file is not a database" in await complaint(f"sqlite:///{file}")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
async def test_a_database_that_forgets_is_refused(url):
    assert "needs a file" in await complaint(url)


async def test_sqlite_writes_ahead_and_through_and_waits_for_others(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/whatshipped.db")
    async with database.reading() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        values = [await connection.scalar(text(f"PRAGMA {name}")) for name in names]
    await database.close()
    assert values == ["wal", 2, 1, 10_000]


async def test_a_failed_transaction_leaves_nothing(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/whatshipped.db"
    await migrate(url)
    database = Database(url)

    async def interrupted() -> None:
        async with database.writing() as connection:
            await connection.execute(text("DELETE FROM alembic_version"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await interrupted()
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    await database.close()


async def test_tables_that_were_not_made_are_missed_in_words(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/whatshipped.db")
    with pytest.raises(StorageError, match="no such table"):
        await SqlSubscriptionStore(database).active()
    with pytest.raises(StorageError, match="no such table"):
        await SqlDeliveryLedger(database).told("s1", NOW)
    await database.close()


async def test_a_time_without_a_zone_cannot_be_stored(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/whatshipped.db"
    await migrate(url)
    database = Database(url)
    with pytest.raises(Exception, match="without a zone"):
        await SqlSubscriptionStore(database).add(subscription(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001 -- wrong
    await database.close()
