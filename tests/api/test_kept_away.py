"""Posts that speak of somebody whom the reader keeps away: they name or answer them, or echo what does."""

import msgspec
import pytest

from tests.support.square import Person, Square
from tests.support.streams import happen, watching

VERBS = ("mute", "block")


@pytest.fixture(params=VERBS)
async def reader(request: pytest.FixtureRequest, square: Square, ann: Person, ben: Person) -> Person:
    """Who follows ann, and wants to hear nothing of ben."""
    cat = await square.person("cat")
    await cat.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    await cat.post(f"/api/v1/accounts/{ben.id}/{request.param}")
    return cat


async def echo(person: Person, post: str) -> str:
    number = (await person.post(f"/api/v1/statuses/{post}/reblog"))["id"]
    await person.square.settle()
    return number


async def of_him(square: Square, ann: Person, ben: Person) -> list[str]:
    """All that ann has to do with him."""
    dan = await square.person("dan")
    asked = (await ben.say("a question #weir"))["id"]
    wrote = (await dan.say("@ben a letter from dan"))["id"]
    return [
        (await ann.say("hello @ben and @dan"))["id"],
        (await ann.say("an answer without a name", in_reply_to_id=asked))["id"],
        await echo(ann, wrote),
        await echo(ann, (await dan.say("one to ben without a name", in_reply_to_id=asked))["id"]),
        await echo(ann, asked),
    ]


async def ids(person: Person, path: str, **query: object) -> list[str]:
    return [one["id"] for one in await person.get(path, **query)]


async def test_they_do_not_come_home_and_one_s_own_do(square: Square, ann: Person, ben: Person, reader: Person) -> None:
    other = await square.person("eve")
    await other.post(f"/api/v1/accounts/{ann.id}/follow")
    await other.post(f"/api/v1/accounts/{ben.id}/follow")
    await square.settle()
    spoken = await of_him(square, ann, ben)
    kept = (await ann.say("of @dan alone"))["id"]
    own = (await reader.say("why, @ben"))["id"]
    assert await reader.home() == [own, kept]
    assert set(spoken) - {spoken[-1]} < set(await other.home())
    for verb in VERBS:
        await reader.post(f"/api/v1/accounts/{ben.id}/un{verb}")
    assert {spoken[0], spoken[2], spoken[3]} < set(await reader.home())


async def test_they_are_in_no_list_and_in_no_public_timeline(
    square: Square, ann: Person, ben: Person, reader: Person
) -> None:
    number = (await reader.post("/api/v1/lists", title="Choir"))["id"]
    await reader.post(f"/api/v1/lists/{number}/accounts", account_ids=[str(ann.id)])
    await of_him(square, ann, ben)
    kept = (await ann.say("of @dan alone #weir"))["id"]
    await ann.say("with @ben at the #weir")
    assert await ids(reader, f"/api/v1/timelines/list/{number}") == [kept]
    assert await ids(reader, "/api/v1/timelines/public") == [kept]
    assert await ids(reader, "/api/v1/timelines/tag/weir") == [kept]


async def test_they_are_not_brought_in_by_following_nor_pulled_in_nor_by_a_hashtag(
    square: Square, ann: Person, ben: Person, reader: Person
) -> None:
    await of_him(square, ann, ben)
    await ann.say("with @ben at the #weir")
    kept = (await ann.say("alone at the #weir"))["id"]
    await reader.post(f"/api/v1/accounts/{ann.id}/unfollow")
    await square.settle()
    await reader.post("/api/v1/tags/weir/follow")
    await reader.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    assert await reader.home() == [kept]
    await square.db.execute("DELETE FROM home WHERE account_id = $1", reader.id)
    assert await reader.home() == [kept], "pulled in, as for who comes back after a long time"
    square.services.pulled.add("#weir")
    square.services.pulled.add(str(ann.id))
    assert await reader.home() == [kept], "pulled in for a hashtag and for an author whom many follow"


