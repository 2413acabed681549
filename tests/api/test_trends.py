"""What trends, from what people do to what is shown of it."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.square import SETTINGS, Person, Square, town
from tests.support.stranger import Stranger, stranger
from townsquare.db.pool import Database
from townsquare.kernel.settings import Outside, Trends
from townsquare.statuses.events import StatusPosted
from townsquare.timelines import trends

STAFF = "read write follow admin:read admin:write"


@pytest.fixture
async def far() -> AsyncGenerator[Stranger]:
    async with stranger() as one:
        yield one


@pytest.fixture
async def here(db: Database, tmp_path: Path) -> AsyncGenerator[Square]:
    """A place where two people make a trend, and may fetch from this machine."""
    settings = msgspec.structs.replace(SETTINGS, outside=Outside(allow=("127.0.0.0/8",)), trends=Trends(accounts=2))
    async with town(db, tmp_path, settings) as square:
        yield square


@pytest.fixture
async def people(here: Square) -> list[Person]:
    return [await here.person(name) for name in ("ann", "ben", "cid")]


@pytest.fixture
async def staff(here: Square) -> Person:
    return await here.person("staff", STAFF, role="moderator")


async def work_out(square: Square, **later: float) -> None:
    await trends.refresh(square.db, square.services.settings, datetime.now(UTC) + timedelta(**later))


async def shown(square: Square, what: str, **query: Any) -> list[Any]:
    answer = await square.http.get(f"/api/v1/trends/{what}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_hashtags_that_several_use_trend_once_they_are_allowed(
    here: Square, people: list[Person], staff: Person
) -> None:
    for one in people:
        await one.say("#Market is open")
    await people[0].say("#market again, and #quiet")
    await work_out(here)
    assert await shown(here, "tags") == []
    (tag,) = await staff.get("/api/v1/admin/trends/tags")
    assert (tag["name"], tag["trendable"], tag["usable"], tag["requires_review"]) == ("Market", False, True, True)
    approved = await staff.post(f"/api/v1/admin/trends/tags/{tag['id']}/approve")
    assert (approved["trendable"], approved["requires_review"]) == (True, False)
    (trending,) = await shown(here, "tags")
    assert trending["name"] == "Market"
    assert trending["url"] == "https://town.example/tags/Market"
    assert (trending["history"][0]["uses"], trending["history"][0]["accounts"]) == ("4", "3")
    assert [day["uses"] for day in trending["history"][1:]] == ["0"] * 6
    assert (await here.http.get("/api/v1/trends")).json() == [trending]
    assert (await people[0].get("/api/v1/trends/tags"))[0]["following"] is False
    await staff.post(f"/api/v1/admin/trends/tags/{tag['id']}/reject")
    assert await shown(here, "tags") == []
    assert (await staff.get("/api/v1/admin/trends/tags"))[0]["requires_review"] is False
    actions = await here.db.records("SELECT entry FROM audit.log ORDER BY number")
    assert [action in row[0] for action, row in zip(("trend.approve", "trend.reject"), actions, strict=True)] == [
        True
    ] * 2


async def test_what_does_not_count(here: Square, people: list[Person]) -> None:
    ann, ben, cid = people
    await ben.patch("/api/v1/accounts/update_credentials", discoverable=False)
    await here.db.execute("UPDATE accounts SET limited_at = now() WHERE id = $1", cid.id)
    for one in people:
        await one.say("#market")
    for kind in ("unlisted", "private", "direct"):
        await ann.say("#market", visibility=kind)
    await ann.say("#market", sensitive=True)
    await ann.say("#market", spoiler_text="market")
    tag = await ann.get("/api/v1/tags/market")
    assert (tag["history"][0]["uses"], tag["history"][0]["accounts"]) == ("1", "1")


async def test_uses_are_counted_once_however_often_the_work_is_done(here: Square, people: list[Person]) -> None:
    posts = [await one.say("#market") for one in people]
    again = [
        StatusPosted(one.id, int(post["id"]), 0, tags=("market",)) for one, post in zip(people, posts, strict=True)
    ]
    await trends.count_posted(here.db, again * 2)
    tag = await people[0].get("/api/v1/tags/market")
    assert (tag["history"][0]["uses"], tag["history"][0]["accounts"]) == ("3", "3")


async def test_links_trend_with_their_publisher(
    here: Square, people: list[Person], staff: Person, far: Stranger
) -> None:
    url = far.page("/a", '<html lang="de"><title>The market</title>')
    ann, ben, cid = people
    first = await ann.say(f"{url}?utm_source=x")
    await ben.say(f"see {url}")
    await cid.post(f"/api/v1/statuses/{first['id']}/reblog")
    await here.settle()
    await work_out(here)
    assert await shown(here, "links") == []
    assert (await here.http.get("/api/v1/timelines/link", params={"url": url})).status_code == 404
    (link,) = await staff.get("/api/v1/admin/trends/links")
    assert (link["url"], link["title"], link["requires_review"]) == (url, "The market", True)
    (publisher,) = await staff.get("/api/v1/admin/trends/links/publishers")
    assert (publisher["domain"], publisher["trendable"], publisher["requires_review"]) == ("127.0.0.1", None, True)
    approved = await staff.post(f"/api/v1/admin/trends/links/publishers/{publisher['id']}/approve")
    assert (approved["trendable"], approved["requires_review"]) == (True, False)
    (trending,) = await shown(here, "links")
    assert (trending["history"][0]["uses"], trending["history"][0]["accounts"]) == ("3", "3")
    assert trending["language"] == "de"
    posts = await ann.get("/api/v1/timelines/link", url=url)
    assert [post["content"].count(url) > 0 for post in posts] == [True, True]
    assert posts[1]["id"] == first["id"]
    older = await ann.get("/api/v1/timelines/link", url=url, max_id=posts[0]["id"])
    assert [post["id"] for post in older] == [first["id"]]
    assert (await staff.post(f"/api/v1/admin/trends/links/{link['id']}/reject"))["requires_review"] is False
    assert await shown(here, "links") == []
    await staff.post(f"/api/v1/admin/trends/links/{link['id']}/approve")
    assert len(await shown(here, "links")) == 1


async def test_posts_that_people_like_trend_one_of_each_author(
    here: Square, people: list[Person], staff: Person
) -> None:
    ann, ben, cid = people
    best, other = await ann.say("Best"), await ann.say("Other")
    answer = await ben.say("@ann answer", in_reply_to_id=best["id"])
    for post, verbs in ((best, ("favourite", "reblog")), (other, ("favourite",)), (answer, ("favourite",))):
        for person in (ben, cid, staff):
            for verb in verbs:
                await person.post(f"/api/v1/statuses/{post['id']}/{verb}")
    await here.settle()
    await work_out(here)
    assert await shown(here, "statuses") == []
    listed = await staff.get("/api/v1/admin/trends/statuses")
    assert [(one["id"], one["requires_review"]) for one in listed] == [(best["id"], True), (other["id"], True)]
    author = await staff.post(f"/api/v1/admin/trends/statuses/{best['id']}/approve_account")
    assert author["requires_review"] is False
    assert [one["id"] for one in await shown(here, "statuses")] == [best["id"]]
    await staff.post(f"/api/v1/admin/trends/statuses/{best['id']}/reject")
    assert [one["id"] for one in await shown(here, "statuses")] == [other["id"]]
    assert (await cid.get("/api/v1/trends/statuses"))[0]["favourited"] is True
    await ben.post(f"/api/v1/accounts/{ann.id}/mute")
    assert await ben.get("/api/v1/trends/statuses") == []
    await here.db.execute("UPDATE accounts SET limited_at = now() WHERE id = $1", ann.id)
    assert await shown(here, "statuses") == []


async def test_trends_fade(here: Square, people: list[Person], staff: Person) -> None:
    post = await people[0].say("#market")
    for one in people[1:]:
        await one.say("#market")
        await one.post(f"/api/v1/statuses/{post['id']}/favourite")
    await here.settle()
    await work_out(here)
    assert len(await staff.get("/api/v1/admin/trends/tags")) == 1
    assert len(await staff.get("/api/v1/admin/trends/statuses")) == 1
    await work_out(here, days=1.2)
    assert await staff.get("/api/v1/admin/trends/tags") == []
    assert await staff.get("/api/v1/admin/trends/statuses") == []


async def test_the_reader_s_languages_come_first_and_the_others_after_them(here: Square, people: list[Person]) -> None:
    await here.db.execute("UPDATE accounts SET trendable = true")
    ann, ben, _ = people
    english, german = await ann.say("one", language="en"), await ben.say("eins", language="de")
    for post, by in ((english, people), (german, people[:2])):
        for one in by:
            await one.post(f"/api/v1/statuses/{post['id']}/favourite")
    await here.settle()
    await work_out(here)
    assert [one["id"] for one in await shown(here, "statuses")] == [english["id"], german["id"]]
    answer = await here.http.get("/api/v1/trends/statuses", headers={"accept-language": "de-AT, en;q=0.5"})
    assert {one["id"] for one in answer.json()} == {english["id"], german["id"]}
    answer = await here.http.get("/api/v1/trends/statuses", headers={"accept-language": "de"})
    assert [one["id"] for one in answer.json()] == [german["id"], english["id"]]


async def test_parts_follow_each_other(here: Square, people: list[Person]) -> None:
    for one in people:
        await one.say("#one #two #three")
    await here.db.execute("UPDATE tags SET trendable = true")
    await work_out(here)
    first = await here.http.get("/api/v1/trends/tags", params={"limit": 2})
    assert 'offset=2>; rel="next"' in first.headers["link"]
    second = await here.http.get("/api/v1/trends/tags", params={"limit": 2, "offset": 2})
    assert 'offset=0>; rel="prev"' in second.headers["link"]
    assert 'rel="next"' not in second.headers["link"]
    assert sorted(one["name"] for one in first.json() + second.json()) == ["one", "three", "two"]
    assert await shown(here, "tags", limit=-5, offset=-1) == first.json()[:1]
    for wrong in ({"limit": "many"}, {"offset": "x"}):
        assert (await here.http.get("/api/v1/trends/tags", params=wrong)).status_code == 422


async def test_without_review_and_without_trends(db: Database, tmp_path: Path) -> None:
    for chosen, found in ((Trends(accounts=1, review=False), 1), (Trends(enabled=False, review=False), 0)):
        async with town(db, tmp_path, msgspec.structs.replace(SETTINGS, trends=chosen)) as square:
            one = await square.person(f"person{found}")
            two = await square.person(f"other{found}")
            post = await one.say("#market")
            await two.say("#market")
            await two.post(f"/api/v1/statuses/{post['id']}/favourite")
            await one.post(f"/api/v1/statuses/{post['id']}/favourite")
            await square.settle()
            await work_out(square)
            assert len(await shown(square, "tags")) == len(await shown(square, "statuses")) == found


async def test_only_the_staff_decide(here: Square, people: list[Person], staff: Person) -> None:
    reader = await here.person("reader", "read write admin:read admin:write")
    blind = await here.person("blind", "read write", role="admin")
    post = await people[0].say("x")
    for who in (reader, blind):
        for path in ("tags", "links", "statuses", "links/publishers"):
            assert (await who.request("GET", f"/api/v1/admin/trends/{path}")).status_code == 403
        assert (await who.request("POST", f"/api/v1/admin/trends/statuses/{post['id']}/approve")).status_code == 403
    for path in ("tags/1", "links/1", "links/publishers/1", "statuses/1"):
        for verb in ("approve", "reject"):
            assert (await staff.request("POST", f"/api/v1/admin/trends/{path}/{verb}")).status_code == 404
    private = await people[0].say("y", visibility="private")
    assert (await staff.request("POST", f"/api/v1/admin/trends/statuses/{private['id']}/approve")).status_code == 404


async def test_what_was_counted_is_forgotten(here: Square, people: list[Person]) -> None:
    await people[0].say("#market")
    await trends.sweep(here.db, datetime.now(UTC) + timedelta(days=6))
    assert await here.db.value("SELECT count(*) FROM trend_uses") == 0
    assert await here.db.value("SELECT count(*) FROM trend_days") == 1
    await trends.sweep(here.db, datetime.now(UTC) + timedelta(days=9))
    assert await here.db.value("SELECT count(*) FROM trend_days") == 0
