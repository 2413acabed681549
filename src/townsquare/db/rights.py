"""Who owns the audit log: a role that nobody signs in with, so that the service may add to it and read it, and no more.

The owner of a table can change whatever stands in it and switch its triggers off. A service that is taken over, or SQL
that got past it, has the rights of the service's role; so the schema `audit` is not that role's. It takes an
administrator of the database to hand it over, and to give it back for the time of a migration.
"""

from typing import Final

import asyncpg

OWNER: Final = "townsquare_audit"
_HANDED_OVER: Final = """
    SELECT pg_get_userbyid(nspowner) <> $1 FROM pg_namespace WHERE nspname = 'audit'
"""


async def current_role(connection: asyncpg.Connection) -> str:
    """As whom the connection is signed in."""
    return await connection.fetchval("SELECT current_user")


async def is_protected(connection: asyncpg.Connection, service: str) -> bool:
    """Whether the audit log belongs to another role than the one that the service signs in with."""
    return bool(await connection.fetchval(_HANDED_OVER, service))


async def protect(connection: asyncpg.Connection, service: str) -> None:
    """Hand the audit log over, as an administrator. Nothing where that was done before."""
    name = await _quoted(connection, service)
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", OWNER):
        await connection.execute(f"CREATE ROLE {OWNER} NOLOGIN")
    async with connection.transaction():
        await _give(connection, OWNER)
        await connection.execute(
            f"""
            GRANT USAGE ON SCHEMA audit TO {name};
            REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM {name};
            GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA audit TO {name};
            GRANT UPDATE ON audit.head TO {name}
            """
        )


async def release(connection: asyncpg.Connection, service: str) -> None:
    """Give it back, so that a migration can change it. Nothing where there is no audit log yet."""
    if await connection.fetchval("SELECT to_regnamespace('audit') IS NOT NULL"):
        async with connection.transaction():
            await _give(connection, await _quoted(connection, service))


async def _give(connection: asyncpg.Connection, owner: str) -> None:
    await connection.execute(f"ALTER SCHEMA audit OWNER TO {owner}")
    for kind, name in await connection.fetch(
        """
        SELECT 'TABLE', c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind = 'r'
        UNION ALL
        SELECT 'FUNCTION', p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'audit'::regnamespace
        """
    ):
        await connection.execute(f"ALTER {kind} {name} OWNER TO {owner}")


async def _quoted(connection: asyncpg.Connection, role: str) -> str:
    return await connection.fetchval("SELECT quote_ident($1)", role)
