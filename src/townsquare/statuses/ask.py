"""Asking: a poll with a new post, and what an edit, or other emojis, make of it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.accounts.emojis import CustomEmoji
from townsquare.accounts.store import emojis as known_emojis
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import scan
from townsquare.statuses import store_polls as store
from townsquare.statuses.events import PollEnded
from townsquare.statuses.model import PollDraft
from townsquare.statuses.polls import asks_else, new_poll
from townsquare.statuses.read import Pair


async def ask(
    tx: Tx, post: Pair, draft: PollDraft, emojis: Sequence[CustomEmoji], now: datetime, *, closed: bool
) -> None:
    """The poll of a new post, a direct one if it is `closed`. When its time is over, its author and voters are told."""
    await _put(tx, new_poll(*post, draft, emojis, now), closed=closed)


async def ask_anew(
    tx: Tx, post: Pair, draft: PollDraft | None, emojis: Sequence[CustomEmoji], now: datetime, *, closed: bool
) -> None:
    """The poll of an edited post, open for as long as is said now; votes stay unless something else is asked."""
    before = await store.lock(tx, *post)
    if draft is None:
        await store.forget_votes(tx, *post)
        await store.delete(tx, *post)
        return
    poll = new_poll(*post, draft, emojis, now)
    if before is None or asks_else(before, poll):
        await store.forget_votes(tx, *post)
    else:
        poll = msgspec.structs.replace(poll, tallies=before.tallies, voters_count=before.voters_count)
    await _put(tx, poll, closed=closed)


async def render_options(db: Db, settings: Settings, post: Pair) -> Sequence[CustomEmoji]:
    """The emojis of a poll's options as they are now, written anew and returned. Votes that come meanwhile wait."""
    async with db.transaction() as tx:
        poll = await store.lock(tx, *post)
        if poll is None:
            return ()
        used = [code for option in poll.options for code in scan(option).emojis]
        known = await known_emojis(tx, "", used, settings.public_url)
        await store.put(tx, msgspec.structs.replace(poll, emojis=msgspec.json.encode(known)))
    return known


async def _put(tx: Tx, poll: store.Poll, *, closed: bool) -> None:
    await store.put(tx, msgspec.structs.replace(poll, closed=closed))
    await emit(tx, PollEnded(poll.account_id, poll.status_id), at=poll.expires_at)
