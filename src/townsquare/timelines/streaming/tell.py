"""Writing down what happened for those who watch: effects, and `tell` for whoever has something else to tell.

A fact is a few dozen bytes, however many it concerns. It is written where what it tells of has been done already, so
that whoever hears of a post finds it in the timeline too.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, Protocol

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.ids import new_id
from townsquare.kernel.settings import Settings
from townsquare.statuses.events import RestrictionChanged, StatusDeleted, StatusEdited, StatusPosted
from townsquare.statuses.read import Pair
from townsquare.statuses.restricted import hidden
from townsquare.statuses.store_restricted import restricted
from townsquare.timelines import announcements, store_announcements
from townsquare.timelines.events import (
    AnnouncementDeleted,
    AnnouncementPublished,
    AnnouncementReacted,
    ConversationChanged,
    FiltersChanged,
)
from townsquare.timelines.notify_events import Notified, RequestsAccepted
from townsquare.timelines.streaming import store_facts as store
from townsquare.timelines.streaming.model import AnyFact, OwnFact, PlainFact, PostEvent, PostFact

CHANNEL: Final = "townsquare_streams"
"""On which processes hear that there is something to read."""
KEPT = timedelta(minutes=10)
"""For how long one may be away and still get what one missed."""
GRACE = timedelta(minutes=2)
"""For clocks that differ, and for what is said once a minute only."""


class Reacted(msgspec.Struct, frozen=True):
    """What is sent of a reaction to an announcement."""

    name: str
    count: int
    url: str | msgspec.UnsetType
    static_url: str | msgspec.UnsetType
    announcement_id: str


async def tell(tx: Tx, facts: Mapping[str, AnyFact]) -> None:
    """Write facts down, each by a name under which it is written once. Nothing is done where nobody watches."""
    if facts and await store.begin(tx):
        await store.insert(tx, list(facts), [msgspec.json.encode(fact) for fact in facts.values()])
        tx.tell(CHANNEL)


async def tell_posted(db: Db, events: Sequence[StatusPosted]) -> None:
    """Effect of StatusPosted. What was brought from elsewhere is not news."""
    pairs = [(event.account_id, event.status_id) for event in events if not event.quiet]
    await _tell_posts(db, "update", {pair: f"update {pair[1]}" for pair in pairs})


async def tell_edited(db: Db, events: Sequence[StatusEdited]) -> None:
    """Effect of StatusEdited: of several edits that wait together the last one is told."""
    pairs = {(event.account_id, event.status_id): event.number for event in events}
    await _tell_posts(db, "status.update", {pair: f"edit {pair[1]} {number}" for pair, number in pairs.items()})


class OfPost(Protocol):
    """An event of a post that looks different now, though it was not edited."""

    @property
    def account_id(self) -> int: ...
    @property
    def status_id(self) -> int: ...


async def tell_changed(db: Db, events: Sequence[OfPost]) -> None:
    """Effect of CardGiven and of whatever else changes a post: who has it on the screen is to see it."""
    pairs = {(event.account_id, event.status_id) for event in events}
    await _tell_posts(db, "status.update", {pair: f"change {pair[1]} {new_id()}" for pair in pairs})


async def tell_restricted(db: Db, events: Sequence[RestrictionChanged]) -> None:
    """Effect of RestrictionChanged: what is hidden now goes from the screens of others; else the post is shown anew."""
    pairs = list({(event.account_id, event.status_id) for event in events})
    now = await restricted(db, pairs)
    gone = {pair for pair, bits in now.items() if hidden(bits)}
    await _tell_posts(db, "delete", {pair: f"hide {pair[1]} {new_id()}" for pair in gone})
    await _tell_posts(db, "status.update", {pair: f"change {pair[1]} {new_id()}" for pair in now.keys() - gone})


async def _tell_posts(db: Db, event: PostEvent, names: Mapping[Pair, str]) -> None:
    if not names:
        return
    gone = event == "delete"
    async with db.transaction() as tx:
        records = await store.posts(tx, list(names), gone=gone)
        facts = [PostFact(event=event, hidden=gone, **record) for record in records]
        await tell(tx, {names[fact.account_id, fact.status_id]: fact for fact in facts})


async def tell_deleted(db: Db, events: Sequence[StatusDeleted]) -> None:
    """Effect of StatusDeleted."""
    async with db.transaction() as tx:
        known = await store.authors(tx, list({event.account_id for event in events}))
        facts = [_deleted(event, *known[event.account_id]) for event in events if event.account_id in known]
        await tell(tx, {f"delete {fact.status_id}": fact for fact in facts})


def _deleted(event: StatusDeleted, local: bool, followers: int) -> PostFact:
    return PostFact(
        event="delete",
        account_id=event.account_id,
        status_id=event.status_id,
        visibility=event.visibility,
        local=local,
        media=True,
        limited=False,
        followers=followers,
        tags=event.tags,
        original_id=event.original_id,
        original_account_id=event.original_account_id,
        named=event.mentioned_ids,
    )


async def tell_notified(db: Db, events: Sequence[Notified]) -> None:
    """Effect of Notified."""
    facts = [OwnFact("notification", one.account_id, one.id) for event in events for one in event.told]
    async with db.transaction() as tx:
        await tell(tx, {f"notification {fact.number}": fact for fact in facts})


async def tell_conversed(db: Db, events: Sequence[ConversationChanged]) -> None:
    """Effect of ConversationChanged."""
    pairs = {(event.account_id, event.conversation_id) for event in events}
    facts = {f"conversation {new_id()}": OwnFact("conversation", reader, number) for reader, number in pairs}
    async with db.transaction() as tx:
        await tell(tx, facts)


async def tell_merged(db: Db, events: Sequence[RequestsAccepted]) -> None:
    """Effect of RequestsAccepted, when what was kept apart has been brought in."""
    facts = {f"merged {new_id()}": PlainFact("notifications_merged", event.account_id, "1") for event in events}
    async with db.transaction() as tx:
        await tell(tx, facts)


async def tell_filters_changed(db: Db, events: Sequence[FiltersChanged]) -> None:
    """Effect of FiltersChanged."""
    facts = {f"filters {event.number}": PlainFact("filters_changed", event.account_id) for event in events}
    async with db.transaction() as tx:
        await tell(tx, facts)


async def tell_announced(db: Db, settings: Settings, events: Sequence[AnnouncementPublished]) -> None:
    """Effect of AnnouncementPublished, unless it was taken back meanwhile."""
    found = await store_announcements.published(db)
    wanted = {event.announcement_id for event in events}
    chosen = [one for one in found if one.id in wanted]
    shown = await announcements.render(db, settings, chosen, reader=None, read=set())
    facts = {
        f"announcement {one.id} {entity.updated_at}": PlainFact("announcement", payload=_json(entity))
        for one, entity in zip(chosen, shown, strict=True)
    }
    async with db.transaction() as tx:
        await tell(tx, facts)


async def tell_reacted(db: Db, settings: Settings, events: Sequence[AnnouncementReacted]) -> None:
    """Effect of AnnouncementReacted: how many react so by now."""
    facts: dict[str, AnyFact] = {}
    for number, name in {(event.announcement_id, event.name) for event in events}:
        reaction = await announcements.reaction(db, settings, number, name)
        told = Reacted(reaction.name, reaction.count, reaction.url, reaction.static_url, str(number))
        facts[f"reaction {new_id()}"] = PlainFact("announcement.reaction", payload=_json(told))
    async with db.transaction() as tx:
        await tell(tx, facts)


async def tell_unannounced(db: Db, events: Sequence[AnnouncementDeleted]) -> None:
    """Effect of AnnouncementDeleted."""
    numbers = {event.announcement_id for event in events}
    facts = {f"no announcement {number}": PlainFact("announcement.delete", payload=str(number)) for number in numbers}
    async with db.transaction() as tx:
        await tell(tx, facts)


def _json(entity: msgspec.Struct) -> str:
    return msgspec.json.encode(entity).decode()


async def forget_told(db: Db) -> None:
    """Periodic: what nobody can have missed any more goes."""
    await store.trim(db, KEPT + GRACE)
