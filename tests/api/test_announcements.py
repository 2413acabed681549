"""What the place tells everybody."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.square import Person, Square
from townsquare.jobs import Event
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.timelines.announce import Times, announce, change, publish_due, remove, say_over
from townsquare.timelines.announcements import reaction
from townsquare.timelines.events import AnnouncementDue, AnnouncementOver
from townsquare.timelines.reactions import reaction_name

A = "/api/v1/announcements"
NOW = datetime.now(UTC)


async def tell(square: Square, text: str, **times: Any) -> int:
    async with square.db.transaction() as tx:
        return await announce(tx, text, Times(**times), datetime.now(UTC))


async def shown(person: Person, **query: Any) -> list[int]:
    return [int(one["id"]) for one in await person.get(A, **query)]


async def waiting(square: Square, kind: type[Event]) -> int:
    return await square.db.value("SELECT count(*) FROM jobs WHERE kind = $1", kind.__name__)


async def test_an_announcement_is_whole(square: Square) -> None:
    ann = await square.person("ann")
    await square.db.execute("INSERT INTO custom_emojis (shortcode, file_key, static_key) VALUES ('tram', 'a', 'b')")
    post, hidden = await ann.say("Look"), await ann.say("Secret", visibility="private")
    links = " ".join(one["url"] for one in (post, hidden))
    number = await tell(
        square, f"@ann and @nobody: the :tram: rides <again> #Town\n\n{links} https://elsewhere.example/@ann/5"
    )
    one = (await ann.get(A))[0]
    assert one["id"] == str(number)
    assert one["content"].startswith('<p><span class="h-card"')
    assert "&lt;again&gt;" in one["content"]
    assert [(who["acct"], who["url"]) for who in one["mentions"]] == [("ann", "https://town.example/@ann")]
    assert one["statuses"] == [{"id": post["id"], "url": post["url"]}]
    assert one["tags"] == [{"name": "Town", "url": "https://town.example/tags/town"}]
    assert [emoji["shortcode"] for emoji in one["emojis"]] == ["tram"]
    assert (one["starts_at"], one["ends_at"], one["all_day"], one["read"], one["reactions"]) == (
        None,
        None,
        False,
        False,
        [],
    )
    assert one["published_at"] == one["updated_at"]


async def test_what_was_dismissed_is_shown_where_asked_for(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    number = await tell(square, "Hello")
    assert await ann.post(f"{A}/{number}/dismiss") == {}
    assert await ann.post(f"{A}/{number}/dismiss") == {}
    assert (await shown(ann), await shown(ben)) == ([], [number])
    assert [one["read"] for one in await ann.get(A, with_dismissed=True)] == [True]
    for nobody in ("1", "x"):
        assert (await ann.request("POST", f"{A}/{nobody}/dismiss")).status_code == 404


async def test_reactions(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    await square.db.execute("INSERT INTO custom_emojis (shortcode, file_key, static_key) VALUES ('tram', 'a', 'b')")
    number = await tell(square, "Hello")
    for person in (ann, ben, ann):
        await person.put(f"{A}/{number}/reactions/👍")
    await ben.put(f"{A}/{number}/reactions/tram")
    for heart in ("❤", "❤️"):
        await ben.put(f"{A}/{number}/reactions/{heart}")
    thumb, tram, heart = (await ann.get(A))[0]["reactions"]
    assert thumb == {"name": "👍", "count": 2, "me": True}
    assert tram == {
        "name": "tram", "count": 1, "me": False,
        "url": "https://town.example/media/a", "static_url": "https://town.example/media/b",
    }  # fmt: skip
    assert heart == {"name": "❤️", "count": 1, "me": False}
    told = await reaction(square.db, square.services.settings, number, "👍")
    assert (told.name, told.count) == ("👍", 2)

    await ann.delete(f"{A}/{number}/reactions/👍")
    await ben.delete(f"{A}/{number}/reactions/tram")
    await ben.delete(f"{A}/{number}/reactions/❤")
    assert (await ann.get(A))[0]["reactions"] == [{"name": "👍", "count": 1, "me": False}]
    assert (await ann.request("DELETE", f"{A}/{number}/reactions/👍")).status_code == 404
    assert (await reaction(square.db, square.services.settings, number, "tram")).count == 0


async def test_only_emojis_and_not_too_many(square: Square) -> None:
    ann = await square.person("ann")
    number = await tell(square, "Hello")
    for name in ("tram", "x", "1", "👍👍", "👍x"):
        for verb in ("PUT", "DELETE"):
            answer = await ann.request(verb, f"{A}/{number}/reactions/{name}")
            assert answer.status_code == 422, name
            assert answer.json() == {"error": "Validation failed: Name is not a recognized emoji"}
    for name in "😀😁😂😃😄😅😆😇":
        await ann.put(f"{A}/{number}/reactions/{name}")
    answer = await ann.request("PUT", f"{A}/{number}/reactions/😈")
    assert (answer.status_code, answer.json()["error"]) == (
        422,
        "Validation failed: Limit of different reactions reached",
    )
    await ann.put(f"{A}/{number}/reactions/😀")
    assert (await ann.request("PUT", f"{A}/1/reactions/😀")).status_code == 404


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "🇩🇪", "👩‍👩‍👧", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏳️‍🌈", "©️"])
def test_emojis_of_all_kinds(emoji: str) -> None:
    assert reaction_name(emoji) == emoji


async def test_what_is_scheduled_comes_at_its_time(square: Square) -> None:
    ann = await square.person("ann")
    number = await tell(square, "Later", scheduled_at=NOW + timedelta(hours=1))
    assert await shown(ann, with_dismissed=True) == []
    assert (await ann.request("POST", f"{A}/{number}/dismiss")).status_code == 404
    due = await square.db.value("SELECT due_at FROM jobs WHERE kind = 'AnnouncementDue'")
    assert due == NOW + timedelta(hours=1)
    await publish_due(square.db, [AnnouncementDue(number)])
    assert await shown(ann) == [], "it was put off meanwhile"
    await square.db.execute("UPDATE announcements SET scheduled_at = now()")
    await publish_due(square.db, [AnnouncementDue(number)])
    await publish_due(square.db, [AnnouncementDue(number)])
    assert await shown(ann) == [number]
    assert await square.db.value("SELECT count(*) FROM jobs WHERE kind = 'AnnouncementPublished'") == 1


async def test_what_is_over_is_not_shown(square: Square) -> None:
    ann, now = await square.person("ann"), datetime.now(UTC)
    past = {"starts_at": now - timedelta(days=2), "ends_at": now - timedelta(seconds=1)}
    number = await tell(square, "Was", **past)
    today = await tell(square, "Today", **past | {"ends_at": now.replace(hour=0, minute=0, second=0)}, all_day=True)
    assert await shown(ann) == [today]
    await say_over(square.db, [AnnouncementOver(number), AnnouncementOver(today)])
    assert await square.db.value("SELECT payload::jsonb FROM jobs WHERE kind = 'AnnouncementDeleted'") == {
        "announcement_id": number
    }


async def test_it_is_changed_and_taken_back(square: Square) -> None:
    ann = await square.person("ann")
    number = await tell(square, "Helo")
    await ann.post(f"{A}/{number}/dismiss")
    async with square.db.transaction() as tx:
        await change(tx, number, "Hello", Times(), datetime.now(UTC))
    one = (await ann.get(A, with_dismissed=True))[0]
    assert (one["content"], one["read"]) == ("<p>Hello</p>", True)
    assert one["updated_at"] > one["published_at"]
    async with square.db.transaction() as tx:
        await remove(tx, number)
        with pytest.raises(NotFound):
            await remove(tx, number)
    assert await shown(ann, with_dismissed=True) == []
    assert await square.db.value("SELECT count(*) FROM announcement_reads") == 0


@pytest.mark.parametrize(
    "times",
    [{"starts_at": NOW}, {"ends_at": NOW}, {"starts_at": NOW, "ends_at": NOW - timedelta(1)}, {"all_day": True}],
)
async def test_times_that_make_no_sense(square: Square, times: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await tell(square, "Hello", **times)
    with pytest.raises(Invalid):
        await tell(square, " \n")
