"""The audit log belongs to a role that nobody signs in with: the service reads it and adds to it, and no more."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest

from townsquare.db import rights
from townsquare.db.launcher import Cluster

SERVICE = "townsquare"
ENTRY = """INSERT INTO audit.log (entry) VALUES ('{"actor_id":1,"action":"a","target":"b"}')"""


@pytest.fixture
async def admin(cluster: Cluster, dsn: str) -> AsyncGenerator[asyncpg.Connection]:
    """An administrator, whose doings are rolled back."""
    opened = await asyncpg.connect(dsn.replace(f"//{SERVICE}@", "//postgres@"))
    transaction = opened.transaction()
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit.log SET entry = '{}'",
        "DELETE FROM audit.log",
        "TRUNCATE audit.log",
        "ALTER TABLE audit.log DISABLE TRIGGER USER",
        "DROP TABLE audit.log",
        "DROP SCHEMA audit CASCADE",
        "DELETE FROM audit.checkpoints",
        "DELETE FROM audit.head",
        "TRUNCATE audit.head",
        "DROP FUNCTION audit.audit_log_stays CASCADE",
        "GRANT townsquare_audit TO townsquare",
        "SET ROLE townsquare_audit",
    ],
)
async def test_the_service_cannot_change_it(admin: asyncpg.Connection, sql: str) -> None:
    await rights.protect(admin, SERVICE)
    await admin.execute("SET LOCAL SESSION AUTHORIZATION townsquare")
    await admin.execute(ENTRY)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"permission denied|must be owner"):
        async with admin.transaction():
            await admin.execute(sql)
    assert await admin.fetchval("SELECT count(*) FROM audit.log WHERE action = 'a'") == 1


async def test_it_is_handed_over_once_and_given_back_for_a_migration(admin: asyncpg.Connection) -> None:
    assert not await rights.is_protected(admin, SERVICE)
    for _ in range(2):
        await rights.protect(admin, SERVICE)
        assert await rights.is_protected(admin, SERVICE)
    await rights.release(admin, SERVICE)
    assert not await rights.is_protected(admin, SERVICE)
    await admin.execute("SET LOCAL SESSION AUTHORIZATION townsquare")
    await admin.execute("ALTER TABLE audit.log ADD COLUMN more text")
