"""A longer page asks the database as often as a short one: every list of the API, with little in it and with more."""

import re
from datetime import UTC, datetime
from functools import partial

import msgspec

from tests.architecture.test_statements import asked
from tests.support.square import Person, Square
from townsquare.api.all_routes import API
from townsquare.kernel.settings import Outside
from townsquare.statuses import store_cards
from townsquare.statuses.cards import ask_posted
from townsquare.statuses.cards_model import Card, Details
from townsquare.statuses.events import StatusPosted
from townsquare.timelines import store_trends
from townsquare.timelines.announce import Times, announce
from townsquare.timelines.trends_model import StatusTrend, Trend

NOW = datetime.now(UTC)
RESULTS = "GroupedNotificationsResults"
LISTS = {
    "/api/v1/timelines/home": 6,
    "/api/v1/timelines/public": 7,
    "/api/v1/timelines/tag/town": 4,
    "/api/v1/timelines/list/{list}": 9,
    "/api/v1/accounts/{ann}/statuses": 3,
    "/api/v1/favourites": 4,
    "/api/v1/bookmarks": 4,
    "/api/v1/conversations": 5,
    "/api/v1/notifications": 11,
    "/api/v2/notifications": 11,
    "/api/v2/notifications?expand_accounts=partial_avatars": 11,
    "/api/v2/notifications/{group}": 4,
    "/api/v2/notifications/{group}/accounts": 2,
    "/api/v1/notifications/requests": 4,
    "/api/v1/trends/tags": 5,
    "/api/v1/trends/statuses": 4,
    "/api/v2/search?q=town": 18,
    "/api/v2/search?q=town&type=statuses": 8,
    "/api/v2/search?q=town&type=hashtags": 5,
    "/api/v2/search?q=friend&type=accounts": 4,
    "/api/v1/followed_tags": 5,
    "/api/v1/featured_tags": 2,
    "/api/v1/lists": 1,
    "/api/v1/lists/{list}/accounts": 3,
    "/api/v2/filters": 1,
    "/api/v1/filters": 1,
    "/api/v1/follow_requests": 2,
    "/api/v1/blocks": 2,
    "/api/v1/mutes": 3,
    "/api/v1/domain_blocks": 1,
    "/api/v1/endorsements": 3,
    "/api/v1/directory": 3,
    "/api/v1/accounts/{ann}/followers": 3,
    "/api/v1/accounts/{ann}/following": 3,
    "/api/v1/accounts/{ann}/collections": 6,
    "/api/v1/accounts/{ann}/in_collections": 5,
    "/api/v1/accounts/search?q=friend": 3,
    "/api/v1/statuses/{post}/context": 5,
    "/api/v1/statuses/{post}/favourited_by": 5,
    "/api/v1/statuses/{post}/reblogged_by": 5,
    "/api/v1/statuses/{post}/quotes": 8,
    "/api/v1/statuses/{post}/history": 2,
    "/api/v1/scheduled_statuses": 1,
    "/api/v1/announcements": 4,
    "/api/v1/timelines/link?url=https://example.org/": 5,
    "/api/v1/trends": 5,
    "/api/v1/trends/links": 3,
    "/api/v1/accounts?{people}": 1,
    "/api/v1/accounts/relationships?{people}": 2,
    "/api/v1/accounts/familiar_followers?{people}": 5,
    "/api/v1/statuses?{posts}": 7,
    "/api/v1/accounts/{ann}/endorsements": 3,
    "/api/v1/accounts/{ann}/featured_tags": 2,
    "/api/v1/accounts/{friend}/lists": 1,
    "/api/v1/featured_tags/suggestions": 6,
    "/api/v2/filters/{filter}/keywords": 1,
    "/api/v2/filters/{filter}/statuses": 1,
}
"""At most so many statements for somebody who is signed in, however long the list is."""

