"""Posts through the API: what an app sends, and what it gets back."""

from typing import Any

import pytest

from tests.support.square import Person, Square

ALWAYS: dict[str, type | tuple[type, ...]] = {
    "id": str, "uri": str, "created_at": str, "account": dict, "content": str, "visibility": str, "sensitive": bool,
    "spoiler_text": str, "media_attachments": list, "mentions": list, "tags": list, "emojis": list,
    "reblogs_count": int, "favourites_count": int, "replies_count": int, "quotes_count": int, "quote_approval": dict,
    "tagged_collections": list,
}  # fmt: skip
"""Fields that the documentation says are always there and never null."""
NULLABLE = (
    "url",
    "in_reply_to_id",
    "in_reply_to_account_id",
    "reblog",
    "poll",
    "card",
    "language",
    "edited_at",
    "quote",
)
FOR_READERS = ("favourited", "reblogged", "muted", "bookmarked", "filtered")


def check_status(status: dict[str, Any], *, reader: bool = True) -> None:
    for name, kind in ALWAYS.items():
        assert isinstance(status[name], kind), name
    for name in NULLABLE:
        assert name in status
    for name in FOR_READERS:
        assert (name in status) is reader


async def test_a_post_is_returned_whole_and_read_the_same(square: Square, ann: Person) -> None:
    posted = await ann.say("Hello *town* & <all>\n\nSecond #Parade https://example.org/a", language="en")
    check_status(posted)
    assert posted["account"]["username"] == "ann"
    assert posted["account"]["statuses_count"] == 1
    assert posted["content"].startswith("<p>Hello *town* &amp; &lt;all&gt;</p><p>Second ")
    assert posted["tags"] == [{"name": "parade", "url": "https://town.example/tags/parade"}]
    assert posted["language"] == "en"
    assert posted["application"] == {"name": "Command line", "website": None}
    assert await ann.get(f"/api/v1/statuses/{posted['id']}") == posted
    anonymous = (await square.http.get(f"/api/v1/statuses/{posted['id']}")).json()
    check_status(anonymous, reader=False)


@pytest.mark.parametrize("form", ["json", "data", "files"])
async def test_all_three_notations_of_a_body(ann: Person, form: str) -> None:
    body: dict[str, Any] = {"status": "one two", "sensitive": "true", "spoiler_text": "numbers"}
    if form == "files":
        body = {name: (None, value) for name, value in body.items()}
    posted = (await ann.request("POST", "/api/v1/statuses", **{form: body})).json()
    assert (posted["spoiler_text"], posted["sensitive"], posted["content"]) == ("numbers", True, "<p>one two</p>")


async def test_a_thousand_characters_as_people_see_them(ann: Person) -> None:
    family = "👩‍👩‍👧‍👦"
    assert (await ann.say(family * 1000))["id"]
    refused = await ann.request("POST", "/api/v1/statuses", json={"status": family * 1001})
    assert refused.status_code == 422
    assert refused.json() == {"error": "Validation failed: Text character limit of 1000 exceeded"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": ""}, 422),
        ({"status": " \n "}, 422),
        ({"status": "x", "visibility": "everybody"}, 422),
        ({"status": "x", "language": "klingonese"}, 422),
        ({"status": "x", "in_reply_to_id": "1"}, 404),
        ({"status": "x", "in_reply_to_id": "no id"}, 404),
        ({"status": "x", "media_ids": ["1"]}, 422),
        ({"status": "x", "media_ids": ["no id"]}, 422),
        ({"status": ["x", "y"]}, 422),
        ({"status": {"a": "b"}}, 422),
        ({"status": "a\x00b"}, 422),
    ],
)
async def test_bad_drafts_are_refused_with_a_sentence(ann: Person, body: dict[str, Any], status: int) -> None:
    refused = await ann.request("POST", "/api/v1/statuses", json=body)
    assert refused.status_code == status
    assert refused.json()["error"]


