"""The home page, whose frame is made once for all who read alike: each sees their own name in it, and nobody else's."""

import re

from tests.support.square import Square
from tests.web.visitor import visitor

_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_KEY = re.compile(r'name="key" value="([^"]+)"')


async def test_each_sees_their_own_page(square: Square) -> None:
    ann, ben = await visitor(square, "ann"), await visitor(square, "ben")
    for one in (ann, ben):
        await one.post("Good morning")
    first, second = [await one.get("/home") for one in (ann, ben)]
    for answer, own in ((first, "ann"), (second, "ben")):
        corner = answer.text.partition('<ul class="corner">')[2].partition("</ul>")[0]
        assert f'href="/@{own}"' in corner
        assert f'<span class="quiet"><bdi>@{own}</bdi></span>' in answer.text
        assert f"<strong><bdi>{own}</bdi></strong>" in answer.text
        assert "\x02" not in answer.text
    assert 'class="whose"><strong>ben' not in first.text
    assert 'class="whose"><strong>ann' not in second.text


async def test_what_is_in_a_name_stays_text(square: Square) -> None:
    ann = await visitor(square, "ann")
    await ann.post("Good morning")
    await ann.send("/settings/profile", page="/settings/profile", display_name="<b>Ann</b> & \x02me-id\x03")
    page = (await ann.get("/home")).text
    assert "<strong><bdi>&lt;b&gt;Ann&lt;/b&gt; &amp; " in page
    assert "<b>Ann" not in page


async def test_tokens_and_keys_are_new_each_time(square: Square) -> None:
    ann = await visitor(square, "ann")
    await ann.post("Good morning")
    pages = [(await ann.get("/home")).text for _ in range(2)]
    for pattern in (_TOKEN, _KEY):
        one, other = [pattern.search(page) for page in pages]
        assert one
        assert other
        assert one[1] != other[1]


async def test_a_page_is_the_same_in_gzip_as_without(square: Square) -> None:
    ann = await visitor(square, "ann")
    await ann.post("Good morning")
    packed = await ann.get("/home")
    plain = await ann.http.get("/home", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["vary"]
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    without = [_KEY.sub("", _TOKEN.sub("", answer.text)) for answer in (packed, plain)]
    assert without[0] == without[1]


async def test_a_page_of_posts_and_what_it_loads_are_small(square: Square) -> None:
    """For phones on slow lines: 60 KB for the page, and 60 for style and scripts, as they are sent."""
    ann = await visitor(square, "ann")
    words = "The weir was loud today, and nobody on the bridge could say a word about it without shouting. "
    for number in range(20):
        await ann.post(f"{words * 4}#weir #day{number} https://weir.example/{number}")
    await square.settle()
    home = await ann.get("/home")
    assert home.text.count("<article") == 20
    assert int(home.headers["content-length"]) <= 60 * 1024
    files = set(re.findall(r"/static/[^\s\"]+\.(?:css\?h=\w+|js)", home.text))
    sizes = {path: int((await ann.get(path)).headers["content-length"]) for path in files}
    assert {path.rpartition("/")[2].partition("?")[0] for path in files} >= {"components.css", "app.js", "composer.js"}
    assert sum(sizes.values()) <= 60 * 1024, sizes


async def test_who_follows_nobody_yet_is_offered_people_who_write_here(square: Square) -> None:
    ben, ann = await square.person("ben"), await visitor(square, "ann")
    await square.person("cid")
    for one in (ben, await square.person("dora")):
        await one.patch("/api/v1/accounts/update_credentials", discoverable=True)
        await one.say("By the weir")
    page = (await ann.get("/home")).text
    assert f'formaction="/people/{ben.id}/follow"' in page
    assert "Follow dora" in page
    assert "Follow cid" not in page
    assert "Follow ann" not in page
    await ann.send(f"/people/{ben.id}/follow", page="/home", next="/home")
    assert "Follow ben" not in (await ann.get("/explore/people")).text
