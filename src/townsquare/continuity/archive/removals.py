"""A deletion stays deleted: what was taken away is told to the archive, and taken away again from what is restored.

The archive's log has the deletions too, but a restore to a moment ends before those that came after it, and one with a
hole before those that came after that. So their numbers go there as objects of their own, sealed like all others.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

import msgspec

from townsquare.accounts.deletion import delete_account
from townsquare.auth import store_deletion
from townsquare.auth.callers import forget
from townsquare.continuity.archive import store_removals as store
from townsquare.continuity.archive.fetching import Source
from townsquare.continuity.archive.model import Removal, removals_name
from townsquare.continuity.archive.receive import Source as Server
from townsquare.continuity.archive.shipping import Shipping
from townsquare.db.pool import Database
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.settings import Settings
from townsquare.statuses import store as posts
from townsquare.statuses.delete import erase

POST, ACCOUNT, MEDIUM, SESSION, TOKEN = 1, 2, 3, 4, 5
BEFORE: Final = timedelta(minutes=10)
"""Clocks of hosts differ by less; what was taken away already is not there to be taken away again."""


class Again(msgspec.Struct):
    """What was taken away again. `files`: the keys of what hung on it, which need not be fetched."""

    posts: int = 0
    accounts: int = 0
    others: int = 0
    files: set[str] = msgspec.field(default_factory=set[str])


async def ship(to: Shipping, server: Server) -> bool:
    """What was taken away since the last time. False where nothing was. Raises ArchiveError."""
    xid, number = to.progress.removed
    async with server.connection() as one:
        found = await store.after(one, xid, number)
    if not found:
        return False
    await to.put(
        removals_name(to.chain, to.progress.removals + 1), msgspec.msgpack.encode([one for one, _, _ in found])
    )
    to.progress.removals += 1
    to.progress.removed = (found[-1][1], found[-1][2])
    to.save()
    return True


async def fetch(source: Source, since: datetime) -> list[Removal]:
    """What was taken away since a moment, by whichever service wrote to the target. Raises ArchiveError."""
    names: list[str] = []
    for chain in await source.target.folders("chains"):
        names += [one.name for one in await source.target.names(f"chains/{chain}/gone")]
    found: set[Removal] = set()
    async for data in source.many(names):
        told = msgspec.msgpack.decode(data, type=list[Removal])
        found.update(one for one in told if one.at >= since - BEFORE)
    return sorted(found, key=lambda one: (one.account_id, one.at))


async def again(db: Database, removals: Sequence[Removal], settings: Settings) -> Again:
    """Take it away from what was restored, by the verbs by which people do."""
    done = Again()
    for account_id, group in groupby(removals, key=lambda one: one.account_id):
        of_one = list(group)
        ids = {kind: [one.item_id for one in of_one if one.kind == kind] for kind in range(POST, TOKEN + 1)}
        done.files.update(await store.files_of(db, account_id, ids[POST], ids[MEDIUM]))
        for number in ids[POST]:
            done.posts += await _post(db, account_id, number)
        done.others += await store.delete_media(db, account_id, ids[MEDIUM])
        done.others += await store.delete_sessions(db, account_id, ids[SESSION])
        done.others += await store.delete_tokens(db, account_id, ids[TOKEN])
        if ids[ACCOUNT]:
            done.accounts += await _account(db, account_id, settings)
    return done


async def _post(db: Database, account_id: int, number: int) -> bool:
    async with db.transaction() as tx:
        source = await posts.source(tx, AccountId(account_id), StatusId(number))
        if source is not None:
            await erase(tx, source)
    return source is not None


async def _account(db: Database, account_id: int, settings: Settings) -> bool:
    try:
        async with db.transaction() as tx:
            await delete_account(tx, AccountId(account_id), settings=settings, now=datetime.now(UTC))
            await store_deletion.delete(tx, account_id)
            await forget(tx, account_id)
    except NotFound:
        return False
    return True
