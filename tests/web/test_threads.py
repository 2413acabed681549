"""The page of a thread: what stands above and below, what is missing, and where one reads on."""

import asyncio
import re

from tests.live import Live
from tests.support.square import Person, Square
from tests.web.conftest import Open
from tests.web.visitor import Visitor, visitor


def ids(page: str) -> list[str]:
    return re.findall(r'<article class="post[^"]*" id="post-(\d+)"', page)


async def answer(person: Person, text: str, to: str, **more: str) -> str:
    return (await person.say(text, in_reply_to_id=to, **more))["id"]


async def read(reader: Visitor, path: str) -> str:
    shown = await reader.get(path)
    assert shown.status_code == 200
    return shown.text


async def test_a_gap_is_told_where_something_was_said_to_what_is_gone(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    first = (await ann.say("first"))["id"]
    secret = await answer(ben, "@ann for few", first, visibility="private")
    said = await answer(ann, "to the secret", secret)
    alone = await answer(ben, "nobody answers this", first, visibility="private")
    stranger = await visitor(square)
    page = await read(stranger, f"/@ann/{first}")
    assert ids(page) == [first, said]
    assert page.count("A post is not shown here") == 1
    assert alone not in page
    above = await read(stranger, f"/@ann/{said}")
    assert ids(above) == [first, said]
    assert "A post is not shown here" in above
    await ben.request("DELETE", f"/api/v1/statuses/{secret}")
    assert "What this answers was deleted" in await read(stranger, f"/@ann/{first}")
    assert "What this answers was deleted" in await read(stranger, f"/@ann/{said}")


async def test_many_answers_are_read_page_by_page_by_as_many_statements(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    first = (await ann.say("first"))["id"]
    written = [await answer(ben, f"answer {number}", first) for number in range(120)]
    reader = await visitor(square, "eve")
    path, seen, counts = f"/@ann/{first}", list[str](), list[int]()
    await read(reader, path)
    while path:
        before = square.db.statements
        page = await read(reader, path)
        counts.append(square.db.statements - before)
        shown = ids(page)
        assert shown[0] == first
        seen += shown[1:]
        on = re.search(r'rel="next" href="([^"]+)"', page)
        path = on[1] if on else ""
    assert seen == written
    assert len(counts) == 3
    assert max(counts) <= 12


async def test_answers_that_are_left_out_are_counted_and_led_to(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    first = (await ann.say("first"))["id"]
    top = await answer(ben, "top", first)
    for number in range(5):
        await answer(ann, f"answer {number}", top)
    reader = await visitor(square)
    page = await read(reader, f"/@ann/{first}")
    assert "2 more answers" in page
    led = await reader.get(f"/p/{top}")
    assert led.headers["location"] == f"/@ben/{top}"
    assert len(ids(await read(reader, f"/@ben/{top}"))) == 7
    assert (await reader.get("/p/1")).status_code == 404


async def test_a_thread_stays_readable_however_deep_it_is(open_tab: Open, service: Live) -> None:
    """Of each two answers one is answered again, twice, eight times over: on a phone no text is squeezed."""
    deep = await asyncio.to_thread(service.person, "deep")
    above = first = service.post("/api/v1/statuses", deep.token, status="Where it begins").json()["id"]
    for level in range(8):
        words = f"Level {level}, which is as long as what people say to each other when they have the time"
        said = [
            service.post("/api/v1/statuses", deep.token, status=words + where, in_reply_to_id=above).json()["id"]
            for where in (", on the way down", ", beside it")
        ]
        above = said[0]
    tab = await open_tab(width=390)
    for post in (first, above):
        await tab.goto(f"/@deep/{post}", whole=True)
        widths = await tab.page.locator("article .words").evaluate_all("found => found.map(one => one.offsetWidth)")
        assert len(widths) >= 8
        assert min(widths) >= 270, widths
        assert await tab.faults("sizes") == []
