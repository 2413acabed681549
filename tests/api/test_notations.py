"""The ways in which clients write the same thing: nothing, yes and no, lists, numbers, languages."""

from typing import Any

import msgspec
import pytest

from tests.api.test_hostile import ask, path_of
from tests.support.square import Person, Square
from townsquare.api.all_routes import API
from townsquare.api.door import WITH_BODY


async def test_null_is_as_if_it_had_not_been_sent(square: Square, ann: Person) -> None:
    for route in API:
        if route.method not in WITH_BODY or route.path.startswith("/oauth"):
            continue
        nulls = {field.encode_name: None for field in msgspec.structs.fields(route.given)}
        nothing = await ask(square, route, path_of(route), ann.token, json={})
        null = await ask(square, route, path_of(route), ann.token, json=nulls)
        assert (null.status_code, null.json().keys()) == (nothing.status_code, nothing.json().keys()), route.path


async def test_a_post_of_an_app_that_sends_all_it_knows(ann: Person) -> None:
    nulls = dict.fromkeys(("spoiler_text", "sensitive", "media_ids", "in_reply_to_id", "visibility", "language"))
    assert (await ann.post("/api/v1/statuses", status="hello", poll=None, scheduled_at=None, **nulls))["content"]
    empty = dict.fromkeys(("spoiler_text", "sensitive", "media_ids[]", "in_reply_to_id", "visibility", "language"), "")
    answer = await ann.request("POST", "/api/v1/statuses", data={"status": "hello", **empty})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *[(text, True) for text in ("true", "True", "TRUE", "1", "on", "ON", "t")],
        *[(text, False) for text in ("false", "False", "FALSE", "0", "off", "OFF", "f", "")],
    ],
)
async def test_yes_and_no_as_rails_reads_them(ann: Person, written: str, meant: bool) -> None:
    body = {"status": "hello", "sensitive": written}
    assert (await ann.request("POST", "/api/v1/statuses", data=body)).json()["sensitive"] is meant
    multipart = {name: (None, value) for name, value in body.items()}
    assert (await ann.request("POST", "/api/v1/statuses", files=multipart)).json()["sensitive"] is meant
    listed = await ann.request("GET", f"/api/v1/accounts/{ann.id}/statuses", params={"pinned": written})
    assert len(listed.json()) == (0 if meant else 2)


@pytest.mark.parametrize("written", [{"json": {"sensitive": 1}}, {"json": {"sensitive": "on"}}])
async def test_yes_in_json(ann: Person, written: dict[str, Any]) -> None:
    written["json"]["status"] = "hello"
    assert (await ann.request("POST", "/api/v1/statuses", **written)).json()["sensitive"] is True


async def test_null_for_a_whole_body_is_an_empty_one(ann: Person) -> None:
    """What a script sends that writes nothing as JSON."""
    post = await ann.say("hello")
    json = {"content-type": "application/json"}
    liked = await ann.request("POST", f"/api/v1/statuses/{post['id']}/favourite", headers=json, content=b"null")
    assert (liked.status_code, liked.json()["favourited"]) == (200, True)


async def test_brackets_once_too_often(square: Square, ann: Person) -> None:
    """Mastodon.py adds brackets to names that have them already."""
    ben = await square.person("ben")
    query = f"/api/v1/accounts/relationships?id[][]={ann.id}&id[][]={ben.id}"
    assert [one["id"] for one in await ann.get(query)] == [str(ann.id), str(ben.id)]


@pytest.mark.parametrize("query", ["limit=", "max_id=&since_id=&min_id=", "only_media=&local=&remote="])
async def test_empty_parameters_of_a_list_are_none(ann: Person, query: str) -> None:
    post = await ann.say("hello")
    assert [one["id"] for one in await ann.get(f"/api/v1/timelines/public?{query}")] == [post["id"]]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("EN", "en"),
        ("en-US", "en"),
        ("en_GB", "en"),
        ("zh-tw", "zh-TW"),
        ("iw", "he"),
        ("in_ID", "id"),
        ("und", None),
        ("qx", None),
        ("tlh-Latn", None),
    ],
)
async def test_a_language_is_kept_as_its_code_and_an_unknown_one_is_none(
    ann: Person, written: str, kept: str | None
) -> None:
    """A phone sends the language that it is set to, which nobody can change in order to post."""
    posted = await ann.say("hello", language=written)
    assert posted["language"] == kept
    edited = await ann.put(f"/api/v1/statuses/{posted['id']}", status="hello there", language=written)
    assert edited["language"] == kept
