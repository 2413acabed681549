"""A database made ready for this program: its schema, the place's keys, and whose the audit log is."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg

from townsquare.auth.old_addresses import close_addresses
from townsquare.auth.old_secrets import prepare_keys
from townsquare.cli.place import connection
from townsquare.cli.progress import DONE, tell
from townsquare.db import rights
from townsquare.db.migrate import Applied, State, migrate, status
from townsquare.db.pool import Database
from townsquare.kernel import keyring
from townsquare.moderation import audit, vault
from townsquare.moderation.old_addresses import close_listed
from townsquare.statuses.old_messages import close_messages


async def bring_up(dsn: str, admin: str, keys: Path) -> list[Applied]:
    """Run what is pending; make keys that are missing. `admin`: an administrator's address of the same database, by
    which the audit log is handed to a role of its own (see db.rights); empty where there is none.

    Raises CommandError, MigrationError or KeyringError.
    """
    async with connection(dsn) as one:
        role = await rights.current_role(one)
        async with _handed_over(admin, role, one):
            applied = await migrate(one, progress=lambda file: tell(DONE, "Migration", str(file)))
    async with Database.connect(dsn, partial(keyring.read, keys), connections=1) as db:
        await prepare_keys(db, keys)
        await close_addresses(db)
        await close_messages(db)
        await vault.close_plain(db)
        await close_listed(db)
        if any(one.name == "audit_head" for one in applied):
            await audit.begin(db)
    return applied


@asynccontextmanager
async def _handed_over(admin: str, role: str, service: asyncpg.Connection) -> AsyncGenerator[None]:
    """The audit log is the service's while migrations run that may change it, and is not when they have run."""
    if not admin:
        yield
        return
    async with connection(admin) as one:
        if any(row.state is State.PENDING for row in await status(service)):
            await rights.release(one, role)
        yield
        if not await rights.is_protected(one, role):
            await rights.protect(one, role)
