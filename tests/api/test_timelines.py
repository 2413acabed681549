"""Timelines through the API: who finds what, in which order, and how one reads on."""

import httpx
import msgspec
import pytest

from tests.support.square import Person, Square
from townsquare.timelines.home import lapse


@pytest.fixture
async def follower(square: Square, ann: Person) -> Person:
    """Somebody who follows ann."""
    cat = await square.person("cat")
    await cat.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    return cat


async def test_home_has_who_one_follows_and_oneself_latest_first(ann: Person, ben: Person, follower: Person) -> None:
    first = await ann.say("from ann")
    await ben.say("from ben, whom nobody follows")
    own = await follower.say("from me")
    assert await follower.home() == [own["id"], first["id"]]


async def test_pages_join_without_gap_or_repetition(ann: Person, follower: Person) -> None:
    posts = [(await ann.say(f"post {number}"))["id"] for number in range(7)][::-1]
    older: list[str] = []
    path, query = "/api/v1/timelines/home", "limit=3"
    while True:
        response = await follower.request("GET", f"{path}?{query}")
        page = [status["id"] for status in response.json()]
        if not page:
            break
        older += page
        query = httpx.URL(response.links["next"]["url"]).query.decode()
    assert older == posts
    assert await follower.home(min_id=posts[4], limit=2) == posts[2:4]
    assert await follower.home(since_id=posts[4], limit=2) == posts[0:2]
    assert await follower.home(max_id=posts[1], min_id=posts[5], limit=40) == posts[2:5]


async def test_echoes_bring_the_original_with_my_own_flags(ann: Person, ben: Person, follower: Person) -> None:
    post = await ben.say("worth an echo")
    await follower.post(f"/api/v1/statuses/{post['id']}/favourite")
    await ann.post(f"/api/v1/statuses/{post['id']}/reblog")
    await ann.square.settle()
    (echo,) = await follower.get("/api/v1/timelines/home")
    assert echo["account"]["username"] == "ann"
    assert echo["content"] == post["content"]
    assert echo["reblog"]["id"] == post["id"]
    assert echo["reblog"]["account"]["username"] == "ben"
    assert (echo["reblog"]["favourited"], echo["reblog"]["reblogs_count"]) == (True, 1)


async def test_answers_to_people_whom_i_do_not_follow_are_left_out(ann: Person, ben: Person, follower: Person) -> None:
    question = await ben.say("a question")
    answer = await ann.say("@ben an answer", in_reply_to_id=question["id"])
    to_self = await ann.say("and to myself", in_reply_to_id=(own := await ann.say("a thread"))["id"])
    assert await follower.home() == [to_self["id"], own["id"]]
    await follower.post(f"/api/v1/accounts/{ben.id}/follow")
    await follower.square.settle()
    assert answer["id"] in await follower.home()


async def test_my_own_answers_are_in_my_home_whomever_they_answer(ann: Person, ben: Person) -> None:
    question = await ben.say("a question of somebody whom I do not follow")
    answer = await ann.say("@ben an answer", in_reply_to_id=question["id"])
    assert await ann.home() == [answer["id"]]


async def test_an_echo_of_an_answer_answers_nothing_itself(ann: Person, ben: Person, follower: Person) -> None:
    question = await ben.say("a question")
    answer = await ben.say("an answer to myself", in_reply_to_id=question["id"])
    await ann.post(f"/api/v1/statuses/{answer['id']}/reblog")
    await ann.square.settle()
    (echo,) = await follower.get("/api/v1/timelines/home")
    assert (echo["in_reply_to_id"], echo["in_reply_to_account_id"]) == (None, None)
    assert echo["content"] == answer["content"]
    assert echo["reblog"]["in_reply_to_id"] == question["id"]
    assert echo["reblog"]["in_reply_to_account_id"] == str(ben.id)


