"""The place's own rule: what somebody wrote who has many strikes is held until people have looked at it, post by post.

It says so by signals, as any program that screens: what is kept of a post, which case it belongs to and what is
decided of it is as with all others. Nothing is removed because of a number.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId, first_id_of, new_id, time_of
from townsquare.kernel.settings import Settings
from townsquare.moderation import kept
from townsquare.moderation.cases.events import StrikesReached
from townsquare.moderation.cases.model import SAYS
from townsquare.moderation.signals import store
from townsquare.moderation.signals.events import SignalGiven
from townsquare.moderation.signals.model import Signal
from townsquare.moderation.store_reports import Item

NAME: Final = "place/strikes"
"""A name that no program can have: there is no slash in theirs, and the database lets no key have such a one."""
VERSION: Final = "1"
SOURCE: Final = f"{NAME}:{VERSION}"
MOST: Final = 500
"""So many things of somebody are looked at: the account, and the latest posts."""


async def look_through(db: Database, settings: Settings, events: Sequence[StrikesReached]) -> None:
    """Effect of StrikesReached: a signal for the account, and for each post of the days for which a strike counts."""
    days = timedelta(days=settings.moderation.strike_days)
    for event in events:
        async with db.transaction() as tx:
            await _give(tx, event, days)


async def _give(tx: Tx, event: StrikesReached, days: timedelta) -> None:
    since = first_id_of(int((time_of(event.strike_id) - days).timestamp() * 1000))
    found = await store.unseen(tx, event.account_id, SOURCE, event.case_id, since, event.strike_id, MOST)
    things = await _kept(tx, AccountId(event.account_id), found)
    if things:
        await store.speak(tx, SOURCE, NAME, VERSION, None, datetime.now(UTC), len(things))
        # Each has a moment of its own: the numbers of signals and cases are made of it.
        signals = [await store.put(tx, _signal(one, event, datetime.now(UTC))) for one in things]
        for one in signals:
            await kept.say_files(tx, one.id, [one])
        await emit(tx, *(SignalGiven(one.id) for one in signals))


async def _kept(tx: Tx, account_id: AccountId, found: Sequence[tuple[str, int]]) -> list[Item]:
    posts = await kept.posts_of(tx, account_id, [number for kind, number in found if kind == "status"])
    who = await kept.account(tx, account_id) if ("account", account_id) in found else None
    return posts if who is None else [who, *posts]


def _signal(thing: Item, event: StrikesReached, now: datetime) -> Signal:
    """It says enough to open a case, and no more: the rule knows nothing of the thing itself."""
    return Signal(
        id=new_id(now),
        kind=thing.kind,
        owner_id=event.account_id,
        item_id=thing.item_id,
        author_id=event.account_id,
        policy=event.policy,
        source=SOURCE,
        score=SAYS,
        made_at=now,
        private=thing.private,
        sealed=thing.sealed,
        file_keys=thing.file_keys,
        prints=list(thing.prints),
        because_id=event.case_id,
    )
