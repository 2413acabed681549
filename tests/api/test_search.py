"""Finding posts, people and hashtags, as apps do it."""

from typing import Any

import pytest

from tests.support.square import Person, Square


async def posts(person: Person, q: str, **query: Any) -> list[str]:
    found = await person.get("/api/v2/search", q=q, type="statuses", **query)
    assert found["accounts"] == found["hashtags"] == []
    return [one["id"] for one in found["statuses"]]


async def tags(person: Person, q: str, **query: Any) -> list[str]:
    return [one["name"] for one in (await person.get("/api/v2/search", q=q, type="hashtags", **query))["hashtags"]]


async def test_posts_are_found_by_all_their_words_latest_first(ann: Person, ben: Person) -> None:
    one = await ben.say("The market opens at nine")
    two = await ben.say("The Market is closed")
    await ben.say("Supermarkets everywhere")
    assert await posts(ann, "market") == [two["id"], one["id"]]
    assert await posts(ann, "MARKET the") == [two["id"], one["id"]]
    assert await posts(ann, "market nine") == [one["id"]]
    assert await posts(ann, "market -closed") == [one["id"]]
    assert await posts(ann, "nine or closed") == [two["id"], one["id"]]
    assert await posts(ann, '"opens at"') == [one["id"]]
    assert await posts(ann, '"at opens"') == []


async def test_what_is_found_is_the_post_as_the_reader_sees_it(ann: Person, ben: Person) -> None:
    post = await ben.say("The market opens at nine")
    await ann.post(f"/api/v1/statuses/{post['id']}/favourite")
    (found,) = (await ann.get("/api/v2/search", q="market"))["statuses"]
    assert found == await ann.get(f"/api/v1/statuses/{post['id']}")
    assert found["favourited"]


NOTHING = ["", "   ", '"', '""', "-", "!!!", "🎉", "' OR 1=1 --", "&|!():*<->", "\\", "-fair", "market or -fair"]


@pytest.mark.parametrize("q", NOTHING)
async def test_odd_queries_find_nothing_and_break_nothing(ann: Person, ben: Person, q: str) -> None:
    await ben.say("The market opens at nine")
    assert await posts(ann, q) == []


@pytest.mark.parametrize("q", ["x" * 5000, "a " * 3000, '"' * 501, "\U0001f3fd" * 600])
async def test_long_queries_break_nothing(ann: Person, q: str) -> None:
    assert await posts(ann, q) == []


async def test_words_are_found_in_warnings_descriptions_and_other_scripts(ann: Person, ben: Person) -> None:
    warned = await ben.say("Look at this", spoiler_text="Spiders")
    assert await posts(ann, "spiders") == [warned["id"]]
    japanese = await ben.say("明日は東京で雨が降ります")
    assert await posts(ann, "東京") == [japanese["id"]]
    assert await posts(ann, "京東") == []
    assert await posts(ann, '"東京で雨"') == [japanese["id"]]
    assert await posts(ann, "東京 雨") == [japanese["id"]]
    korean = await ben.say("안녕하세요 여러분")
    assert await posts(ann, "안녕") == [korean["id"]]
    cyrillic = await ben.say("Привет, город")
    assert await posts(ann, "привет") == [cyrillic["id"]]


async def test_an_edit_is_found_by_its_new_words_and_a_deleted_post_not_at_all(ann: Person, ben: Person) -> None:
    post = await ben.say("The market opens at nine")
    await ben.put(f"/api/v1/statuses/{post['id']}", status="The fair opens at ten")
    await ben.square.settle()
    assert await posts(ann, "market") == []
    assert await posts(ann, "fair") == [post["id"]]
    await ben.delete(f"/api/v1/statuses/{post['id']}")
    assert await posts(ann, "fair") == []


async def test_nobody_finds_what_they_may_not_see(ann: Person, ben: Person, square: Square) -> None:
    cleo = await square.person("cleo")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    private = await ben.say("market for followers", visibility="private")
    unlisted = await ben.say("market quietly", visibility="unlisted")
    direct = await ben.say("market between us @cleo", visibility="direct")
    assert await posts(ann, "market") == []
    assert await posts(cleo, "market") == [direct["id"]]
    assert await posts(ben, "market") == [direct["id"], unlisted["id"], private["id"]]
    anonymous = await square.http.get("/api/v2/search", params={"q": "market"})
    assert anonymous.json()["statuses"] == []
    await ann.post(f"/api/v1/statuses/{unlisted['id']}/bookmark")
    await ann.post(f"/api/v1/statuses/{private['id']}/favourite")
    assert await posts(ann, "market") == [unlisted["id"], private["id"]]
    await ann.post(f"/api/v1/accounts/{ben.id}/unfollow")
    assert await posts(ann, "market") == await posts(ann, "market in:library") == [unlisted["id"]]


async def test_those_who_keep_each_other_away_do_not_find_each_other(ann: Person, ben: Person) -> None:
    await ben.say("The market opens at nine")
    await ann.post(f"/api/v1/accounts/{ben.id}/mute")
    assert await posts(ann, "market") == []
    await ann.post(f"/api/v1/accounts/{ben.id}/unmute")
    await ben.post(f"/api/v1/accounts/{ann.id}/block")
    assert await posts(ann, "market") == []


