"""What following a hashtag does to the home timeline."""

import pytest

from tests.support.square import Person, Square


@pytest.fixture
async def ann(square: Square) -> Person:
    """Somebody who follows a hashtag and nobody."""
    ann = await square.person("ann")
    await ann.post("/api/v1/tags/Beans/follow")
    return ann


async def test_public_posts_with_a_followed_hashtag_come_home_once(square: Square, ann: Person) -> None:
    ben = await square.person("ben")
    post = await ben.say("Up they are! #beans #BEANS")
    answer = await ben.say("@ben and more #beans", in_reply_to_id=post["id"])
    await ben.say("no hashtag")
    await ben.say("#beans for followers", visibility="private")
    await ben.say("#beans quietly", visibility="unlisted")
    assert await ann.home() == [answer["id"], post["id"]]
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await square.settle()
    assert (await ann.home()).count(post["id"]) == 1


async def test_an_answer_to_a_stranger_comes_for_its_hashtag(square: Square, ann: Person) -> None:
    ben, cid = await square.person("ben"), await square.person("cid")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    question = await cid.say("What do you grow?")
    answer = await ben.say("@cid #beans", in_reply_to_id=question["id"])
    assert await ann.home() == [answer["id"]]


async def test_whom_one_keeps_away_stays_away(square: Square, ann: Person) -> None:
    ben, cid, dee = [await square.person(name) for name in ("ben", "cid", "dee")]
    await ann.post(f"/api/v1/accounts/{ben.id}/mute")
    await cid.post(f"/api/v1/accounts/{ann.id}/block")
    await square.db.execute("UPDATE accounts SET limited_at = now() WHERE id = $1", dee.id)
    for person in (ben, cid, dee):
        await person.say("Mine are better #beans")
    assert await ann.home() == []


async def test_a_deleted_post_is_gone_and_an_unfollowed_hashtag_brings_no_more(square: Square, ann: Person) -> None:
    ben = await square.person("ben")
    post = await ben.say("Regret #beans")
    await ben.delete(f"/api/v1/statuses/{post['id']}")
    await square.settle()
    assert await square.db.value("SELECT count(*) FROM home WHERE account_id = $1", ann.id) == 0
    await ann.post("/api/v1/tags/beans/unfollow")
    await ben.say("Again #beans")
    assert await ann.home() == []
