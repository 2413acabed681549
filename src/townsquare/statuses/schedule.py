"""Posts for later: checked when they are written, posted by a job when their time has come, as any other post.

Their files belong to them until then: they are attached under the id of what waits. What cannot be posted when its
time has come (what it answers is gone, its author was suspended) is not lost: it stays where its author finds it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import structlog

from townsquare.db.pool import Database, Db
from townsquare.jobs import emit
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import Invalid, NotFound, Refused
from townsquare.kernel.ids import AccountId, StatusId, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Words
from townsquare.media.model import MediaAttachment, MediaId, render
from townsquare.media.upload import attach, for_status, release
from townsquare.statuses import store, store_schedule
from townsquare.statuses.events import StatusDue
from townsquare.statuses.model import Author, Draft, PollDraft, QuotePolicy, ReplyPolicy, Visibility
from townsquare.statuses.post import post_status, prepare
from townsquare.statuses.render import Application, moment
from townsquare.statuses.store_schedule import Due, Row

SOONEST: Final = timedelta(minutes=5)
MOST: Final = 300
MOST_A_DAY: Final = 25
FOR_LATER: Final = "\nfor later"
"""Behind an idempotency key: to plan a post and to post one are two things. No header has a new line."""

log = structlog.get_logger("schedule")


class Params(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be posted, under Mastodon's names."""

    text: str
    poll: PollDraft | None
    media_ids: list[str] | None
    sensitive: bool
    spoiler_text: str
    visibility: str
    language: str | None
    scheduled_at: None = None
    idempotency: str | None
    with_rate_limit: bool = False
    in_reply_to_id: int | None
    application_id: int
    quoted_status_id: str | None
    quote_approval_policy: str
    reply_policy: str | msgspec.UnsetType = msgspec.UNSET


class ScheduledStatus(msgspec.Struct, frozen=True):
    """Mastodon's entity."""

    id: str
    scheduled_at: str
    params: Params
    media_attachments: Sequence[MediaAttachment]


def moment_of(text: str) -> datetime:
    """A time as ISO 8601 writes it, in UTC unless it says otherwise. Raises Invalid."""
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("Validation failed: Scheduled at is not a time: write it as 2030-01-31T12:00:00Z") from error


def check_time(at: datetime, now: datetime) -> None:
    """Raises Invalid."""
    if at < now + SOONEST:
        minutes = int(SOONEST.total_seconds() / 60)
        raise Invalid(
            Words(
                "Validation failed: Scheduled at The scheduled date must be in the future, by %(num)s minutes or more",
                num=minutes,
            )
        )


def check_room(waiting: store_schedule.Waiting) -> None:
    """Raises Invalid where somebody has scheduled too much."""
    if waiting.total >= MOST:
        raise Invalid(Words("Validation failed: You have exceeded the limit of %(num)s scheduled posts", num=MOST))
    if waiting.that_day >= MOST_A_DAY:
        raise Invalid(
            Words(
                "Validation failed: You have exceeded the limit of %(num)s scheduled posts for that day", num=MOST_A_DAY
            )
        )


async def schedule(
    db: Db, settings: Settings, author: Author, draft: Draft, at: datetime, application: Application | None
) -> ScheduledStatus:
    """Write a post for later; with an idempotency key of the last hour the one that it made. Raises as posting does."""
    check_time(at, datetime.now(UTC))
    draft, _, _ = await prepare(db, settings, author, draft)
    number = StatusId(new_id())
    stored = None if application is None else msgspec.to_builtins(application)
    row = Row(author.id, number, at, msgspec.to_builtins(params_of(draft)), list(draft.media_ids), stored)
    async with db.transaction() as tx:
        await store_schedule.lock(tx, author.id)
        key = draft.idempotency_key and draft.idempotency_key + FOR_LATER
        if key and not await store.claim(tx, author.id, key, number):
            first = await store.posted_with(tx, author.id, key)
            return await get(tx, settings, author.id, first or 0)
        check_room(await store_schedule.waiting(tx, author.id, at))
        await attach(tx, settings, author.id, draft.media_ids, number)
        await store_schedule.insert(tx, row)
        await emit(tx, StatusDue(author.id, number), at=at)
        return (await _entities(tx, settings, author.id, [row]))[0]


