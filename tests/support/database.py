"""One PostgreSQL for the whole run, migrated once; each test works in a transaction that is rolled back."""

import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import asyncpg
import pytest

from townsquare.db.launcher import Binaries, Cluster, find_binaries, start, stop
from townsquare.db.migrate import migrate
from townsquare.db.pool import SESSION, Database, prepare
from townsquare.kernel import keyring
from townsquare.moderation import audit

KEYS = keyring.fresh()
"""Of all tests: what one of them sealed, a fixture of another may open."""
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "logging_collector": "off"}
"""For data that nobody will miss after a crash."""


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    """PostgreSQL's programs."""
    return find_binaries(None)


@pytest.fixture(scope="session")
def cluster(binaries: Binaries) -> Generator[Cluster]:
    """A server that runs for the time of the tests."""
    data = Path(tempfile.mkdtemp(prefix="townsquare-test-"))
    running = start(data, binaries, extra=HASTY)
    yield running
    stop(running)
    shutil.rmtree(data)


@pytest.fixture(scope="session")
async def _databases(cluster: Cluster) -> tuple[str, str]:
    """Two with the newest schema: one in which nothing stays, and one for what does, which nobody else sees."""
    connection = await asyncpg.connect(cluster.dsn)
    await migrate(connection)
    await audit.begin(Database.over(connection, KEYS))
    await connection.close()
    operator = await asyncpg.connect(cluster.dsn, user="postgres", database="postgres")
    await operator.execute("CREATE DATABASE lasting TEMPLATE townsquare OWNER townsquare")
    await operator.close()
    return cluster.dsn, cluster.dsn.replace("@/townsquare?", "@/lasting?")


@pytest.fixture(scope="session")
def dsn(_databases: tuple[str, str]) -> str:
    """Where the second one is, for tests that need several connections or a whole service.

    What they write stays: they make people and posts of their own, and count nothing that others could add to.
    """
    return _databases[1]


@pytest.fixture
async def connection(_databases: tuple[str, str]) -> AsyncGenerator[asyncpg.Connection]:
    """A connection within a transaction that is rolled back after the test; snapshots can be taken within it."""
    opened = await asyncpg.connect(_databases[0], server_settings=SESSION)
    await prepare(opened)
    transaction = opened.transaction(isolation="repeatable_read")
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()


@pytest.fixture
def db(connection: asyncpg.Connection) -> Database:
    """The database as the rooms get it; its transactions are savepoints, and nothing of it stays."""
    return Database.over(connection, KEYS)
