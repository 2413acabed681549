"""What the place tells everybody stands above one's home until one has read it, and takes reactions."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.square import Square
from tests.web.visitor import Visitor
from townsquare.timelines.announce import Times, announce


async def tell(square: Square, text: str, **times: Any) -> int:
    async with square.db.transaction() as tx:
        return await announce(tx, text, Times(**times), datetime.now(UTC))


async def at_home(square: Square, name: str = "ann") -> Visitor:
    ann = await square.person(name)
    await ann.say("Good morning")
    one = Visitor(square)
    await one.sign_in(name)
    return one


async def read(one: Visitor, path: str = "/home") -> str:
    answer = await one.get(path)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


async def test_an_announcement_stands_above_home_until_it_was_read(square: Square) -> None:
    number = await tell(square, "The weir is <closed> #Town")
    later = await tell(square, "Market on Saturday")
    ann, ben = await at_home(square), await at_home(square, "ben")
    page = await read(ann)
    assert "The weir is &lt;closed&gt;" in page
    assert "1 more announcement" in page
    assert (await ann.send(f"/announcements/{number}/dismiss", page="/home")).headers["location"] == "/home"
    for _ in range(2):
        page = await read(ann)
        assert "The weir" not in page
        assert "Market on Saturday" in page
        assert "more announcement" not in page
    await ann.send(f"/announcements/{later}/dismiss", page="/home")
    assert "Market on Saturday" not in await read(ann)
    assert "The weir" in await read(ann, "/announcements")
    assert "The weir" in await read(ben)


async def test_people_react_with_emojis(square: Square) -> None:
    number = await tell(square, "The library opens again")
    ann, ben = await at_home(square), await at_home(square, "ben")
    one = f"/announcements/{number}"
    assert (await ann.send(f"{one}/react", page="/home", emoji="🎉")).status_code == 303
    assert 'aria-label="🎉, 1"' in await read(ann)
    await ben.send(f"{one}/react", page="/home", emoji="🎉")
    assert re.search(r'/unreact" name="emoji" value="🎉" aria-pressed="true" aria-label="🎉, 2"', await read(ben))
    await ben.send(f"{one}/unreact", page="/announcements", emoji="🎉")
    assert re.search(r'/react" name="emoji" value="🎉" aria-pressed="false" aria-label="🎉, 1"', await read(ben))


async def test_what_is_no_emoji_or_not_announced_is_refused(square: Square) -> None:
    number = await tell(square, "The library opens again")
    ann = await at_home(square)
    assert (await ann.send(f"/announcements/{number}/react", page="/home", emoji="x")).status_code == 422
    assert (await ann.send(f"/announcements/{number}/unreact", page="/home", emoji="🎉")).status_code == 404
    assert (await ann.send("/announcements/7/dismiss", page="/home")).status_code == 404


async def test_what_is_announced_says_when_it_is(square: Square) -> None:
    begins = datetime(2126, 5, 1, 9, tzinfo=UTC)
    await tell(square, "Maintenance", starts_at=begins, ends_at=begins + timedelta(hours=2))
    await tell(square, "Festival", starts_at=begins, ends_at=begins + timedelta(days=2), all_day=True)
    await tell(square, "Holiday", starts_at=begins, ends_at=begins + timedelta(hours=1), all_day=True)
    await tell(square, "Voyage", starts_at=begins, ends_at=begins + timedelta(days=40))
    past = datetime.now(UTC) - timedelta(days=2)
    await tell(square, "Over", starts_at=past, ends_at=past + timedelta(days=1))
    page = await read(await at_home(square), "/announcements")
    times = re.findall(r'<p class="quiet"><svg.*?</svg><span>(.*?)</span>', page)
    assert sorted(times) == [
        "1 May 2126",
        "1 May 2126 to 3 May 2126",
        "1 May 2126, 09:00 UTC to 10 Jun 2126, 09:00 UTC",
        "1 May 2126, from 09:00 UTC to 11:00 UTC",
    ]
    assert "Over" not in page


async def test_where_nothing_is_announced_the_page_says_so(square: Square) -> None:
    ann = await at_home(square)
    assert 'class="announced"' not in await read(ann)
    assert "Nothing is announced" in await read(ann, "/announcements")
