"""Reading notifications: the reader's own rows, then their senders and posts, joined as bytes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId
from townsquare.statuses.read import Pair, Posts
from townsquare.statuses.render import status_for
from townsquare.statuses.store_read import fetch_posts
from townsquare.statuses.varying import varying_parts
from townsquare.timelines import store_notifications as store
from townsquare.timelines.attached import PLAIN, Shown, attached, fields
from townsquare.timelines.filters import FilterCache, filtered, filtering_of
from townsquare.timelines.store_notifications import Told, Wanted


async def read(db: Db, cache: FilterCache, wanted: Wanted, shown: Shown = PLAIN) -> tuple[list[int], list[bytes]]:
    """A page: its ids (for the cursors of the next page) and its entities, without those about a post that is gone."""
    told = await _fetch(db, wanted)
    return [one.id for one in told], await show(db, cache, wanted.reader, told, shown)


async def _fetch(db: Db, wanted: Wanted) -> Sequence[Told]:
    return await db.batched(store.fetch_up if wanted.cursor.upwards else store.fetch_down, wanted)


async def read_one(db: Db, cache: FilterCache, me: AccountId, number: int, shown: Shown = PLAIN) -> bytes:
    """Raises NotFound."""
    entities = await show(db, cache, me, await _alike(db, me, number), shown)
    if not entities:
        raise NotFound
    return entities[0]


async def _alike(db: Db, me: AccountId, number: int) -> Sequence[Told]:
    """The one that is meant by a number, if there is one.

    A push and a group tell an id as a number, which programs in JavaScript round: the notification next to it is meant.
    """
    near = await _fetch(db, Wanted(me, Cursor(_NEAR, min_id=number - _ROUNDED), filtered=True))
    return sorted((one for one in near if float(one.id) == float(number)), key=lambda one: one.id != number)[:1]


async def meant(db: Db, me: AccountId, number: int) -> int:
    """The id that an app means by a number: another one only where JavaScript would write that number."""
    if number <= _WHOLE or int(Decimal(repr(float(number)))) != number:
        return number
    return next((one.id for one in await _alike(db, me, number)), number)


_WHOLE: Final = 2**53
"""Up to here JavaScript has all numbers; beyond, it writes as many digits as tell its own apart, and then noughts."""
_ROUNDED: Final = 1024
"""As far as a number of 63 bits can be from what JavaScript makes of it,"""
_NEAR: Final = 8
"""and how many notifications that are so near to each other are looked at."""


async def show(db: Db, cache: FilterCache, reader: int, told: Sequence[Told], shown: Shown = PLAIN) -> list[bytes]:
    """The entities."""
    if not told:
        return []
    senders = db.batched(store.fetch_senders, {one.sender for one in told})
    posts = await posts_of(db, cache, reader, told)
    found = await attached(db, reader, shown, told)
    people = await senders
    out: list[bytes] = []
    for one in told:
        account, number = people.get(one.sender), one.status_id
        status = NO_POST if number is None else posts.get(number)
        if account is None or status is None:
            continue
        end = b"}"
        if one.about is not None or shown.supported is not None:
            more = fields(one, account, shown, found)
            end = _encode(more) if more else end
        pieces = (one.head, account, end) if status is NO_POST else (one.head, account, b',"status":', status, end)
        out.append(b"".join(pieces))
    return out


NO_POST: Final = b""


def _encode(more: Mapping[str, msgspec.Raw]) -> bytes:
    return b"," + msgspec.json.encode(more)[1:]


async def posts_of(db: Db, cache: FilterCache, reader: int, told: Sequence[Told]) -> Mapping[int, bytes]:
    """The posts that notifications are about, as far as the reader may see them, by id."""
    pairs: list[Pair] = list({(one.author, one.status_id) for one in told if one.status_id and one.author})
    if not pairs:
        return {}
    flags = {one.status_id: one.flags for one in told if one.flags and one.status_id}
    found = db.batched(fetch_posts, (reader, pairs))
    matched = await filtered(db, cache, reader, None, pairs)
    posts: Posts = await found
    parts = await varying_parts(db, reader, posts.values(), filtering_of(db, cache, reader))
    return {
        number: status_for(post, reader, flags.get(number, 0), matched.get(number), parts.get(number))
        for number, post in posts.items()
    }


async def unread_count(db: Db, wanted: Wanted) -> int:
    """How many are newer than the reader's marker; at most the cursor's limit."""
    return (await db.batched(store.fetch_unread, store.Uncounted(wanted))).unread


async def dismiss(db: Db, me: AccountId, number: int) -> None:
    """Delete one; nothing where there is none."""
    await store.delete(db, me, await meant(db, me, number))


async def clear(db: Db, me: AccountId) -> None:
    """Delete all."""
    await store.delete_all(db, me)
