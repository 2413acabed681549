"""What those who watch are told: the right things, to the right people, with what is theirs."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.rooms.media import pictures
from tests.support.cases import Desk
from tests.support.square import Person, Square
from tests.support.streams import happen, watching
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId
from townsquare.statuses.events import StatusPosted
from townsquare.statuses.model import Author, Draft
from townsquare.statuses.post import post_status
from townsquare.timelines.announce import Times, announce, remove
from townsquare.timelines.notify_events import RequestsAccepted
from townsquare.timelines.streaming.tell import tell_posted


async def pair(square: Square) -> tuple[Person, Person]:
    """Ann, who follows Ben."""
    ann, ben = await square.person("ann"), await square.person("ben")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await square.settle()
    return ann, ben


async def post(person: Person, text: str, **more: Any) -> str:
    posted = await person.post("/api/v1/statuses", status=text, **more)
    await happen(person.square)
    return posted["id"]


async def picture(person: Person) -> str:
    files = {"file": ("a.png", pictures.png(), "image/png")}
    return (await person.request("POST", "/api/v2/media", files=files)).json()["id"]


async def test_a_post_of_whom_one_follows_comes_whole_and_once(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user") as client:
        number = await post(ben, "Rain at last")
        assert client.messages[0]["stream"] == ["user"]
        [(name, status)] = client.events
        assert (name, status["id"], status["content"]) == ("update", number, "<p>Rain at last</p>")
        assert status == await ann.get(f"/api/v1/statuses/{number}")
        await happen(square)
        assert client.names == ["update"]


async def test_it_is_there_in_the_timeline_by_then(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user") as client:
        number = await post(ben, "Rain at last")
        assert client.names == ["update"]
        assert await ann.home() == [number]


async def test_the_home_stream_has_what_the_home_timeline_has(square: Square) -> None:
    """Followers, one's own, hashtags; without answers to strangers, the muted, the blocked, and letters to others."""
    ann, ben = await pair(square)
    cid, dan = await square.person("cid"), await square.person("dan")
    for other in (cid, dan):
        await ann.post(f"/api/v1/accounts/{other.id}/follow")
    await square.settle()
    await ann.post(f"/api/v1/accounts/{cid.id}/mute")
    eve = await square.person("eve")
    await ann.post("/api/v1/tags/choir/follow")
    async with watching(ann, "user") as client:
        wanted = [await post(ben, "private words", visibility="private"), await post(ann, "my own")]
        strangers = await post(eve, "I am a stranger")
        await post(ben, "answer to her", in_reply_to_id=strangers)
        wanted.append(await post(ben, "answer to ann", in_reply_to_id=wanted[1]))
        await post(cid, "muted")
        await post(ben, "@eve only for you", visibility="direct")
        wanted.append(await post(ben, "@ann only for you", visibility="direct"))
        wanted.append(await post(eve, "who sings? #choir"))
        await dan.post(f"/api/v1/accounts/{ann.id}/block")
        await post(dan, "of one who blocks her")
        echo = await ben.post(f"/api/v1/statuses/{strangers}/reblog")
        await happen(square)
        wanted.append(echo["id"])
        assert [status["id"] for name, status in client.events if name == "update"] == wanted
        assert [number for number in await ann.home() if number in wanted] == wanted[::-1]
        last = client.events[-1][1]
        assert (last["reblog"]["id"], last["account"]["username"]) == (strangers, "ben")


async def test_what_a_follow_leaves_out_is_left_out(square: Square) -> None:
    ann, ben = await pair(square)
    await ann.post(f"/api/v1/accounts/{ben.id}/follow", reblogs=False, languages=["de"])
    eve = await square.person("eve")
    original = await post(eve, "of a stranger")
    async with watching(ann, "user") as client:
        await ben.post(f"/api/v1/statuses/{original}/reblog")
        await post(ben, "in English", language="en")
        german = await post(ben, "auf Deutsch", language="de")
        assert [status["id"] for _, status in client.events] == [german]


