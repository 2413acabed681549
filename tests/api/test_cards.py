"""Cards of links, from a post to what its readers get; the pages are on a web server of the test's own."""

import gzip
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.rooms.media import pictures
from tests.support.square import SETTINGS, Person, Square, town
from tests.support.stranger import Served, Stranger, stranger
from townsquare.accounts.deletion import delete_account
from townsquare.db.pool import Database
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Outside
from townsquare.statuses import cards
from townsquare.statuses.address import compare


@pytest.fixture
async def far() -> AsyncGenerator[Stranger]:
    async with stranger() as one:
        yield one


@pytest.fixture
async def here(db: Database, tmp_path: Path) -> AsyncGenerator[Square]:
    """A place that may fetch from this machine."""
    settings = msgspec.structs.replace(SETTINGS, outside=Outside(allow=("127.0.0.0/8",)))
    async with town(db, tmp_path, settings) as square:
        yield square


@pytest.fixture
async def ann(here: Square) -> Person:
    return await here.person("ann")


ARTICLE = """<html lang="en"><head><title>Plain</title><meta property="og:title" content="The market opens">
<meta property="og:description" content="At nine"><meta property="og:image" content="/i.png">
<meta property="og:image:alt" content="A stall"><meta property="og:type" content="article">
<meta property="og:site_name" content="The News"><meta name="author" content="Bea">
<meta property="article:published_time" content="2026-05-01T10:00:00Z">"""


def article(far: Stranger, path: str = "/a", more: str = "") -> str:
    far.page("/i.png", pictures.png(), Content_Type="image/png")
    return far.page(path, ARTICLE + more)


async def card_of(person: Person, post: dict[str, Any]) -> Any:
    return (await person.get(f"/api/v1/statuses/{post['id']}"))["card"]


async def test_a_link_gets_a_card(ann: Person, far: Stranger, here: Square) -> None:
    url = article(far)
    post = await ann.say(f"Look: {url}#top")
    assert post["card"] is None
    card = await card_of(ann, post)
    image = card.pop("image")
    assert card.pop("blurhash")
    assert card == {
        "url": f"{url}#top",
        "title": "The market opens",
        "description": "At nine",
        "language": "en",
        "type": "link",
        "authors": [{"name": "Bea", "url": "", "account": None}],
        "author_name": "Bea",
        "author_url": "",
        "provider_name": "The News",
        "provider_url": "",
        "html": "",
        "width": 320,
        "height": 240,
        "image_description": "A stall",
        "embed_url": "",
        "published_at": "2026-05-01T10:00:00.000Z",
        "missing_attribution": False,
    }
    assert image.startswith("https://town.example/media/cards/")
    picture = await here.http.get(image)
    assert picture.headers["content-type"] == "image/jpeg", "it was made anew"
    assert far.asked == ["/a", "/i.png"]
    assert "user-agent: Townsquare/" in far.requests[0]
    assert "(+https://town.example/; link previews) Bot" in far.requests[0]
    stranger_s = (await here.http.get(f"/api/v1/statuses/{post['id']}")).json()["card"]
    assert stranger_s["missing_attribution"] is None


async def test_everywhere_the_post_has_it(ann: Person, far: Stranger, here: Square) -> None:
    ben = await here.person("ben")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await here.settle()
    post = await ann.say(f"market {article(far)} #news @ben")
    await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    await here.settle()
    card = await card_of(ben, post)
    assert card["title"] == "The market opens"
    for path in ("timelines/home", "timelines/public", "timelines/tag/news", f"accounts/{ann.id}/statuses"):
        (found,) = [one for one in await ben.get(f"/api/v1/{path}") if one["id"] == post["id"]]
        assert found["card"] == card, path
    assert (await ben.get("/api/v2/search", q="market"))["statuses"][0]["card"] == card
    (mention,) = [one for one in await ben.get("/api/v1/notifications") if one["type"] == "mention"]
    assert mention["status"]["card"] == card
    (echo,) = [one for one in await ben.get(f"/api/v1/accounts/{ben.id}/statuses") if one["reblog"]]
    assert echo["card"] == echo["reblog"]["card"] == card
    assert await ben.get(f"/api/v1/statuses/{post['id']}/card") == card


