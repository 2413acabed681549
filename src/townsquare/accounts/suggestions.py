"""Whom one might want to follow: recommended by the staff, followed by one's friends or by those who follow the same
people, or what most people here read.

They are made from a bounded number of rows, kept, and made anew by a job when they are old and somebody asks. What must
never be shown (those whom one follows, keeps away or has dismissed, and those who do not want to be found) is asked for
at every reading.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from townsquare.accounts import store_limits
from townsquare.accounts import store_suggestions as store
from townsquare.accounts.events import SuggestionsAged
from townsquare.accounts.store_suggestions import Recommended
from townsquare.db.pool import Database, Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId, first_id_of, new_id

Source = Literal["featured", "friends_of_friends", "similar_to_recently_followed", "most_followed", "most_interactions"]
OLD_SOURCES: Final[Mapping[str, str]] = {
    "featured": "staff",
    "friends_of_friends": "past_interactions",
    "similar_to_recently_followed": "past_interactions",
}
"""What apps of before 4.3 are told; all else is "global"."""

FRESH = timedelta(hours=1)
KEPT = 200
"""Suggestions of a reader: more than are shown, for some are not to be shown when they are read."""
FRIENDS = 100
EACH = 200
RECENT = 10
ALIKE = 50
"""Friends, those whom each of them follows, people followed last, and followers of each of these."""
RANKED = 100
DAYS = 30
"""In which those have posted who are recommended to everybody."""


class Suggestion(msgspec.Struct, frozen=True):
    """Mastodon's Suggestion entity."""

    source: str
    sources: Sequence[str]
    account: msgspec.Raw


async def suggestions(db: Database, me: AccountId, limit: int, now: datetime) -> list[Suggestion]:
    """The first so many; made at once for somebody who has none yet, and soon anew where they are old."""
    made = await store.made_at(db, me)
    if made is None:
        async with db.transaction() as tx:
            await make(tx, me, now)
    elif made < now - FRESH:
        async with db.transaction() as tx:
            if await store.claim(tx, me, now - FRESH, now):
                await emit(tx, SuggestionsAged(me))
    found = await store.of(db, me, KEPT)
    domains = await store_limits.all_blocked_domains(db, me)
    entities = await store.shown(db, me, [one.target_id for one in found], domains)
    return [
        Suggestion(OLD_SOURCES.get(one.sources[0], "global"), one.sources, msgspec.Raw(entities[one.target_id]))
        for one in found
        if one.target_id in entities
    ][:limit]


async def lately(db: Db, me: AccountId, limit: int) -> list[bytes]:
    """Entities of people of this place who posted last: of none whom one follows, keeps away or has dismissed."""
    return await store.lately(db, me, await store.known(db, me), limit)


async def make(tx: Tx, me: AccountId, now: datetime) -> None:
    """Find whom one might want to follow, and write it down."""
    known = await store.known(tx, me)
    followed = await store.recently_followed(tx, me, FRIENDS)
    friends = await store.showing(tx, followed)
    near = await store.followed_by(tx, friends, known, each=EACH, least=1, limit=RANKED)
    alike = await store.showing(tx, await store.latest_followers(tx, followed[:RECENT], ALIKE))
    similar = await store.followed_by(tx, alike, known, each=EACH, least=2, limit=RANKED)
    personal: dict[Source, list[AccountId]] = {"friends_of_friends": near, "similar_to_recently_followed": similar}
    merged = merge(_for_all(await store.recommended(tx)) | personal)
    wanted = {one: sources for one, sources in merged.items() if one not in set(known)}
    await store.put(tx, me, dict(list(wanted.items())[:KEPT]), now)


def merge(found: Mapping[Source, Sequence[AccountId]]) -> dict[AccountId, list[Source]]:
    """Everybody once with all sources: first whom the staff recommends, then who has most sources, then in order."""
    order: Sequence[Source] = (
        "featured", "friends_of_friends", "similar_to_recently_followed", "most_followed", "most_interactions",
    )  # fmt: skip
    sources: dict[AccountId, list[Source]] = {}
    for source in order:
        for account_id in found.get(source, ()):
            sources.setdefault(account_id, []).append(source)
    return dict(sorted(sources.items(), key=lambda item: (item[1][0] != "featured", -len(item[1]))))


def _for_all(rows: Sequence[Recommended]) -> dict[Source, list[AccountId]]:
    ranks: dict[Source, list[tuple[int, AccountId]]] = {
        "featured": [(one.featured_id, one.account_id) for one in rows if one.featured_id is not None],
        "most_followed": [(one.followed, one.account_id) for one in rows if one.followed is not None],
        "most_interactions": [(one.interactions, one.account_id) for one in rows if one.interactions is not None],
    }
    return {source: [account_id for _, account_id in sorted(ranked)] for source, ranked in ranks.items()}


async def make_again(db: Database, events: Sequence[SuggestionsAged]) -> None:
    """Effect of SuggestionsAged."""
    for event in events:
        async with db.transaction() as tx:
            await make(tx, AccountId(event.account_id), datetime.now(UTC))


async def rank(db: Database, now: datetime | None = None) -> None:
    """Periodic: who is recommended to everybody."""
    since = (now or datetime.now(UTC)) - timedelta(days=DAYS)
    async with db.transaction() as tx:
        followed = await store.most_followed(tx, since.date(), RANKED)
        interactions = await store.most_interactions(tx, first_id_of(int(since.timestamp() * 1000)), RANKED)
        await store.put_ranks(tx, followed, interactions)


async def dismiss(db: Db, me: AccountId, target: int) -> None:
    """Do not suggest somebody to one any more; whoever it is."""
    await store.dismiss(db, me, target)


async def feature(tx: Tx, account_id: int) -> None:
    """Recommend somebody to everybody here."""
    await store.feature(tx, account_id, new_id())


async def unfeature(tx: Tx, account_id: int) -> None:
    await store.feature(tx, account_id, None)