async def test_the_same_idempotency_key_posts_once(ann: Person) -> None:
    key = {"idempotency-key": "once"}
    first = await ann.request("POST", "/api/v1/statuses", json={"status": "hello"}, headers=key)
    again = await ann.request("POST", "/api/v1/statuses", json={"status": "hello"}, headers=key)
    assert first.json()["id"] == again.json()["id"]
    assert len(await ann.get(f"/api/v1/accounts/{ann.id}/statuses")) == 1


async def test_an_answer_is_in_the_thread_and_counted(ann: Person, ben: Person) -> None:
    first = await ann.say("first")
    answer = await ben.say("@ann answer", in_reply_to_id=first["id"])
    deeper = await ann.say("@ben deeper", in_reply_to_id=answer["id"])
    assert answer["in_reply_to_account_id"] == str(ann.id)
    assert [one["acct"] for one in answer["mentions"]] == ["ann"]
    thread = await ann.get(f"/api/v1/statuses/{answer['id']}/context")
    assert [one["id"] for one in thread["ancestors"]] == [first["id"]]
    assert [one["id"] for one in thread["descendants"]] == [deeper["id"]]
    assert (await ann.get(f"/api/v1/statuses/{first['id']}"))["replies_count"] == 1


async def test_favourite_bookmark_and_echo_are_shown_to_who_did_it(ann: Person, ben: Person) -> None:
    post = await ann.say("likeable")
    path = f"/api/v1/statuses/{post['id']}"
    for verb in ("favourite", "favourite", "bookmark"):
        await ben.post(f"{path}/{verb}")
    echo = await ben.post(f"{path}/reblog")
    assert (echo["account"]["username"], echo["reblog"]["id"]) == ("ben", post["id"])
    assert [echo["reblog"][flag] for flag in ("favourited", "bookmarked", "reblogged")] == [True, True, True]
    assert (echo["reblog"]["favourites_count"], echo["reblog"]["reblogs_count"]) == (1, 1)
    seen = await ann.get(path)
    assert (seen["favourited"], seen["favourites_count"]) == (False, 1)
    assert [one["id"] for one in await ben.get("/api/v1/favourites")] == [post["id"]]
    assert [one["id"] for one in await ben.get("/api/v1/bookmarks")] == [post["id"]]
    assert [one["username"] for one in await ann.get(f"{path}/favourited_by")] == ["ben"]
    assert [one["username"] for one in await ann.get(f"{path}/reblogged_by")] == ["ben"]
    for verb in ("unfavourite", "unbookmark", "unreblog"):
        after = await ben.post(f"{path}/{verb}")
    assert (after["favourites_count"], after["reblogs_count"], after["reblogged"]) == (0, 0, False)


async def test_an_edit_keeps_the_history(ann: Person, ben: Person) -> None:
    post = await ann.say("teh town")
    edited = await ann.put(f"/api/v1/statuses/{post['id']}", status="the town #fixed")
    assert edited["content"].startswith("<p>the town ")
    assert edited["edited_at"]
    history = await ben.get(f"/api/v1/statuses/{post['id']}/history")
    assert [one["content"] for one in history] == ["<p>teh town</p>", edited["content"]]
    assert history[0]["account"]["username"] == "ann"
    source = await ann.get(f"/api/v1/statuses/{post['id']}/source")
    assert source == {"id": post["id"], "text": "the town #fixed", "spoiler_text": ""}
    refused = await ben.request("PUT", f"/api/v1/statuses/{post['id']}", json={"status": "mine now"})
    assert refused.status_code == 404


async def test_an_edit_that_changes_nothing_leaves_no_trace(ann: Person) -> None:
    post = await ann.say("as it is")
    same = await ann.put(f"/api/v1/statuses/{post['id']}", status="as it is")
    assert same["edited_at"] is None
    assert len(await ann.get(f"/api/v1/statuses/{post['id']}/history")) == 1