async def get(db: Db, settings: Settings, me: AccountId, number: int) -> ScheduledStatus:
    """Raises NotFound."""
    row = await store_schedule.one(db, me, number)
    if row is None:
        raise NotFound
    return (await _entities(db, settings, me, [row]))[0]


async def page(db: Db, settings: Settings, me: AccountId, cursor: Cursor) -> list[ScheduledStatus]:
    """What somebody has for later, the last one written first."""
    return await _entities(db, settings, me, await store_schedule.page(db, me, cursor))


async def move(db: Db, settings: Settings, me: AccountId, number: int, at: datetime) -> ScheduledStatus:
    """Have it posted at another time. Raises NotFound and Invalid."""
    async with db.transaction() as tx:
        await store_schedule.lock(tx, me)
        if await store_schedule.one(tx, me, number) is None:
            raise NotFound
        check_time(at, datetime.now(UTC))
        waiting = await store_schedule.waiting(tx, me, at, but=number)
        check_room(waiting)
        await store_schedule.move(tx, me, number, at)
        await emit(tx, StatusDue(me, number), at=at)
        return await get(tx, settings, me, number)


async def cancel(db: Db, me: AccountId, number: int) -> None:
    """Its files wait for another post, for a while. Raises NotFound."""
    async with db.transaction() as tx:
        if not await store_schedule.delete(tx, me, number):
            raise NotFound
        await release(tx, me, StatusId(number))


async def publish(db: Database, settings: Settings, events: Sequence[StatusDue]) -> None:
    """Effect of StatusDue: what waits is taken and posted in one transaction, so that it is posted once."""
    for event in events:
        try:
            async with db.transaction() as tx:
                due = await store_schedule.take(tx, event.account_id, event.scheduled_id)
                if due is not None:
                    await release(tx, due.account_id, StatusId(due.id))
                    application = msgspec.convert(due.application, Application | None)
                    author = Author(due.account_id, due.username)
                    await post_status(tx, settings, author, draft_of(due), application=application)
        except Refused as refused:
            log.warning("a post could not be posted when its time had come", why=refused.text, id=event.scheduled_id)


def params_of(draft: Draft) -> Params:
    """The draft as it is kept, and told."""
    words = {policy: word for word, policy in QuotePolicy.words().items()}
    return Params(
        text=draft.text,
        poll=draft.poll,
        media_ids=[str(number) for number in draft.media_ids] or None,
        sensitive=draft.sensitive,
        spoiler_text=draft.spoiler_text,
        visibility=draft.visibility.word,
        language=draft.language,
        idempotency=draft.idempotency_key or None,
        in_reply_to_id=draft.in_reply_to_id,
        application_id=draft.app_id or 0,
        quoted_status_id=None if draft.quoted_id is None else str(draft.quoted_id),
        quote_approval_policy=words[draft.quote_policy],
        reply_policy=draft.reply_policy.word if draft.reply_policy else msgspec.UNSET,
    )


def draft_of(due: Due) -> Draft:
    """What is to be posted, without the key that has kept it from being scheduled twice."""
    params = msgspec.convert(due.params, Params)
    return Draft(
        text=params.text,
        spoiler_text=params.spoiler_text,
        visibility=Visibility.parse(params.visibility),
        sensitive=params.sensitive,
        language=params.language,
        in_reply_to_id=None if params.in_reply_to_id is None else StatusId(params.in_reply_to_id),
        media_ids=tuple(due.media_ids),
        poll=params.poll,
        quoted_id=None if params.quoted_status_id is None else StatusId(int(params.quoted_status_id)),
        quote_policy=QuotePolicy.parse(params.quote_approval_policy),
        reply_policy=ReplyPolicy.parse(params.reply_policy or "everybody"),
        app_id=params.application_id or None,
    )


async def _entities(db: Db, settings: Settings, me: AccountId, rows: Sequence[Row]) -> list[ScheduledStatus]:
    wanted = [MediaId(number) for row in rows for number in row.media_ids]
    media = {one.id: render(one, settings.public_url) for one in await for_status(db, me, wanted)} if wanted else {}
    return [
        ScheduledStatus(
            id=str(row.id),
            scheduled_at=moment(row.scheduled_at),
            params=msgspec.convert(row.params, Params),
            media_attachments=[media[MediaId(number)] for number in row.media_ids if number in media],
        )
        for row in rows
    ]
