"""Posts as Mastodon's apps know them: what an edit leaves out, echoes, answers to echoes, what is not there yet."""

from typing import Any

import pytest

from tests.rooms.media import pictures
from tests.support.square import Person, Square


async def picture(person: Person) -> dict[str, Any]:
    sent = await person.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    return sent.json()


async def test_an_empty_poll_is_none(ann: Person) -> None:
    body = {"status": "hello", "poll[multiple]": "false", "poll[options][]": ["", ""]}
    assert (await ann.request("POST", "/api/v1/statuses", data=body)).status_code == 200


async def test_an_edit_with_a_text_says_all_of_the_post_anew(ann: Person) -> None:
    """Apps that send forms cannot send an empty list: they leave the pictures out."""
    made = await picture(ann)
    post = await ann.say("look", spoiler_text="hills", sensitive=True, language="de", media_ids=[made["id"]])
    path = f"/api/v1/statuses/{post['id']}"
    edited = (await ann.request("PUT", path, data={"status": "nothing to see"})).json()
    assert (edited["spoiler_text"], edited["sensitive"], edited["media_attachments"]) == ("", False, [])
    assert edited["language"] == "de"


async def test_an_edit_without_a_text_changes_what_it_names(ann: Person) -> None:
    made = await picture(ann)
    post = await ann.say("look", spoiler_text="hills", media_ids=[made["id"]])
    edited = await ann.put(
        f"/api/v1/statuses/{post['id']}", media_attributes=[{"id": made["id"], "description": "Hills"}]
    )
    assert (edited["content"], edited["spoiler_text"]) == ("<p>look</p>", "hills")
    assert edited["media_attachments"][0]["description"] == "Hills"


async def test_an_edit_describes_files_of_its_own_post_only(ann: Person) -> None:
    mine, other = await picture(ann), await picture(ann)
    post, another = [await ann.say("look", media_ids=[one["id"]]) for one in (mine, other)]
    described = [{"id": other["id"], "description": "Hills"}]
    await ann.put(f"/api/v1/statuses/{post['id']}", media_attributes=described)
    edited = await ann.put(f"/api/v1/statuses/{another['id']}", status="look again", media_ids=[other["id"]])
    assert edited["media_attachments"][0]["description"] == other["description"]


async def test_an_edit_keeps_the_name_of_the_app(square: Square, ann: Person) -> None:
    post = await ann.say("hello")
    await square.db.execute("UPDATE oauth_apps SET name = 'Renamed'")
    edited = await ann.put(f"/api/v1/statuses/{post['id']}", status="hello there")
    assert edited["application"] == post["application"]


async def test_whoever_answers_an_echo_answers_the_original(ann: Person, ben: Person) -> None:
    post = await ann.say("first")
    echo = await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    answer = await ben.say("@ann second", in_reply_to_id=echo["id"])
    assert (answer["in_reply_to_id"], answer["in_reply_to_account_id"]) == (post["id"], str(ann.id))
    assert (await ann.get(f"/api/v1/statuses/{post['id']}"))["replies_count"] == 1


@pytest.mark.parametrize("verb", ["favourite", "unfavourite", "bookmark", "unbookmark"])
async def test_what_one_does_to_an_echo_is_done_to_the_original_and_shown_in_the_echo(
    ann: Person, ben: Person, verb: str
) -> None:
    post = await ann.say("first")
    echo = await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    answer = await ann.post(f"/api/v1/statuses/{echo['id']}/{verb}")
    assert (answer["id"], answer["reblog"]["id"]) == (echo["id"], post["id"])
    flag = "favourited" if "favourite" in verb else "bookmarked"
    assert answer[flag] is answer["reblog"][flag] is not verb.startswith("un")
    assert (await ann.get(f"/api/v1/statuses/{post['id']}"))[flag] is not verb.startswith("un")


async def test_an_echo_is_for_those_for_whom_one_posts(ann: Person, ben: Person) -> None:
    posts = [await ann.say(text) for text in ("one", "two", "three")]
    await ben.patch("/api/v1/accounts/update_credentials", source={"privacy": "private"})
    paths = [f"/api/v1/statuses/{post['id']}/reblog" for post in posts]
    assert (await ben.post(paths[0]))["visibility"] == "private"
    assert (await ben.post(paths[1], visibility="unlisted"))["visibility"] == "unlisted"
    refused = await ben.request("POST", paths[2], json={"visibility": "direct"})
    assert (refused.status_code, "private" in refused.json()["error"]) == (422, True)
    await ben.patch("/api/v1/accounts/update_credentials", source={"privacy": "direct"})
    assert (await ben.post(paths[2]))["visibility"] == "private"


async def test_what_is_not_for_everybody_is_not_echoed_by_others(ann: Person, ben: Person) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    for visibility in ("private", "direct"):
        post = await ann.say("@ben only you", visibility=visibility)
        assert (await ben.request("POST", f"/api/v1/statuses/{post['id']}/reblog")).status_code == 403
    own = await ann.say("for my followers", visibility="private")
    assert (await ann.post(f"/api/v1/statuses/{own['id']}/reblog"))["visibility"] == "private"


@pytest.mark.parametrize("verb", ["favourite", "reblog"])
async def test_whom_one_blocks_hears_nothing_of_one(ann: Person, ben: Person, verb: str) -> None:
    post = await ann.say("hello")
    await ben.post(f"/api/v1/accounts/{ann.id}/block")
    refused = await ben.request("POST", f"/api/v1/statuses/{post['id']}/{verb}")
    assert (refused.status_code, "unblock" in refused.json()["error"]) == (403, True)
    await ann.square.settle()
    assert await ann.get("/api/v1/notifications") == []


