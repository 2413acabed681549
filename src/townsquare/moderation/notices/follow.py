"""What follows from notices: cases, the answer when all is decided, and a word to the staff before it is late."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

import msgspec

from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.moderation import kept, vault
from townsquare.moderation.cases import filed, rating, store_reported
from townsquare.moderation.cases.events import CaseDecided, CaseUndone, ThingGivenBack
from townsquare.moderation.cases.gather import Claim, gather
from townsquare.moderation.cases.model import VOUCHED, Queue, Subject
from townsquare.moderation.cases.store_reported import Reached
from townsquare.moderation.notices import store
from townsquare.moderation.notices.events import NoticeFiled, NoticeMail
from townsquare.moderation.notices.model import LEGAL, Item, Notice, Outcome, presses
from townsquare.timelines.notify import tell
from townsquare.timelines.store_notify import Notice as Notification

AT_ONCE: Final = 100


async def gather_noticed(db: Database, events: Sequence[NoticeFiled]) -> None:
    """Effect of NoticeFiled: what it names joins the cases that it belongs to, which are to be decided in its time."""
    now = datetime.now(UTC)
    notices = {one.id: one for one in await store.by_ids(db, [event.notice_id for event in events])}
    claims = await _claims(db, notices, vault.opened(db.keys, await store.items(db, list(notices))))
    async with db.transaction() as tx:
        touched = await gather(tx, claims, now, origin="notice")
        await store.set_due(tx, list(notices))
        lawful = [one.id for one in notices.values() if one.proven and one.sender in LEGAL]
        await store.to_legal(tx, lawful, await filed.who_works(tx, "legal") if lawful else [])
        await rating.rate(tx, touched, now)
        await settle(tx, list(notices), now)
        waiting = await store.by_ids(tx, list(notices))
        await emit(tx, *(NoticeMail(one.id, "pressing") for one in waiting if presses(one)))


async def tell_noticed(db: Database, events: Sequence[NoticeFiled]) -> None:
    """Effect of NoticeFiled: those of the staff are told whom it is for."""
    whom = await filed.for_whom_notices(db, [event.notice_id for event in events])
    await tell(db, [Notification(reader, "admin.notice", reader, about=one) for one, reader in whom])


async def _claims(db: Database, notices: Mapping[int, Notice], items: Sequence[Item]) -> list[Claim]:
    posts = [one for one in items if one.kind == "status"]
    reached = await store_reported.posts(db, [one.owner_id for one in posts], [one.item_id for one in posts])
    followers = await store_reported.followers(db, list({one.author_id for one in items}))
    return [
        _claim(notices[one.notice_id], one, reached.get((one.owner_id, one.item_id)), followers.get(one.author_id, 0))
        for one in items
    ]


def _claim(notice: Notice, item: Item, post: Reached | None, followers: int) -> Claim:
    known = post if item.kind == "status" else None
    queue: Queue = "legal" if notice.sender in LEGAL else "general"
    return Claim(
        report_id=notice.id,
        reporter_id=0,
        subject=Subject(item.kind, item.owner_id, item.item_id),
        author_id=item.author_id,
        text=item.text,
        policy=notice.policy,
        filed_at=notice.received_at,
        reach=float(followers) if known is None else known.reach,
        queue="private" if kept.is_message(item.entity) else queue,
        private=item.private,
        pictures=item.prints,
        vouched=notice.proven and notice.sender in VOUCHED,
    )


async def answer_cases(db: Database, events: Sequence[CaseDecided | CaseUndone | ThingGivenBack]) -> None:
    """Effect of these: whoever gave notice is answered when all that they named is decided.

    And again, when something of it was decided anew and otherwise.
    """
    apart = [event.apart_id for event in events if isinstance(event, ThingGivenBack)]
    ids = await store.of_cases(db, [*(event.case_id for event in events), *apart])
    if ids:
        async with db.transaction() as tx:
            await settle(tx, ids, datetime.now(UTC))


async def settle(tx: Tx, notice_ids: Sequence[int], now: datetime) -> None:
    """Have them say how what they name stands now; the answer goes out when all is decided, and not as was said."""
    found = await store.outcomes(tx, notice_ids)
    for notice_id, group in groupby(found, key=lambda one: one.notice_id):
        outcomes = list(group)
        if any(one.word == "open" for one in outcomes):
            await store.set_open(tx, notice_id)
        elif await store.set_told(tx, notice_id, _told(outcomes), _decided_at(outcomes) or now):
            await emit(tx, NoticeMail(notice_id, "answer"))


def _told(outcomes: Sequence[Outcome]) -> str:
    return msgspec.json.encode([(one.position, one.word, one.policy) for one in outcomes]).decode()


def _decided_at(outcomes: Sequence[Outcome]) -> datetime | None:
    return max((one.decided_at for one in outcomes if one.decided_at is not None), default=None)


async def remind(db: Database, now: datetime | None = None) -> None:
    """Periodic: tell those who run the place what is about to be late."""
    async with db.transaction() as tx:
        late = await store.to_be_late(tx, now or datetime.now(UTC), AT_ONCE)
        await emit(tx, *(NoticeMail(one, "reminder") for one in late))
