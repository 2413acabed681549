"""The page of notifications: what it says of each kind, what is taken away, what waits from strangers."""

import re

import pytest

from tests.support.square import Person, Square
from tests.web.visitor import Visitor


async def both(square: Square, name: str) -> tuple[Person, Visitor]:
    """Somebody with an app and a browser."""
    person, browser = await square.person(name), Visitor(square)
    await browser.sign_in(name)
    return person, browser


def plain(html: str) -> str:
    """What is to be read on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


async def shown(browser: Visitor, path: str = "/notifications") -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return plain(answer.text)


async def test_what_others_do_is_told_in_words(square: Square) -> None:
    ann, reads = await both(square, "ann")
    ben, cid = await square.person("ben"), await square.person("cid")
    post = await ann.say("A walk by the weir")
    for one in (ben, cid):
        await one.post(f"/api/v1/statuses/{post['id']}/favourite")
    await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await ben.say("@ann Which weir?", in_reply_to_id=post["id"])
    await cid.say("@ann Good morning")
    await cid.say("@ann A secret", visibility="direct")
    await square.settle()
    text = await shown(reads)
    for words in (
        "cid and ben liked your post",
        "ben echoed your post",
        "ben followed you",
        "ben answered you",
        "cid mentioned you",
        "cid wrote to you",
    ):
        assert words in text.replace(" ,", ","), (words, text)
    assert "New:" in text
    assert "New:" not in await shown(reads)


@pytest.mark.parametrize("by", [{"sec-fetch-mode": "cors"}, {"sec-fetch-mode": "navigate", "sec-purpose": "prefetch"}])
async def test_what_is_fetched_for_later_is_not_read_yet(square: Square, by: dict[str, str]) -> None:
    ann, reads = await both(square, "ann")
    post = await ann.say("A walk by the weir")
    await (await square.person("ben")).post(f"/api/v1/statuses/{post['id']}/favourite")
    await square.settle()
    assert "New:" in plain((await reads.http.get("/notifications", headers=by)).text)
    opened = await reads.http.get("/notifications", headers={"sec-fetch-mode": "navigate"})
    assert "New:" in plain(opened.text)
    assert "New:" not in await shown(reads)


@pytest.mark.parametrize(
    ("kind", "there", "away"),
    [
        ("mentions", "mentioned you", "liked your post"),
        ("reactions", "liked your post", "mentioned you"),
        ("follows", "followed you", "liked your post"),
        ("posts", "There are no notifications of this kind", "followed you"),
    ],
)
async def test_each_tab_has_its_kinds(square: Square, kind: str, there: str, away: str) -> None:
    ann, reads = await both(square, "ann")
    ben = await square.person("ben")
    post = await ann.say("A walk")
    await ben.post(f"/api/v1/statuses/{post['id']}/favourite")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await ben.say("@ann Hello")
    await square.settle()
    text = await shown(reads, f"/notifications?kind={kind}")
    assert there in text
    assert away not in text
    assert "New:" in await shown(reads), "a tab alone does not mean that all was read"


async def test_polls_edits_and_quotes_are_told(square: Square) -> None:
    ann, reads = await both(square, "ann")
    ben = await square.person("ben")
    post = await ann.say("A walk by the weir")
    await ben.say("So do I", quoted_status_id=post["id"])
    other = await ben.say("Before")
    await ann.post(f"/api/v1/statuses/{other['id']}/reblog")
    await square.settle()
    await ben.put(f"/api/v1/statuses/{other['id']}", status="After")
    await square.settle()
    text = await shown(reads)
    assert "ben quoted your post" in text
    assert "ben changed a post that you echoed" in text


async def test_a_warning_is_told_with_its_words(square: Square) -> None:
    ann, reads = await both(square, "ann")
    staff = await square.person("mod", "admin:write", role="moderator")
    await staff.post(f"/api/v1/admin/accounts/{ann.id}/action", type="none", text="Please be kind")
    await square.settle()
    text = await shown(reads)
    assert "have warned you" in text
    assert "Please be kind" in text


async def test_the_staff_is_told_of_reports_and_newcomers(square: Square) -> None:
    mod = Visitor(square)
    await square.person("mod", role="moderator")
    await mod.sign_in("mod")
    ann, ben = await square.person("ann"), await square.person("ben")
    await ann.post("/api/v1/reports", account_id=str(ben.id), comment="Advertising")
    await square.settle()
    text = await shown(mod, "/notifications?kind=place")
    assert "ann reported ben" in text
    assert "Advertising" in text
    html = (await mod.get("/notifications?kind=place")).text
    assert 'href="/desk"' in html.partition("told admin-report")[2].partition("</article>")[0]


async def test_one_line_is_taken_away_and_the_others_stay(square: Square) -> None:
    ann, reads = await both(square, "ann")
    ben = await square.person("ben")
    post = await ann.say("A walk")
    await ben.post(f"/api/v1/statuses/{post['id']}/favourite")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    page = (await reads.get("/notifications")).text
    key = re.search(r'name="key" value="(favourite-[^"]+)"', page)
    assert key
    gone = await reads.send("/notifications/dismiss", page="/notifications", key=key[1], next="/notifications")
    assert gone.headers["location"] == "/notifications"
    text = await shown(reads)
    assert "liked your post" not in text
    assert "followed you" in text


async def test_clearing_asks_first(square: Square) -> None:
    ann, reads = await both(square, "ann")
    ben = await square.person("ben")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    asked = await reads.send("/notifications/clear", page="/notifications")
    assert asked.status_code == 200
    assert "Clear all notifications?" in asked.text
    assert "followed you" in await shown(reads)
    cleared = await reads.send("/notifications/clear", page="/notifications", sure="true")
    assert cleared.status_code == 303
    assert "All is quiet" in await shown(reads)


async def test_strangers_wait_until_they_are_let_through(square: Square) -> None:
    _, reads = await both(square, "ann")
    ben, cid = await square.person("ben"), await square.person("cid")
    saved = await reads.send("/notifications/policy", page="/notifications/policy", for_not_following="filter")
    assert saved.headers["location"] == "/notifications/policy"
    await ben.say("@ann Do you know me?")
    await cid.say("@ann Buy this")
    assert "from 2 people whom you may not know" in await shown(reads)
    page = (await reads.get("/notifications/requests")).text
    assert "Do you know me?" in page
    requests = dict(re.findall(r'id="p-(\d+)".*?name="id" value="(\d+)"', page, re.DOTALL))
    whose = {str(ben.id): "ben", str(cid.id): "cid"}
    ids = {whose[account]: number for account, number in requests.items()}
    assert "Do you know me?" in await shown(reads, f"/notifications/requests/{ids['ben']}")
    there = "/notifications/requests"
    await reads.send(f"{there}/accept", page=there, id=ids["ben"])
    await square.settle()
    assert "ben mentioned you" in await shown(reads)
    asked = await reads.send(f"{there}/dismiss", page=there, id=ids["cid"])
    assert "Take these notifications away?" in asked.text
    await reads.send(f"{there}/dismiss", page=there, id=ids["cid"], sure="true")
    assert "Nothing is kept apart" in await shown(reads, there)
    assert re.search(r"\bcid\b", await shown(reads)) is None


async def test_what_waits_of_somebody_is_nobody_else_s(square: Square) -> None:
    _, reads = await both(square, "ann")
    _, other = await both(square, "ben")
    cid = await square.person("cid")
    await reads.send("/notifications/policy", page="/notifications/policy", for_not_following="filter")
    await cid.say("@ann Hello")
    number = re.search(r'name="id" value="(\d+)"', (await reads.get("/notifications/requests")).text)
    assert number
    assert (await other.get(f"/notifications/requests/{number[1]}")).status_code == 404
    answer = await other.send("/notifications/requests/accept", page="/notifications/policy", id=number[1])
    assert answer.status_code == 404