async def test_a_page_is_looked_at_once_for_all_who_post_it(ann: Person, far: Stranger, here: Square) -> None:
    url = article(far)
    await ann.say(url)
    ben = await here.person("ben")
    post = await ben.say(f"me too {url}?utm_source=ben#x")
    assert (await card_of(ann, post))["url"] == f"{url}?utm_source=ben#x"
    assert far.asked == ["/a", "/i.png"]


async def test_after_weeks_it_is_looked_at_again_and_the_old_picture_goes(
    ann: Person, far: Stranger, here: Square
) -> None:
    url = article(far)
    first = await ann.say(url)
    image = (await card_of(ann, first))["image"]
    await here.db.execute("UPDATE links SET fetched_at = now() - interval '3 weeks'")
    far.page("/a", ARTICLE.replace("/i.png", "/j.png").replace("opens", "closes"))
    far.page("/j.png", pictures.png(), Content_Type="image/png")
    second = await ann.say(f"again {url}")
    now = await card_of(ann, second)
    assert (now["title"], now["image"] != image) == ("The market closes", True)
    assert (await card_of(ann, first))["image"] == now["image"]
    assert (await here.http.get(image)).status_code == 404


async def test_an_edit_keeps_changes_or_loses_the_card(ann: Person, far: Stranger, here: Square) -> None:
    url = article(far)
    other = far.page("/b", "<title>Another</title>")
    post = await ann.say(url)
    path = f"/api/v1/statuses/{post['id']}"
    edited = await ann.put(path, status=f"read this: {url}")
    assert edited["card"]["title"] == "The market opens"
    await ann.put(path, status=other)
    await here.settle()
    assert (await card_of(ann, post))["title"] == "Another"
    gone = await ann.put(path, status="nothing")
    await here.settle()
    assert gone["card"] is (await card_of(ann, post)) is None
    await ann.put(path, status=other)
    await here.settle()
    assert (await card_of(ann, post))["title"] == "Another"


async def test_a_post_that_was_edited_meanwhile_gets_no_card_of_what_it_said(
    ann: Person, far: Stranger, here: Square
) -> None:
    url = article(far)
    post = await ann.post("/api/v1/statuses", status=url)
    await ann.put(f"/api/v1/statuses/{post['id']}", status="no link")
    await here.settle()
    assert await card_of(ann, post) is None


async def test_links_to_ourselves_get_none(ann: Person, here: Square) -> None:
    first = await ann.say("first")
    post = await ann.say(f"my post {first['url']}")
    assert await card_of(ann, post) is None


async def test_redirects_lead_to_one_card_and_not_to_us(ann: Person, far: Stranger) -> None:
    article(far, "/end")
    for path, where in (("/short", "/end"), ("/ours", "https://town.example/@ann"), ("/again", "/again")):
        far.pages[path] = Served(b"", "302 Found", {"Location": where})
    post = await ann.say(f"{far.address}/short")
    assert (await card_of(ann, post))["title"] == "The market opens"
    for path in ("/ours", "/again"):
        assert await card_of(ann, await ann.say(far.address + path)) is None


async def test_what_a_page_calls_its_own_address_is_looked_at_and_not_believed(
    ann: Person, far: Stranger, here: Square
) -> None:
    victim = far.page("/victim", "<title>True</title>")
    url = far.page("/evil", f'<title>False</title><link rel="canonical" href="{victim}">')
    assert (await card_of(ann, await ann.say(url)))["title"] == "True"
    assert (await card_of(ann, await ann.say(victim)))["title"] == "True"
    assert await here.db.value("SELECT count(*) FROM cards") == 1
    lonely = far.page("/lonely", f'<title>Lonely</title><link rel="canonical" href="{far.address}/missing">')
    assert (await card_of(ann, await ann.say(lonely)))["title"] == "Lonely"


