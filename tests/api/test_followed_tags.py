"""What following a hashtag does to the home timeline."""

import msgspec
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


def bound(square: Square) -> None:
    """From now on whoever and whatever is followed at all is followed by too many to push."""
    home = msgspec.structs.replace(square.services.settings.home, push_bound=0)
    settings = msgspec.structs.replace(square.services.settings, home=home)
    square.services = msgspec.structs.replace(square.services, settings=settings)


async def test_a_hashtag_that_many_follow_is_pulled_in_and_nothing_is_lost_or_doubled(
    square: Square, ann: Person
) -> None:
    ben, eve = await square.person("ben"), await square.person("eve")
    before = await ben.say("pushed #beans")
    bound(square)
    await ann.post(f"/api/v1/accounts/{ben.id}/mute")
    muted = await ben.say("from somebody muted #beans")
    await ann.post(f"/api/v1/accounts/{ben.id}/unmute")
    first, second = [await eve.say(f"{word} #beans and #more #beans") for word in ("first", "second")]
    assert await square.db.value("SELECT count(*) FROM home WHERE account_id = $1", ann.id) == 1
    square.services.pulled.add("#beans")
    await ann.post(f"/api/v1/statuses/{first['id']}/favourite")
    shown = await ann.get("/api/v1/timelines/home")
    expected = [second["id"], first["id"], muted["id"], before["id"]]
    assert [one["id"] for one in shown] == expected
    assert [one["favourited"] for one in shown] == [False, True, False, False]
    assert await ann.home(max_id=second["id"], limit=2) == expected[1:3]
    assert await ann.home(min_id=before["id"], limit=2) == expected[1:3]
    await ann.post(f"/api/v1/accounts/{ben.id}/mute")
    assert await ann.home() == expected[:2]
    assert await eve.home() == expected[:2]


async def test_a_deleted_post_with_a_hashtag_that_is_pulled_in_is_gone(square: Square, ann: Person) -> None:
    ben = await square.person("ben")
    before = await ben.say("pushed #beans")
    bound(square)
    after = await ben.say("pulled #beans")
    await square.services.pulled.load(square.db)
    assert await ann.home() == [after["id"], before["id"]]
    for post in (before, after):
        await ben.delete(f"/api/v1/statuses/{post['id']}")
        await square.settle()
    assert await ann.home() == []
    assert await square.db.value("SELECT count(*) FROM home WHERE account_id = $1", ann.id) == 0
