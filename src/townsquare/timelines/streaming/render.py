"""What those who watch are sent: bodies are read once for all of them, and joined with what each reader's own rows say.

Readers for whom a post looks the same are sent the same bytes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId
from townsquare.statuses.read import Pair, Posts, people_of
from townsquare.statuses.render import assemble, encode
from townsquare.statuses.store_read import fetch_marks, fetch_posts
from townsquare.statuses.varying import varying_parts
from townsquare.timelines import conversations, notifications, store_filters
from townsquare.timelines.attached import Shown
from townsquare.timelines.filters import FilterCache, Filters, filtering_of, results
from townsquare.timelines.store_notifications import Wanted
from townsquare.timelines.streaming.model import OwnFact, PlainFact, PostFact, Told
from townsquare.timelines.streaming.outlet import Message, Subscription

Place = tuple[int, int]
"""A fact and a reader, by their ids."""


Show = Callable[[Db, int, int], Awaitable[bytes | None]]
"""What a reader has by an id, as JSON; None where it is gone, or not to be told."""
Shows = Mapping[str, Show]
"""By event."""


async def messages(
    db: Db, cache: FilterCache, shows: Shows, concerned: Sequence[tuple[Told, Subscription]]
) -> list[tuple[Subscription, Message]]:
    """What each is sent, in the order in which they came; without what its reader may not or does not want to see."""
    posts = await _posts(db, cache, concerned)
    own = await _own(db, shows, concerned)
    plain: dict[int, Message] = {}
    out: list[tuple[Subscription, Message]] = []
    for one, each in concerned:
        match one.fact:
            case PlainFact() | PostFact(event="delete"):
                message = plain.setdefault(one.id, _plain(one))
            case PostFact():
                message = posts.get((one.id, each.outlet.reader))
            case OwnFact():
                message = own.get(one.id)
        if message is not None:
            out.append((each, message))
    return out


def _plain(one: Told) -> Message:
    if isinstance(one.fact, PostFact):
        return Message(one.id, one.fact.event, b"%d" % one.fact.status_id)
    payload = one.fact.payload if isinstance(one.fact, PlainFact) else None
    return Message(one.id, one.fact.event, None if payload is None else payload.encode())


async def _own(db: Db, shows: Shows, concerned: Sequence[tuple[Told, Subscription]]) -> Mapping[int, Message]:
    """What they have in common is read together: reads of a moment share their queries."""
    facts = {one.id: one.fact for one, _ in concerned if isinstance(one.fact, OwnFact)}
    shown = await asyncio.gather(*(shows[fact.event](db, fact.reader, fact.number) for fact in facts.values()))
    return {
        number: Message(number, fact.event, payload)
        for (number, fact), payload in zip(facts.items(), shown, strict=True)
        if payload is not None
    }


async def notification(cache: FilterCache, with_what: Shown, db: Db, reader: int, number: int) -> bytes | None:
    """A Show of notifications: those that are kept apart are not told."""
    ids, shown = await notifications.read(db, cache, Wanted(reader, Cursor(1, min_id=number - 1)), with_what)
    return shown[0] if shown and ids == [number] else None


async def conversation(cache: FilterCache, db: Db, reader: int, number: int) -> bytes | None:
    """A Show of conversations."""
    try:
        return encode(await conversations.conversation(db, AccountId(reader), number, filtering_of(db, cache, reader)))
    except NotFound:
        return None


async def _posts(db: Db, cache: FilterCache, concerned: Sequence[tuple[Told, Subscription]]) -> Mapping[Place, Message]:
    """Posts by fact and reader."""
    wanted: dict[int, dict[int, PostFact]] = {}
    for one, each in concerned:
        if isinstance(one.fact, PostFact) and one.fact.event != "delete":
            wanted.setdefault(each.outlet.reader, {})[one.id] = one.fact
    if not wanted:
        return {}
    asked = [(reader, [pair for fact in facts.values() for pair in fact.pairs]) for reader, facts in wanted.items()]
    people = [people_of(reader, [fact.key for fact in facts.values()]) for reader, facts in wanted.items()]
    marked = [(reader, pairs + others) for (reader, pairs), others in zip(asked, people, strict=True)]
    found, marks = await asyncio.gather(fetch_posts(db, asked), fetch_marks(db, marked))
    matched = await _filtered(db, cache, asked)
    varying = await _varying(db, cache, dict(zip(wanted, found, strict=True)))
    same: dict[tuple[int, bytes], Message] = {}
    out: dict[Place, Message] = {}
    for (reader, facts), posts, flags in zip(wanted.items(), found, marks, strict=True):
        of_reader = matched.get(reader, {}), varying.get(reader, {})
        for number, fact in facts.items():
            for entity in assemble([fact.key], posts, reader, flags, *of_reader):
                message = same.setdefault((number, entity), Message(number, fact.event, entity))
                out[number, reader] = message
    return out


async def _varying(db: Db, cache: FilterCache, posts: Mapping[int, Posts]) -> Mapping[int, Mapping[int, bytes]]:
    """What varies, by reader and post: asked for all at once, and only where there is any."""
    some = {reader: few.values() for reader, few in posts.items() if any(post.varies for post in few.values())}
    parts = await asyncio.gather(
        *(varying_parts(db, reader, few, filtering_of(db, cache, reader)) for reader, few in some.items())
    )
    return dict(zip(some, parts, strict=True))


async def _filtered(
    db: Db, cache: FilterCache, asked: Sequence[tuple[int, Sequence[Pair]]]
) -> Mapping[int, Mapping[int, bytes]]:
    """What filters say of posts, by reader and post: the texts are read once, and only where somebody has filters."""
    now = datetime.now(UTC)
    filters: dict[int, Filters] = {}
    for reader, _ in asked:
        of_reader = await cache.of(db, reader)
        if any(matcher.applies(None, now) for matcher in of_reader.matchers):
            filters[reader] = of_reader
    if not filters:
        return {}
    pairs = {pair for reader, some in asked if reader in filters for pair in some}
    texts = {text.id: text for text in (await store_filters.fetch_texts(db, [list(pairs)]))[0]}
    return {
        reader: results(filters[reader], None, [texts[number] for _, number in some if number in texts], now)
        for reader, some in asked
        if reader in filters
    }
