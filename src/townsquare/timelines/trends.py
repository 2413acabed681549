"""Trends: uses are counted as they happen, and now and then it is worked out what trends of them.

What counts is what people do in public who want to be found: hashtags and links of their posts, and their echoes of
posts with links. Whatever trends is shown when somebody of the staff has allowed it, or without that where the place
is set so. The work is in proportion to what was used today and to what trends, never to how many posts there are.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from townsquare.db.pool import Database, Db
from townsquare.kernel.ids import first_id_of, new_ids
from townsquare.kernel.settings import Settings
from townsquare.statuses import store_cards
from townsquare.statuses.cards_model import domain_of
from townsquare.statuses.events import CardGiven, Favourited, StatusPosted
from townsquare.statuses.model import Visibility
from townsquare.timelines import store_trend_reviews as reviews
from townsquare.timelines import store_trends as store
from townsquare.timelines.store_trends import Use
from townsquare.timelines.trends_model import Kind, Trend, day_of, decided, domains_above, status_trend, today, trend

KEPT = timedelta(days=7)
"""For so long it is known what was decided of a post that has faded."""
BATCH = 1000


async def count_posted(db: Db, events: Sequence[StatusPosted]) -> None:
    """Effect of StatusPosted: hashtags of posts, links of what is echoed."""
    public = [event for event in events if event.visibility == Visibility.PUBLIC]
    await _count_tags(db, [event for event in public if event.tags and event.original_id is None])
    await _count_echoes(db, [event for event in public if event.original_id is not None])


async def _count_tags(db: Db, events: Sequence[StatusPosted]) -> None:
    if not events:
        return
    counted = await store.eligible(db, [(event.account_id, event.status_id) for event in events])
    uses = [
        Use(tag, day_of(event.status_id), event.account_id, event.status_id)
        for event in events
        if (event.account_id, event.status_id) in counted
        for tag in event.tags
    ]
    await _count(db, "tag", uses)


async def _count_echoes(db: Db, events: Sequence[StatusPosted]) -> None:
    if not events:
        return
    originals = [(event.original_account_id or 0, event.original_id or 0) for event in events]
    await store.touch(db, originals)
    cards = await store_cards.given(db, originals)
    if not cards:
        return
    counted = await store.eligible(db, list(cards))
    people = await store.willing(db, [event.account_id for event in events])
    uses = [
        Use(cards[original].url, day_of(event.status_id), event.account_id, event.status_id)
        for event, original in zip(events, originals, strict=True)
        if original in counted and event.account_id in people
    ]
    await _count(db, "link", uses)


async def count_cards(db: Db, events: Sequence[CardGiven]) -> None:
    """Effect of CardGiven: links of posts."""
    counted = await store.eligible(db, [(event.account_id, event.status_id) for event in events])
    uses = [
        Use(event.url, day_of(event.status_id), event.account_id, event.status_id)
        for event in events
        if (event.account_id, event.status_id) in counted
    ]
    await _count(db, "link", uses)


async def count_favourited(db: Db, events: Sequence[Favourited]) -> None:
    """Effect of Favourited: posts that are to be looked at."""
    await store.touch(db, [(event.account_id, event.status_id) for event in events])


async def _count(db: Db, kind: Kind, uses: Iterable[Use]) -> None:
    """What is older than yesterday (a post brought from elsewhere, a card shown anew) is no news."""
    first = today(datetime.now(UTC)) - 1
    if recent := [use for use in uses if use.day >= first]:
        await store.count(db, kind, recent)


async def refresh(db: Database, settings: Settings, now: datetime | None = None) -> None:
    """Work out what trends: for background work to run every few minutes."""
    if settings.trends.enabled:
        at = now or datetime.now(UTC)
        await refresh_tags(db, settings, at)
        await refresh_links(db, settings, at)
        await refresh_statuses(db, settings, at)


async def refresh_tags(db: Database, settings: Settings, now: datetime) -> None:
    trends = await _trends(db, "tag", settings, now)
    known = await reviews.tags(db, [one.key for one in trends])
    await store.replace(
        db,
        "tag",
        [
            msgspec.structs.replace(one, allowed=decided(known[one.key].trendable, default=not settings.trends.review))
            for one in trends
            if one.key in known
        ],
    )


async def refresh_links(db: Database, settings: Settings, now: datetime) -> None:
    trends = await _trends(db, "link", settings, now)
    known = await reviews.links(db, [one.key for one in trends])
    trends = [one for one in trends if one.key in known]
    domains = {one.key: domains_above(domain_of(one.key)) for one in trends}
    publishers = await reviews.publishers(db, list({name for names in domains.values() for name in names}))
    new = sorted({names[0] for names in domains.values() if not any(name in publishers for name in names)})
    async with db.transaction() as tx:
        await reviews.note_publishers(tx, new, new_ids(len(new)))
        await store.replace(
            tx,
            "link",
            [
                msgspec.structs.replace(
                    one,
                    language=known[one.key].language,
                    allowed=decided(
                        known[one.key].trendable,
                        *(publishers[name].trendable for name in domains[one.key] if name in publishers),
                        default=not settings.trends.review,
                    ),
                )
                for one in trends
            ],
        )


async def _trends(db: Db, kind: Kind, settings: Settings, now: datetime) -> list[Trend]:
    least = settings.trends.accounts
    found = [trend(one, kind, now, least) for one in await store.candidates(db, kind, today(now), least)]
    return [one for one in found if one is not None]


async def refresh_statuses(db: Database, settings: Settings, now: datetime) -> None:
    least, unreviewed = settings.trends.accounts, not settings.trends.review
    async with db.transaction() as tx:
        pairs = await store.take_touched(tx)
        found = [
            status_trend(one, now, least, unreviewed=unreviewed)
            for at in range(0, len(pairs), BATCH)
            for one in await store.status_candidates(tx, pairs[at : at + BATCH])
        ]
        kept_from = first_id_of(int((now - KEPT).timestamp() * 1000))
        await store.replace_statuses(tx, [one for one in found if one is not None], kept_from)


async def sweep(db: Db, now: datetime | None = None) -> None:
    """Forget what was counted and is not told any more: for background work to run once an hour."""
    await store.sweep(db, today(now or datetime.now(UTC)))
