"""Messages on the pages: who takes part, what stays private, what is kept when something is wrong."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.rooms.media import pictures
from tests.support.square import Square
from tests.web.conftest import Open
from tests.web.test_told import both, shown
from tests.web.visitor import Visitor
from townsquare.web.acting.messages import addressed


@pytest.mark.parametrize(
    ("text", "handles", "sent"),
    [
        ("Hello", ["ben"], "@ben Hello"),
        ("Hello @Ben", ["ben"], "Hello @Ben"),
        ("Hello", ["ben", "cid@far.example"], "@ben @cid@far.example Hello"),
        ("@cid@far.example hello", ["ben", "cid@far.example"], "@ben @cid@far.example hello"),
        ("", ["ben"], "@ben "),
        ("see x@ben.example", ["ben"], "@ben see x@ben.example"),
    ],
)
def test_a_message_names_all_to_whom_it_goes(text: str, handles: list[str], sent: str) -> None:
    assert addressed(text, handles) == sent


async def begin(browser: Visitor, to: str, text: str) -> str:
    """Write to somebody; the address of the conversation."""
    answer = await browser.send("/messages/new", page="/messages/new", to=to, text=text)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("#")[0]


async def only_talk(browser: Visitor) -> str:
    found = re.findall(r'href="(/messages/\d+)"', (await browser.get("/messages")).text)
    assert len(set(found)) == 1
    return found[0]


async def test_two_people_write_to_each_other(square: Square) -> None:
    _, ann = await both(square, "ann")
    _, ben = await both(square, "ben")
    talk = await begin(ann, "@ben", "Are you coming on Saturday?")
    assert "Are you coming on Saturday?" in await shown(ann, talk), "at once, before the queue has run"
    await square.settle()
    assert "New:" in await shown(ben, "/messages")
    theirs = await only_talk(ben)
    assert "Are you coming" in await shown(ben, theirs)
    assert "New:" not in await shown(ben, "/messages"), "who has seen it has read it"
    answered = await ben.send(theirs, page=theirs, text="Yes, with the dog")
    assert answered.headers["location"] == f"{theirs}#end"
    await square.settle()
    text = await shown(ann, talk)
    assert text.index("Are you coming") < text.index("Yes, with the dog"), "the latest stands last"


async def test_what_is_written_in_a_conversation_is_never_public(square: Square) -> None:
    _, ann = await both(square, "ann")
    await square.person("ben")
    stranger = Visitor(square)
    talk = await begin(ann, "ben", "A secret")
    await ann.send(talk, page=talk, text="Another one", visibility="public")
    await square.settle()
    for path in ("/public", "/@ann", "/@ann/with_replies"):
        page = (await stranger.get(path)).text
        assert "secret" not in page
        assert "Another one" not in page


async def test_a_conversation_is_nobody_else_s(square: Square) -> None:
    _, ann = await both(square, "ann")
    await square.person("ben")
    _, cid = await both(square, "cid")
    talk = await begin(ann, "ben", "A secret")
    await square.settle()
    assert (await cid.get(talk)).status_code == 404
    assert (await cid.send(talk, page="/messages/new", text="Hello")).status_code == 404


@pytest.mark.parametrize("to", ["nobody", "ben,nobody", "", "ann"])
async def test_a_message_to_nobody_keeps_its_words(square: Square, to: str) -> None:
    api, ann = await both(square, "ann")
    await square.person("ben")
    sent = await api.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    picture = {"kept[0][id]": sent.json()["id"], "kept[0][alt]": "a red door", "kept[0][focus]": "0,0"}
    answer = await ann.send("/messages/new", page="/messages/new", to=to, text="Kept words", **picture)
    assert answer.status_code == 422
    for words in ("Kept words", "a red door", f'name="to" value="{to}"'):
        assert words in answer.text
    assert ("Nobody is known here by the name @nobody." in answer.text) == ("nobody" in to)
    assert ("Say to whom it goes" in answer.text) == (to == "")
    again = await ann.send("/messages/new", page="/messages/new", to="ben", text="Kept words", **picture)
    assert again.status_code == 303


@pytest.mark.parametrize("only", ["picture", "warning"])
async def test_a_message_without_words_reaches_whom_it_is_for(square: Square, only: str) -> None:
    api, ann = await both(square, "ann")
    ben, _ = await both(square, "ben")
    talk = await begin(ann, "ben", "Hello")
    sent = await api.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    picture = {"kept[0][id]": sent.json()["id"], "kept[0][alt]": "a red door", "kept[0][focus]": "0,0"}
    answer = await ann.send(talk, page=talk, text="", **(picture if only == "picture" else {"warning": "a red door"}))
    assert answer.status_code == 303
    await square.settle()
    (told,) = await ben.get("/api/v1/conversations")
    assert "a red door" in str(told["last_status"])
    assert (await ann.send(talk, page=talk, text=" ")).status_code == 422


async def test_a_message_that_nobody_else_would_see_is_not_sent(square: Square) -> None:
    api, ann = await both(square, "ann")
    await api.say("To myself", visibility="direct")
    talk = await only_talk(ann)
    answer = await ann.send(talk, page=talk, text="Anybody there?")
    assert answer.status_code == 422
    assert "Nobody would see this message but you" in answer.text
    assert "Anybody there?" in answer.text


async def test_what_is_too_long_comes_again(square: Square) -> None:
    _, ann = await both(square, "ann")
    await square.person("ben")
    talk = await begin(ann, "ben", "Hello")
    answer = await ann.send(talk, page=talk, text="long " * 500)
    assert answer.status_code == 422
    assert "long long" in answer.text
    assert answer.text.count("Hello") >= 1


async def test_a_conversation_that_is_put_away_comes_back(square: Square) -> None:
    _, ann = await both(square, "ann")
    _, ben = await both(square, "ben")
    talk = await begin(ann, "ben", "Hello")
    await square.settle()
    asked = await ann.send(f"{talk}/delete", page=talk)
    assert "Put this conversation away?" in asked.text
    await ann.send(f"{talk}/delete", page=talk, sure="true")
    assert "No messages yet" in await shown(ann, "/messages")
    theirs = await only_talk(ben)
    await ben.send(theirs, page=theirs, text="Still there?")
    await square.settle()
    assert "Still there?" in await shown(ann, "/messages")


async def test_long_conversations_are_read_page_by_page(square: Square) -> None:
    ann, browser = await both(square, "ann")
    await square.person("ben")
    talk = await begin(browser, "ben", "Message 0")
    first = (await ann.get("/api/v1/conversations"))[0]["last_status"]["id"]
    for number in range(1, 25):
        await ann.post("/api/v1/statuses", status=f"@ben Message {number}.", visibility="direct", in_reply_to_id=first)
    await square.settle()
    latest = await shown(browser, talk)
    assert "Message 24." in latest
    assert "Message 3." not in latest
    # What comes next stands below, where a script puts it: that is what was said after, never before.
    older = re.search(r'rel="prev" href="(/messages/\d+\?max_id=\d+)"', (await browser.get(talk)).text)
    assert older
    before = await shown(browser, older[1])
    assert "Message 3." in before
    assert "Message 24." not in before
    after = re.search(r'rel="next" href="(/messages/\d+\?min_id=\d+)"', (await browser.get(older[1])).text)
    assert after
    assert "Message 24." in await shown(browser, after[1])


async def test_how_many_are_unread_stands_in_the_frame(square: Square) -> None:
    _, ann = await both(square, "ann")
    _, ben = await both(square, "ben")
    number = re.compile(r'href="/messages"[^>]*>.*?class="fresh"><span class="unseen">[^<]*</span>(\d+)<', re.DOTALL)
    for text in ("One", "Two"):
        await begin(ann, "@ben", text)
    await square.settle()
    found = number.search((await ben.get("/public")).text)
    assert found
    assert found[1] == "2"
    assert (await ben.get("/live/bell")).json()["letters"] == 2
    first = re.findall(r'href="(/messages/\d+)"', (await ben.get("/messages")).text)[0]
    await ben.http.get(first, headers={"sec-fetch-mode": "cors"})
    assert (await ben.get("/live/bell")).json()["letters"] == 2, "fetched for later, and not read yet"
    await ben.get(first)
    assert (await ben.get("/live/bell")).json()["letters"] == 1
    assert (await ann.get("/live/bell")).json()["letters"] == 0


async def test_a_message_stands_on_no_profile_and_says_at_home_for_whom_it_is(square: Square) -> None:
    _, ann = await both(square, "ann")
    _, ben = await both(square, "ben")
    await begin(ann, "ben", "Where is the key?")
    await square.settle()
    for reader in (ann, ben):
        for path in ("/@ann", "/@ann/with_replies"):
            assert "Where is the key?" not in await shown(reader, path)
    home = (await ann.get("/home")).text
    assert "Where is the key?" in home
    context = re.search(r'<p class="context">(.*?)</p>', home, re.DOTALL)
    assert context
    assert re.sub(r"<[^>]+>", "", context[1]).strip() == "For @ann, @ben alone"


STAND = """() => {
  const all = [...document.querySelectorAll(".messages article")];
  const top = all.find((one) => one.getBoundingClientRect().bottom > 120);
  return [top.id, Math.round(top.getBoundingClientRect().top)];
}"""


async def test_what_was_said_before_comes_above_and_nothing_moves(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await tab.sign_in("writer", to="/messages/new?to=answerer")
    await tab.fill(text="@answerer Message 0")
    await tab.press("Send")
    talk = tab.path
    token = await tab.page.locator("main form[data-compose] [name=csrf]").input_value()
    for number in range(1, 45):
        await tab.page.request.post(talk, form={"csrf": token, "text": f"Message {number}"}, max_redirects=0)
    asked = asyncio.Event()

    async def wait(route: Route) -> None:
        await asked.wait()
        await route.continue_()

    await tab.page.route("**/messages/*?max_id=*", wait)
    await tab.goto(talk)
    said = tab.page.locator(".messages article")
    await said.nth(4).evaluate("one => one.scrollIntoView()")
    stood = await tab.page.evaluate(STAND)
    asked.set()
    await expect(said).not_to_have_count(20)
    assert await tab.page.evaluate(STAND) == stood
    await tab.page.evaluate("scrollTo(0, 0)")
    await expect(said).to_have_count(45)
    words = await said.locator(".words").all_inner_texts()
    assert [one.split("Message ")[1] for one in words] == [str(number) for number in range(45)]
    assert await tab.page.locator("main > .pager").count() == 0
