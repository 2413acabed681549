"""What a year was: asked for in December, made by a job, kept.

https://docs.joinmastodon.org/entities/AnnualReport/ (the second form of its data)
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from townsquare.db.pool import Database, Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.ids import first_id_of
from townsquare.timelines import store_years as store
from townsquare.timelines.events import YearAsked
from townsquare.timelines.store_years import Kinds, Report

SEASON = (12, 10)
"""From this month and day to its end the year can be asked for."""
LEAST_POSTS = 10
AVERAGE = 113
"""Posts of somebody active in a year, by which Mastodon tells who reads more than they say."""

State = Literal["available", "generating", "eligible", "ineligible"]
Archetype = Literal["lurker", "booster", "pollster", "replier", "oracle"]


class Month(msgspec.Struct, frozen=True):
    month: int
    statuses: int
    followers: int


class TopTag(msgspec.Struct, frozen=True):
    name: str
    count: int


class TopStatuses(msgspec.Struct, frozen=True):
    by_reblogs: str | None
    by_replies: None = None
    by_favourites: None = None


class Data(msgspec.Struct, frozen=True):
    archetype: Archetype
    time_series: Sequence[Month]
    top_hashtags: Sequence[TopTag]
    top_statuses: TopStatuses


class AnnualReport(msgspec.Struct, frozen=True):
    """Mastodon's entity of that name."""

    year: int
    data: Data
    schema_version: int
    share_url: str | None
    account_id: str


async def state(db: Db, me: int, year: int, now: datetime) -> State:
    """How it stands with the report of a year."""
    found = await store.reports(db, me, [year])
    if found:
        return "generating" if found[0].data is None else "available"
    if not is_season(year, now):
        return "ineligible"
    kinds = await store.kinds(db, me, *_bounds_of(year))
    return "eligible" if kinds.standalone + kinds.replies + kinds.reblogs >= LEAST_POSTS else "ineligible"


def is_season(year: int, now: datetime) -> bool:
    """Whether the report of this year can be asked for now."""
    return now.year == year and (now.month, now.day) >= SEASON


async def generate(tx: Tx, me: int, year: int, now: datetime) -> State:
    """Have the report made, if it can be and is not there yet; how it stands then."""
    before = await state(tx, me, year, now)
    if before == "eligible" and await store.ask(tx, me, year):
        await emit(tx, YearAsked(me, year))
        return "generating"
    return before


async def make(db: Database, events: Sequence[YearAsked]) -> None:
    """Effect of YearAsked."""
    for event in events:
        low, high = _bounds_of(event.year)
        months = await store.by_month(db, event.account_id, _months(event.year))
        tag = await store.top_tag(db, event.account_id, low, high)
        echoed = await store.most_echoed(db, event.account_id, low, high)
        data = Data(
            archetype=archetype(await store.kinds(db, event.account_id, low, high)),
            time_series=[Month(number, *counts) for number, counts in enumerate(months, 1)],
            top_hashtags=[] if tag is None else [TopTag(*tag)],
            top_statuses=TopStatuses(None if echoed is None else str(echoed)),
        )
        await store.put(db, event.account_id, event.year, data)


def archetype(kinds: Kinds) -> Archetype:
    """Mastodon's rule, playful and coarse."""
    if kinds.standalone + kinds.replies + kinds.reblogs < AVERAGE:
        return "lurker"
    if kinds.reblogs > kinds.standalone * 2:
        return "booster"
    return "replier" if kinds.replies > kinds.standalone * 2 else "oracle"


def entity(me: int, report: Report) -> AnnualReport:
    """Of a report that is made."""
    return AnnualReport(report.year, msgspec.convert(report.data, Data), 2, None, str(me))


def _bounds_of(year: int) -> tuple[int, int]:
    bounds = _months(year)
    return bounds[0], bounds[-1]


def _months(year: int) -> list[int]:
    """The first ids of the months of a year, and of the next January."""
    begins = [datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(13)]
    return [first_id_of(int(moment.timestamp() * 1000)) for moment in begins]