async def test_edits_and_deletions(square: Square) -> None:
    ann, ben = await pair(square)
    number = await post(ben, "Choir on Wendesday")
    async with watching(ann, "user") as client:
        await ben.put(f"/api/v1/statuses/{number}", status="Choir on Wednesday")
        await happen(square)
        await ben.put(f"/api/v1/statuses/{number}", status="Choir on Thursday")
        await happen(square)
        await ben.delete(f"/api/v1/statuses/{number}")
        await happen(square)
        assert client.names == ["status.update", "status.update", "delete"]
        assert client.events[1][1]["content"] == "<p>Choir on Thursday</p>"
        assert client.messages[2]["payload"] == number


async def test_an_echo_that_is_taken_back_is_deleted(square: Square) -> None:
    ann, ben = await pair(square)
    number = await post(await square.person("eve"), "of a stranger")
    async with watching(ann, "user") as client:
        echo = await ben.post(f"/api/v1/statuses/{number}/reblog")
        await happen(square)
        await ben.post(f"/api/v1/statuses/{number}/unreblog")
        await happen(square)
        assert [client.names, client.messages[1]["payload"]] == [["update", "delete"], echo["id"]]


async def test_what_one_has_already_is_not_sent_with_every_echo(square: Square) -> None:
    ann, ben = await pair(square)
    cid = await square.person("cid")
    await ann.post(f"/api/v1/accounts/{cid.id}/follow")
    strangers = await post(await square.person("eve"), "of a stranger")
    async with watching(ann, "user") as client:
        known = await post(ben, "of a friend")
        for person, number in ((cid, known), (ben, strangers), (cid, strangers)):
            await person.post(f"/api/v1/statuses/{number}/reblog")
            await happen(square)
        shown = [status["reblog"]["id"] if status["reblog"] else status["id"] for _, status in client.events]
        assert shown == [known, strangers]


@pytest.mark.parametrize("visibility", ["direct", "public"])
async def test_those_whom_a_post_names_are_told_that_it_is_gone(square: Square, visibility: str) -> None:
    """They follow nobody: they have it by a notification, or a conversation."""
    ann, ben = await square.person("ann"), await square.person("ben")
    number = await post(ben, "@ann hello", visibility=visibility)
    async with watching(ann, "user") as client:
        await ben.delete(f"/api/v1/statuses/{number}")
        await happen(square)
        assert [(one["event"], one["payload"]) for one in client.messages] == [("delete", number)]


async def test_what_the_place_hides_goes_from_the_screens_of_others_alone(square: Square) -> None:
    ann, ben = await pair(square)
    post, desk = await ben.say("Against the rules"), Desk(square)
    case_id = await desk.case(post)
    async with watching(ann, "user") as follower, watching(ben, "user") as author:
        await desk.decide(case_id, "remove")
        await happen(square)
        assert (follower.names, author.names.count("delete")) == (["delete"], 0)
        assert (await ben.get(f"/api/v1/statuses/{post['id']}"))["id"] == post["id"]