@pytest.mark.parametrize("verb", ["mute", "block"])
async def test_muting_and_blocking_work_at_once(ann: Person, ben: Person, follower: Person, verb: str) -> None:
    await follower.post(f"/api/v1/accounts/{ben.id}/follow")
    await follower.square.settle()
    kept = await ann.say("kept")
    await ben.say("noise")
    await follower.post(f"/api/v1/accounts/{ben.id}/{verb}")
    assert await follower.home() == [kept["id"]]
    assert [one["id"] for one in await follower.get("/api/v1/timelines/public")] == [kept["id"]]


async def test_followers_only_posts_reach_followers_and_direct_ones_those_of_them_whom_they_name(
    square: Square, ann: Person, follower: Person
) -> None:
    dan = await square.person("dan")
    await dan.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    private = await ann.say("for followers", visibility="private")
    direct = await ann.say("@cat @ben for you alone", visibility="direct")
    assert await follower.home() == await ann.home() == [direct["id"], private["id"]]
    assert await dan.home() == [private["id"]]
    assert await follower.get("/api/v1/timelines/public") == []
    await ann.delete(f"/api/v1/statuses/{direct['id']}")
    await square.settle()
    assert await square.db.value("SELECT count(*) FROM home WHERE status_id = $1", int(direct["id"])) == 0


async def test_an_author_beyond_the_bound_is_pulled_in_and_nothing_is_lost_or_doubled(
    square: Square, ann: Person, follower: Person
) -> None:
    before = await ann.say("pushed")
    home = msgspec.structs.replace(square.services.settings.home, push_bound=0)
    settings = msgspec.structs.replace(square.services.settings, home=home)
    square.services = msgspec.structs.replace(square.services, settings=settings)
    after = await ann.say("pulled")
    square.services.pulled.add(str(ann.id))
    assert await square.db.value("SELECT count(*) FROM home WHERE account_id = $1", follower.id) == 1
    await follower.post(f"/api/v1/statuses/{after['id']}/favourite")
    statuses = await follower.get("/api/v1/timelines/home")
    assert [(one["id"], one["favourited"]) for one in statuses] == [(after["id"], True), (before["id"], False)]
    assert await follower.home(max_id=after["id"]) == [before["id"]]
    assert await follower.home(min_id=before["id"]) == [after["id"]]


async def test_whoever_comes_back_after_a_long_time_finds_everything(
    square: Square, ann: Person, follower: Person
) -> None:
    await square.db.execute("UPDATE users SET last_seen_on = current_date - 31 WHERE account_id = $1", follower.id)
    await square.db.execute("UPDATE oauth_tokens SET used_on = current_date - 31 WHERE account_id = $1", follower.id)
    await lapse(square.db, 30)
    missed = await ann.say("while you were away")
    assert await square.db.value("SELECT count(*) FROM home WHERE account_id = $1", follower.id) == 0
    square.services.callers.down()
    later = (await ann.post("/api/v1/statuses", status="just now"))["id"]
    assert await follower.home() == [later, missed["id"]]
    assert await follower.home(limit=1, max_id=later) == [missed["id"]]
    assert await follower.home(since_id=missed["id"]) == [later]
    await square.settle()
    assert await follower.home() == [later, missed["id"]]


async def test_a_post_stands_on_a_page_once(square: Square, ann: Person, ben: Person, follower: Person) -> None:
    await follower.post(f"/api/v1/accounts/{ben.id}/follow")
    far, near = await (await square.person("dan")).say("from afar"), await ann.say("from ann")
    echoes: list[str] = []
    for who, post in ((ann, far), (ben, near), (ben, far)):
        echoes.append((await who.post(f"/api/v1/statuses/{post['id']}/reblog"))["id"])
        await square.settle()
    page = await follower.request("GET", "/api/v1/timelines/home")
    assert [one["id"] for one in page.json()] == [echoes[0], near["id"]]
    assert f"min_id={echoes[2]}>" in page.headers["link"]
    await ann.post(f"/api/v1/statuses/{far['id']}/unreblog")
    await square.settle()
    assert await follower.home() == [echoes[2], near["id"]]


