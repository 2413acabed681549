"""Following: asked, granted, refused and ended. Both sides' rows, counters and the event are of one transaction.

Whoever changes something between two people first locks both of their rows, the smaller id first: so the rules are
checked on what holds at that moment, two changes between the same people follow one another, and nobody deadlocks.
"""

from collections.abc import Sequence

import msgspec

from townsquare.accounts import store, store_follows, store_limits, store_lists
from townsquare.accounts.events import FollowAccepted, Followed, FollowRejected, FollowRequested, Unfollowed, Unlocked
from townsquare.accounts.model import Account
from townsquare.accounts.store_follows import Follow
from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.words import Words

MOST_FOLLOWS = 7500
FOLLOWS_PER_FOLLOWER = 1.1


class Wish(msgspec.Struct, frozen=True):
    """How one wants to follow; None leaves it as it is. `languages`: codes, empty for all."""

    reblogs: bool | None = None
    notify: bool | None = None
    languages: Sequence[str] | None = None


AS_IT_IS = Wish()


async def lock_both(tx: Tx, one: AccountId, other: AccountId) -> tuple[Account, Account]:
    """The two accounts, in the order of the arguments, locked. Raises NotFound."""
    found = {account_id: await store.lock(tx, account_id) for account_id in sorted((one, other))}
    first, second = found[one], found[other]
    if first is None or second is None:
        raise NotFound
    return first, second


async def follow(tx: Tx, me: AccountId, target: AccountId, wish: Wish = AS_IT_IS, *, uri: str | None = None) -> None:
    """Follow somebody, or ask to; where one does already, change how. `uri` is that of a remote follower's activity.

    Raises NotFound, Forbidden (oneself, where one blocks the other, who has moved away) or Invalid (too many).
    """
    if me == target:
        raise Forbidden("You cannot follow yourself")
    follower, followed = await lock_both(tx, me, target)
    before = await store_follows.follow_of(tx, me, target)
    if before is not None:
        await _change(tx, follower, target, _as_wished(before, wish))
        return
    await check_follow(tx, follower, followed)
    asks = followed.locked or followed.domain is not None or follower.limited_at is not None
    new = _as_wished(Follow(new_id(), asks, reblogs=True, notify=False, languages=None), wish)
    await store_follows.put_follow(tx, me, target, new, uri)
    if asks:
        await store_follows.put_request(tx, target, me, new.id, uri)
        await emit(tx, FollowRequested(me, target))
    else:
        await _stand(tx, follower, target, new)


async def check_follow(tx: Tx, follower: Account, target: Account) -> None:
    """Raises NotFound, Forbidden or Invalid where the one may not follow the other."""
    if target.suspended_at is not None:
        raise NotFound
    if await store_limits.blocks(tx, target.id, follower.id):
        raise Forbidden
    if await store_limits.blocks(tx, follower.id, target.id):
        raise Forbidden("You block this account: unblock it before you follow it")
    if target.domain is not None and await store_limits.blocked_domains(tx, follower.id, [target.domain]):
        raise Forbidden(
            Words("You block %(domain)s: unblock it before you follow somebody there", domain=target.domain)
        )
    if target.moved_to_id is not None:
        raise Forbidden("This account has moved: follow it where it is now")
    followers, following = await store_follows.counts(tx, follower.id)
    most = max(MOST_FOLLOWS, int(followers * FOLLOWS_PER_FOLLOWER))
    if follower.domain is None and following >= most:
        raise Invalid(Words("Validation failed: You cannot follow more than %(num)s people", num=most))


async def unfollow(tx: Tx, me: AccountId, target: AccountId) -> None:
    """End a follow or a request; nothing where there is none. Raises NotFound."""
    await lock_both(tx, me, target)
    await end(tx, me, target)


async def remove_follower(tx: Tx, me: AccountId, follower: AccountId) -> None:
    """Make somebody not follow one any more; they may follow again. Raises NotFound."""
    await lock_both(tx, me, follower)
    standing = await store_follows.follow_of(tx, follower, me)
    if standing is not None and not standing.pending:
        await end(tx, follower, me)
        await emit(tx, FollowRejected(follower, me))


async def authorise(tx: Tx, me: AccountId, requester: AccountId) -> None:
    """Grant a request. Raises NotFound where there is none."""
    _, follower = await lock_both(tx, me, requester)
    if not await store_follows.delete_request(tx, me, requester):
        raise NotFound
    asked = await store_follows.follow_of(tx, requester, me)
    if asked is not None:
        granted = msgspec.structs.replace(asked, pending=False)
        await store_follows.put_follow(tx, requester, me, granted)
        await _stand(tx, follower, me, granted)
        await emit(tx, FollowAccepted(requester, me))


async def reject(tx: Tx, me: AccountId, requester: AccountId) -> None:
    """Refuse a request. Raises NotFound where there is none."""
    await lock_both(tx, me, requester)
    asked = await store_follows.follow_of(tx, requester, me)
    if asked is None or not asked.pending:
        raise NotFound
    await end(tx, requester, me)
    await emit(tx, FollowRejected(requester, me))


async def authorise_waiting(db: Database, events: Sequence[Unlocked]) -> None:
    """Effect: who need not be asked any more has no requests waiting."""
    for event in events:
        account_id = AccountId(event.account_id)
        for requester in await store_follows.requesters(db, account_id):
            async with db.transaction() as tx:
                await _authorise_unlocked(tx, account_id, requester)


async def _authorise_unlocked(tx: Tx, account_id: AccountId, requester: AccountId) -> None:
    account, _ = await lock_both(tx, account_id, requester)
    still = await store_follows.follow_of(tx, requester, account_id)
    if not account.locked and still is not None and still.pending:
        await authorise(tx, account_id, requester)


async def end(tx: Tx, follower: AccountId, target: AccountId) -> bool:
    """End a follow or a request, and what stood on it, between two who are locked; False where there was none."""
    ended = await store_follows.delete_follow(tx, follower, target)
    if ended is None:
        return False
    if ended.pending:
        await store_follows.delete_request(tx, target, follower)
    else:
        await store_follows.count_following(tx, follower, -1)
        if await store_follows.delete_follower(tx, target, follower):
            await store_follows.count_followers(tx, target, -1)
        await store_limits.delete_endorsement(tx, follower, target)
        await store_lists.remove_from_all(tx, follower, target)
    await emit(tx, Unfollowed(follower, target))
    return True


async def _stand(tx: Tx, follower: Account, target: AccountId, follow: Follow) -> None:
    """From now on the one follows the other."""
    await store_follows.count_following(tx, follower.id, 1)
    if await store_follows.put_follower(tx, target, follower.id, follow, local=follower.domain is None):
        await store_follows.count_followers(tx, target, 1)
    await emit(tx, Followed(follower.id, target))


async def _change(tx: Tx, follower: Account, target: AccountId, follow: Follow) -> None:
    await store_follows.put_follow(tx, follower.id, target, follow)
    if not follow.pending:
        await store_follows.put_follower(tx, target, follower.id, follow, local=follower.domain is None)


def _as_wished(follow: Follow, wish: Wish) -> Follow:
    return Follow(
        follow.id,
        follow.pending,
        reblogs=follow.reblogs if wish.reblogs is None else wish.reblogs,
        notify=follow.notify if wish.notify is None else wish.notify,
        languages=follow.languages if wish.languages is None else (list(wish.languages) or None),
    )
