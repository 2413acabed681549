"""Conversations: who writes to whom directly, thread by thread, as each of them has it.

A direct post comes into its author's conversation at once, and into those of the people it names when they are told
of it: so who is blocked, muted or kept apart begins none, and what is let in later comes in then.
"""

from collections.abc import Iterable, Sequence

import msgspec

from townsquare.accounts.store import present_entities
from townsquare.db.pool import Database, Db
from townsquare.jobs import emit
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, StatusId, new_id
from townsquare.statuses.events import StatusDeleted, StatusPosted
from townsquare.statuses.model import Visibility
from townsquare.statuses.read import Key, Pair
from townsquare.statuses.show import Filtering, show
from townsquare.timelines import store_conversations as store
from townsquare.timelines import store_home
from townsquare.timelines.events import ConversationChanged
from townsquare.timelines.notify_events import Notified, RequestsAccepted
from townsquare.timelines.store_conversations import Conversation, Direct, Entry


class ConversationEntity(msgspec.Struct, frozen=True):
    """Mastodon's Conversation."""

    id: str
    unread: bool
    accounts: Sequence[msgspec.Raw]
    last_status: msgspec.Raw | None


class _Named(msgspec.Struct, frozen=True):
    id: str


async def conversations(
    db: Db, reader: AccountId, cursor: Cursor, filtering: Filtering
) -> tuple[list[int], list[ConversationEntity]]:
    """A page, with the ids by which to read on: those of the last posts."""
    found = await store.page(db, reader, cursor)
    return [one.last_status_id for one in found], await _shown(db, reader, found, filtering)


async def conversation(db: Db, reader: AccountId, number: int, filtering: Filtering) -> ConversationEntity:
    """Raises NotFound."""
    found = await store.one(db, reader, number)
    if found is None:
        raise NotFound
    return (await _shown(db, reader, [found], filtering))[0]


async def _shown(
    db: Db, reader: AccountId, found: Sequence[Conversation], filtering: Filtering
) -> list[ConversationEntity]:
    keys = [Key(one.last_status_id, one.last_author_id) for one in found]
    shown = await show(db, reader, keys, filtering=filtering, keep_hidden=True)
    posts = {int(msgspec.json.decode(entity, type=_Named).id): msgspec.Raw(entity) for entity in shown}
    ids = list({AccountId(number) for one in found for number in (*one.participants, reader)})
    entities = zip(ids, await present_entities(db, ids) if ids else (), strict=True)
    people = {number: msgspec.Raw(entity) for number, entity in entities if entity is not None}
    return [
        ConversationEntity(
            id=str(one.id),
            unread=one.unread,
            accounts=[people[AccountId(number)] for number in one.participants if number in people] or [people[reader]],
            last_status=posts.get(one.last_status_id),
        )
        for one in found
    ]


async def posts(
    db: Db, reader: AccountId, number: int, cursor: Cursor, filtering: Filtering
) -> tuple[list[int], list[bytes]]:
    """What was said in a conversation, latest first, with the ids by which to read on."""
    keys = await store.posts(db, reader, number, cursor)
    return [key.id for key in keys], await show(db, reader, keys, filtering=filtering, keep_hidden=True)


async def enter_now(db: Database, author: AccountId, status_id: StatusId) -> int | None:
    """Bring a direct post into its author's conversation before the queue does, so that they see it there at once.

    Gives the conversation; None for a post that is not direct.
    """
    await _enter(db, [(author, (author, status_id))])
    return await store.of_post(db, author, status_id)


async def mark_read(db: Database, reader: AccountId, number: int) -> None:
    """Nothing where it is read, or is not there."""
    async with db.transaction() as tx:
        if await store.mark_read(tx, reader, number):
            await emit(tx, ConversationChanged(reader, number))


async def mark_unread(db: Database, reader: AccountId, number: int) -> None:
    """Nothing where it is unread, or is not there."""
    async with db.transaction() as tx:
        if await store.mark_unread(tx, reader, number):
            await emit(tx, ConversationChanged(reader, number))


async def delete(db: Db, reader: AccountId, number: int) -> None:
    """Forget a conversation; the posts stay, and the next one begins it anew. Raises NotFound."""
    if not await store.delete(db, reader, number):
        raise NotFound


# Effects --------------------------------------------------------------------------------------------------------------


async def enter_own(db: Database, events: Sequence[StatusPosted]) -> None:
    """Effect of StatusPosted: a direct post comes into its author's conversation."""
    sent = [event for event in events if event.visibility == Visibility.DIRECT]
    authors = await store.local(db, [event.account_id for event in sent]) if sent else set[int]()
    pairs = [(event.account_id, event.status_id) for event in sent if event.account_id in authors]
    await _enter(db, [(owner, (owner, number)) for owner, number in pairs])


async def enter_told(db: Database, events: Sequence[Notified]) -> None:
    """Effect of Notified: into those of the people who were told of it."""
    await _enter(
        db,
        [
            (told.account_id, (told.author, told.status_id))
            for event in events
            for told in event.told
            if told.type == "mention" and told.author is not None and told.status_id is not None
        ],
    )


async def enter_accepted(db: Database, events: Sequence[RequestsAccepted]) -> None:
    """Effect of RequestsAccepted: what was kept apart."""
    for event in events:
        pairs = await store.told_by(db, event.account_id, event.from_ids)
        await _enter(db, [(event.account_id, pair) for pair in pairs])


async def take_out(db: Database, events: Sequence[StatusDeleted]) -> None:
    """Effect of StatusDeleted: also out of the home timelines of those to whom it was written."""
    async with db.transaction() as tx:
        gone = await store.take_out(tx, [event.status_id for event in events])
        if gone:
            await store_home.remove(tx, [(reader, number) for reader, _, number in gone])
            changed = await store.set_last(tx, sorted({(owner, number) for owner, number, _ in gone}))
            await emit(tx, *(ConversationChanged(*pair) for pair in changed))


async def _enter(db: Database, told: Sequence[tuple[int, Pair]]) -> None:
    """Receivers and posts: those that are direct come into their conversations. Those that are in already stay."""
    posts = (
        {(one.account_id, one.id): one for one in await store.direct(db, [pair for _, pair in told])} if told else {}
    )
    entries = _entries((receiver, posts[pair]) for receiver, pair in told if pair in posts)
    if entries:
        async with db.transaction() as tx:
            changed = await store.enter(tx, entries)
            await store.enter_posts(tx, entries)
            await emit(tx, *(ConversationChanged(*pair) for pair in changed))


def _entries(received: Iterable[tuple[int, Direct]]) -> list[Entry]:
    posts: dict[tuple[int, int, tuple[int, ...]], list[Pair]] = {}
    for receiver, post in received:
        others = {post.account_id, *post.mentioned} - {receiver}
        posts.setdefault((receiver, post.root_id, tuple(sorted(others))), []).append((post.account_id, post.id))
    return [Entry(new_id(), *key, sorted(pairs, key=lambda pair: pair[1])) for key, pairs in posts.items()]