async def test_several_posts_at_once_come_with_the_readers_filters(ann: Person, ben: Person) -> None:
    posts = [await ann.say(text) for text in ("a spoiler", "no harm")]
    hidden = await ann.say("secret", visibility="private")
    await ben.post("/api/v2/filters", title="films", context=["home"], keywords_attributes=[{"keyword": "spoiler"}])
    ids = [posts[1]["id"], hidden["id"], "1", "nonsense", posts[0]["id"]]
    found = await ben.get("/api/v1/statuses", **{"id[]": ids})
    assert [(one["id"], len(one["filtered"])) for one in found] == [(posts[1]["id"], 0), (posts[0]["id"], 1)]


async def test_the_source_of_what_one_may_see(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("*hello*", spoiler_text="greeting")
    source = {"id": post["id"], "text": "*hello*", "spoiler_text": "greeting"}
    assert await ben.get(f"/api/v1/statuses/{post['id']}/source") == source
    hidden = await ann.say("secret", visibility="private")
    assert (await ben.request("GET", f"/api/v1/statuses/{hidden['id']}/source")).status_code == 404
    assert (await square.http.get(f"/api/v1/statuses/{post['id']}/source")).status_code == 401


async def test_emojis_of_the_warning_and_of_former_states(square: Square, ann: Person) -> None:
    await square.db.execute(
        """
        INSERT INTO custom_emojis (domain, shortcode, file_key, static_key)
        VALUES ('', 'tram', 'e/tram.png', 'e/tram.png'), ('', 'bus', 'e/bus.png', 'e/bus.png')
        """
    )
    post = await ann.say("The :bus: is late", spoiler_text="About the :tram:")
    assert {one["shortcode"] for one in post["emojis"]} == {"bus", "tram"}
    await ann.put(f"/api/v1/statuses/{post['id']}", status="It came")
    history = await ann.get(f"/api/v1/statuses/{post['id']}/history")
    assert [{one["shortcode"] for one in state["emojis"]} for state in history] == [{"bus", "tram"}, set()]
    assert history[0]["emojis"][0]["url"].endswith(".png")


async def test_an_idempotency_key_is_good_for_an_hour(square: Square, ann: Person) -> None:
    async def post() -> str:
        headers = {"idempotency-key": "once"}
        return (await ann.request("POST", "/api/v1/statuses", json={"status": "hello"}, headers=headers)).json()["id"]

    first = await post()
    assert await post() == first
    await square.db.execute("UPDATE idempotency_keys SET created_at = now() - interval '61 minutes'")
    second = await post()
    assert second != first
    assert await post() == second


@pytest.mark.parametrize(("verb", "path"), [("favourite", "favourited_by"), ("reblog", "reblogged_by")])
async def test_who_did_something_is_read_on_in_both_directions(
    square: Square, ann: Person, verb: str, path: str
) -> None:
    post = await ann.say("hello")
    names = ["ben", "cid", "dan", "eve"]
    for name in names:
        await (await square.person(name)).post(f"/api/v1/statuses/{post['id']}/{verb}")
    where = f"/api/v1/statuses/{post['id']}/{path}"

    async def page(address: str) -> tuple[list[str], dict[str | None, str]]:
        answer = await ann.request("GET", address)
        return [one["username"] for one in answer.json()], {rel: link["url"] for rel, link in answer.links.items()}

    first, links = await page(f"{where}?limit=2")
    second, back = await page(links["next"])
    assert (first, second) == (["eve", "dan"], ["cid", "ben"])
    assert (await page(back["prev"]))[0] == ["eve", "dan"]
    assert (await page(f"{back['prev']}&limit=1"))[0] == ["dan"]


async def test_who_did_something_is_not_told_of_those_whom_one_keeps_away(
    square: Square, ann: Person, ben: Person
) -> None:
    post = await ann.say("hello")
    await ben.post(f"/api/v1/statuses/{post['id']}/favourite")
    cid = await square.person("cid")
    await cid.post(f"/api/v1/accounts/{ben.id}/block")
    assert await cid.get(f"/api/v1/statuses/{post['id']}/favourited_by") == []
    assert await ben.get(f"/api/v1/statuses/{post['id']}/favourited_by") != []
    await square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", ben.id)
    assert await ann.get(f"/api/v1/statuses/{post['id']}/favourited_by") == []


@pytest.mark.parametrize(("verb", "path"), [("favourite", "favourites"), ("bookmark", "bookmarks")])
async def test_what_one_keeps_comes_with_ones_filters(ann: Person, ben: Person, verb: str, path: str) -> None:
    post = await ann.say("a spoiler")
    await ben.post("/api/v2/filters", title="films", context=["home"], keywords_attributes=[{"keyword": "spoiler"}])
    await ben.post(f"/api/v1/statuses/{post['id']}/{verb}")
    assert [len(one["filtered"]) for one in await ben.get(f"/api/v1/{path}")] == [1]


async def test_a_warning_of_nothing_is_the_text(ann: Person) -> None:
    post = await ann.say("", spoiler_text="Trams")
    assert (post["content"], post["spoiler_text"], post["sensitive"]) == ("<p>Trams</p>", "", True)
    pictured = await ann.say("", spoiler_text="Trams", media_ids=[(await picture(ann))["id"]])
    assert (pictured["content"], pictured["spoiler_text"]) == ("", "Trams")
