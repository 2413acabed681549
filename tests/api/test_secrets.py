"""What is for some people only is told to nobody else, at any address of the place."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.square import Person, Square
from townsquare.api.all_routes import API
from townsquare.api.door import Route
from townsquare.auth.model import Visit
from townsquare.auth.sessions import begin_session
from townsquare.auth.users import get_user
from townsquare.federation.door import ROUTES, SHARED
from townsquare.web.all_pages import PAGES
from townsquare.web.door.pages import Page

ASKED_FOR = "vermilion"
"""A word and a hashtag of all that is secret, by which it is asked for."""
WORD = "quicksilver"
"""Stands in all that is secret and in no address, so that no answer may have it."""
SECRET = f"{WORD} #{ASKED_FOR}"
STREAMS = {"accept": "application/activity+json"}
QUERY = {"q": ASKED_FOR, "type": "", "acct": "ann", "resource": "acct:ann@town.example", "page": "true", "limit": "40"}

Values = Mapping[str, Sequence[str]]


async def secrets_of(ann: Person, *, named: str) -> list[dict[str, Any]]:
    """Posts that not everybody may see: with a tag, a warning, an answer, an edit, a pin, somebody named."""
    first = await ann.say(f"{SECRET} one", visibility="private", spoiler_text=SECRET)
    direct = await ann.say(f"@{named} {SECRET} two", visibility="direct")
    answer = await ann.say(f"{SECRET} three", visibility="private", in_reply_to_id=first["id"])
    edited = await ann.say(f"{SECRET} four", visibility="private")
    await ann.put(f"/api/v1/statuses/{edited['id']}", status=f"{SECRET} five")
    await ann.post(f"/api/v1/statuses/{first['id']}/pin")
    echo = await ann.post(f"/api/v1/statuses/{edited['id']}/reblog")
    await ann.square.settle()
    return [first, direct, answer, edited, echo]


def addresses(paths: Iterable[str], values: Values) -> Iterable[str]:
    """Each path with each value that each of its variables may have."""
    for path in paths:
        found = [path]
        for name in re.findall(r"[:*](\w+)", path):
            found = [
                re.sub(rf"[:*]{name}\b", lambda _, value=value: value, one)
                for one in found
                for value in values.get(name, values["id"])
            ]
        yield from found


def gets(routes: Iterable[Route | Page]) -> list[str]:
    return [route.path for route in routes if route.method == "GET"]


async def told(square: Square, person: Person | None, values: Values) -> list[str]:
    """The addresses at which somebody, or nobody in particular, is told of what is secret."""
    headers = {"authorization": f"Bearer {person.token}"} if person else {}
    cookie: dict[str, str] = {}
    if person:
        async with square.db.transaction() as tx:
            user = await get_user(tx, person.id)
            visit = Visit("192.0.2.1")
            begun = await begin_session(tx, user, visit, settings=square.services.settings, now=datetime.now(UTC))
        cookie = {"cookie": f"__Host-session={begun.cookie}"}
    doors = [(gets(API), headers), (gets(PAGES), cookie), ([*ROUTES, *SHARED], STREAMS | headers)]
    found: list[str] = []
    for paths, sent in doors:
        for path in addresses(paths, values):
            answer = await square.http.get(path, params=QUERY, headers=sent)
            assert answer.status_code < 500, f"{path}: {answer.text}"
            if WORD in answer.text:
                found.append(path)
    return found


async def values_of(ann: Person, other: Person | None, posts: Sequence[Mapping[str, Any]]) -> Values:
    """What may stand in an address: people, posts, a list with the author in it."""
    lists: list[str] = []
    if other:
        made = await other.post("/api/v1/lists", title="all")
        await other.request("POST", f"/api/v1/lists/{made['id']}/accounts", json={"account_ids": [str(ann.id)]})
        lists = [made["id"]]
    ids = [str(ann.id), *(str(post["id"]) for post in posts), *lists]
    people = {name: ["@ann"] for name in ("handle", "acct")}
    tags = {name: [ASKED_FOR] for name in ("hashtag", "tag", "name")}
    return {"id": ids, "status_id": ids[1:], "list_id": lists or ["1"], **people, **tags}


async def test_the_search_for_secrets_finds_them(square: Square, ann: Person, ben: Person) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    posts = await secrets_of(ann, named="ben")
    found = await told(square, ben, await values_of(ann, ben, posts))
    places = ("/statuses", "/timelines/home", "/timelines/list", "/search", "/notifications", "/@ann", "/home")
    assert [place for place in places if not any(place in path for path in found)] == []


async def test_nobody_in_particular_is_told(square: Square, ann: Person, ben: Person) -> None:
    posts = await secrets_of(ann, named="ben")
    assert await told(square, None, await values_of(ann, None, posts)) == []


async def test_a_stranger_is_not_told(square: Square, ann: Person, ben: Person) -> None:
    posts = await secrets_of(ann, named="ben")
    eve = await square.person("eve")
    assert await told(square, eve, await values_of(ann, eve, posts)) == []


async def test_who_asks_to_follow_is_not_told_before_the_answer(square: Square, ann: Person, ben: Person) -> None:
    await ann.patch("/api/v1/accounts/update_credentials", locked=True)
    eve = await square.person("eve")
    await eve.post(f"/api/v1/accounts/{ann.id}/follow")
    posts = await secrets_of(ann, named="ben")
    assert await told(square, eve, await values_of(ann, eve, posts)) == []


@pytest.mark.parametrize("ending", ["unfollow", "remove_from_followers", "block"])
async def test_who_follows_no_more_is_told_no_more(square: Square, ann: Person, ben: Person, ending: str) -> None:
    eve = await square.person("eve")
    await eve.post(f"/api/v1/accounts/{ann.id}/follow")
    posts = await secrets_of(ann, named="ben")
    for post in (posts[0], posts[3]):
        await eve.post(f"/api/v1/statuses/{post['id']}/favourite")
        await eve.post(f"/api/v1/statuses/{post['id']}/bookmark")
    who, whom = (eve, ann) if ending == "unfollow" else (ann, eve)
    await who.post(f"/api/v1/accounts/{whom.id}/{ending}")
    await square.settle()
    assert await told(square, eve, await values_of(ann, eve, posts)) == []


async def test_who_was_named_and_is_blocked_is_told_no_more(square: Square, ann: Person, ben: Person) -> None:
    posts = await secrets_of(ann, named="ben")
    await ann.post(f"/api/v1/accounts/{ben.id}/block")
    await square.settle()
    assert await told(square, ben, await values_of(ann, ben, posts)) == []
