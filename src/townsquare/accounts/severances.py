"""Follows that a person lost at once, as a domain was blocked or somebody suspended: they are told how many."""

from collections.abc import Mapping, Sequence

import msgspec

from townsquare.accounts import store_severances as store
from townsquare.accounts.render import moment_text
from townsquare.accounts.store_severances import Cause
from townsquare.db.pool import Db
from townsquare.kernel.ids import time_of


class SeveranceEntity(msgspec.Struct, frozen=True):
    """Mastodon's RelationshipSeveranceEvent. `purged`: which they were cannot be told any more; we keep the counts."""

    id: str
    type: Cause
    purged: bool
    target_name: str
    followers_count: int
    following_count: int
    created_at: str


async def fetch_entities(db: Db, owner: int, ids: Sequence[int]) -> Mapping[int, bytes]:
    """The entities, encoded, by id."""
    return {
        one.id: msgspec.json.encode(
            SeveranceEntity(
                id=str(one.id),
                type=one.type,
                purged=True,
                target_name=one.target_name,
                followers_count=one.followers_count,
                following_count=one.following_count,
                created_at=moment_text(time_of(one.id)),
            )
        )
        for one in await store.by_ids(db, owner, ids)
    }
