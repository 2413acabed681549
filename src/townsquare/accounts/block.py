"""Keeping apart: blocks, mutes and blocked domains."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from townsquare.accounts import store_follows, store_limits, store_severances
from townsquare.accounts.events import Blocked, DomainBlocked, FollowRejected, Muted, Severed, Unblocked, Unmuted
from townsquare.accounts.follow import end, lock_both
from townsquare.accounts.rules import is_domain
from townsquare.accounts.store_limits import Pair
from townsquare.accounts.store_severances import Severance
from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, Invalid
from townsquare.kernel.ids import AccountId, new_id

LONGEST_MUTE = timedelta(days=100 * 365)


async def block(tx: Tx, me: AccountId, target: AccountId) -> None:
    """End what stands between the two, both ways, and let nothing new begin. Raises NotFound, Forbidden (oneself)."""
    if me == target:
        raise Forbidden("You cannot block yourself")
    await lock_both(tx, me, target)
    if not await store_limits.insert_block(tx, me, target, new_id()):
        return
    await end(tx, me, target)
    if await end(tx, target, me):
        await emit(tx, FollowRejected(target, me))
    await emit(tx, Blocked(me, target))


async def unblock(tx: Tx, me: AccountId, target: AccountId) -> None:
    """Raises NotFound."""
    await lock_both(tx, me, target)
    if await store_limits.delete_block(tx, me, target):
        await emit(tx, Unblocked(me, target))


async def mute(
    tx: Tx, me: AccountId, target: AccountId, now: datetime, *, notifications: bool = True, duration: int = 0
) -> None:
    """Not see somebody's posts, nor `notifications` of what they do, for `duration` seconds (0: until unmuted).

    Raises NotFound, Forbidden (oneself) or Invalid (the duration).
    """
    if me == target:
        raise Forbidden("You cannot mute yourself")
    if not 0 <= duration <= LONGEST_MUTE.total_seconds():
        raise Invalid("Validation failed: Duration must be a number of seconds, 0 for ever")
    await lock_both(tx, me, target)
    expires_at = now + timedelta(seconds=duration) if duration else None
    await store_limits.put_mute(tx, Pair(me, target), new_id(), notifications=notifications, expires_at=expires_at)
    await emit(tx, Muted(me, target))


async def unmute(tx: Tx, me: AccountId, target: AccountId) -> None:
    """Raises NotFound."""
    await lock_both(tx, me, target)
    if await store_limits.delete_mute(tx, me, target):
        await emit(tx, Unmuted(me, target))


async def end_expired_mutes(db: Database) -> None:
    """Delete mutes whose time is over; nobody is muted by them any more anyhow."""
    async with db.transaction() as tx:
        ended = await store_limits.delete_expired_mutes(tx)
        await emit(tx, *(Unmuted(pair.account_id, pair.target_id) for pair in ended))


async def block_domain(tx: Tx, me: AccountId, domain: str, *, here: Sequence[str]) -> None:
    """Not see anybody of another server. `here` are this place's own domains. Raises Invalid."""
    name = check_domain(domain, here)
    if await store_limits.insert_domain_block(tx, me, name, new_id()):
        await emit(tx, DomainBlocked(me, name))


async def unblock_domain(tx: Tx, me: AccountId, domain: str) -> None:
    """Follows that the block has ended stay ended."""
    await store_limits.delete_domain_block(tx, me, domain.strip().lower())


def check_domain(domain: str, here: Sequence[str]) -> str:
    """The domain in the form in which it is kept: lower case and ASCII. Raises Invalid."""
    try:
        name = domain.strip().removeprefix("@").rstrip(".").lower().encode("idna").decode()
    except UnicodeError:
        name = ""
    if not is_domain(name):
        raise Invalid("Validation failed: Domain is not a valid domain name")
    if name in [one.lower() for one in here]:
        raise Invalid("Validation failed: Domain must be another server's")
    return name


async def end_follows_of_domain(db: Database, events: Sequence[DomainBlocked]) -> None:
    """Effect: nobody of the blocked domain follows, or is followed; whoever lost some by it is told how many."""
    for event in events:
        me = AccountId(event.account_id)
        number = await store_limits.domain_block_id(db, me, event.domain)
        if number is None:
            continue
        lost = Severance(me, number, "user_domain_block", event.domain)
        around = [*await store_follows.followed_ids(db, me), *await store_follows.follower_ids(db, me)]
        around += await store_follows.requesters(db, me)
        for other in await store_follows.of_domain(db, list(dict.fromkeys(around)), event.domain):
            await _sever(db, me, other, lost)
        async with db.transaction() as tx:
            if await store_severances.exists(tx, me, number):
                await emit(tx, Severed(me, number))


async def _sever(db: Database, me: AccountId, other: AccountId, lost: Severance) -> None:
    async with db.transaction() as tx:
        await lock_both(tx, me, other)
        following = await store_follows.follow_of(tx, me, other)
        follower = await store_follows.follow_of(tx, other, me)
        await end(tx, me, other)
        if await end(tx, other, me):
            await emit(tx, FollowRejected(other, me))
        counts = [int(one is not None and not one.pending) for one in (follower, following)]
        if any(counts):
            await store_severances.add(
                tx, msgspec.structs.replace(lost, followers_count=counts[0], following_count=counts[1])
            )
