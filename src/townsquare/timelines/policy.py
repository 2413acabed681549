"""What is done with notifications from people whom one does not know, and what was kept apart by that.

A policy accepts, filters or drops. What is filtered waits in requests, one for each sender: accepting one lets the
sender through from then on and brings in what waited; dismissing it deletes what waited.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from townsquare.accounts.events import Blocked
from townsquare.db.pool import Database, Db
from townsquare.jobs import emit
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, stamp
from townsquare.timelines import store_notifications, store_notify
from townsquare.timelines import store_policy as store
from townsquare.timelines.filters import FilterCache
from townsquare.timelines.notifications import posts_of
from townsquare.timelines.notify_events import RequestsAccepted
from townsquare.timelines.store_notifications import Told
from townsquare.timelines.store_notify import About, Asked
from townsquare.timelines.store_policy import Policy, Request, Verdict

NEW_ACCOUNT: Final = timedelta(days=30)
NEW_FOLLOWER: Final = timedelta(days=3)
"""So long somebody is new; Mastodon's too."""
JUDGED: Final = frozenset(
    {"mention", "reblog", "follow", "follow_request", "favourite", "quote", "added_to_collection"}
)
"""The types that a policy is asked about: the others one has asked for oneself, or they are the place's own."""


class Summary(msgspec.Struct, frozen=True):
    pending_requests_count: int
    pending_notifications_count: int


class PolicyEntity(Policy, frozen=True):
    """Mastodon's NotificationPolicy."""

    summary: Summary


class RequestEntity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Mastodon's NotificationRequest; its count is a text."""

    id: str
    created_at: str
    updated_at: str
    notifications_count: str
    account: msgspec.Raw
    last_status: msgspec.Raw | None = None


async def get_policy(db: Db, me: AccountId) -> PolicyEntity:
    chosen, waiting = await store.policy(db, me), await store.pending(db, me)
    return PolicyEntity(**msgspec.structs.asdict(chosen), summary=Summary(waiting.requests, waiting.notifications))


async def change_policy(db: Database, me: AccountId, changes: Mapping[str, Verdict]) -> PolicyEntity:
    """Change what is named and leave the rest."""
    async with db.transaction() as tx:
        await store.set_policy(tx, me, msgspec.structs.replace(await store.policy(tx, me), **changes))
    return await get_policy(db, me)


async def read_requests(
    db: Db, cache: FilterCache, me: AccountId, cursor: Cursor
) -> tuple[list[int], list[RequestEntity]]:
    """A page of requests and its ids, latest first, without those of the suspended."""
    found = await store.requests(db, me, cursor)
    return [one.id for one in found], await _show(db, cache, me, found)


async def read_request(db: Db, cache: FilterCache, me: AccountId, number: int) -> RequestEntity:
    """Raises NotFound."""
    ids, shown = await read_requests(db, cache, me, Cursor(1, min_id=number - 1))
    if ids != [number] or not shown:
        raise NotFound
    return shown[0]


async def _show(db: Db, cache: FilterCache, me: AccountId, found: Sequence[Request]) -> list[RequestEntity]:
    if not found:
        return []
    senders = db.batched(store_notifications.fetch_senders, [one.from_id for one in found])
    told = [Told(one.latest, "", one.from_id, one.status_id, one.author, "") for one in found]
    posts = await posts_of(db, cache, me, told)
    people = await senders
    return [
        RequestEntity(
            id=str(one.id),
            created_at=stamp(one.id),
            updated_at=stamp(one.latest),
            notifications_count=str(one.count),
            account=msgspec.Raw(people[one.from_id]),
            last_status=msgspec.Raw(posts[one.status_id]) if one.status_id and one.status_id in posts else None,
        )
        for one in found
        if one.from_id in people
    ]


async def accept(db: Database, me: AccountId, ids: Sequence[int]) -> None:
    """Let all be told of what these people do; what was kept apart is brought in by a job. Raises NotFound for none."""
    async with db.transaction() as tx:
        senders = _some(await store.end_requests(tx, me, ids))
        await store.permit(tx, me, senders)
        await emit(tx, RequestsAccepted(me, tuple(senders)))


async def dismiss(db: Database, me: AccountId, ids: Sequence[int]) -> None:
    """Delete what was kept apart of these people. Raises NotFound for none."""
    async with db.transaction() as tx:
        await store.delete_filtered(tx, me, _some(await store.end_requests(tx, me, ids)))


def _some(senders: list[int]) -> list[int]:
    if not senders:
        raise NotFound
    return senders


async def merged(db: Db, me: AccountId) -> bool:
    """Whether all that was accepted has been brought in."""
    return await store.merged(db, me)


async def bring_in(db: Db, events: Sequence[RequestsAccepted]) -> None:
    """Effect of RequestsAccepted."""
    for event in events:
        await store.bring_in(db, event.account_id, event.from_ids)


async def forget_blocked(db: Db, events: Sequence[Blocked]) -> None:
    """Effect of Blocked: who was permitted is not any more, and what waited of them is deleted."""
    for event in events:
        await store.forbid(db, event.account_id, [event.target_id])
        await store.delete_filtered(db, event.account_id, [event.target_id])


async def unasked(db: Db, private: Iterable[tuple[Asked, int, About]]) -> set[Asked]:
    """Those of the private messages (with their senders) that answer none from their receiver to the sender."""
    mail = list(private)
    if not mail:
        return set()
    said = await store_notify.said_in(db, [(asked[0], about) for asked, _, about in mail])
    written = {pair: set[int]() for _, pair in said}
    for pair, to in await store_notify.written_to(db, list(written)):
        written[pair].add(to)
    answered = {(root, pair[0], to) for root, pair in said for to in written[pair]}
    return {asked for asked, sender, about in mail if (about.root_id, asked[0], sender) not in answered}