async def test_who_does_not_want_to_be_found_is_found_only_by_those_who_had_to_do_with_the_post(
    ann: Person, ben: Person, square: Square
) -> None:
    cleo = await square.person("cleo")
    await cleo.post(f"/api/v1/accounts/{ben.id}/follow")
    await ben.patch("/api/v1/accounts/update_credentials", indexable=False)
    post = await ben.say("The market opens at nine")
    assert await posts(ben, "market") == [post["id"]]
    assert await posts(ann, "market") == await posts(cleo, "market") == []
    await ann.post(f"/api/v1/statuses/{post['id']}/favourite")
    assert await posts(ann, "market") == [post["id"]]
    assert await posts(cleo, "market") == []
    await cleo.post(f"/api/v1/statuses/{post['id']}/reblog")
    assert await posts(cleo, "market") == [post["id"]]


async def test_pages_authors_and_bounds(ann: Person, ben: Person) -> None:
    ids = [(await person.say(f"market {n}"))["id"] for n, person in enumerate([ann, ben, ann, ben])][::-1]
    assert await posts(ann, "market", limit=2) == ids[:2]
    assert await posts(ann, "market", limit=2, offset=1) == ids[1:3]
    assert await posts(ann, "market", max_id=ids[1]) == ids[2:]
    assert await posts(ann, "market", min_id=ids[3], limit=2) == ids[1:3]
    assert await posts(ann, "market", account_id=ben.id) == [ids[0], ids[2]]
    assert await posts(ann, "market", account_id="nobody") == []
    assert await posts(ann, "market", limit=0) == ids[:1]
    for wrong in ({"type": "everything"}, {"limit": "many"}, {"max_id": "x"}):
        assert (await ann.request("GET", "/api/v2/search", params={"q": "market"} | wrong)).status_code == 422


async def test_hashtags_by_how_they_begin_only_public_ones(ann: Person, ben: Person) -> None:
    await ben.say("#Market day, #marketing, #Märkte")
    await ben.say("#marketsecret @ann", visibility="direct")
    assert await tags(ann, "mark") == ["Market", "Märkte", "marketing"]
    assert await tags(ann, "#Market") == ["Market", "marketing"]
    assert await tags(ann, "mark", limit=1, offset=1) == ["Märkte"]
    assert await tags(ann, "%") == []
    (tag,) = (await ann.get("/api/v2/search", q="marketing"))["hashtags"]
    assert (tag["url"], tag["following"]) == ("https://town.example/tags/marketing", False)
    assert tag["history"][0]["uses"] == "1"
    assert len(tag["history"]) == 7
    old = await ann.get("/api/v1/search", q="marketing")
    assert old["hashtags"] == ["marketing"]


async def test_all_kinds_at_once(ann: Person, ben: Person) -> None:
    post = await ben.say("ann sells #apples")
    found = await ben.get("/api/v2/search", q="ann")
    assert [one["id"] for one in found["accounts"]] == [str(ann.id)]
    assert [one["id"] for one in found["statuses"]] == [post["id"]]
    assert found["hashtags"] == []
    handle = await ben.get("/api/v2/search", q="@ann")
    assert [one["id"] for one in handle["accounts"]] == [str(ann.id)]
    assert handle["statuses"] == handle["hashtags"] == []
    sign = await ben.get("/api/v2/search", q="#apples")
    assert [one["name"] for one in sign["hashtags"]] == ["apples"]
    assert sign["accounts"] == sign["statuses"] == []


async def test_an_address_is_what_it_stands_for(ann: Person, ben: Person, square: Square) -> None:
    post = await ben.say("The market opens at nine")
    for address in (post["url"], post["uri"]):
        found = await ann.get("/api/v2/search", q=address, resolve=True)
        assert ([one["id"] for one in found["statuses"]], found["accounts"]) == ([post["id"]], [])
    for address in ("https://town.example/@ben", "https://town.example/@ben@town.example", post["account"]["uri"]):
        person = await ann.get("/api/v2/search", q=address, resolve=True)
        assert [one["id"] for one in person["accounts"]] == [str(ben.id)]
    secret = await ben.say("For ben", visibility="direct")
    assert (await ann.get("/api/v2/search", q=secret["url"], resolve=True))["statuses"] == []
    await square.db.execute(
        "INSERT INTO uris (uri, account_id, status_id) VALUES ('https://other.example/1', $1, $2)",
        ben.id,
        int(post["id"]),
    )
    remote = await ann.get("/api/v2/search", q="https://other.example/1", type="statuses")
    assert [one["id"] for one in remote["statuses"]] == [post["id"]]


async def test_nobody_in_particular_may_search_but_not_page_or_resolve(square: Square, ben: Person) -> None:
    post = await ben.say("The market opens at nine")
    found = await square.http.get("/api/v2/search", params={"q": "market", "type": "statuses"})
    assert [one["id"] for one in found.json()["statuses"]] == [post["id"]]
    assert "favourited" not in found.json()["statuses"][0]
    for refused in ({"resolve": "true"}, {"offset": "20"}):
        assert (await square.http.get("/api/v2/search", params={"q": "market"} | refused)).status_code == 401
    assert (await square.http.get("/api/v1/search", params={"q": "market"})).status_code == 401
    writer = await square.person("writer", scopes="write")
    assert (await writer.request("GET", "/api/v2/search", params={"q": "market"})).status_code == 403