async def test_a_hashtag_brings_them_to_nobody_who_keeps_him_away(square: Square, ben: Person, reader: Person) -> None:
    eve = await square.person("eve")
    await reader.post("/api/v1/tags/weir/follow")
    kept = (await eve.say("at the #weir"))["id"]
    await eve.say("with @ben at the #weir")
    await eve.say("he asked me at the #weir", in_reply_to_id=(await ben.say("where?"))["id"])
    assert await reader.home() == [kept]


async def test_an_author_of_whom_nothing_is_pushed_speaks_of_him_to_nobody_who_keeps_him_away(
    square: Square, ann: Person, ben: Person, reader: Person
) -> None:
    home = msgspec.structs.replace(square.services.settings.home, push_bound=0)
    settings = msgspec.structs.replace(square.services.settings, home=home)
    square.services = msgspec.structs.replace(square.services, settings=settings)
    square.services.pulled.add(str(ann.id))
    await of_him(square, ann, ben)
    kept = (await ann.say("of @dan alone"))["id"]
    assert await reader.home() == [kept]
    own = (await ann.say("@ben yourself"))["id"]
    assert own in await ann.home()


async def test_an_edit_that_names_him_is_not_told_and_one_that_does_not_is(
    ann: Person, ben: Person, reader: Person
) -> None:
    post = (await ann.say("a walk"))["id"]
    async with watching(reader, "user") as home, watching(reader, "public") as public:
        await ann.put(f"/api/v1/statuses/{post}", status="a walk with @ben")
        await happen(ann.square)
        assert home.names == public.names == []
        await ann.put(f"/api/v1/statuses/{post}", status="a walk alone")
        await happen(ann.square)
        assert home.names == public.names == ["status.update"]
    assert await ids(reader, "/api/v1/timelines/public") == [post]


async def test_an_edit_names_anew_in_timelines_and_in_echoes(
    square: Square, ann: Person, ben: Person, reader: Person
) -> None:
    dan, eve = await square.person("dan"), await square.person("eve")
    await reader.post(f"/api/v1/accounts/{dan.id}/follow")
    await square.settle()
    post, another = (await ann.say("a walk"))["id"], (await eve.say("a swim"))["id"]
    echoed = await echo(dan, another)
    assert await reader.home() == [echoed, post]

    async def edit(said: str) -> None:
        await ann.put(f"/api/v1/statuses/{post}", status=f"a walk {said}")
        await eve.put(f"/api/v1/statuses/{another}", status=f"a swim {said}")
        await square.settle()

    await edit("with @ben")
    assert await reader.home() == []
    await edit("alone")
    assert await reader.home() == [echoed, post]


async def test_streams_do_not_tell_of_them(square: Square, ann: Person, ben: Person, reader: Person) -> None:
    async with (
        watching(reader, "user") as home,
        watching(reader, "public") as public,
        watching(reader, "hashtag", tag="weir") as tagged,
    ):
        await of_him(square, ann, ben)
        await ann.say("with @ben at the #weir")
        kept = (await ann.say("alone at the #weir"))["id"]
        await happen(square)
        for client in (home, public, tagged):
            assert [status["id"] for _, status in client.events] == [kept]


async def test_nobody_is_told_of_what_is_said_to_both(ann: Person, ben: Person, reader: Person) -> None:
    await reader.post(f"/api/v1/accounts/{ann.id}/follow", notify=True)
    await ann.say("@cat and @ben, come")
    await ann.say("@cat and @ben, a letter", visibility="direct")
    await ann.say("of @ben")
    told = (await ann.say("@cat come"))["id"]
    news = (await ann.say("of nobody"))["id"]
    found = await reader.get("/api/v1/notifications")
    assert [(one["type"], one["status"]["id"]) for one in found] == [("status", news), ("mention", told)]
    assert await reader.get("/api/v1/conversations") == []
    for verb in VERBS:
        await reader.post(f"/api/v1/accounts/{ben.id}/un{verb}")
    await ann.say("@cat and @ben, now")
    assert [one["type"] for one in await reader.get("/api/v1/notifications")] == ["mention", "status", "mention"]