APART = {
    "/api/v1/accounts/:id/identity_proofs": "of a service that has ended: always empty",
    "/api/v1/notices": "of programs with a key, not of people: counted in tests/api/test_notices.py",
    "/api/v1/suggestions": "worked out before, and kept as they are for a while",
    "/api/v2/suggestions": "worked out before, and kept as they are for a while",
    "/api/v1/instance/rules": "the place's own, without pages",
    "/api/v1/instance/activity": "the place's own, without pages",
    "/api/v1/instance/peers": "the place's own, without pages",
    "/api/v1/instance/domain_blocks": "the place's own, without pages",
    "/api/v1/instance/languages": "the place's own, without pages",
    "/api/v1/custom_emojis": "the place's own, without pages",
}
"""Lists that are not among them, and why."""


async def crowd(square: Square, ann: Person, post: str, names: str) -> None:
    """People of whom each does all that makes one of ann's lists longer."""
    for name in names:
        one = await square.person(f"friend_{name}")
        await ann.post(f"/api/v1/accounts/{one.id}/follow")
        await ann.post(f"/api/v1/accounts/{one.id}/endorse")
        await ann.post(f"/api/v1/tags/town{name}/follow")
        await ann.post("/api/v1/featured_tags", name=f"town{name}")
        await one.post(f"/api/v1/accounts/{ann.id}/follow")
        for verb in ("favourite", "reblog"):
            await one.post(f"/api/v1/statuses/{post}/{verb}")
        said = await one.say(f"In #town and #town{name} https://example.org/")
        for verb in ("favourite", "bookmark"):
            await ann.post(f"/api/v1/statuses/{said['id']}/{verb}")
        await one.say("@ann answer", in_reply_to_id=post)
        await one.say("@ann between us", visibility="direct")
        await one.say("Look", quoted_status_id=post)
        await ann.say(f"Again #town{name}")
        await ann.put(f"/api/v1/statuses/{post}", status=f"Here in town, edited for {name}")
        await ann.post("/api/v1/statuses", status="Later", scheduled_at="2035-01-01")
        made = await ann.post("/api/v1/lists", title=f"List of {name}")
        for each in await ann.get("/api/v1/lists"):
            there = (
                [str(one.id)] if each["id"] != made["id"] else await ids(ann, f"/api/v1/accounts/{ann.id}/following")
            )
            await ann.post(f"/api/v1/lists/{each['id']}/accounts", account_ids=there)
        words = [{"keyword": f"nobody says {name} {made['id']}"}]
        await ann.post("/api/v2/filters", title=name, context=["home"], keywords_attributes=words)
        for each in await ann.get("/api/v2/filters"):
            await ann.post(f"/api/v2/filters/{each['id']}/keywords", keyword=f"nobody says {name}")
            await ann.post(f"/api/v2/filters/{each['id']}/statuses", status_id=said["id"])
        await ann.say(f"Also #village{name}")
        await linked(square, one.id, int(said["id"]), name)
        await ann.post("/api/v1/collections", name=f"Of {name}", account_ids=[str(one.id)])
        await one.post("/api/v1/collections", name=f"By {name}", account_ids=[str(ann.id)])
        async with square.db.transaction() as tx:
            await announce(tx, f"News of {name}", Times(), NOW)
        await away(square, ann, name)


async def ids(person: Person, path: str) -> list[str]:
    return [one["id"] for one in await person.get(path)]


async def linked(square: Square, author: int, status_id: int, name: str) -> None:
    """The post has a card, and there is another page that many link to."""
    for number, url in (1, "https://example.org/"), (ord(name), f"https://example.org/{name}"):
        await store_cards.write(square.db, Card(url=url, id=number, details=Details(title="Trams"), fetched_at=NOW))
        await store_cards.note_link(square.db, url, url)
    settings = msgspec.structs.replace(square.services.settings, outside=Outside())
    await ask_posted(square.db, settings, [StatusPosted(author, status_id, 0, link="https://example.org/")])