async def test_public_is_local_public_posts_without_echoes_and_answers(
    square: Square, ann: Person, ben: Person
) -> None:
    post = await ann.say("for all")
    await ann.say("quietly", visibility="unlisted")
    await ben.say("@ann answer", in_reply_to_id=post["id"])
    await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    for query in ("", "?local=true"):
        found = (await square.http.get(f"/api/v1/timelines/public{query}")).json()
        assert [one["id"] for one in found] == [post["id"]]
    assert (await square.http.get("/api/v1/timelines/public?remote=true")).json() == []


async def test_a_page_that_loses_posts_to_a_mute_is_filled_up(ann: Person, ben: Person) -> None:
    kept = [(await ann.say(f"kept {number}"))["id"] for number in range(2)]
    for number in range(3):
        await ben.say(f"noise {number}")
    reader = await ann.square.person("reader")
    await reader.post(f"/api/v1/accounts/{ben.id}/mute")
    found = await reader.get("/api/v1/timelines/public", limit=2)
    assert [one["id"] for one in found] == kept[::-1]


async def test_tags_with_all_any_and_none(ann: Person) -> None:
    one = await ann.say("#Parade alone")
    both = await ann.say("#parade and #Music")
    tag = "/api/v1/timelines/tag/PARADE"
    assert [s["id"] for s in await ann.get(tag)] == [both["id"], one["id"]]
    assert [s["id"] for s in await ann.get(tag + "?all[]=music")] == [both["id"]]
    assert [s["id"] for s in await ann.get(tag + "?none[]=music")] == [one["id"]]
    assert [s["id"] for s in await ann.get("/api/v1/timelines/tag/none?any[]=music")] == [both["id"]]


async def test_of_further_tags_the_first_four_count(ann: Person) -> None:
    post = await ann.say("#one #two #five")
    tags = ["five", *(f"x{number}" for number in range(4))]
    assert [one["id"] for one in await ann.get("/api/v1/timelines/tag/none", **{"any[]": tags[:5]})] == [post["id"]]
    assert await ann.get("/api/v1/timelines/tag/none", **{"any[]": tags[4:0:-1] + tags[:1]}) == []
    assert len(await ann.get("/api/v1/timelines/tag/one", **{"none[]": tags[4:0:-1] + tags[:1]})) == 1


async def test_pinned_posts_are_read_on_without_repetition(ann: Person) -> None:
    posts = [(await ann.say(f"post {number}"))["id"] for number in range(3)]
    for number in reversed(posts):
        await ann.post(f"/api/v1/statuses/{number}/pin")
    path, seen = f"/api/v1/accounts/{ann.id}/statuses?pinned=true&limit=2", list[str]()
    assert [one["id"] for one in await ann.get(path + "0")] == posts
    for _ in range(2):
        response = await ann.request("GET", path)
        seen += [one["id"] for one in response.json()]
        path = response.links["next"]["url"]
    assert sorted(seen) == sorted(posts)
    assert await ann.get(path) == []


