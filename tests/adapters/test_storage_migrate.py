from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from bot.domain.errors import StorageError
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.tables import metadata


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "postgres":
        found: str = request.getfixturevalue("empty_postgres_url")
        return found
    return f"sqlite:///{tmp_path}/whatshipped.db"


async def execute(url: str, statement: str) -> None:
    database = Database(url)
    async with database.writing() as connection:
        await connection.execute(text(statement))
    await database.close()


async def tables_of(url: str) -> set[str]:
    database = Database(url)
    async with database.reading() as connection:
        names = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
    await database.close()
    return names


async def test_an_empty_database_gets_its_tables_and_a_second_run_changes_nothing(url):
    before, after = await migrate(url)
    assert before is None
    assert after is not None
    assert await migrate(url) == (after, after)
    assert await tables_of(url) == {"alembic_version", "subscriptions", "deliveries"}


async def test_the_migrations_make_exactly_the_tables_that_the_stores_use(url):
    await migrate(url)
    database = Database(url)
    async with database.reading() as connection:
        differences = await connection.run_sync(
            lambda c: compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), metadata)
        )
    await database.close()
    assert differences == []


async def test_a_database_of_a_newer_version_is_left_alone(url):
    await migrate(url)
    await execute(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="at revision 9999, which this version does not know"):
        await migrate(url)


async def test_a_migration_that_fails_leaves_nothing_behind(url):
    await execute(url, "CREATE TABLE deliveries (id INTEGER)")  # in the way of the second table
    with pytest.raises(StorageError, match="already exists"):
        await migrate(url)
    assert await tables_of(url) == {"deliveries"}


def test_processes_that_start_at_once_do_not_collide(url):
    program = (
        "import asyncio, sys; from bot.storage.migrate import migrate; print(asyncio.run(migrate(sys.argv[1]))[0])"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True)  # noqa: S603 -- ours
        for _ in range(4)
    ]
    befores = sorted(process.communicate(timeout=60)[0].strip() for process in started)
    assert [process.returncode for process in started] == [0] * 4
    assert befores[-1] == "None"
    assert len(set(befores[:3])) == 1
    assert befores[0] != "None"
