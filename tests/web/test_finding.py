"""Finding: what trends, people to follow, search with its fields, and reporting what one found."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tests.support.square import SETTINGS, Square, town
from tests.web.test_told import both, plain, shown
from tests.web.visitor import Visitor
from townsquare.db.pool import Database
from townsquare.kernel.settings import Front, Trends
from townsquare.timelines import trends
from townsquare.timelines.house_rules import add_rule
from townsquare.web.feeds.paging import LENGTH
from townsquare.web.reading.search import Asked, marks, selectors


@pytest.fixture
async def lively(db: Database, tmp_path: Path) -> AsyncGenerator[Square]:
    """A place where everything trends at once, and where strangers do not read everything."""
    settings = msgspec.structs.replace(SETTINGS, trends=Trends(accounts=1, review=False), front=Front(timelines=False))
    async with town(db, tmp_path, settings) as square:
        yield square


async def test_lists_begin_with_what_is_latest(square: Square) -> None:
    ann, browser = await both(square, "ann")
    for number in range(LENGTH + 1):
        await ann.say(f"number {number} of them")
    await square.settle()
    for path in ("/home", "/public", "/public/local", "/@ann"):
        page = (await browser.get(path)).text
        assert f"number {LENGTH} of them" in page, path
        assert "number 0 of them" not in page, path


async def test_what_trends_is_shown_with_its_use(lively: Square) -> None:
    ann, browser = await both(lively, "ann")
    ben = await lively.person("ben")
    post = await ann.say("The #plums are ripe")
    await ben.say("#plums and pears")
    for one in (ann, ben):
        await one.post(f"/api/v1/statuses/{post['id']}/favourite")
    await lively.settle()
    await trends.refresh(lively.db, lively.services.settings, datetime.now(UTC))
    assert "are ripe" in await shown(browser, "/explore")
    tags = (await browser.get("/explore/tags")).text
    assert tags.count('role="search"') == 1
    assert "2 people in the last two days" in plain(tags)
    assert "<polyline points=" in tags
    front = await shown(Visitor(lively), "/")
    assert "Well liked" in front
    assert "Talked about these days" in front


async def test_strangers_read_no_timelines_where_the_owner_says_so(lively: Square) -> None:
    ann, browser = await both(lively, "ann")
    await ann.say("Among ourselves #plums")
    stranger = Visitor(lively)
    lists = ("/public", "/public/local", "/explore", "/tags/plums", "/feed.atom", "/tags/plums/feed.atom")
    for path in (*lists, "/search?q=%23plums&kind=posts"):
        assert (await stranger.get(path)).headers["location"].startswith("/sign-in?next="), path
        assert (await browser.get(path)).status_code == 200, path
    assert "Among ourselves" not in await shown(stranger, "/")
    assert "Among ourselves" not in await shown(stranger, "/search?q=plums")
    assert "Among ourselves" in await shown(browser, "/search?q=plums")


async def test_apps_of_strangers_read_no_more_than_strangers(lively: Square) -> None:
    ann, _ = await both(lively, "ann")
    await ann.patch("/api/v1/accounts/update_credentials", indexable=True)
    await ann.say("Among ourselves #plums")
    lists = ("timelines/public", "timelines/tag/plums", "timelines/link?url=https://plums.example/", "trends/statuses")
    for path in (*(f"/api/v1/{one}" for one in lists), "/api/v2/search?q=%23plums&type=statuses"):
        assert (await lively.http.get(path)).status_code == 401, path
        assert (await ann.request("GET", path)).status_code == (404 if "url=" in path else 200), path
    found = (await lively.http.get("/api/v2/search?q=plums")).json()
    assert (found["statuses"], [one["name"] for one in found["hashtags"]]) == ([], ["plums"])
    assert len((await ann.get("/api/v2/search", q="plums"))["statuses"]) == 1
    instance = (await lively.http.get("/api/v2/instance")).json()
    feeds = instance["configuration"]["timelines_access"].values()
    assert [feed["local"] for feed in feeds] == ["authenticated"] * 3


async def test_why_somebody_is_suggested_is_said(square: Square) -> None:
    ann, browser = await both(square, "ann")
    ben, cid = await square.person("ben"), await square.person("cid")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await ben.post(f"/api/v1/accounts/{cid.id}/follow")
    await square.settle()
    text = await shown(browser, "/explore/people")
    assert "Followed by people whom you follow" in text
    assert "@cid" in text
    await browser.send(f"/people/{cid.id}/dismiss", page="/explore/people")
    assert "@cid" not in await shown(browser, "/explore/people")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(), []),
        (Asked(whose="@june"), ["from:june"]),
        (Asked(has=("image", "nonsense"), is_=("reply",)), ["has:image", "is:reply"]),
        (Asked(within="library", language="de"), ["language:de", "in:library"]),
        (Asked(within="nonsense", after=" 2026-01-31 "), ["after:2026-01-31"]),
        (Asked(whose="june has:poll"), ["from:june"]),
    ],
)
def test_fields_are_written_as_a_query(asked: Asked, said: list[str]) -> None:
    assert selectors(asked) == said


def test_what_was_chosen_can_be_taken_off() -> None:
    found = marks('plum from:june -has:image "from:nobody said" before:"2026-01-01"')
    assert [one.text for one in found] == ["from:june", "-has:image", 'before:"2026-01-01"']
    assert found[0].without == 'plum -has:image "from:nobody said" before:"2026-01-01"'


async def test_the_fields_of_the_search_become_its_words(square: Square) -> None:
    ann, browser = await both(square, "ann")
    ben = await square.person("ben")
    await ann.say("plum cake by ann")
    await ben.say("plum cake by ben")
    answer = await browser.get("/search?q=plum&from=%40ben&in=&language=&after=&before=")
    assert answer.headers["location"] == "/search?q=plum+from%3Aben"
    page = (await browser.get(answer.headers["location"])).text
    assert "by ben" in page
    assert "by ann" not in page
    assert 'href="/search?q=plum&amp;kind=all"' in page, "it can be taken off"


async def test_an_address_leads_to_what_it_names(square: Square) -> None:
    ann, browser = await both(square, "ann")
    post = await ann.say("Found by its address")
    answer = await browser.get(f"/search?q={post['url']}")
    assert answer.headers["location"] == f"/@ann/{post['id']}"
    answer = await browser.get("/search?q=https://town.example/@ann")
    assert answer.headers["location"] == "/@ann"
    assert "Nothing was found" in await shown(browser, "/search?q=https://far.example/@nobody")


async def test_a_date_that_is_none_is_said_beside_the_field(square: Square) -> None:
    answer = await Visitor(square).get("/search?q=plum+after:someday")
    assert answer.status_code == 422
    assert 'value="plum after:someday"' in answer.text
    assert "is not a date" in answer.text


async def rule(square: Square, text: str) -> int:
    async with square.db.transaction() as tx:
        return await add_rule(tx, text)


async def test_a_post_is_reported_with_the_rule_that_it_breaks(square: Square) -> None:
    number = await rule(square, "No advertising")
    _, browser = await both(square, "ann")
    staff = await square.person("mod", "read admin:read", role="moderator")
    ben = await square.person("ben")
    post = await ben.say("Buy my soap")
    form = (await browser.get(f"/report?post={post['id']}")).text
    assert "No advertising" in form
    assert re.search(rf'value="{post["id"]}" checked', form)
    given = {"account": str(ben.id), "posts[]": post["id"], "category": "violation", "rules[]": str(number)}
    sent = await browser.send("/report", page=f"/report?post={post['id']}", comment="Again", block="true", **given)
    number = await square.db.value("SELECT id FROM reports")
    assert sent.headers["location"] == f"/report/sent?report={number}"
    receipt = (await browser.get(sent.headers["location"])).text
    assert "Your report is sent" in receipt
    assert f'href="/settings/reports/{number}"' in receipt
    reports = await staff.get("/api/v1/admin/reports")
    assert [(one["category"], one["comment"], [each["id"] for each in one["statuses"]]) for one in reports] == [
        ("violation", "Again", [post["id"]])
    ]
    assert "@ben" in await shown(browser, "/blocks")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose what it is about"),
        ({"category": "nonsense"}, "Choose what it is about"),
        ({"category": "violation"}, "Choose the rule that is broken"),
        ({"category": "other", "comment": "x" * 1001}, "too long"),
    ],
)
async def test_a_report_that_says_too_little_comes_again(square: Square, fields: dict[str, str], said: str) -> None:
    await rule(square, "No advertising")
    _, browser = await both(square, "ann")
    ben = await square.person("ben")
    kept = {"comment": "What I wrote", "mute": "true"} | fields
    answer = await browser.send("/report", page=f"/report?account={ben.id}", account=str(ben.id), **kept)
    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert kept["comment"] in answer.text
    assert "@ben" not in await shown(browser, "/mutes"), "nothing is done by halves"


async def test_nobody_reports_oneself_or_nobody(square: Square) -> None:
    ann, browser = await both(square, "ann")
    for path in (f"/report?account={ann.id}", "/report?account=1", "/report", "/report?post=x"):
        assert (await browser.get(path)).status_code == 404, path