async def test_lists_show_their_members(ann: Person, ben: Person, follower: Person) -> None:
    made = await follower.post("/api/v1/lists", title="Neighbours")
    await follower.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[str(ann.id)])
    post = await ann.say("hello neighbours")
    await ben.say("not in the list")
    found = await follower.get(f"/api/v1/timelines/list/{made['id']}")
    assert [one["id"] for one in found] == [post["id"]]
    assert (await ben.request("GET", f"/api/v1/timelines/list/{made['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("policy", "shown"), [("none", {"me"}), ("list", {"me", "member"}), ("followed", {"me", "member", "followed"})]
)
async def test_a_list_shows_the_answers_that_it_is_to_show(
    square: Square, ann: Person, follower: Person, policy: str, shown: set[str]
) -> None:
    others = {name: await square.person(name) for name in ("member", "followed", "stranger")}
    for name in ("member", "followed"):
        await follower.post(f"/api/v1/accounts/{others[name].id}/follow")
    made = await follower.post("/api/v1/lists", title="Neighbours", replies_policy=policy)
    await follower.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[str(ann.id), str(others["member"].id)])
    questions = {name: await one.say("a question", visibility="unlisted") for name, one in others.items()}
    questions["me"] = await follower.say("a question")
    answers = {(await ann.say(f"to {name}", in_reply_to_id=one["id"]))["id"]: name for name, one in questions.items()}
    found = await follower.get(f"/api/v1/timelines/list/{made['id']}")
    assert {answers[one["id"]] for one in found if one["id"] in answers} == shown


@pytest.mark.parametrize("pulled", [False, True])
async def test_one_follows_without_echoes_and_in_some_languages(
    square: Square, ann: Person, ben: Person, follower: Person, pulled: bool
) -> None:
    made = await follower.post("/api/v1/lists", title="Neighbours")
    await follower.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[str(ann.id)])
    await follower.post(f"/api/v1/accounts/{ann.id}/follow", reblogs=False, languages=["de", "fr"])
    if pulled:
        await square.db.execute("INSERT INTO pulled_authors (account_id) VALUES ($1)", ann.id)
        square.services.pulled.add(str(ann.id))
    post = await ben.say("of ben", visibility="unlisted")
    await ann.post(f"/api/v1/statuses/{post['id']}/reblog")
    posts = [await ann.say(language, language=language) for language in ("en", "de", "und")]
    wanted = [posts[2]["id"], posts[1]["id"]]
    assert await follower.home() == wanted
    assert [one["id"] for one in await follower.get(f"/api/v1/timelines/list/{made['id']}")] == wanted
    newcomer = await square.person("newcomer")
    await newcomer.post(f"/api/v1/accounts/{ann.id}/follow", reblogs=False, languages=["de"])
    await square.settle()
    assert await newcomer.home() == wanted


async def test_from_the_first_post_on_and_from_the_last_one_down(ann: Person) -> None:
    posts = [(await ann.say(f"post {number}"))["id"] for number in range(3)]
    for path in ("timelines/home", "timelines/public", f"accounts/{ann.id}/statuses"):
        first = await ann.get(f"/api/v1/{path}", min_id="0", limit=2)
        assert [one["id"] for one in first] == [posts[1], posts[0]]
        last = await ann.get(f"/api/v1/{path}", min_id="", since_id="0", limit=2)
        assert [one["id"] for one in last] == [posts[2], posts[1]]
        assert await ann.get(f"/api/v1/{path}", max_id="0") == []


@pytest.mark.parametrize("query", ["max_id=x", "max_id=-1", "min_id=99999999999999999999", "limit=many", "limit[]=1"])
async def test_bad_cursors_are_told(ann: Person, query: str) -> None:
    answer = await ann.request("GET", f"/api/v1/timelines/home?{query}")
    assert answer.status_code in (200, 422)
    assert "error" in answer.json() or query == "limit[]=1"


async def test_how_many_queries_a_request_takes(square: Square, ann: Person, follower: Person) -> None:
    post = await ann.say("counted")
    counts: dict[str, int] = {}
    paths = ("/api/v1/timelines/home", "/api/v1/timelines/public", f"/api/v1/statuses/{post['id']}")
    for path in (*paths, f"/api/v1/accounts/{ann.id}/statuses"):
        square.services.callers.up()
        square.services.filters.up()
        await follower.get(path)
        before = square.db.statements
        await follower.get(path)
        counts[path.rpartition("/")[2]] = square.db.statements - before
    assert counts == {"home": 2, "public": 3, post["id"]: 2, "statuses": 2}
