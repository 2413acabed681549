"""What a person and others are to each other, as clients ask for it."""

from collections.abc import Sequence

import msgspec

from townsquare.accounts import store_limits, store_relationships
from townsquare.accounts.render import time_text
from townsquare.accounts.store_relationships import Mine, Theirs
from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId


class Relationship(msgspec.Struct, frozen=True):
    """Mastodon's Relationship entity."""

    id: str
    following: bool
    showing_reblogs: bool
    notifying: bool
    languages: Sequence[str] | None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: str | None
    requested: bool
    requested_by: bool
    domain_blocking: bool
    endorsed: bool
    note: str


async def relationships(
    db: Db, me: AccountId, ids: Sequence[AccountId], *, suspended: bool = False
) -> list[Relationship]:
    """In the order of the ids, each once; unknown ids are left out, and suspended accounts unless asked for."""
    wanted = list(dict.fromkeys(ids))
    theirs = {row.id: row for row in await store_relationships.theirs(db, me, wanted, suspended=suspended)}
    mine = {row.id: row for row in await store_relationships.mine(db, me, list(theirs))}
    domains = [row.domain for row in theirs.values() if row.domain is not None]
    blocked = set(await store_limits.blocked_domains(db, me, domains)) if domains else set[str]()
    return [_relationship(mine[one], theirs[one], blocked) for one in wanted if one in theirs]


async def relationship(db: Db, me: AccountId, target: AccountId) -> Relationship:
    """With one account. Raises NotFound."""
    found = await relationships(db, me, [target], suspended=True)
    if not found:
        raise NotFound
    return found[0]


def _relationship(mine: Mine, theirs: Theirs, blocked_domains: set[str]) -> Relationship:
    return Relationship(
        id=str(mine.id),
        following=mine.following,
        showing_reblogs=mine.reblogs,
        notifying=mine.notify,
        languages=mine.languages,
        followed_by=mine.followed_by,
        blocking=mine.blocking,
        blocked_by=theirs.blocked_by,
        muting=mine.muting,
        muting_notifications=mine.muting_notifications,
        muting_expires_at=time_text(mine.muting_expires_at),
        requested=mine.requested,
        requested_by=mine.requested_by,
        domain_blocking=theirs.domain in blocked_domains,
        endorsed=mine.endorsed,
        note=mine.note,
    )
