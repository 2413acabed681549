"""Whom one might want to follow."""

from datetime import UTC, datetime, timedelta

import httpx

from tests.rooms.accounts.people import stranger
from tests.support.square import Person, Square
from townsquare.accounts.suggestions import feature, rank, unfeature


async def sources(person: Person, **query: object) -> dict[str, list[str]]:
    """Who is suggested, and why."""
    found = await person.get("/api/v2/suggestions", **query)
    return {one["account"]["username"]: one["sources"] for one in found}


async def follow(who: Person, *others: Person) -> None:
    for other in others:
        await who.post(f"/api/v1/accounts/{other.id}/follow")


async def anew(square: Square, person: Person) -> dict[str, list[str]]:
    """The suggestions once they were old and have been made again."""
    await square.db.execute("UPDATE suggested SET made_at = made_at - interval '1 day'")
    await sources(person)
    await square.settle()
    return await sources(person)


async def test_friends_of_friends(square: Square) -> None:
    ann, ben, cid, dan, eve, fay = [await square.person(name) for name in ("ann", "ben", "cid", "dan", "eve", "fay")]
    await follow(ann, ben, cid)
    await follow(ben, ann, cid, dan, eve)
    await follow(cid, dan)
    assert list(await sources(ann)) == ["dan", "eve"]
    assert (await sources(ann))["dan"] == ["friends_of_friends"]
    old = await ann.get("/api/v2/suggestions", limit=1)
    assert [(one["source"], one["account"]["username"]) for one in old] == [("past_interactions", "dan")]
    assert [one["username"] for one in await ann.get("/api/v1/suggestions")] == ["dan", "eve"]
    assert await sources(fay) == {}


async def test_nobody_is_suggested_who_must_not_be(square: Square) -> None:
    names = ("ben", "dan", "eve", "fay", "gus", "hal", "ida", "jon", "kim")
    ann, ben, *others = [await square.person(name) for name in ("ann", *names)]
    dan, eve, fay, gus, hal, ida, jon, kim = others
    far = await stranger(square.db, "far", discoverable=True)
    await follow(ann, ben)
    await follow(ben, *others)
    await square.db.execute("INSERT INTO follows (account_id, target_id, id) VALUES ($1, $2, 1)", ben.id, far)
    assert set(await sources(ann)) == {"dan", "eve", "fay", "gus", "hal", "ida", "jon", "kim", "far"}
    await follow(ann, dan)
    await ann.post(f"/api/v1/accounts/{eve.id}/block")
    await ann.post(f"/api/v1/accounts/{fay.id}/mute")
    await gus.post(f"/api/v1/accounts/{ann.id}/block")
    await hal.patch("/api/v1/accounts/update_credentials", discoverable=False)
    await square.db.execute("UPDATE accounts SET limited_at = now() WHERE id = $1", ida.id)
    await square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", jon.id)
    await ann.post("/api/v1/domain_blocks", domain="far.example")
    assert await ann.delete(f"/api/v1/suggestions/{kim.id}") == {}
    assert await sources(ann) == {}
    assert await anew(square, ann) == {}


async def test_whom_people_hide_they_do_not_suggest(square: Square) -> None:
    ann, ben, cid = [await square.person(name) for name in ("ann", "ben", "cid")]
    await ben.patch("/api/v1/accounts/update_credentials", hide_collections=True)
    await follow(ann, ben)
    await follow(ben, cid)
    assert await sources(ann) == {}


async def test_those_who_follow_the_same_people(square: Square) -> None:
    ann, ben, cid, dan, eve = [await square.person(name) for name in ("ann", "ben", "cid", "dan", "eve")]
    await follow(ann, ben)
    await follow(cid, ben, dan, eve)
    assert await sources(ann) == {}
    await follow(eve, ben, dan)
    await square.settle()
    assert await anew(square, ann) == {"dan": ["similar_to_recently_followed"]}


async def test_what_most_people_read_and_whom_the_staff_recommends(square: Square) -> None:
    ann, ben, cid, dan = [await square.person(name) for name in ("ann", "ben", "cid", "dan")]
    post = await ben.say("Good morning")
    await cid.say("Hello")
    await dan.post(f"/api/v1/statuses/{post['id']}/favourite")
    await follow(dan, cid)
    async with square.db.transaction() as tx:
        await feature(tx, dan.id)
    await rank(square.db)
    found = await sources(ann)
    assert list(found) == ["dan", "ben", "cid"]
    assert (found["dan"], found["ben"]) == (["featured"], ["most_followed", "most_interactions"])
    shown = {one["account"]["username"]: one["source"] for one in await ann.get("/api/v2/suggestions")}
    assert shown == {"dan": "staff", "ben": "global", "cid": "global"}

    async with square.db.transaction() as tx:
        await unfeature(tx, dan.id)
    await rank(square.db, datetime.now(UTC) + timedelta(days=90))
    assert await anew(square, ann) == {}


async def test_dismissing_nobody_is_not_an_error(square: Square) -> None:
    ann = await square.person("ann")
    for nobody in ("1", "x", "999999999999999999999"):
        assert await ann.delete(f"/api/v1/suggestions/{nobody}") == {}
    assert await square.db.value("SELECT count(*) FROM dismissed_suggestions") == 0


async def test_scopes(square: Square) -> None:
    writer = await square.person("ann", scopes="write:statuses")
    answer: httpx.Response = await writer.request("GET", "/api/v2/suggestions")
    assert answer.status_code == 403
    assert (await square.http.get("/api/v2/suggestions")).status_code == 401
