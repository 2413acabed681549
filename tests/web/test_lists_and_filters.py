"""Lists, filters, whom one keeps away, and the hashtags that one follows, all by forms without a script."""

import re

import pytest

from tests.support.square import Square
from tests.web.test_told import both, shown
from tests.web.visitor import Visitor


async def make_list(browser: Visitor, title: str, **fields: str) -> str:
    """The address of a new list."""
    made = await browser.send("/lists", page="/lists", title=title, **fields)
    assert made.status_code == 303, made.text
    return made.headers["location"].removesuffix("/people")


async def test_a_list_shows_what_its_people_say(square: Square) -> None:
    ann, browser = await both(square, "ann")
    ben, cid = await square.person("ben"), await square.person("cid")
    for one in (ben, cid):
        await ann.post(f"/api/v1/accounts/{one.id}/follow")
    await square.settle()
    there = await make_list(browser, "Choir")
    page = await shown(browser, f"{there}/people")
    assert "Nobody is in this list yet" in page
    assert "@ben" in page
    await browser.send(f"{there}/add", page=f"{there}/people", account=str(ben.id))
    await browser.send(f"{there}/add", page=f"{there}/people", account=str(ben.id))
    await ben.say("Singing tonight")
    await cid.say("Not in the list")
    text = await shown(browser, there)
    assert "Singing tonight" in text
    assert "Not in the list" not in text
    assert "Take out" in await shown(browser, f"/people/{ben.id}/lists")
    await browser.send(f"{there}/remove", page=f"{there}/people", account=str(ben.id))
    assert "Singing tonight" not in await shown(browser, there)


async def test_people_are_found_for_a_list_by_their_names(square: Square) -> None:
    ann, browser = await both(square, "ann")
    ben, _ = await square.person("benedict"), await square.person("stranger")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await square.settle()
    there = await make_list(browser, "Choir")
    assert "@benedict" in await shown(browser, f"{there}/people?q=bened")
    assert "Nobody was found" in await shown(browser, f"{there}/people?q=stranger")


async def test_a_list_is_changed_and_deleted_by_its_owner_only(square: Square) -> None:
    _, browser = await both(square, "ann")
    _, other = await both(square, "ben")
    there = await make_list(browser, "Choir", exclusive="true")
    assert "only here" in await shown(browser, "/lists")
    await browser.send(f"{there}/edit", page=f"{there}/edit", title="Band", replies="none")
    text = await shown(browser, "/lists")
    assert "Band" in text
    assert "only here" not in text
    for path in ("", "/edit", "/people"):
        assert (await other.get(there + path)).status_code == 404
    for path in ("/edit", "/delete", "/add"):
        assert (await other.send(there + path, page="/lists", title="Mine", sure="true")).status_code == 404
    asked = await browser.send(f"{there}/delete", page=there)
    assert "Delete the list “Band”?" in asked.text
    await browser.send(f"{there}/delete", page=there, sure="true")
    assert "No lists yet" in await shown(browser, "/lists")


@pytest.mark.parametrize("title", ["", "   ", "x" * 256])
async def test_a_list_with_a_wrong_name_comes_again(square: Square, title: str) -> None:
    _, browser = await both(square, "ann")
    answer = await browser.send("/lists", page="/lists", title=title, exclusive="true")
    assert answer.status_code == 422
    assert 'name="exclusive" value="true" checked' in re.sub(r"\s+", " ", answer.text)


WHERE = {"contexts[]": "public"}


async def test_a_filter_covers_or_hides_until_it_is_deleted(square: Square) -> None:
    _, browser = await both(square, "ann")
    ben = await square.person("ben")
    await ben.say("The cheese is here")
    made = await browser.send(
        "/filters/new", page="/filters/new", **{"words[0][text]": "cheese", "words[0][whole]": "true", **WHERE}
    )
    assert made.headers["location"] == "/filters"
    assert "Filtered: cheese" in await shown(browser, "/public")
    page = (await browser.get("/filters")).text
    there = re.search(r'href="(/filters/\d+)"', page)
    assert there
    form = (await browser.get(there[1])).text
    number = re.search(r'name="words\[0\]\[id\]" value="(\d+)"', form)
    assert number
    await browser.send(
        there[1],
        page=there[1],
        title="Food",
        action="hide",
        **{"words[0][id]": number[1], "words[0][text]": "cheese", **WHERE},
    )
    assert "The cheese is here" not in await shown(browser, "/public")
    asked = await browser.send(f"{there[1]}/delete", page="/filters/new")
    assert "Delete the filter “Food”?" in asked.text
    await browser.send(f"{there[1]}/delete", page="/filters/new", sure="true")
    assert "The cheese is here" in await shown(browser, "/public")


