"""Requests of one moment share queries; each gets its own answer."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest

from tests.rooms.accounts.people import person
from tests.support.square import SETTINGS
from townsquare.accounts.follow import follow
from townsquare.db.pool import Database
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.statuses.events import Favourited, StatusPosted
from townsquare.statuses.model import Author, Draft, Visibility
from townsquare.statuses.post import post_status
from townsquare.statuses.react import favourite
from townsquare.statuses.read import no_filters
from townsquare.timelines.filters import FilterCache
from townsquare.timelines.notifications import read
from townsquare.timelines.notify import notify_favourited, notify_posted
from townsquare.timelines.search import Search, index_posted, search_statuses
from townsquare.timelines.search_query import parse
from townsquare.timelines.search_words import Lexicon
from townsquare.timelines.store_notifications import Wanted

NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
async def people(db: Database) -> list[AccountId]:
    return [await person(db, name) for name in ("ann", "ben", "cleo")]


async def said(db: Database, author: AccountId, name: str, text: str, visibility: Visibility) -> StatusPosted:
    posted = await post_status(db, SETTINGS, Author(author, name), Draft(text, visibility=visibility))
    mentioned = await db.records("SELECT mentioned_id FROM mentions WHERE status_id = $1", posted.id)
    return StatusPosted(author, posted.id, int(visibility), mentioned_ids=tuple(record[0] for record in mentioned))


async def test_notifications_of_a_batch_reach_those_whom_they_concern(db: Database, people: list[AccountId]) -> None:
    ann, ben, cleo = people
    events = [
        await said(db, ann, "ann", "@ben and @cleo", Visibility.PUBLIC),
        await said(db, cleo, "cleo", "@ben only", Visibility.DIRECT),
    ]
    await notify_posted(db, events)
    await notify_posted(db, events)
    await favourite(db, ben, _id(events[0]))
    await notify_favourited(db, [Favourited(ann, events[0].status_id, ben)] * 2)

    cache = FilterCache()
    wanted = [
        Wanted(ann, Cursor(10)),
        Wanted(ben, Cursor(10)),
        Wanted(cleo, Cursor(10)),
        Wanted(ben, Cursor(1)),
        Wanted(ben, Cursor(10), types="favourite"),
        Wanted(ben, Cursor(10), sender=ann),
    ]
    pages = await asyncio.gather(*(read(db, cache, one) for one in wanted))

    told = [[_told(entity) for entity in entities] for _, entities in pages]
    first, second = str(events[0].status_id), str(events[1].status_id)
    assert told == [
        [("favourite", "ben", first)],
        [("mention", "cleo", second), ("mention", "ann", first)],
        [("mention", "ann", first)],
        [("mention", "cleo", second)],
        [],
        [("mention", "ann", first)],
    ]


async def test_searches_of_a_batch_get_what_each_may_see(db: Database, people: list[AccountId]) -> None:
    ann, ben, cleo = people
    async with db.transaction() as tx:
        await follow(tx, ben, ann)
    events = [
        await said(db, ann, "ann", "A public word", Visibility.PUBLIC),
        await said(db, ann, "ann", "A private word @ben", Visibility.PRIVATE),
    ]
    await index_posted(db, events)
    searches = [
        Search(ben, parse("word", NOW), Cursor(10)),
        Search(cleo, parse("word", NOW), Cursor(10)),
        Search(cleo, parse("private", NOW), Cursor(10)),
        Search(ben, parse("private or nothing", NOW), Cursor(10)),
        Search(0, parse("public", NOW), Cursor(10)),
    ]
    found = await asyncio.gather(*(search_statuses(db, SETTINGS, Lexicon(), search, no_filters) for search in searches))
    public, private = (str(event.status_id) for event in events)
    ids = [[msgspec.json.decode(entity)["id"] for entity in entities] for entities in found]
    assert ids == [[private, public], [public], [], [private], [public]]


def _told(entity: bytes) -> tuple[str, str, str]:
    one = msgspec.json.decode(entity)
    return one["type"], one["account"]["username"], one["status"]["id"]


def _id(event: StatusPosted) -> StatusId:
    return StatusId(event.status_id)
