"""People for tests of this room."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from townsquare.accounts import store
from townsquare.accounts.create import create_local, upsert_remote
from townsquare.accounts.model import RemoteAccount
from townsquare.accounts.profile import Changes, update_profile
from townsquare.db.pool import Database
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings

SETTINGS = Settings(public_url="https://town.example")
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


async def person(db: Database, username: str, **changes: Any) -> AccountId:
    """Somebody who lives here; `changes` are those of `Changes`."""
    async with db.transaction() as tx:
        account_id = await create_local(tx, username=username, settings=SETTINGS, now=NOW)
        if changes:
            await update_profile(tx, account_id, Changes(**changes), settings=SETTINGS)
    return account_id


async def stranger(db: Database, username: str, domain: str = "far.example", **said: Any) -> AccountId:
    """Somebody of another server."""
    uri = f"https://{domain}/users/{username}"
    given: dict[str, Any] = {"username": username, "domain": domain, "uri": uri, "inbox_url": f"{uri}/inbox"}
    remote = RemoteAccount(**given | said)
    async with db.transaction() as tx:
        return await upsert_remote(tx, remote, settings=SETTINGS, now=NOW)


async def entity(db: Database, account_id: AccountId) -> dict[str, Any]:
    """The account as clients get it."""
    return msgspec.json.decode((await store.entities(db, [account_id]))[account_id])


async def events(db: Database) -> list[str]:
    """The names of the events written so far, in order."""
    return [record["kind"] for record in await db.records("SELECT kind FROM jobs ORDER BY id")]
