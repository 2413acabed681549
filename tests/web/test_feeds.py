"""What programs read of the place: feeds in Atom, the map for search engines, and whom they leave out."""

from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree import ElementTree

import httpx

from tests.rooms.media.pictures import png
from tests.support.square import Square
from tests.web.visitor import Visitor

ATOM: Final = "{http://www.w3.org/2005/Atom}"
MAP: Final = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def parsed(answer: httpx.Response) -> ElementTree.Element:
    return ElementTree.fromstring(answer.content)  # noqa: S314 (our own answer)


def read(answer: httpx.Response) -> ElementTree.Element:
    """A feed; with all that RFC 4287 asks of one (4.1.1 and 4.1.2)."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = parsed(answer)
    assert feed.tag == f"{ATOM}feed"
    for one in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(one.findall(ATOM + name)) == 1, name
        at = one.findtext(f"{ATOM}updated")
        assert at is not None
        assert datetime.fromisoformat(at).tzinfo is not None
        assert (one.findtext(f"{ATOM}id") or "").startswith("https://")
    for entry in feed.iter(f"{ATOM}entry"):
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
        assert [link for link in entry.iter(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert [content.get("type") for content in entry.findall(f"{ATOM}content")] == ["html"]
    assert [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"] == [
        str(answer.request.url)
    ]
    return feed


def titles(feed: ElementTree.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}title") or "" for entry in feed.iter(f"{ATOM}entry")]


async def test_a_person_s_feed_has_what_anybody_may_read(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    await ann.say("For <b>everybody</b> & #all \x0b")
    await ann.say("For followers", visibility="private")
    await ann.say("For ben @ben", visibility="direct")
    other = await ben.say("By ben")
    await ann.post(f"/api/v1/statuses/{other['id']}/reblog")
    await square.settle()
    feed = read(await Visitor(square).get("/@ann/feed.atom"))
    assert titles(feed) == ["For <b>everybody</b> & #all"]
    entry = next(feed.iter(f"{ATOM}entry"))
    assert "&lt;b&gt;everybody" in (entry.findtext(f"{ATOM}content") or "")
    assert [one.get("term") for one in entry.iter(f"{ATOM}category")] == ["all"]


async def test_pictures_come_with_their_kind_unless_they_are_to_be_covered(square: Square) -> None:
    ann = await square.person("ann")
    for sensitive in (False, True):
        files = {"file": ("x.png", png(), "image/png")}
        media = (await ann.request("POST", "/api/v2/media", files=files, data={"description": "A hat"})).json()
        await ann.say("Look", media_ids=[media["id"]], sensitive=sensitive)
    feed = read(await Visitor(square).get("/@ann/feed.atom"))
    found = [one for one in feed.iter(f"{ATOM}link") if one.get("rel") == "enclosure"]
    assert [(one.get("title"), (one.get("type") or "").partition("/")[0]) for one in found] == [("A hat", "image")]


async def test_a_feed_that_did_not_change_is_not_sent_again(square: Square) -> None:
    ann = await square.person("ann")
    await ann.say("One")
    stranger = Visitor(square)
    first = await stranger.get("/feed.atom")
    assert titles(read(first)) == ["One"]
    same = await stranger.http.get("/feed.atom", headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    await ann.say("Two #weir")
    fresh = await stranger.http.get("/feed.atom", headers={"if-none-match": first.headers["etag"]})
    assert titles(read(fresh)) == ["Two #weir", "One"]
    assert titles(read(await stranger.get("/tags/weir/feed.atom"))) == ["Two #weir"]
    assert titles(read(await stranger.get("/tags/nothing/feed.atom"))) == []


async def test_feeds_tell_robots_what_each_person_chose(square: Square) -> None:
    ann, stranger = await square.person("ann"), Visitor(square)
    await ann.say("One #weir")
    assert "x-robots-tag" not in (await stranger.get("/@ann/feed.atom")).headers
    await ann.patch("/api/v1/accounts/update_credentials", indexable=False)
    for path in ("/@ann/feed.atom", "/feed.atom", "/tags/weir/feed.atom"):
        answer = await stranger.get(path)
        assert answer.headers["x-robots-tag"] == "noindex", path
        same = await stranger.http.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (same.status_code, same.headers["x-robots-tag"]) == (304, "noindex")


async def test_there_is_no_feed_of_nobody(square: Square) -> None:
    for path in ("/@nobody/feed.atom", "/ann/feed.atom"):
        assert (await Visitor(square).get(path)).status_code == 404


def places(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    return [one.text or "" for one in parsed(answer).iter(f"{MAP}loc")]


async def test_the_map_names_those_who_want_to_be_found(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say("Find me")
    hidden = await ann.say("Not me", visibility="unlisted")
    await ben.say("I am not here")
    await ben.patch("/api/v1/accounts/update_credentials", indexable=False)
    await square.settle()
    stranger = Visitor(square)
    found: list[str] = []
    for part in places(await stranger.get("/sitemap.xml")):
        assert part.startswith("https://town.example/sitemaps/")
        found += places(await stranger.get(part.removeprefix("https://town.example")))
    assert "https://town.example/@ann" in found
    assert f"https://town.example/@ann/{post['id']}" in found
    assert f"https://town.example/@ann/{hidden['id']}" not in found
    assert not [one for one in found if "/@ben" in one]
    assert len(found) == len(set(found))
    assert "Sitemap: https://town.example/sitemap.xml" in (await stranger.get("/robots.txt")).text


async def test_parts_of_the_map_that_are_none(square: Square) -> None:
    later = (datetime.now(UTC) + timedelta(days=400)).date()
    stranger = Visitor(square)
    assert places(await stranger.get(f"/sitemaps/posts-{later}.xml")) == []
    for part in ("", "people-", "people-ab", "people-é", "posts-x", "posts-2026-13-01", "nothing", "place-x"):
        assert (await stranger.get(f"/sitemaps/{part}.xml")).status_code == 404, part