async def test_a_deleted_post_is_gone_everywhere(square: Square, ann: Person, ben: Person) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    root = await ben.say("what is new?")
    post = await ann.say("regret #gone", in_reply_to_id=root["id"])
    await ben.post(f"/api/v1/statuses/{post['id']}/favourite")
    await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    await square.settle()
    deleted = await ann.delete(f"/api/v1/statuses/{post['id']}")
    assert deleted["text"] == "regret #gone"
    await square.settle()
    for person in (ann, ben):
        assert (await person.request("GET", f"/api/v1/statuses/{post['id']}")).status_code == 404
    assert await ben.home() == [root["id"]]
    assert await ben.get("/api/v1/favourites") == []
    assert await ben.get("/api/v1/timelines/tag/gone") == []
    assert (await ben.get(f"/api/v1/statuses/{root['id']}"))["replies_count"] == 0
    assert (await ben.get("/api/v1/accounts/verify_credentials"))["statuses_count"] == 1


async def test_pins_come_first_on_the_profile(ann: Person) -> None:
    first = await ann.say("first")
    await ann.say("second")
    assert (await ann.post(f"/api/v1/statuses/{first['id']}/pin"))["pinned"] is True
    pinned = await ann.get(f"/api/v1/accounts/{ann.id}/statuses", pinned="true")
    assert [one["id"] for one in pinned] == [first["id"]]
    assert (await ann.post(f"/api/v1/statuses/{first['id']}/unpin"))["pinned"] is False


@pytest.mark.parametrize(
    ("visibility", "follower", "mentioned", "stranger", "nobody"),
    [
        ("public", True, True, True, True),
        ("unlisted", True, True, True, True),
        ("private", True, True, False, False),
        ("direct", False, True, False, False),
    ],
)
async def test_who_may_see_a_post(
    square: Square, ann: Person, visibility: str, follower: bool, mentioned: bool, stranger: bool, nobody: bool
) -> None:
    people = {name: await square.person(name) for name in ("follower", "mentioned", "stranger")}
    await people["follower"].post(f"/api/v1/accounts/{ann.id}/follow")
    post = await ann.say("@mentioned for some", visibility=visibility)
    path = f"/api/v1/statuses/{post['id']}"
    for name, may in (("follower", follower), ("mentioned", mentioned), ("stranger", stranger)):
        assert (await people[name].request("GET", path)).status_code == (200 if may else 404), name
        assert (await people[name].request("POST", path + "/favourite")).status_code == (200 if may else 404), name
    assert (await square.http.get(path)).status_code == (200 if nobody else 404)


async def test_whoever_is_blocked_sees_nothing(ann: Person, ben: Person) -> None:
    post = await ann.say("not for ben")
    await ann.post(f"/api/v1/accounts/{ben.id}/block")
    assert (await ben.request("GET", f"/api/v1/statuses/{post['id']}")).status_code == 404
    assert await ben.get("/api/v1/timelines/public") == []


@pytest.mark.parametrize("deed", ["favourite", "bookmark", "reblog"])
async def test_an_echo_by_a_friend_opens_nothing_to_who_is_blocked(
    square: Square, ann: Person, ben: Person, deed: str
) -> None:
    post = await ann.say("not for ben")
    friend = await square.person("friend")
    echo = await friend.post(f"/api/v1/statuses/{post['id']}/reblog")
    await ann.post(f"/api/v1/accounts/{ben.id}/block")
    assert (await ben.request("POST", f"/api/v1/statuses/{echo['id']}/{deed}")).status_code == 404
    for path in ("favourited_by", "reblogged_by", "history"):
        assert (await ben.request("GET", f"/api/v1/statuses/{echo['id']}/{path}")).status_code == 404
    after = await ann.get(f"/api/v1/statuses/{post['id']}")
    assert (after["favourites_count"], after["reblogs_count"]) == (0, 1)


