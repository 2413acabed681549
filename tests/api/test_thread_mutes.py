"""Having enough of a conversation."""

from tests.support.square import Person, Square


async def told(person: Person) -> list[str]:
    return [one["type"] for one in await person.get("/api/v1/notifications")]


async def test_nothing_of_a_muted_conversation_is_told(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    first = await ann.say("first")
    answer = await ben.say("answer", in_reply_to_id=first["id"])
    elsewhere = await ann.say("elsewhere")
    muted = await ann.post(f"/api/v1/statuses/{answer['id']}/mute")
    assert (muted["id"], muted["muted"]) == (answer["id"], True)
    assert (await ann.get(f"/api/v1/statuses/{first['id']}"))["muted"] is True
    await ben.say("@ann what now?", in_reply_to_id=first["id"])
    await ben.post(f"/api/v1/statuses/{first['id']}/favourite")
    await ben.post(f"/api/v1/statuses/{elsewhere['id']}/favourite")
    await square.settle()
    assert await told(ann) == ["favourite"]
    heard = await ann.post(f"/api/v1/statuses/{first['id']}/unmute")
    assert heard["muted"] is False
    assert (await ann.get(f"/api/v1/statuses/{answer['id']}"))["muted"] is False
    await ben.say("@ann and now?", in_reply_to_id=first["id"])
    assert await told(ann) == ["mention", "favourite"]


async def test_posts_that_join_a_muted_conversation_show_it(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    first = await ann.say("first")
    await ann.post(f"/api/v1/statuses/{first['id']}/mute")
    answer = await ben.say("answer", in_reply_to_id=first["id"])
    own = await ann.say("and another", in_reply_to_id=answer["id"])
    around = await ann.get(f"/api/v1/statuses/{first['id']}/context")
    assert {one["id"]: one["muted"] for one in around["descendants"]} == {answer["id"]: True, own["id"]: True}
    assert [one["muted"] for one in await ann.get("/api/v1/timelines/home")] == [True, True]
    assert (await ben.get(f"/api/v1/statuses/{own['id']}"))["muted"] is False
    await ann.post(f"/api/v1/statuses/{first['id']}/unmute")
    assert (await ann.get(f"/api/v1/statuses/{own['id']}"))["muted"] is False


async def test_a_conversation_that_one_may_not_see_cannot_be_muted(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    secret = await ann.say("for nobody", visibility="direct")
    for verb in ("mute", "unmute"):
        assert (await ben.request("POST", f"/api/v1/statuses/{secret['id']}/{verb}")).status_code == 404
