"""Those of one's acquaintance who follow somebody too."""

from collections.abc import Sequence

from townsquare.accounts import store, store_follows
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId

MOST = 40


async def familiar_followers(db: Db, me: AccountId, ids: Sequence[AccountId]) -> list[tuple[AccountId, list[bytes]]]:
    """For each account, in their order, the entities of those whom one follows and who follow it.

    Nobody, where the account hides who follows it, and nobody who hides whom they follow.
    """
    accounts = await store.by_ids(db, list(dict.fromkeys(ids)))
    open_ones = [one.id for one in accounts.values() if not one.hide_collections and one.suspended_at is None]
    followed = await store_follows.followed_ids(db, me)
    pairs = await store_follows.followers_among(db, open_ones, followed)
    known = await store.by_ids(db, list({follower for _, follower in pairs}))
    shown = [one.id for one in known.values() if not one.hide_collections and one.suspended_at is None]
    entities = await store.entities(db, shown)

    def of(account_id: AccountId) -> list[bytes]:
        found = [entities[follower] for owner, follower in pairs if owner == account_id and follower in entities]
        return found[:MOST]

    return [(account_id, of(account_id)) for account_id in dict.fromkeys(ids) if account_id in accounts]
