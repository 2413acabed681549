"""How often a request asks the database: what is cheap stays cheap."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.support.square import Person, Square


async def asked(square: Square, act: Callable[[], Awaitable[httpx.Response]]) -> int:
    """How many statements a request takes when the token and the reader's filters are known already."""
    square.services.callers.up()
    square.services.filters.up()
    assert (await act()).status_code == 200
    before = square.db.statements
    response = await act()
    assert response.status_code == 200, response.text
    return square.db.statements - before


async def people(square: Square) -> tuple[Person, str]:
    """Somebody with posts of others and their echoes in the home timeline, and the id of one of them."""
    ann, ben, eve = [await square.person(name) for name in ("ann", "ben", "eve")]
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await square.settle()
    posts = [await ben.say(f"post {number} #tag") for number in range(5)]
    theirs = await eve.say("@ann of eve")
    await ben.post(f"/api/v1/statuses/{theirs['id']}/reblog")
    await ann.post(f"/api/v1/statuses/{posts[0]['id']}/favourite")
    await square.settle()
    return ann, posts[0]["id"]


READS = {
    "/api/v1/timelines/home": 2,
    "/api/v1/timelines/public": 3,
    "/api/v1/timelines/tag/tag": 3,
    "/api/v1/statuses/{status}": 2,
    "/api/v1/accounts/{author}/statuses": 3,
    "/api/v1/notifications": 3,
    "/api/v1/accounts/{author}": 1,
    "/api/v2/search?q=post": 10,
    "/api/v1/statuses/{status}/context": 2,
}
"""At most so many statements for somebody who is signed in."""


@pytest.mark.parametrize(("path", "most"), READS.items())
async def test_reads_ask_little(square: Square, path: str, most: int) -> None:
    ann, status = await people(square)
    author = (await ann.get(f"/api/v1/statuses/{status}"))["account"]["id"]
    address = path.format(status=status, author=author)
    assert await asked(square, lambda: ann.request("GET", address)) <= most


async def test_nobody_in_particular_asks_even_less(square: Square) -> None:
    _, status = await people(square)
    assert await asked(square, lambda: square.http.get(f"/api/v1/statuses/{status}")) == 1
    assert await asked(square, lambda: square.http.get("/api/v1/timelines/public")) == 2


async def test_a_plain_post_is_one_transaction(square: Square) -> None:
    ann, _ = await people(square)
    assert await asked(square, lambda: ann.request("POST", "/api/v1/statuses", json={"status": "plain"})) == 1


async def test_polls_and_quotes_cost_the_same_however_many_there_are(square: Square) -> None:
    """One statement for polls, two for quotes: what is not on a page is not asked for."""
    ann, _ = await people(square)
    ben = await square.person("bea")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await square.settle()
    post = await ben.say("The market opens")
    plain = await asked(square, lambda: ann.request("GET", "/api/v1/timelines/home"))
    for _ in range(3):
        await ben.say("Shall we?", poll={"options": ["yes", "no"], "expires_in": 300})
        assert await asked(square, lambda: ann.request("GET", "/api/v1/timelines/home")) == plain + 1
    for _ in range(3):
        await ben.say("Look", quoted_status_id=post["id"])
        assert await asked(square, lambda: ann.request("GET", "/api/v1/timelines/home")) == plain + 1 + 2
