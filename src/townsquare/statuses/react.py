"""What people do with posts: favourite, bookmark, echo, pin. Each is written with both people's rows at once.

Doing a thing twice is the same as doing it once: counters move only with the rows.
"""

from datetime import UTC, datetime

from townsquare.accounts import store_limits
from townsquare.db.pool import Db
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.ids import AccountId, StatusId, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Words
from townsquare.statuses import places, store_react
from townsquare.statuses.events import Favourited, StatusDeleted, StatusPosted, Unfavourited
from townsquare.statuses.model import Author, Visibility
from townsquare.statuses.read import Key
from townsquare.statuses.render import encode_head
from townsquare.statuses.show import key_of

MOST_PINS = 5


async def original(db: Db, me: AccountId, status_id: StatusId) -> Key:
    """The post that an id stands for: of an echo the original, which the reader need not be allowed to see.

    Raises NotFound where the reader may not see the post of this id.
    """
    key = await key_of(db, me, status_id)
    if key is None:
        raise NotFound
    if key.original_id is None or key.original_account_id is None:
        return key
    return Key(key.original_id, key.original_account_id)


async def seen(db: Db, me: AccountId, status_id: StatusId) -> Key:
    """The same, but NotFound also where the reader may see the echo of somebody else and not the original."""
    key = await original(db, me, status_id)
    if key.id != status_id and await key_of(db, me, StatusId(key.id)) is None:
        raise NotFound
    return key


async def reachable(db: Db, me: AccountId, status_id: StatusId) -> Key:
    """The same, for what its author is told of. Raises Forbidden too, where the reader blocks the author."""
    key = await seen(db, me, status_id)
    if key.account_id != me and await store_limits.blocks(db, me, AccountId(key.account_id)):
        raise Forbidden("You block the author of this post: unblock them first")
    return key


async def favourite(db: Db, me: AccountId, status_id: StatusId, *, quiet: bool = False) -> Key:
    """Like a post; its author is notified. `quiet`: of what was liked elsewhere long ago nobody is told."""
    key = await reachable(db, me, status_id)
    async with db.transaction() as tx:
        new = await store_react.favourite(tx, me, key.account_id, key.id, new_id())
        if new and not quiet:
            await emit(tx, Favourited(key.account_id, key.id, me))
    return key


async def unfavourite(db: Db, me: AccountId, status_id: StatusId) -> Key:
    key = await original(db, me, status_id)
    async with db.transaction() as tx:
        if await store_react.unfavourite(tx, me, key.account_id, key.id):
            await emit(tx, Unfavourited(key.account_id, key.id, me))
    return key


async def bookmark(db: Db, me: AccountId, status_id: StatusId) -> Key:
    """Keep a post for oneself; nobody is told."""
    key = await seen(db, me, status_id)
    await store_react.bookmark(db, me, key.account_id, key.id, new_id())
    return key


async def unbookmark(db: Db, me: AccountId, status_id: StatusId) -> Key:
    key = await original(db, me, status_id)
    await store_react.unbookmark(db, me, key.id)
    return key


async def reblog(
    db: Db,
    settings: Settings,
    me: Author,
    status_id: StatusId,
    visibility: Visibility | None = None,
    *,
    at: datetime | None = None,
) -> StatusId:
    """Echo a post to one's followers; the id is that of the echo, also of one that was there before.

    `at` is only for what is brought from elsewhere: when it was echoed.

    Public and unlisted posts can be echoed by everybody who sees them, followers-only posts by their author, direct
    ones by nobody.
    """
    key = await reachable(db, me.id, status_id)
    number = await store_react.visibility(db, key.account_id, key.id)
    if number is None:
        raise NotFound
    shown = Visibility(number)
    if shown is Visibility.DIRECT or (shown is Visibility.PRIVATE and key.account_id != me.id):
        raise Forbidden("This post cannot be echoed: it is not for everybody")
    wanted = max(shown, visibility if visibility is not None else shown)
    now, echo_id = at or datetime.now(UTC), StatusId(new_id(at))
    head = encode_head(echo_id, now, places.reblog_uri(settings, me, echo_id), None, wanted)
    async with db.transaction() as tx:
        first = await store_react.mark_reblog(tx, me.id, key.account_id, key.id, echo_id)
        if first != echo_id:
            return StatusId(first)
        named = await store_react.insert_reblog(tx, me.id, echo_id, key.account_id, key.id, int(wanted), now, head)
        await emit(tx, StatusPosted(me.id, echo_id, int(wanted), key.id, key.account_id, named=tuple(named)))
    return echo_id


async def unreblog(db: Db, me: AccountId, status_id: StatusId) -> Key:
    """Take one's echo back; also when the original cannot be seen any more."""
    key = await original(db, me, status_id)
    async with db.transaction() as tx:
        echo_id = await store_react.delete_reblog(tx, me, key.account_id, key.id)
        if echo_id is not None:
            await emit(tx, StatusDeleted(me, echo_id, original_id=key.id, original_account_id=key.account_id))
    return key


async def pin(db: Db, me: AccountId, status_id: StatusId) -> Key:
    """Show an own post first on one's profile. At most five."""
    key = await original(db, me, status_id)
    if key.account_id != me:
        raise Invalid("Validation failed: Someone else's post cannot be pinned")
    if await store_react.visibility(db, me, key.id) == Visibility.DIRECT:
        raise Invalid("Validation failed: Posts that are only visible to mentioned people cannot be pinned")
    async with db.transaction() as tx:
        if not await store_react.pin(tx, me, key.id, new_id(), MOST_PINS):
            raise Invalid(
                Words("Validation failed: You have already pinned the maximum number of posts (%(num)s)", num=MOST_PINS)
            )
    return key


async def unpin(db: Db, me: AccountId, status_id: StatusId) -> Key:
    key = await original(db, me, status_id)
    if key.account_id == me:
        await store_react.unpin(db, me, key.id)
    return key