@pytest.mark.parametrize(
    "served",
    [
        Served(b"<title>x</title>", "404 Not Found"),
        Served(b"<title>x</title>", headers={"Content-Type": "text/plain"}),
        Served(b"<p>no title</p>"),
        Served(b"not gzip", headers={"Content-Encoding": "gzip"}),
        Served(b"x", headers={"Content-Encoding": "br"}),
    ],
)
async def test_pages_without_cards(ann: Person, far: Stranger, here: Square, served: Served) -> None:
    far.pages["/x"] = served
    assert await card_of(ann, await ann.say(far.address + "/x")) is None
    asked = len(far.asked)
    assert await card_of(ann, await ann.say(f"again {far.address}/x")) is None
    assert len(far.asked) == asked, "what is known to have none is not asked again"
    assert not await here.db.value("SELECT count(*) FROM failed_jobs")


async def test_a_page_that_is_away_is_asked_again_later_and_then_not(ann: Person, far: Stranger, here: Square) -> None:
    far.pages["/x"] = Served(b"", "503 Service Unavailable")
    post = await ann.post("/api/v1/statuses", status=far.address + "/x")
    await here.settle()
    assert far.asked == ["/x"] * (1 + len(cards.AGAIN))
    assert await card_of(ann, post) is None


async def test_huge_and_packed_pages(ann: Person, far: Stranger) -> None:
    huge = far.page("/huge", "<title>Huge</title>" + "x" * 3_000_000)
    assert (await card_of(ann, await ann.say(huge)))["title"] == "Huge"
    packed = far.page("/packed", gzip.compress(b"<title>Packed</title>"), Content_Encoding="gzip")
    assert (await card_of(ann, await ann.say(packed)))["title"] == "Packed"
    bomb = gzip.compress(b"<title>Bomb</title>" + b"\0" * 200_000_000, 1)
    card = await card_of(ann, await ann.say(far.page("/bomb", bomb, Content_Encoding="gzip")))
    assert card["title"] == "Bomb"


async def test_pictures_that_are_none(ann: Person, far: Stranger) -> None:
    far.page("/i.png", b"<svg>", Content_Type="image/png")
    card = await card_of(ann, await ann.say(far.page("/a", ARTICLE)))
    assert (card["title"], card["image"], card["blurhash"], card["width"]) == ("The market opens", None, None, 0)


async def test_videos_by_oembed(ann: Person, far: Stranger) -> None:
    said = {"version": "1.0", "type": "video", "title": "No", "width": 480, "height": 270, "provider_name": "Tube",
            "html": '<iframe src="https://127.0.0.1/embed/1"></iframe><script>evil()</script>'}  # fmt: skip
    far.page("/oembed", msgspec.json.encode(said), Content_Type="application/json")
    link = '<link rel="alternate" type="application/json+oembed" href="/oembed?url=x">'
    card = await card_of(ann, await ann.say(far.page("/v", "<title>A film</title>" + link)))
    assert (card["type"], card["title"], card["provider_name"], card["width"]) == ("video", "A film", "Tube", 480)
    assert card["html"].startswith('<iframe src="https://127.0.0.1/embed/1" width="480" height="270"')
    assert "script>" not in card["html"]
    assert "maxwidth=640" in far.asked[-1]


async def test_authors_who_say_so_are_credited(ann: Person, far: Stranger, here: Square) -> None:
    ben = await here.person("ben")
    url = article(far, more='<meta name="fediverse:creator" content="@ben@town.example">')
    post = await ann.say(url)
    unclaimed = await card_of(ben, post)
    assert unclaimed["authors"] == [{"name": "Bea", "url": "", "account": None}]
    assert unclaimed["missing_attribution"] is True
    assert (await card_of(ann, post))["missing_attribution"] is False
    await here.db.execute("UPDATE accounts SET attribution_domains = '{127.0.0.1}' WHERE id = $1", ben.id)
    await ben.patch("/api/v1/accounts/update_credentials", display_name="Ben Bee")
    await here.settle()
    for card in (await card_of(ann, post), (await ann.get(f"/api/v1/accounts/{ann.id}/statuses"))[0]["card"]):
        assert card["authors"][0]["account"] == await ann.get(f"/api/v1/accounts/{ben.id}")
        assert card["missing_attribution"] is False
    assert (await ann.get("/api/v2/search", q="127"))["accounts"] == []
    later = await card_of(ann, await ann.say(f"again {url}"))
    assert later["authors"][0]["account"]["display_name"] == "Ben Bee"
    await here.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", ben.id)
    assert (await card_of(ann, post))["authors"][0]["account"] is None


