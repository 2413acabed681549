"""Erasing what a deleted account has left, everywhere, in small steps that can be taken up where they stopped.

The account has been gone for everybody since it was deleted (`accounts.deletion`); nobody waits for this. Each step is
one batch of one part, and puts the next into the queue; how far it has come stands in `deletions`. What stays for good
is told in `store_erase`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from townsquare.accounts import store as people
from townsquare.accounts import store_deletion
from townsquare.accounts.deletion import FIRST_PART
from townsquare.accounts.events import Erasing
from townsquare.accounts.profile import render_again
from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.settings import Settings
from townsquare.media.purge import purge
from townsquare.media.storage import Store
from townsquare.statuses import store as posts
from townsquare.statuses.delete import erase
from townsquare.statuses.store import Source
from townsquare.timelines import store_erase as store

POSTS = 25
PEOPLE = 200
ROWS = 2000
IDLE = timedelta(hours=1)


class Place(msgspec.Struct, frozen=True):
    """Where it is erased."""

    db: Database
    storage: Store
    settings: Settings
    keep: Callable[[Tx, Source], Awaitable[None]]
    """What is done with a post before it is erased."""


Part = Callable[[Place, AccountId, int], Awaitable[int | None]]
"""One batch, from a cursor on; gives the next cursor, or None when nothing is left."""


async def erase_posts(place: Place, account_id: AccountId, after: int) -> int | None:
    """Posts and echoes with what hangs on them, as if the author had deleted each."""
    ids = await store.next_posts(place.db, account_id, after, POSTS)
    for number in ids:
        async with place.db.transaction() as tx:
            source = await posts.source(tx, account_id, StatusId(number))
            if source is not None:
                await place.keep(tx, source)
                await erase(tx, source)
    return ids[-1] if len(ids) == POSTS else None


async def erase_reactions(place: Place, account_id: AccountId, after: int) -> int | None:
    async with place.db.transaction() as tx:
        await store.take_back_votes(tx, account_id)
        await store.take_back_reactions(tx, account_id)
        return after + 1 if await store.take_back_favourites(tx, account_id, ROWS) == ROWS else None


async def erase_follows(place: Place, account_id: AccountId, after: int) -> int | None:
    async with place.db.transaction() as tx:
        ids = await store.followed(tx, account_id, PEOPLE)
        await store.lock(tx, [account_id, *ids])
        await store.end_follows(tx, account_id, ids)
    return after + 1 if ids else None


async def erase_followers(place: Place, account_id: AccountId, after: int) -> int | None:
    async with place.db.transaction() as tx:
        ids = await store.following(tx, account_id, PEOPLE)
        await store.lock(tx, [account_id, *ids])
        await store.end_followers(tx, account_id, ids)
    return after + 1 if ids else None


async def erase_own(place: Place, account_id: AccountId, table: int) -> int | None:
    """The cursor is the table. Files go before the rows that name them."""
    if store.OWNED[table] == "media":
        await purge(place.db, place.storage, await store.files(place.db, account_id))
    while await store.delete_owned(place.db, table, account_id, ROWS) == ROWS:
        continue
    return table + 1 if table + 1 < len(store.OWNED) else None


async def erase_in_others(place: Place, account_id: AccountId, after: int) -> int | None:
    ids = await people.ids_after(place.db, AccountId(after), PEOPLE)
    if ids:
        async with place.db.transaction() as tx:
            moved = await store.forget(tx, ids, account_id)
            await render_again(tx, moved, place.settings.public_url)
    return ids[-1] if len(ids) == PEOPLE else None


async def erase_counts(place: Place, account_id: AccountId, _after: int) -> int | None:
    await store.reset_counts(place.db, account_id)
    await store.forget_authorship(place.db, account_id)
    return None


PARTS: Final[Mapping[str, Part]] = {
    FIRST_PART: erase_posts,
    "reactions": erase_reactions,
    "follows": erase_follows,
    "followers": erase_followers,
    "own": erase_own,
    "others": erase_in_others,
    "counts": erase_counts,
}
"""In this order: posts are taken out of timelines by who follows."""
ORDER: Final = list(PARTS)


async def erase_on(place: Place, events: Sequence[Erasing]) -> None:
    """Effect of Erasing: the next batch. What is not in step with the database is of a walk that has gone on."""
    for event in events:
        standing = await store_deletion.deletion(place.db, event.account_id)
        if standing is None or standing.done_at or (standing.part, standing.cursor) != (event.part, event.cursor):
            continue
        cursor = await PARTS[event.part](place, AccountId(event.account_id), event.cursor)
        after = _after(event, cursor)
        async with place.db.transaction() as tx:
            if await store_deletion.advance(tx, event, after) and after is not None:
                await emit(tx, after)


def _after(event: Erasing, cursor: int | None) -> Erasing | None:
    if cursor is not None:
        return msgspec.structs.replace(event, cursor=cursor)
    following = ORDER.index(event.part) + 1
    return Erasing(event.account_id, ORDER[following]) if following < len(ORDER) else None


async def resume(db: Database) -> None:
    """Periodic: deletions that nobody has gone on with for an hour are taken up again."""
    async with db.transaction() as tx:
        await emit(tx, *await store_deletion.idle(tx, datetime.now(UTC) - IDLE))
