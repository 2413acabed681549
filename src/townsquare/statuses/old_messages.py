"""Direct posts that older versions kept as they were are sealed, at the start, before anything is served.

All posts are gone over once. It may be stopped anywhere, and goes on from there: how far it came stands in the
database, and what is sealed is not sealed again.
"""

from typing import Final

import msgspec

from townsquare.db.pool import Database, Tx
from townsquare.statuses import messages
from townsquare.statuses import store_old_messages as store
from townsquare.statuses.read import Pair
from townsquare.statuses.store_schedule import about_scheduled

_LOOKED_AT: Final = 10_000
_AT_ONCE: Final = 200


async def close_messages(db: Database) -> None:
    """All of them."""
    while await _posts(db):
        pass
    while await _scheduled(db):
        pass


async def _posts(db: Database) -> bool:
    """Those among the next posts; whether there may be more."""
    async with db.transaction() as tx:
        after = await store.reached(tx)
        if after is None:
            return False
        found = await store.following(tx, after, _LOOKED_AT)
        direct = [(owner, number) for owner, number, is_direct in found if is_direct]
        for first in range(0, len(direct), _AT_ONCE):
            await _close(tx, direct[first : first + _AT_ONCE])
        await store.reach(tx, found[-1][:2] if found else None)
    return bool(found)


async def _close(tx: Tx, pairs: list[Pair]) -> None:
    keys = tx.keys
    for post in await store.posts(tx, pairs):
        of = messages.about(post.account_id, post.id)
        if not messages.is_closed(post.body):
            await store.close_post(tx, msgspec.structs.replace(post, **messages.closed_fields(keys, of, post)))
    for owner, number, options in await store.polls(tx, pairs):
        if not any(messages.MARK in option for option in options):
            sealed = messages.close_all(keys, messages.about(owner, number), options)
            await store.close_poll(tx, owner, number, sealed)
    for edit in await store.edits(tx, pairs):
        of = messages.about(edit.account_id, edit.status_id)
        if not isinstance(edit.media, str):
            closed_edit = msgspec.structs.replace(
                edit,
                text=messages.close(keys, of, edit.text),
                content=messages.close(keys, of, edit.content),
                spoiler_text=messages.close(keys, of, edit.spoiler_text),
                media=messages.close_json(keys, of, edit.media),
                poll_options=edit.poll_options and messages.close_all(keys, of, edit.poll_options),
            )
            await store.close_edit(tx, closed_edit)


async def _scheduled(db: Database) -> int:
    """Some of them; how many there were."""
    async with db.transaction() as tx:
        found = await store.scheduled(tx, _AT_ONCE)
        for owner, number, params in found:
            sealed = messages.close_json(tx.keys, about_scheduled(owner, number), params)
            await store.close_scheduled(tx, owner, number, sealed)
    return len(found)