@pytest.mark.parametrize(("visibility", "counted"), [("public", 1), ("unlisted", 1), ("private", 0), ("direct", 0)])
async def test_counts_do_not_tell_of_answers_that_one_may_not_see(
    square: Square, ann: Person, ben: Person, visibility: str, counted: int
) -> None:
    post = await ann.say("what do you think?")
    answer = await ben.say("@ann this", visibility=visibility, in_reply_to_id=post["id"])
    path = f"/api/v1/statuses/{post['id']}"
    assert (await square.http.get(path)).json()["replies_count"] == counted
    await ben.delete(f"/api/v1/statuses/{answer['id']}")
    assert (await square.http.get(path)).json()["replies_count"] == 0


async def test_a_profile_does_not_tell_of_direct_posts(square: Square, ann: Person, ben: Person) -> None:
    await ann.say("@ben between us", visibility="direct")
    shown = (await square.http.get(f"/api/v1/accounts/{ann.id}")).json()
    assert (shown["statuses_count"], shown["last_status_at"]) == (0, None)


async def test_the_history_of_an_echo_is_that_of_its_original(ann: Person, ben: Person) -> None:
    post = await ann.say("teh town")
    echo = await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    await ann.put(f"/api/v1/statuses/{post['id']}", status="the town")
    path = "/api/v1/statuses/{}/history"
    assert await ben.get(path.format(echo["id"])) == await ben.get(path.format(post["id"]))


async def test_a_token_is_needed_and_its_scope(square: Square, ann: Person) -> None:
    reader = await square.person("reader", scopes="read")
    missing = await square.http.post("/api/v1/statuses", json={"status": "x"})
    assert (missing.status_code, "error" in missing.json()) == (401, True)
    wrong = await square.http.post("/api/v1/statuses", headers={"authorization": "Bearer nothing"})
    assert wrong.json() == {"error": "The access token is invalid"}
    outside = await reader.request("POST", "/api/v1/statuses", json={"status": "x"})
    assert (outside.status_code, outside.json()) == (403, {"error": "This action is outside the authorized scopes"})


async def test_what_is_not_said_is_as_one_has_chosen(ann: Person) -> None:
    await ann.patch(
        "/api/v1/accounts/update_credentials", source={"privacy": "unlisted", "sensitive": True, "language": "de"}
    )
    posted = await ann.say("wie immer")
    assert (posted["visibility"], posted["sensitive"], posted["language"]) == ("unlisted", True, "de")
    other = await ann.say("this once", visibility="public", sensitive=False, language="en")
    assert (other["visibility"], other["sensitive"], other["language"]) == ("public", False, "en")


async def test_an_echo_for_followers_is_not_told_to_others(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("for all")
    path = f"/api/v1/statuses/{post['id']}"
    await ben.post(f"{path}/reblog", visibility="private")
    assert (await square.http.get(f"{path}/reblogged_by")).json() == await ann.get(f"{path}/reblogged_by") == []
    assert (await ann.get(path))["reblogs_count"] == 1
    await ben.post(f"{path}/unreblog")
    await ben.post(f"{path}/reblog", visibility="unlisted")
    assert [one["username"] for one in await ann.get(f"{path}/reblogged_by")] == ["ben"]


async def test_a_charset_of_the_clients_brings_no_broken_text(ann: Person) -> None:
    parts = {"status": "a", "poll[options][]": "\\ud800", "poll[expires_in]": "600"}
    begin = "--x\r\nContent-Disposition: form-data; name="
    body = "".join(f'{begin}"{name}"\r\n\r\n{value}\r\n' for name, value in parts.items())
    kind = "multipart/form-data; boundary=x; charset=raw_unicode_escape"
    answer = await ann.request("POST", "/api/v1/statuses", content=f"{body}--x--", headers={"content-type": kind})
    assert answer.status_code == 422
    assert "valid Unicode" in answer.json()["error"]