async def test_words_are_taken_out_of_a_filter_by_emptying_their_rows(square: Square) -> None:
    _, browser = await both(square, "ann")
    words = {"words[0][text]": "cheese", "words[1][text]": "wine"}
    await browser.send("/filters/new", page="/filters/new", title="Food", **words, **WHERE)
    there = re.search(r'href="(/filters/\d+)"', (await browser.get("/filters")).text)
    assert there
    ids = re.findall(r'name="words\[\d\]\[id\]" value="(\d+)"', (await browser.get(there[1])).text)
    changed = {"words[0][id]": ids[0], "words[0][text]": "", "words[1][id]": ids[1], "words[1][text]": "wine"}
    await browser.send(there[1], page=there[1], title="Food", **changed, **WHERE)
    form = (await browser.get(there[1])).text
    assert 'value="wine"' in form
    assert 'value="cheese"' not in form


async def test_a_filter_that_says_too_little_comes_again(square: Square) -> None:
    _, browser = await both(square, "ann")
    answer = await browser.send("/filters/new", page="/filters/new", title="Kept name", **{"words[0][text]": "cheese"})
    assert answer.status_code == 422
    assert "Kept name" in answer.text
    assert 'value="cheese"' in answer.text


async def test_a_post_is_filtered_by_itself(square: Square) -> None:
    _, browser = await both(square, "ann")
    ben = await square.person("ben")
    post = await ben.say("Enough of this one")
    await browser.send("/filters/new", page="/filters/new", title="Enough", **{"words[0][text]": "xyzzy"}, **WHERE)
    page = (await browser.get(f"/posts/{post['id']}/filter")).text
    there = re.search(r'action="(/filters/\d+/posts)"', page)
    assert there
    await browser.send(there[1], page="/filters/new", post=post["id"])
    assert "Filtered: Enough" in await shown(browser, "/public")
    inside = there[1].removesuffix("/posts")
    assert "Enough of this one" in await shown(browser, inside)
    number = re.search(r'name="post" value="(\d+)"', (await browser.get(inside)).text)
    assert number
    await browser.send(f"{there[1]}/remove", page="/filters/new", post=number[1])
    assert "Filtered: Enough" not in await shown(browser, "/public")


async def test_a_filter_is_nobody_else_s(square: Square) -> None:
    _, browser = await both(square, "ann")
    _, other = await both(square, "ben")
    await browser.send("/filters/new", page="/filters/new", title="Mine", **{"words[0][text]": "cheese"}, **WHERE)
    there = re.search(r'href="(/filters/\d+)"', (await browser.get("/filters")).text)
    assert there
    assert (await other.get(there[1])).status_code == 404
    assert (await other.send(f"{there[1]}/delete", page="/filters", sure="true")).status_code in (404, 403)


async def test_whom_one_keeps_away_can_be_let_in_again(square: Square) -> None:
    _, browser = await both(square, "ann")
    ben, cid = await square.person("ben"), await square.person("cid")
    await browser.send(f"/people/{ben.id}/mute", page="/lists")
    await browser.send(f"/people/{cid.id}/block", page="/lists")
    assert "@ben" in await shown(browser, "/mutes")
    assert "@cid" in await shown(browser, "/blocks")
    await browser.send(f"/people/{ben.id}/unmute", page="/mutes")
    await browser.send(f"/people/{cid.id}/unblock", page="/blocks")
    assert "You have muted nobody" in await shown(browser, "/mutes")
    assert "You have blocked nobody" in await shown(browser, "/blocks")


async def test_whole_places_are_blocked_after_a_question(square: Square) -> None:
    _, browser = await both(square, "ann")
    wrong = await browser.send("/domain-blocks", page="/domain-blocks", domain="not a place")
    assert wrong.status_code == 422
    assert "not a place" in wrong.text
    asked = await browser.send("/domain-blocks", page="/domain-blocks", domain="Far.Example")
    assert "Block all of far.example?" in asked.text
    await browser.send("/domain-blocks", page="/domain-blocks", domain="far.example", sure="true")
    assert "far.example" in await shown(browser, "/domain-blocks")
    await browser.send("/domain-blocks/remove", page="/domain-blocks", domain="far.example")
    assert "You have blocked no place" in await shown(browser, "/domain-blocks")


async def test_a_tag_is_followed_on_its_page(square: Square) -> None:
    _, browser = await both(square, "ann")
    ben = await square.person("ben")
    await browser.send("/tags/Market/follow", page="/tags/Market", next="/tags/Market")
    await square.settle()
    await ben.say("Cheese today #market")
    assert "Cheese today" in await shown(browser, "/home")
    assert "#Market" in await shown(browser, "/followed-tags")
    await browser.send("/tags/market/unfollow", page="/followed-tags")
    assert "You follow no tags yet" in await shown(browser, "/followed-tags")
