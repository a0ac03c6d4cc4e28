"""A real PostgreSQL for the tests: one server for the whole run, one database for each test.

The server comes from PyPI (``pgserver``), or, where that has no wheel, is the machine's own. Neither needs the network,
and both start as root, too.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # the package carries no types
import pytest

from bot.storage.migrate import migrate

_BINARIES = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr/local/opt").glob("postgresql*/bin")]


_MIGRATED = "migrated"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server; skips the test where there is no PostgreSQL to start."""
    with server() as url:
        # Nothing of it is to outlive the run.
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            _run(_execute(url, f"ALTER SYSTEM SET {setting}"))
        _run(_execute(url, "SELECT pg_reload_conf()"))
        _run(_execute(url, f"CREATE DATABASE {_MIGRATED}"))
        _run(migrate(_of_database(url, _MIGRATED)))
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a database of the test's own, its tables made."""
    with database(postgres_server, template=_MIGRATED) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a database of the test's own without tables."""
    with database(postgres_server) as url:
        yield url


@contextmanager
def server() -> Iterator[str]:
    """Start a server and stop it at the end; the URL of its maintenance database."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # a socket's path must be short
    try:
        pgserver = _pgserver()
        with _from_pypi(pgserver, folder) if pgserver else _of_the_machine(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server_url: str, template: str = "template1") -> Iterator[str]:
    """The URL of a new database, removed afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    _run(_execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    try:
        yield _of_database(server_url, name)
    finally:
        _run(_execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


def _of_database(server_url: str, name: str) -> str:
    return server_url.replace("/postgres?", f"/{name}?")


def _run(work: Coroutine[Any, Any, object]) -> None:
    """Run to the end in a thread of its own, since the test may have a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _pgserver() -> Any:
    """The package, or None where it is not installed (it has no wheel for the newest Pythons)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for the user's run-time folder on import
        try:
            logging.getLogger("pgserver").setLevel(logging.CRITICAL)  # it speaks when the run's streams are closed
            return importlib.import_module("pgserver")
        except ImportError:
            return None


@contextmanager
def _from_pypi(pgserver: Any, folder: Path) -> Iterator[str]:
    running = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()


@contextmanager
def _of_the_machine(folder: Path) -> Iterator[str]:
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, sorted(_BINARIES, reverse=True))])
    initdb, pg_ctl = shutil.which("initdb", path=path), shutil.which("pg_ctl", path=path)
    if not initdb or not pg_ctl:
        pytest.skip("no PostgreSQL to start: neither pgserver nor the machine's own")
    data = folder / "data"
    user: str | None = None
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # which PostgreSQL refuses to run as
        user = "postgres"
        shutil.chown(folder, "postgres")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=folder, user=user)  # noqa: S603 -- found above

    run(initdb, "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8")
    run(pg_ctl, "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql://postgres:@/postgres?host={folder}"
    finally:
        run(pg_ctl, "-D", str(data), "-m", "immediate", "stop")