async def test_notifications(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user") as all_of_it, watching(ann, "user:notification") as only:
        number = await post(ben, "@ann hello")
        assert sorted(all_of_it.names) == ["notification", "update"]
        [(name, told)] = only.events
        assert (name, told["type"], told["status"]["id"]) == ("notification", "mention", number)
        assert only.messages[0]["stream"] == ["user:notification"]
        assert told == await ann.get(f"/api/v1/notifications/{told['id']}")


async def test_notifications_are_for_tokens_that_may_read_them(square: Square) -> None:
    _, ben = await pair(square)
    cid = await square.person("cid", scopes="read:statuses")
    async with watching(cid, "user") as client:
        await post(ben, "@cid hello")
        assert client.events == []
        await client.say(type="subscribe", stream="user:notification")
        assert client.messages[-1] == {"error": "Access token does not have the required scopes", "status": 401}


PUBLIC = {
    "public": ["plain", "tagged", "pictured"],
    "public:local": ["plain", "tagged", "pictured"],
    "public:remote": [],
    "public:media": ["pictured"],
    "public:local:media": ["pictured"],
    "public:remote:media": [],
    "hashtag": ["tagged"],
    "hashtag:local": ["tagged"],
}


@pytest.mark.parametrize("stream", PUBLIC)
async def test_what_everybody_may_watch(square: Square, stream: str) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    async with watching(ann, stream, tag="Fête") as client:
        numbers = {
            await post(ben, "plain"): "plain",
            await post(ben, "unlisted", visibility="unlisted"): "unlisted",
            await post(ben, "private", visibility="private"): "private",
            await post(ben, "tagged #fete"): "tagged",
            await post(ben, "pictured", media_ids=[await picture(ben)]): "pictured",
        }
        first = next(iter(numbers))
        numbers[await post(ann, "answer", in_reply_to_id=first)] = "answer"
        await ann.post(f"/api/v1/statuses/{first}/reblog")
        await happen(square)
        assert [numbers[status["id"]] for _, status in client.events] == PUBLIC[stream]
        assert all(one["stream"][0] == stream for one in client.messages)
        for number, text in numbers.items():
            await (ann if text == "answer" else ben).delete(f"/api/v1/statuses/{number}")
        await happen(square)
        deleted = {numbers[one["payload"]] for one in client.messages if one["event"] == "delete"}
        assert deleted.issuperset(PUBLIC[stream])
        assert deleted.isdisjoint({"unlisted", "private"})


async def test_mutes_blocks_and_limits_hold_on_public_streams(square: Square) -> None:
    ann, ben, cid, dan = [await square.person(name) for name in ("ann", "ben", "cid", "dan")]
    await ann.post(f"/api/v1/accounts/{ben.id}/mute")
    await cid.post(f"/api/v1/accounts/{ann.id}/block")
    await square.db.execute("UPDATE accounts SET limited_at = now() WHERE id = $1", dan.id)
    async with watching(ann, "public") as client, watching(ben, "public") as other:
        await post(ben, "muted")
        await post(cid, "blocks her")
        await post(dan, "limited")
        assert client.events == []
        assert [status["account"]["username"] for _, status in other.events] == ["ben", "cid"]


async def test_lists_show_what_they_show_when_they_are_read(square: Square) -> None:
    ann, ben = await pair(square)
    cid = await square.person("cid")
    await ann.post(f"/api/v1/accounts/{cid.id}/follow")
    made = await ann.post("/api/v1/lists", title="Choir", replies_policy="none")
    await ann.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[str(ben.id)])
    async with watching(ann, "list", list=made["id"]) as client:
        await post(cid, "not in it")
        number = await post(ben, "in it", visibility="private")
        theirs = await post(cid, "question")
        await post(ben, "answer", in_reply_to_id=theirs)
        assert [status["id"] for _, status in client.events] == [number]
        assert client.messages[0]["stream"] == ["list", made["id"]]
        shown = await ann.get(f"/api/v1/timelines/list/{made['id']}")
        assert [status["id"] for status in shown] == [number]


async def test_conversations(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "direct") as client, watching(ben, "direct") as other:
        number = await post(ben, "@ann psst", visibility="direct")
        [(name, conversation)] = client.events
        assert (name, conversation["last_status"]["id"], conversation["unread"]) == ("conversation", number, True)
        assert conversation == (await ann.get("/api/v1/conversations"))[0]
        await post(ben, "@ann aloud")
        await ann.post(f"/api/v1/conversations/{conversation['id']}/read")
        await happen(square)
        assert [payload["unread"] for _, payload in client.events] == [True, False]
        assert other.names == ["conversation"]


async def test_what_is_kept_in_an_exclusive_list_is_there_only(square: Square) -> None:
    ann, ben = await pair(square)
    made = await ann.post("/api/v1/lists", title="Choir", exclusive=True)
    await ann.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[str(ben.id)])
    async with watching(ann, "user") as home, watching(ann, "list", list=made["id"]) as listed:
        await post(ben, "in the list")
        assert (home.names, listed.names) == ([], ["update"])


