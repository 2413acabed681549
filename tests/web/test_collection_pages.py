"""Collections on the pages: put together, shown, left."""

import re

from tests.support.square import Square
from tests.web.test_told import both, shown
from tests.web.visitor import Visitor


async def test_a_collection_from_its_making_to_its_end(square: Square) -> None:
    _, ann = await both(square, "ann")
    _, ben = await both(square, "ben")
    await square.person("cid")
    made = await ann.send("/@ann/collections", page="/@ann/collections", name="Bakers", description="Bread")
    there = made.headers["location"]
    assert "Nobody is in it yet" in await shown(ann, there)
    for name in ("ben", "@cid"):
        answer = await ann.send(f"{there}/add", page=there, who=name)
        assert answer.status_code == 303, answer.text
    stranger = Visitor(square)
    assert "2 people" in await shown(stranger, "/@ann/collections")
    assert "@ben" in await shown(stranger, there)
    page = (await ann.get(there)).text
    item = re.search(r'id="p-\d+"><a class="name" href="/@cid">.*?name="item" value="(\d+)"', page, re.DOTALL)
    assert item
    await ann.send(f"{there}/remove", page=there, item=item[1])
    assert "@cid" not in await shown(stranger, there)
    mine = re.search(r'name="item" value="(\d+)"', (await ben.get(there)).text)
    assert mine
    asked = await ben.send(f"{there}/leave", page=there, item=mine[1])
    assert "Leave this collection?" in asked.text
    await ben.send(f"{there}/leave", page=there, item=mine[1], sure="true")
    assert "@ben" not in await shown(stranger, there)
    await ann.send(there, page=there, name="Bakers of old", hidden="true")
    assert "Bakers of old" in await shown(ann, "/@ann/collections")
    assert "Bakers of old" not in await shown(stranger, "/@ann/collections")
    await ann.send(f"{there}/delete", page=there, sure="true")
    assert (await ann.get(there)).status_code == 404


async def test_what_is_wrong_is_said_and_what_was_typed_stays(square: Square) -> None:
    _, ann = await both(square, "ann")
    answer = await ann.send("/@ann/collections", page="/@ann/collections", name="", description="Kept words")
    assert answer.status_code == 422
    assert "Kept words" in answer.text
    made = await ann.send("/@ann/collections", page="/@ann/collections", name="Bakers")
    there = made.headers["location"]
    unknown = await ann.send(f"{there}/add", page=there, who="nobody")
    assert unknown.status_code == 422
    assert 'value="nobody"' in unknown.text


async def test_a_collection_is_its_owner_s(square: Square) -> None:
    _, ann = await both(square, "ann")
    _, ben = await both(square, "ben")
    made = await ann.send("/@ann/collections", page="/@ann/collections", name="Bakers")
    there = made.headers["location"]
    assert (await ben.send("/@ann/collections", page="/home", name="Mine")).status_code == 404
    for path in ("", "/add", "/delete"):
        answer = await ben.send(f"{there}{path}", page="/home", name="Mine", who="ben", sure="true")
        assert answer.status_code in (403, 404, 422), path
    assert "Bakers" in await shown(ann, there)