async def away(square: Square, ann: Person, name: str) -> None:
    """People whom ann keeps away, or who wait to be let in."""
    for verb in ("block", "mute"):
        one = await square.person(f"{verb}_{name}")
        await ann.post(f"/api/v1/accounts/{one.id}/{verb}")
    await ann.post("/api/v1/domain_blocks", domain=f"{name}.example")
    limited = await square.person(f"limited_{name}")
    await square.db.execute("UPDATE accounts SET limited_at = now() WHERE id = $1", limited.id)
    await limited.say("@ann hello")
    await square.db.execute("UPDATE accounts SET locked = true WHERE id = $1", ann.id)
    await limited.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.db.execute("UPDATE accounts SET locked = false WHERE id = $1", ann.id)
    await square.settle()


async def trend(square: Square) -> None:
    """Let all hashtags and posts trend."""
    tags = await square.db.records("SELECT name FROM tags WHERE name LIKE 'town%'")
    await store_trends.replace(square.db, "tag", [Trend(record[0], 9.0, 9.0, NOW, allowed=True) for record in tags])
    links = await square.db.records("SELECT url FROM cards")
    await store_trends.replace(square.db, "link", [Trend(record[0], 9.0, 9.0, NOW, allowed=True) for record in links])
    posts = await square.db.records("SELECT account_id, id FROM statuses WHERE visibility = 0 AND reblog_of_id IS NULL")
    await store_trends.replace_statuses(
        square.db, [StatusTrend(record[0], record[1], 9.0, None, allowed=True) for record in posts], 0
    )


async def counted(square: Square, ann: Person, places: dict[str, str]) -> dict[str, tuple[int, int]]:
    """How often each list asks, and how long it is."""
    people = await ids(ann, f"/api/v1/accounts/{ann.id}/following")
    posts = await ids(ann, "/api/v1/timelines/public")
    places = places | {
        "friend": people[-1],
        "people": "&".join(f"id[]={one}" for one in people),
        "posts": "&".join(f"id[]={one}" for one in posts),
    }
    counts: dict[str, tuple[int, int]] = {}
    for path in LISTS:
        address = path.format(**places)
        length = len((await ann.request("GET", address)).content)
        counts[path] = await asked(square, partial(ann.request, "GET", address)), length
    return counts


async def test_longer_lists_do_not_ask_more_often(square: Square) -> None:
    ann = await square.person("ann")
    post = (await ann.say("Here in #town"))["id"]
    await crowd(square, ann, post, "ab")
    await trend(square)
    (first, *_) = [one for one in await ann.get("/api/v1/lists") if one["title"] == "List of a"]
    groups = (await ann.get("/api/v2/notifications"))["notification_groups"]
    group = next(one["group_key"] for one in groups if one["type"] == "favourite")
    first_filter = (await ids(ann, "/api/v2/filters"))[0]
    places = {"filter": first_filter, "ann": str(ann.id), "post": post, "list": first["id"], "group": group}
    few = await counted(square, ann, places)
    await crowd(square, ann, post, "cde")
    await trend(square)
    many = await counted(square, ann, places)
    assert [path for path in LISTS if many[path][1] <= few[path][1]] == [], "lists that did not become longer"
    assert {path: count for path, (count, _) in many.items()} == {path: count for path, (count, _) in few.items()}
    assert {path: count for path, (count, _) in many.items() if count > LISTS[path]} == {}


def test_every_list_of_the_api_is_counted() -> None:
    named = {re.sub(r"\{\w+\}|(?<=/tag/)\w+", ":", path.partition("?")[0]) for path in LISTS}
    routes = {
        re.sub(r":\w+", ":", route.path): route.path
        for route in API
        if route.method == "GET" and "/admin/" not in route.path
        if route.returns.startswith("[") or route.returns in ("Search", "Context", "Collections", RESULTS)
    }
    assert {path for short, path in routes.items() if short not in named} == APART.keys()
