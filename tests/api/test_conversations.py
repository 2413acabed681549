"""Direct posts by conversations, as each who takes part has them."""

from typing import Any

from tests.support.square import Person, Square

C = "/api/v1/conversations"


async def direct(person: Person, text: str, **body: Any) -> dict[str, Any]:
    return await person.say(text, visibility="direct", **body)


def looks(one: dict[str, Any]) -> tuple[list[str], bool, str]:
    return sorted(account["acct"] for account in one["accounts"]), one["unread"], one["last_status"]["id"]


async def all_of(person: Person, **query: Any) -> list[tuple[list[str], bool, str]]:
    return [looks(one) for one in await person.get(C, **query)]


async def test_a_thread_between_the_same_people_is_one_conversation_for_each(ann: Person, ben: Person) -> None:
    first = await direct(ann, "@ben psst")
    assert await all_of(ann) == [(["ben"], False, first["id"])]
    assert await all_of(ben) == [(["ann"], True, first["id"])]
    answer = await direct(ben, "@ann yes?", in_reply_to_id=first["id"])
    assert await all_of(ann) == [(["ben"], True, answer["id"])]
    assert await all_of(ben) == [(["ann"], False, answer["id"])]
    other = await direct(ann, "@ben something else")
    assert await all_of(ben) == [(["ann"], True, other["id"]), (["ann"], False, answer["id"])]
    (shown,) = [one["last_status"] for one in await ben.get(C, limit=1)]
    assert shown == await ben.get(f"/api/v1/statuses/{other['id']}")


async def test_other_people_make_another_conversation(ann: Person, ben: Person, cat: Person) -> None:
    first = await direct(ann, "@ben @cat the three of us")
    assert await all_of(cat) == [(["ann", "ben"], True, first["id"])]
    aside = await direct(cat, "@ann between us two", in_reply_to_id=first["id"])
    assert await all_of(ann) == [(["cat"], True, aside["id"]), (["ben", "cat"], False, first["id"])]
    assert await all_of(ben) == [(["ann", "cat"], True, first["id"])]


async def test_whoever_talks_to_nobody_talks_to_themselves(ann: Person) -> None:
    note = await direct(ann, "do not forget the milk")
    assert await all_of(ann) == [(["ann"], False, note["id"])]


async def test_only_direct_posts_are_conversations(ann: Person, ben: Person) -> None:
    for visibility in ("public", "unlisted", "private"):
        await ann.say("@ben hello", visibility=visibility)
    assert await ann.get(C) == await ben.get(C) == []


async def test_reading_and_forgetting(ann: Person, ben: Person, cat: Person) -> None:
    first = await direct(ann, "@ben psst")
    (one,) = await ben.get(C)
    read = await ben.post(f"{C}/{one['id']}/read")
    assert read == {**one, "unread": False}
    assert await ben.get(C) == [read]
    for person, path in ((cat, f"{C}/{one['id']}"), (ben, f"{C}/1"), (ben, f"{C}/x")):
        assert (await person.request("DELETE", path)).status_code == 404
        assert (await person.request("POST", f"{path}/read")).status_code == 404
    assert await ben.delete(f"{C}/{one['id']}") == {}
    assert await ben.get(C) == []
    assert await all_of(ann) == [(["ben"], False, first["id"])]
    again = await direct(ann, "@ben are you there?", in_reply_to_id=first["id"])
    assert await all_of(ben) == [(["ann"], True, again["id"])]


async def test_what_is_deleted_is_not_the_last_post_any_more(ann: Person, ben: Person, square: Square) -> None:
    first = await direct(ann, "@ben psst")
    second = await direct(ann, "@ben forget it", in_reply_to_id=first["id"])
    await ann.delete(f"/api/v1/statuses/{second['id']}")
    await square.settle()
    assert [last for _, _, last in await all_of(ben)] == [last for _, _, last in await all_of(ann)] == [first["id"]]
    await ann.delete(f"/api/v1/statuses/{first['id']}")
    await square.settle()
    assert await ann.get(C) == await ben.get(C) == []


async def test_whom_one_keeps_away_begins_no_conversation(ann: Person, ben: Person, cat: Person) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/block")
    await cat.post(f"/api/v1/accounts/{ann.id}/mute")
    await direct(ann, "@ben @cat psst")
    assert await ben.get(C) == await cat.get(C) == []
    await ann.get(C)


async def test_what_was_kept_apart_comes_in_when_it_is_let_in(ann: Person, ben: Person, square: Square) -> None:
    await ben.patch("/api/v2/notifications/policy", for_private_mentions="filter", for_not_following="filter")
    first = await direct(ann, "@ben psst")
    assert await ben.get(C) == []
    (request,) = await ben.get("/api/v1/notifications/requests")
    await ben.post(f"/api/v1/notifications/requests/{request['id']}/accept")
    await square.settle()
    assert await all_of(ben) == [(["ann"], True, first["id"])]


async def test_pages(ann: Person, ben: Person) -> None:
    ids = [(await direct(ann, f"@ben {n}"))["id"] for n in range(4)][::-1]
    page = await ben.request("GET", C, params={"limit": 2})
    assert [one["last_status"]["id"] for one in page.json()] == ids[:2]
    assert f"max_id={ids[1]}" in page.headers["link"]
    assert f"min_id={ids[0]}" in page.headers["link"]
    assert [last for _, _, last in await all_of(ben, max_id=ids[1])] == ids[2:]
    assert [last for _, _, last in await all_of(ben, min_id=ids[3], limit=2)] == ids[1:3]
    assert [last for _, _, last in await all_of(ben, since_id=ids[1])] == ids[:1]


async def test_who_may(square: Square, ann: Person) -> None:
    assert (await square.http.get(C)).status_code == 401
    reader, writer = await square.person("reader", scopes="read"), await square.person("writer", scopes="write")
    assert (await writer.request("GET", C)).status_code == 403
    assert (await reader.request("DELETE", f"{C}/1")).status_code == 403
    assert (await reader.request("POST", f"{C}/1/read")).status_code == 403
    assert await ann.get(C) == []


async def test_what_was_read_can_be_kept_for_later(square: Square, ann: Person, ben: Person) -> None:
    first = await direct(ann, "@ben psst")
    (one,) = await ben.get(C)
    await ben.post(f"{C}/{one['id']}/read")
    assert await ben.post(f"{C}/{one['id']}/unread") == one
    assert await all_of(ben) == [(["ann"], True, first["id"])]
    assert (await ann.request("POST", f"{C}/1/unread")).status_code == 404
