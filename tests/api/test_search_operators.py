"""What people may write into a search beside words."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rooms.media import pictures
from tests.support.square import Person, Square
from townsquare.kernel.ids import LARGEST
from townsquare.statuses.events import CardGiven
from townsquare.timelines.search import index_behind, index_given
from townsquare.timelines.search_events import SearchLacks


async def posts(person: Person, q: str, **query: Any) -> list[str]:
    return [one["id"] for one in (await person.get("/api/v2/search", q=q, type="statuses", **query))["statuses"]]


async def wrong(person: Person, q: str) -> str:
    answer = await person.request("GET", "/api/v2/search", params={"q": q})
    assert answer.status_code == 422
    return answer.json()["error"]


async def test_whose(ann: Person, ben: Person) -> None:
    one, two = await ann.say("market one"), await ben.say("market two")
    assert await posts(ann, "market from:ben") == [two["id"]]
    assert await posts(ann, "market from:@ben@town.example") == await posts(ann, "FROM:ben") == [two["id"]]
    assert await posts(ann, "from:me") == [one["id"]]
    assert await posts(ann, "market -from:me") == [two["id"]]
    assert await posts(ann, "from:ann from:ben") == [two["id"], one["id"]]
    assert await posts(ann, "market from:nobody") == []
    assert await posts(ann, "-from:ben") == []
    assert await posts(ann, "from:ben", account_id=ann.id) == []
    anonymous = await ann.square.http.get("/api/v2/search", params={"q": "from:me", "type": "statuses"})
    assert anonymous.json()["statuses"] == []


async def test_when(ann: Person) -> None:
    post = await ann.say("market")
    now = datetime.now(UTC)
    for within in ("during:today", f"during:{now:%Y}", f"during:{now:%Y-%m}", f"during:{now:%Y-%m-%d}", "after:1d"):
        assert await posts(ann, f"market {within}") == await posts(ann, within) == [post["id"]], within
        assert await posts(ann, f"market -{within}") == [], within
    tomorrow, yesterday = (f"{now + timedelta(days=days):%Y-%m-%d}" for days in (1, -1))
    assert await posts(ann, f"before:{tomorrow} after:{yesterday} market") == [post["id"]]
    for without in ("before:today", "after:today", "during:yesterday", "before:1h", "during:1999", f"after:{now:%Y}"):
        assert await posts(ann, f"market {without}") == [], without
        assert await posts(ann, f"market -{without}") == [post["id"]], without


@pytest.mark.parametrize(
    "q", ["before:2026-13", "during:2026-02-30", "after:soon", "before:0000", "-during:20261", "after:99999y"]
)
async def test_what_is_no_date_is_told(ann: Person, q: str) -> None:
    assert "is not a date: write a day (2026-11-30)" in await wrong(ann, f"market {q}")


async def picture(person: Person) -> str:
    files = {"file": ("cat.png", io.BytesIO(pictures.png()), "image/png")}
    answer = await person.request("POST", "/api/v2/media", files=files, data={"description": "a market stall"})
    return answer.json()["id"]


async def test_what_posts_have(ann: Person) -> None:
    plain = await ann.say("market")
    shown = await ann.say("market", media_ids=[await picture(ann)])
    linked = await ann.say("market https://shop.example/stall", in_reply_to_id=plain["id"])
    warned = await ann.say("market", spoiler_text="loud")
    every = [warned["id"], linked["id"], shown["id"], plain["id"]]
    having = {
        "has:media": [shown], "has:image": [shown], "has:video": [], "has:audio": [], "has:link": [linked],
        "is:reply": [linked], "is:sensitive": [warned], "IS:Reply": [linked],
    }  # fmt: skip
    for operator, wanted in having.items():
        ids = [post["id"] for post in wanted]
        assert await posts(ann, operator) == await posts(ann, f"market {operator}") == ids, operator
        assert await posts(ann, f"market -{operator}") == [one for one in every if one not in ids], operator
    assert await posts(ann, "-has:media") == []
    assert await posts(ann, '"market stall"') == [shown["id"]]


async def test_polls_and_quotes(ann: Person) -> None:
    asked = await ann.say("market?", poll={"options": ["apples", "pears"], "expires_in": 3600})
    quoting = await ann.say("market!")
    await ann.square.db.execute(
        "UPDATE statuses SET quoted_id = $1 WHERE id = $2", int(asked["id"]), int(quoting["id"])
    )
    await index_behind(ann.square.db, [SearchLacks(LARGEST)])
    assert await posts(ann, "market has:poll") == await posts(ann, "pears") == [asked["id"]]
    assert await posts(ann, "has:quote") == await posts(ann, "market is:quote") == [quoting["id"]]


async def test_a_link_to_something_that_can_be_played(ann: Person) -> None:
    post = await ann.say("market https://tube.example/film")
    assert await posts(ann, "has:embed") == []
    db = ann.square.db
    await db.execute(
        "INSERT INTO cards (url, id, details, fetched_at) VALUES ('https://tube.example/film', 1, $1, now())",
        '{"kind": "video"}',
    )
    await db.execute(
        "INSERT INTO status_cards VALUES ($1, $2, 'https://tube.example/film', '')", ann.id, int(post["id"])
    )
    await index_given(db, [CardGiven(ann.id, int(post["id"]), "https://tube.example/film")])
    assert await posts(ann, "market has:embed") == [post["id"]]


async def test_languages_and_forms_of_words(ann: Person) -> None:
    english = await ann.say("They were running", language="en")
    german = await ann.say("Die Märkte öffnen", language="de")
    brazilian = await ann.say("Um mercado", language="pt-BR")
    assert await posts(ann, "run") == await posts(ann, "runs") == [english["id"]]
    assert await posts(ann, '"run"') == []
    assert await posts(ann, "markt language:de") == [german["id"]]
    assert await posts(ann, "MARKTE") == await posts(ann, "offnen") == [german["id"]]
    assert await posts(ann, "language:pt") == await posts(ann, "language:pt-br") == [brazilian["id"]]
    assert await posts(ann, "from:me -language:en -language:de") == [brazilian["id"]]
    assert await posts(ann, "language:xx") == []


async def test_a_form_of_a_word_counts_in_its_own_language_only(ann: Person) -> None:
    await ann.say("Der Port", language="de")
    assert await posts(ann, "ports") == []


async def test_scripts_without_spaces(ann: Person) -> None:
    thai = await ann.say("สวัสดีชาวเมือง")
    japanese = await ann.say("ﾄｳｷｮｳ 東京tower")
    assert await posts(ann, "ชาว") == [thai["id"]]
    assert await posts(ann, "京tower") == await posts(ann, "ｷｮｳ") == [japanese["id"]]


async def test_hashtags_phrases_and_either(ann: Person) -> None:
    tagged = await ann.say("Come to the #Market")
    plain = await ann.say("Come to the market today")
    assert await posts(ann, "#market") == await posts(ann, "come #MARKET") == [tagged["id"]]
    assert await posts(ann, "come -#market") == [plain["id"]]
    assert await posts(ann, "“market today”") == await posts(ann, '"market today') == [plain["id"]]
    assert await posts(ann, 'come -"market today"') == [tagged["id"]]
    assert await posts(ann, "come today OR #market") == [plain["id"], tagged["id"]]


@pytest.mark.parametrize("q", ["10:30", "https://shop.example/a", "re:open", "has:fun", "in:doors", "don't", "from:"])
async def test_what_only_looks_like_an_operator_is_text(ann: Person, q: str) -> None:
    post = await ann.say(f"We said {q} there")
    await ann.say("Nothing like it")
    assert await posts(ann, q) == [post["id"]]


async def test_in_what(ann: Person, ben: Person) -> None:
    theirs, own = await ben.say("market"), await ann.say("market quietly", visibility="unlisted")
    named = await ben.say("market @ann", visibility="private")
    liked = await ben.say("market liked")
    await ann.post(f"/api/v1/statuses/{liked['id']}/favourite")
    library = [liked["id"], named["id"], own["id"]]
    assert await posts(ann, "market in:library") == await posts(ann, "in:library") == library
    assert await posts(ann, "market in:public") == await posts(ann, "market -in:library") == [liked["id"], theirs["id"]]
    assert await posts(ann, "market in:all") == [*library, theirs["id"]]
    assert await posts(ann, "market in:library", limit=2, offset=1) == library[1:]
    assert await posts(ann, "market in:library", min_id=own["id"], limit=1) == [named["id"]]
    anonymous = await ann.square.http.get("/api/v2/search", params={"q": "in:library"})
    assert anonymous.json()["statuses"] == []


async def test_for_what(ann: Person, ben: Person) -> None:
    await ben.patch("/api/v1/accounts/update_credentials", note="I love the market")
    await ben.say("the #market and #marketing")
    found = {kind: await ann.get("/api/v2/search", q=f"market in:{kind}") for kind in ("posts", "people", "tags")}
    assert [[len(found[one][kind]) for kind in ("statuses", "accounts", "hashtags")] for one in found] == [
        [1, 0, 0], [0, 1, 0], [0, 0, 2],
    ]  # fmt: skip
    profiles = await ann.get("/api/v2/search", q="in:profiles market")
    assert [one["acct"] for one in profiles["accounts"]] == ["ben"]
    exact = await ann.get("/api/v2/search", q='"market"', type="hashtags")
    assert [one["name"] for one in exact["hashtags"]] == ["market"]
    nobody = await ann.get("/api/v2/search", q="market from:ben")
    assert nobody["accounts"] == nobody["hashtags"] == []


async def test_people_with_accents_and_wrong_letters(ann: Person, square: Square) -> None:
    zoe = await square.person("zoe_martin")
    await zoe.patch("/api/v1/accounts/update_credentials", display_name="Zoë Martínez", note="Gardener")
    for text in ("zoe", "Zoë", "martinez", "MARTÍNEZ", "martniez", "matrinez", "marinez", "gardener", '"zoë martinez"'):
        found = await ann.get("/api/v2/search", q=text, type="accounts")
        assert [one["acct"] for one in found["accounts"]] == ["zoe_martin"], text
    for text in ('"zoe"', "martinique islands", "-gardener"):
        assert (await ann.get("/api/v2/search", q=text, type="accounts"))["accounts"] == [], text
    await zoe.patch("/api/v1/accounts/update_credentials", discoverable=False)
    assert (await ann.get("/api/v2/search", q="martinez", type="accounts"))["accounts"] == []
    await ann.post(f"/api/v1/accounts/{zoe.id}/follow")
    for text in ("martinez", "martniez"):
        found = await ann.get("/api/v2/search", q=text, type="accounts", following=True)
        assert [one["acct"] for one in found["accounts"]] == ["zoe_martin"], text


async def test_hashtags_that_are_used_most_come_first(ann: Person, ben: Person) -> None:
    for text in ("#marketing", "#marketing", "#marketplace", "#marketplace", "#marketplace", "#markets", "#market"):
        await ben.say(text)
    found = await ann.get("/api/v2/search", q="#market", type="hashtags")
    assert [one["name"] for one in found["hashtags"]] == ["market", "marketplace", "marketing", "markets"]


async def test_an_index_that_lacks_posts_is_brought_up(ann: Person) -> None:
    made = [(await ann.say(f"market {n}"))["id"] for n in range(3)][::-1]
    await ann.square.db.execute("TRUNCATE status_search")
    assert await posts(ann, "market") == []
    await index_behind(ann.square.db, [SearchLacks(LARGEST)])
    await ann.square.settle()
    assert await posts(ann, "market") == made
