"""Hashtags and collections against the rules: hidden by one decision, and there again when it is taken back."""

from tests.support.cases import Desk, case_of
from tests.support.square import Person, Square
from tests.support.streams import happen, watching
from tests.web.visitor import Visitor
from townsquare.timelines import store_trend_reviews


async def found(reader: Person) -> list[str]:
    answer = await reader.get("/api/v2/search", q="meadow", type="hashtags")
    return [one["name"] for one in answer["hashtags"]]


async def listed(reader: Person) -> list[str]:
    return [one["id"] for one in await reader.get("/api/v1/timelines/tag/meadow")]


async def test_a_hashtag_is_out_of_trends_search_and_its_page_and_comes_back(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say("Who cut the #meadow?")
    await square.settle()
    number = await square.db.value("SELECT id FROM tags WHERE name = 'meadow'")
    await square.db.execute("UPDATE tags SET trendable = true")
    desk, browser = Desk(square), Visitor(square)
    case_id = await case_of(desk, "tag", 0, number)
    await desk.decide(case_id, "limit")
    assert not (await store_trend_reviews.tags(square.db, ["meadow"]))["meadow"].trendable
    assert await found(ben) == []
    assert await listed(ben) == [post["id"]], "who asks for it has it"
    await desk.undo(case_id)
    assert (await store_trend_reviews.tags(square.db, ["meadow"]))["meadow"].trendable
    assert await found(ben) == ["meadow"]
    await desk.decide(case_id, "remove")
    assert await listed(ben) == []
    assert "Who cut the" not in (await browser.get("/tags/meadow")).text
    assert (await ben.get(f"/api/v1/statuses/{post['id']}"))["id"] == post["id"], "nothing is said of the posts"
    assert await square.db.value("SELECT applied_at FROM case_items WHERE case_id = $1", case_id) is not None
    assert await square.db.value("SELECT count(*) FROM strikes") == 0, "a hashtag is nobody's"
    assert await square.db.value("SELECT count(*) FROM statements") == 0, "and nobody is told reasons"
    await desk.undo(case_id)
    assert await listed(ben) == [post["id"]]
    assert "Who cut the" in (await browser.get("/tags/meadow")).text


async def test_a_removed_hashtag_brings_nothing_to_those_who_follow_or_watch_it(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    await ben.post("/api/v1/tags/meadow/follow")
    before = await ann.say("Who cut the #meadow?")
    await square.settle()
    number = await square.db.value("SELECT id FROM tags WHERE name = 'meadow'")
    desk = Desk(square)
    case_id = await case_of(desk, "tag", 0, number)
    await desk.decide(case_id, "remove")
    async with watching(ben, "hashtag", tag="meadow") as watched, watching(ben, "user") as home:
        await ann.say("Nobody owns the #meadow")
        await happen(square)
        assert (watched.names, home.names, await ben.home()) == ([], [], [before["id"]])
        await ann.delete(f"/api/v1/statuses/{before['id']}")
        await happen(square)
        assert watched.names == ["delete"], "what is gone goes from the screen"
        await desk.undo(case_id)
        again = await ann.say("The #meadow is open")
        await happen(square)
        assert (watched.names[1:], await ben.home()) == (["update"], [again["id"]])


async def test_a_collection_is_hidden_from_all_but_its_owner_and_comes_back(square: Square) -> None:
    ann, ben, cid = await square.person("ann"), await square.person("ben"), await square.person("cid")
    made = await ann.post("/api/v1/collections", name="Fools", account_ids=[str(cid.id)])
    number = made["collection"]["id"]

    async def seen(reader: Person) -> tuple[int, int]:
        """How its address answers, and how many of Ann's are listed."""
        answer = await reader.request("GET", f"/api/v1/collections/{number}")
        shown = await reader.get(f"/api/v1/accounts/{ann.id}/collections")
        return answer.status_code, len(shown["collections"])

    desk = Desk(square)
    case_id = await case_of(desk, "collection", ann.id, int(number))
    assert await seen(ben) == (200, 1)
    await desk.decide(case_id, "limit")
    assert (await seen(ben), await seen(ann)) == ((200, 0), (200, 1))
    await desk.undo(case_id)
    await desk.decide(case_id, "remove")
    assert (await seen(ben), await seen(ann)) == ((404, 0), (200, 1))
    assert (await cid.get(f"/api/v1/accounts/{cid.id}/in_collections"))["collections"] == []
    assert (await Visitor(square).get(f"/collections/{number}")).status_code == 404
    (told,) = await cid.get("/api/v1/notifications", **{"types[]": "added_to_collection"})
    assert "collection" not in told, "nor is its name told by what told of it"
    await desk.undo(case_id)
    assert await seen(ben) == (200, 1)
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 0