async def test_each_reader_sees_it_with_what_is_theirs(square: Square) -> None:
    ann, ben = await pair(square)
    number = await post(ben, "the ending is sad")
    await ann.post(f"/api/v1/statuses/{number}/favourite")
    await ann.post("/api/v2/filters", title="Spoilers", context=["home"], keywords_attributes=[{"keyword": "ending"}])
    await square.settle()
    cid = await square.person("cid")
    async with watching(ann, "public") as hers, watching(cid, "public") as his, watching(ben, "public") as own:
        await ben.put(f"/api/v1/statuses/{number}", status="the ending is happy")
        await happen(square)
        [(_, to_ann)], [(_, to_cid)], [(_, to_ben)] = hers.events, his.events, own.events
        assert (to_ann["favourited"], to_cid["favourited"]) == (True, False)
        assert [result["filter"]["title"] for result in to_ann["filtered"]] == ["Spoilers"]
        assert (to_cid["filtered"], to_ben["filtered"]) == ([], [])
        assert ("pinned" in to_ben, "pinned" in to_cid) == (True, False)


async def test_changed_filters_are_told_and_hold_at_once(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user") as client, watching(ben, "user") as other:
        await ann.post("/api/v2/filters", title="Loud", context=["home"], keywords_attributes=[{"keyword": "loud"}])
        await happen(square)
        assert client.messages == [{"stream": ["user"], "event": "filters_changed", "id": client.messages[0]["id"]}]
        await post(ben, "loud words")
        assert len(client.events[-1][1]["filtered"]) == 1
        assert other.names == ["update"]


async def test_the_blocked_hear_nothing_from_the_moment_of_the_block(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user") as client, watching(ann, "public") as public:
        await ben.post("/api/v1/statuses", status="you will not read this")
        await ben.post(f"/api/v1/accounts/{ann.id}/block")
        await happen(square)
        assert [name for name in client.names + public.names if name == "update"] == []


async def test_announcements(square: Square) -> None:
    ann, owner = await square.person("ann"), await square.person("olga", role="owner")
    async with watching(ann, "user") as client, watching(ann, "public") as public:
        number = await announced(square, "The hall is **closed** :tram:")
        await happen(square)
        await owner.put(f"/api/v1/announcements/{number}/reactions/👍")
        await happen(square)
        async with square.db.transaction() as tx:
            await remove(tx, number)
        await happen(square)
        assert client.names == ["announcement", "announcement.reaction", "announcement.delete"]
        assert "read" not in client.events[0][1]
        assert client.events[1][1] == {"name": "👍", "count": 1, "announcement_id": str(number)}
        assert client.messages[2]["payload"] == str(number)
        assert public.events == []


async def announced(square: Square, text: str) -> int:
    async with square.db.transaction() as tx:
        return await announce(tx, text, Times(), datetime.now(UTC))


async def test_merged_notifications_are_told(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user:notification") as client:
        async with square.db.transaction() as tx:
            await emit(tx, RequestsAccepted(ann.id, (ben.id,)))
        await happen(square)
        assert client.names == ["notifications_merged"]


async def test_what_was_brought_from_elsewhere_is_no_news(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user") as client:
        author = Author(AccountId(ben.id), "ben")
        await post_status(square.db, square.services.settings, author, Draft(text="of long ago"), quiet=True)
        await happen(square)
        assert client.events == []


async def test_work_that_runs_twice_is_told_once(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user") as client:
        number = await post(ben, "once")
        again = StatusPosted(ben.id, int(number), 0)
        await tell_posted(square.db, [again])
        await happen(square)
        assert client.names == ["update"]


async def test_where_nobody_watches_nothing_is_written(square: Square) -> None:
    await square.db.execute("UPDATE stream_watch SET until = '-infinity'")
    _, ben = await pair(square)
    await post(ben, "into the void")
    assert await square.db.value("SELECT count(*) FROM stream_facts") == 0


async def test_however_many_watch_the_database_is_asked_as_often(square: Square) -> None:
    ann, ben = await pair(square)
    asked: list[int] = []
    square.services.filters.up()
    async with watching(ann, "user"), watching(ann, "public"), AsyncExitStack() as stack:
        for _ in range(2):
            await ben.post("/api/v1/statuses", status="hello #tag")
            await square.settle()
            before = square.db.statements
            await square.services.hub.step()
            asked.append(square.db.statements - before)
            for number in range(5):
                person = await square.person(f"reader{len(asked)}{number}")
                await person.post(f"/api/v1/accounts/{ben.id}/follow")
                await stack.enter_async_context(watching(person, "user"))
            await happen(square)
    assert asked[0] == asked[1] <= 8
