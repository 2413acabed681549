"""What lists show and keep out of the home timeline, whether posts are pushed or pulled in, also after a change."""

from typing import Any

import msgspec
import pytest

from tests.support.square import Person, Square


@pytest.fixture
async def ann(square: Square) -> Person:
    """Who reads."""
    return await square.person("ann")


@pytest.fixture
async def ben(square: Square, ann: Person) -> Person:
    """Whom she follows."""
    return await followed(square, ann, "ben")


async def followed(square: Square, ann: Person, name: str) -> Person:
    one = await square.person(name)
    await ann.post(f"/api/v1/accounts/{one.id}/follow")
    await square.settle()
    return one


@pytest.fixture(params=["pushed", "pulled"])
async def posts(request: pytest.FixtureRequest, square: Square, ben: Person) -> str:
    """Whether posts of people whom somebody follows are pushed to those who follow them."""
    if request.param == "pulled":
        home = msgspec.structs.replace(square.services.settings.home, push_bound=0)
        settings = msgspec.structs.replace(square.services.settings, home=home)
        square.services = msgspec.structs.replace(square.services, settings=settings)
        await ben.say("the first that is not pushed")
        await ben.delete(f"/api/v1/statuses/{(await ben.home())[0]}")
        await square.services.pulled.load(square.db)
    return request.param


async def new_list(ann: Person, *members: Person, **more: Any) -> str:
    made = await ann.post("/api/v1/lists", title="Neighbours", **more)
    await ann.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[str(one.id) for one in members])
    return f"/api/v1/lists/{made['id']}"


async def shown(ann: Person, path: str) -> list[str]:
    return [one["id"] for one in await ann.get(path.replace("/lists/", "/timelines/list/"))]


@pytest.mark.usefixtures("posts")
async def test_exclusive_lists_keep_their_members_out_of_home(ann: Person, ben: Person) -> None:
    own, post = await ann.say("mine"), await ben.say("of a neighbour")
    path = await new_list(ann, ben, ann, exclusive=True)
    assert await ann.home() == [own["id"]]
    assert await shown(ann, path) == [post["id"], own["id"]]
    await ann.put(path, exclusive=False)
    assert await ann.home() == [post["id"], own["id"]]
    await ann.put(path, exclusive=True)
    assert await ann.home() == [own["id"]]
    await ann.delete(f"{path}/accounts", **{"account_ids[]": str(ben.id)})
    assert await ann.home() == [post["id"], own["id"]]
    assert await shown(ann, path) == [own["id"]]
    await ann.post(f"{path}/accounts", account_ids=[str(ben.id)])
    assert await ann.home() == [own["id"]]
    await ann.delete(path)
    assert await ann.home() == [post["id"], own["id"]]


@pytest.mark.usefixtures("posts")
async def test_what_others_echo_of_a_member_of_an_exclusive_list_is_theirs(
    square: Square, ann: Person, ben: Person
) -> None:
    cat = await followed(square, ann, "cat")
    post = await ben.say("worth it")
    echo = await cat.post(f"/api/v1/statuses/{post['id']}/reblog")
    await square.settle()
    await square.services.pulled.load(square.db)
    await new_list(ann, ben, exclusive=True)
    assert await ann.home() == [echo["id"]]


async def test_hashtags_bring_nobody_home_who_is_in_an_exclusive_list(square: Square, ann: Person, ben: Person) -> None:
    await ann.post("/api/v1/tags/beans/follow")
    eve = await square.person("eve")
    await new_list(ann, ben, exclusive=True)
    await ben.say("pushed #beans")
    pushed = await eve.say("pushed #beans")
    assert await ann.home() == [pushed["id"]]
    home = msgspec.structs.replace(square.services.settings.home, push_bound=0)
    settings = msgspec.structs.replace(square.services.settings, home=home)
    square.services = msgspec.structs.replace(square.services, settings=settings)
    await ben.say("pulled #beans")
    pulled = await eve.say("pulled #beans")
    await square.services.pulled.load(square.db)
    assert await ann.home() == [pulled["id"], pushed["id"]]


@pytest.mark.usefixtures("posts")
async def test_home_has_answers_to_people_whom_one_follows_and_to_oneself(
    square: Square, ann: Person, ben: Person
) -> None:
    cat, eve = await followed(square, ann, "cat"), await square.person("eve")
    question, strange, own = await cat.say("a question"), await eve.say("a question"), await ann.say("a question")
    for one in (question, strange, own):
        await ben.say("an answer", in_reply_to_id=one["id"])
    answered = [one["in_reply_to_id"] for one in await ann.get("/api/v1/timelines/home")]
    assert [number for number in answered if number] == [own["id"], question["id"]]
    await ann.post(f"/api/v1/accounts/{cat.id}/unfollow")
    await square.settle()
    answered = [one["in_reply_to_id"] for one in await ann.get("/api/v1/timelines/home")]
    assert [number for number in answered if number] == [own["id"]]


@pytest.mark.usefixtures("posts")
async def test_a_list_changes_which_answers_it_shows(square: Square, ann: Person, ben: Person) -> None:
    cat, dan, eve = [await followed(square, ann, "cat"), await followed(square, ann, "dan"), await square.person("eve")]
    path = await new_list(ann, ben, cat)
    asked = {one.username: await one.say("a question", visibility="unlisted") for one in (ann, ben, cat, dan, eve)}
    answers = {name: (await ben.say("so", in_reply_to_id=one["id"]))["id"] for name, one in asked.items()}
    for policy, names in (("none", "ann ben"), ("list", "ann ben cat"), ("followed", "ann ben cat dan")):
        await ann.put(path, replies_policy=policy)
        of = {number: name for name, number in answers.items()}
        assert sorted(of[one] for one in await shown(ann, path) if one in of) == names.split(), policy
    await ann.put(path, replies_policy="list")
    await ann.delete(f"{path}/accounts", **{"account_ids[]": str(cat.id)})
    assert answers["cat"] not in await shown(ann, path)
    await ann.post(f"{path}/accounts", account_ids=[str(dan.id)])
    assert answers["dan"] in await shown(ann, path)


async def test_who_has_not_accepted_a_follow_yet_is_not_shown(square: Square, ann: Person) -> None:
    cat = await square.person("cat")
    await cat.patch("/api/v1/accounts/update_credentials", locked=True)
    await ann.post(f"/api/v1/accounts/{cat.id}/follow")
    path, post = await new_list(ann, cat), await cat.say("to all")
    assert await shown(ann, path) == []
    await cat.post(f"/api/v1/follow_requests/{ann.id}/authorize")
    assert await shown(ann, path) == [post["id"]]
    await ann.post(f"/api/v1/accounts/{cat.id}/unfollow")
    assert await shown(ann, path) == await ann.get(f"{path}/accounts") == []