async def test_cards_of_posts_that_are_not_for_everybody(ann: Person, far: Stranger) -> None:
    post = await ann.say(article(far), visibility="private")
    assert (await card_of(ann, post))["title"] == "The market opens"


async def test_links_in_messages_are_not_looked_at(ann: Person, far: Stranger) -> None:
    """Cards are everybody's, and who is asked for a page learns that somebody was told of it."""
    post = await ann.say(article(far), visibility="direct")
    assert await card_of(ann, post) is None
    assert far.asked == []


async def test_nothing_is_fetched_from_this_machine_unless_allowed(square: Square, far: Stranger) -> None:
    async with town(square.db, Path("/nonexistent"), msgspec.structs.replace(SETTINGS, outside=Outside())) as guarded:
        person = await guarded.person("guarded")
        post = await person.say(far.page("/x", "<title>Inner</title>"))
        assert await card_of(person, post) is None
    assert far.asked == []


async def test_what_no_post_shows_goes_after_weeks(ann: Person, far: Stranger, here: Square) -> None:
    post = await ann.say(article(far))
    image = (await card_of(ann, post))["image"]
    await here.db.execute("UPDATE cards SET fetched_at = now() - interval '9 weeks'")
    await cards.sweep(here.db)
    await here.settle()
    assert (await here.http.get(image)).status_code == 200
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await here.settle()
    await cards.sweep(here.db)
    await here.settle()
    assert (await here.http.get(image)).status_code == 404
    assert await here.db.value("SELECT count(*) FROM cards") == 0


async def test_a_post_with_a_card_is_still_two_statements(ann: Person, far: Stranger, here: Square) -> None:
    post = await ann.say(article(far))
    here.services.callers.up()
    here.services.filters.up()
    await card_of(ann, post)
    before = here.db.statements
    await card_of(ann, post)
    assert here.db.statements - before <= 2


async def test_pages_for_people_show_it(ann: Person, far: Stranger, here: Square) -> None:
    post = await ann.say(f"Look: {article(far)}")
    page = (await here.http.get(post["url"], headers={"accept": "text/html"})).text
    assert '<strong dir="auto" lang="en">The market opens</strong>' in page
    assert "At nine" in page
    assert 'src="/media/cards/' in page
    assert far.address not in page.split('class="card', 1)[1].split("<img", 1)[1].split(">", 1)[0]


async def test_cards_follow_when_the_place_moves(ann: Person, far: Stranger, here: Square) -> None:
    post = await ann.say(f"Look: {article(far)}")
    before = await card_of(ann, post)
    moved = msgspec.structs.replace(here.services.settings, public_url="https://new.example")
    await compare(here.db, here.services.settings)
    await compare(here.db, moved)
    await here.settle()
    after = await card_of(ann, post)
    assert after == before | {"image": before["image"].replace("town.example", "new.example")}


async def test_the_author_of_a_page_who_has_gone_is_named_no_more(ann: Person, far: Stranger, here: Square) -> None:
    ben = await here.person("ben")
    await here.db.execute("UPDATE accounts SET attribution_domains = '{127.0.0.1}' WHERE id = $1", ben.id)
    post = await ann.say(article(far, more='<meta name="fediverse:creator" content="ben@town.example">'))
    assert (await card_of(ann, post))["authors"][0]["account"]["username"] == "ben"
    async with here.db.transaction() as tx:
        await delete_account(tx, AccountId(ben.id), settings=here.services.settings, now=datetime.now(UTC))
    await here.settle()
    assert (await card_of(ann, post))["authors"][0]["account"] is None
    assert await here.db.value("SELECT author_id FROM cards") is None
