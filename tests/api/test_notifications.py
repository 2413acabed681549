"""What people are told of what happens to them, as apps see it."""

from typing import Any

import pytest

from tests.support.square import Person, Square

MEMBERS = {"id", "type", "created_at", "group_key", "account"}


async def told(person: Person, **query: Any) -> list[tuple[str, str]]:
    """Type and sender of all notifications, latest first."""
    found = await person.get("/api/v1/notifications", **query)
    return [(one["type"], one["account"]["username"]) for one in found]


async def do(person: Person, path: str, **body: Any) -> Any:
    answer = await person.post(path, **body)
    await person.square.settle()
    return answer


async def test_each_kind_of_event_is_told_once_and_whole(ann: Person, ben: Person) -> None:
    await do(ben, f"/api/v1/accounts/{ann.id}/follow")
    post = await ann.say("Good morning")
    await do(ben, f"/api/v1/statuses/{post['id']}/favourite")
    await do(ben, f"/api/v1/statuses/{post['id']}/reblog")
    answer = await ben.say("@ann good morning", in_reply_to_id=post["id"])

    found = await ann.get("/api/v1/notifications")

    assert [one["type"] for one in found] == ["mention", "reblog", "favourite", "follow"]
    assert {one["account"]["id"] for one in found} == {str(ben.id)}
    assert found[0]["status"]["id"] == answer["id"]
    assert found[1]["status"]["id"] == found[2]["status"]["id"] == post["id"]
    assert found[2]["status"]["account"]["id"] == str(ann.id)
    assert all(set(one) >= MEMBERS for one in found)
    assert "status" not in found[3]
    assert found[0]["group_key"] == f"ungrouped-{found[0]['id']}"
    assert found[2]["group_key"].startswith(f"favourite-{post['id']}-")
    assert found[0]["created_at"].endswith("Z")
    assert await ann.get(f"/api/v1/notifications/{found[0]['id']}") == found[0]
    assert await told(ben) == []


async def test_a_status_shows_what_the_reader_did_with_it(ann: Person, ben: Person) -> None:
    await ben.say("@ann look")
    seen = await ann.get("/api/v1/notifications")
    await do(ann, f"/api/v1/statuses/{seen[0]['status']['id']}/favourite")

    again = (await ann.get("/api/v1/notifications"))[0]["status"]

    assert (again["favourited"], again["filtered"], again["favourites_count"]) == (True, [], 1)
    assert again == await ann.get(f"/api/v1/statuses/{again['id']}")


async def test_what_is_taken_back_is_not_told_any_more(ann: Person, ben: Person) -> None:
    post = await ann.say("Good morning")
    await do(ben, f"/api/v1/accounts/{ann.id}/follow")
    await do(ben, f"/api/v1/statuses/{post['id']}/favourite")
    await do(ben, f"/api/v1/statuses/{post['id']}/reblog")
    mention = await ben.say("@ann good morning")
    assert len(await told(ann)) == 4

    await do(ben, f"/api/v1/statuses/{post['id']}/unfavourite")
    assert ("favourite", "ben") not in await told(ann)
    await do(ben, f"/api/v1/statuses/{post['id']}/unreblog")
    assert ("reblog", "ben") not in await told(ann)
    await do(ben, f"/api/v1/accounts/{ann.id}/unfollow")
    assert await told(ann) == [("mention", "ben")]
    await ben.delete(f"/api/v1/statuses/{mention['id']}")
    await ben.square.settle()
    assert await told(ann) == []


async def test_a_deleted_post_takes_its_notifications_with_it(ann: Person, ben: Person) -> None:
    post = await ann.say("Good morning")
    await do(ben, f"/api/v1/statuses/{post['id']}/favourite")
    await do(ben, f"/api/v1/statuses/{post['id']}/reblog")

    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await ann.square.settle()

    assert await told(ann) == []
    assert (await ann.get("/api/v1/notifications/unread_count"))["count"] == 0


async def test_nobody_is_told_of_themselves_or_of_those_whom_they_keep_away(
    ann: Person, ben: Person, cleo: Person
) -> None:
    post = await ann.say("@ann I talk to myself")
    await do(ann, f"/api/v1/statuses/{post['id']}/favourite")
    await do(ann, f"/api/v1/accounts/{ben.id}/block")
    await do(ann, f"/api/v1/accounts/{cleo.id}/mute")

    await ben.say("@ann hello")
    await cleo.say("@ann hello")

    assert await told(ann) == []
    await do(ann, f"/api/v1/accounts/{cleo.id}/unmute")
    await do(ann, f"/api/v1/accounts/{cleo.id}/mute", notifications=False)
    await cleo.say("@ann hello again")
    assert await told(ann) == [("mention", "cleo")]


async def test_a_mute_hides_what_was_told_before_and_its_end_brings_it_back(ann: Person, ben: Person) -> None:
    await ben.say("@ann hello")
    await do(ann, f"/api/v1/accounts/{ben.id}/mute")
    assert await told(ann) == []
    assert (await ann.get("/api/v1/notifications/unread_count"))["count"] == 0
    await do(ann, f"/api/v1/accounts/{ben.id}/unmute")
    assert await told(ann) == [("mention", "ben")]


async def test_who_is_blocked_by_the_author_is_not_told(ann: Person, ben: Person) -> None:
    await do(ben, f"/api/v1/accounts/{ann.id}/block")
    await ben.say("@ann you cannot read this")
    assert await told(ann) == []


async def test_a_muted_thread_is_silent(ann: Person, ben: Person) -> None:
    post = await ann.say("What do you think?")
    await ann.square.db.execute(
        "INSERT INTO thread_mutes (account_id, root_id) VALUES ($1, $2)", ann.id, int(post["id"])
    )
    await ben.say("@ann much", in_reply_to_id=post["id"])
    await do(ben, f"/api/v1/statuses/{post['id']}/favourite")
    assert await told(ann) == []


async def test_who_wants_to_know_of_all_posts_is_told_of_new_ones_only(ann: Person, ben: Person, cleo: Person) -> None:
    await do(ann, f"/api/v1/accounts/{ben.id}/follow", notify=True)
    await do(cleo, f"/api/v1/accounts/{ben.id}/follow")
    theirs = await cleo.say("A post of cleo")

    await ben.say("News")
    await ben.say("@cleo an answer", in_reply_to_id=theirs["id"])
    await do(ben, f"/api/v1/statuses/{theirs['id']}/reblog")
    await ben.say("@cleo between us", visibility="direct")
    await ben.say("@ann for you")

    assert await told(ann) == [("mention", "ben"), ("status", "ben")]
    assert "status" not in [kind for kind, _ in await told(cleo)]


async def test_a_request_is_told_and_becomes_a_follow_when_it_is_granted(ann: Person, ben: Person) -> None:
    await ann.patch("/api/v1/accounts/update_credentials", locked=True)
    await do(ben, f"/api/v1/accounts/{ann.id}/follow")
    assert await told(ann) == [("follow_request", "ben")]
    await do(ann, f"/api/v1/follow_requests/{ben.id}/authorize")
    assert await told(ann) == [("follow", "ben")]


async def test_an_edit_is_told_to_those_who_echoed_and_those_newly_named(
    ann: Person, ben: Person, cleo: Person
) -> None:
    post = await ann.say("Frist")
    await do(ben, f"/api/v1/statuses/{post['id']}/reblog")
    for text in ("First", "First, @cleo"):
        await ann.put(f"/api/v1/statuses/{post['id']}", status=text)
        await ann.square.settle()

    assert await told(ben) == [("update", "ann")]
    assert await told(cleo) == [("mention", "ann")]

    await cleo.post("/api/v1/notifications/clear")
    await ann.put(f"/api/v1/statuses/{post['id']}", status="Now first, @cleo")
    await ann.square.settle()
    assert await told(cleo) == []


async def test_types_senders_and_cursors_choose(ann: Person, ben: Person, cleo: Person) -> None:
    post = await ann.say("Good morning")
    for person in (ben, cleo):
        await do(person, f"/api/v1/statuses/{post['id']}/favourite")
        await person.say("@ann good morning")

    assert await told(ann, **{"types[]": "mention"}) == [("mention", "cleo"), ("mention", "ben")]
    assert await told(ann, **{"exclude_types[]": ["mention", "poll"]}) == [("favourite", "cleo"), ("favourite", "ben")]
    assert await told(ann, account_id=ben.id) == [("mention", "ben"), ("favourite", "ben")]
    assert await told(ann, account_id="nobody") == []
    first = await ann.request("GET", "/api/v1/notifications", params={"limit": 3})
    ids = [one["id"] for one in first.json()]
    assert len(ids) == 3
    assert f"max_id={ids[-1]}" in first.links["next"]["url"]
    assert f"min_id={ids[0]}" in first.links["prev"]["url"]
    assert await told(ann, max_id=ids[-1]) == [("favourite", "ben")]
    assert await told(ann, min_id=ids[-1], limit=1) == [("favourite", "cleo")]
    assert await told(ann, since_id=ids[-1], limit=1) == [("mention", "cleo")]
    refused = await ann.request("GET", "/api/v1/notifications", params={"max_id": "x"})
    assert refused.status_code == 422


async def test_what_is_dismissed_is_gone(ann: Person, ben: Person) -> None:
    await ben.say("@ann one")
    await ben.say("@ann two")
    found = await ann.get("/api/v1/notifications")
    await ann.post(f"/api/v1/notifications/{found[0]['id']}/dismiss")
    assert [one["id"] for one in await ann.get("/api/v1/notifications")] == [found[1]["id"]]
    assert (await ann.request("GET", f"/api/v1/notifications/{found[0]['id']}")).status_code == 404
    await ann.post("/api/v1/notifications/clear")
    assert await told(ann) == []


async def test_unread_is_what_is_newer_than_the_marker(ann: Person, ben: Person, cleo: Person) -> None:
    post = await ann.say("Good morning")
    await ben.say("@ann one")
    await do(ben, f"/api/v1/statuses/{post['id']}/favourite")
    await do(cleo, f"/api/v1/statuses/{post['id']}/favourite")
    assert (await ann.get("/api/v1/notifications/unread_count"))["count"] == 3
    assert (await ann.get("/api/v2/notifications/unread_count"))["count"] == 2
    assert (await ann.get("/api/v2/notifications/unread_count", **{"grouped_types[]": "follow"}))["count"] == 3

    mention = (await ann.get("/api/v1/notifications", **{"types[]": "mention"}))[0]
    await ann.post("/api/v1/markers", notifications={"last_read_id": mention["id"]})

    assert (await ann.get("/api/v1/notifications/unread_count"))["count"] == 2
    assert (await ann.get("/api/v1/notifications/unread_count", limit=1))["count"] == 1
    assert (await ann.get("/api/v1/notifications/unread_count", **{"types[]": "mention"}))["count"] == 0


async def test_those_limited_by_the_place_are_kept_apart_from_strangers(ann: Person, ben: Person) -> None:
    await ben.square.db.execute("UPDATE accounts SET limited_at = now() WHERE id = $1", ben.id)
    await ben.say("@ann hello")
    assert await told(ann) == []
    assert await told(ann, include_filtered=True) == [("mention", "ben")]
    await do(ann, f"/api/v1/accounts/{ben.id}/follow")
    await ben.say("@ann hello again")
    assert await told(ann) == [("mention", "ben")]


async def test_the_suspended_are_not_shown(ann: Person, ben: Person) -> None:
    await ben.say("@ann hello")
    await ben.square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", ben.id)
    assert await told(ann) == []


async def test_favourites_of_one_post_are_one_group(ann: Person, ben: Person, cleo: Person) -> None:
    post, other = await ann.say("Good morning"), await ann.say("Good evening")
    for person in (ben, cleo):
        await do(person, f"/api/v1/statuses/{post['id']}/favourite")
        await do(person, f"/api/v1/accounts/{ann.id}/follow")
    await do(cleo, f"/api/v1/statuses/{other['id']}/favourite")

    results = await ann.get("/api/v2/notifications")

    groups = results["notification_groups"]
    assert [(one["type"], one["notifications_count"]) for one in groups] == [
        ("favourite", 1),
        ("follow", 2),
        ("favourite", 2),
    ]
    assert groups[2]["status_id"] == post["id"]
    assert groups[2]["sample_account_ids"] == [str(cleo.id), str(ben.id)]
    assert groups[2]["page_max_id"] == str(groups[2]["most_recent_notification_id"]) > groups[2]["page_min_id"]
    assert groups[2]["latest_page_notification_at"].endswith("Z")
    assert "status_id" not in groups[1]
    assert {one["id"] for one in results["accounts"]} == {str(ben.id), str(cleo.id)}
    assert {one["id"] for one in results["statuses"]} == {post["id"], other["id"]}
    assert "partial_accounts" not in results

    alone = await ann.get(f"/api/v2/notifications/{groups[2]['group_key']}")
    assert alone["notification_groups"][0]["notifications_count"] == 2
    assert "page_min_id" not in alone["notification_groups"][0]
    people = await ann.get(f"/api/v2/notifications/{groups[2]['group_key']}/accounts")
    assert [one["id"] for one in people] == [str(cleo.id), str(ben.id)]
    await ann.post(f"/api/v2/notifications/{groups[2]['group_key']}/dismiss")
    left = await ann.get("/api/v2/notifications")
    assert [one["group_key"] for one in left["notification_groups"]] == [one["group_key"] for one in groups[:2]]


async def test_groups_show_what_the_reader_did_and_few_faces_in_full(ann: Person, ben: Person, cleo: Person) -> None:
    post = await ann.say("Good morning")
    for person in (ann, ben, cleo):
        await do(person, f"/api/v1/statuses/{post['id']}/favourite")

    results = await ann.get("/api/v2/notifications", expand_accounts="partial_avatars")

    assert results["statuses"] == [await ann.get(f"/api/v1/statuses/{post['id']}")]
    assert [one["id"] for one in results["accounts"]] == [str(cleo.id)]
    (face,) = results["partial_accounts"]
    assert set(face) == {"id", "acct", "locked", "bot", "url", "avatar", "avatar_static"}
    assert face["id"] == str(ben.id)


async def test_groups_are_read_page_by_page(ann: Person, ben: Person, cleo: Person) -> None:
    posts = [await ann.say(f"Post {n}") for n in range(3)]
    for post in posts:
        for person in (ben, cleo):
            await do(person, f"/api/v1/statuses/{post['id']}/favourite")

    first = await ann.request("GET", "/api/v2/notifications", params={"limit": 2})
    groups = first.json()["notification_groups"]
    assert [one["status_id"] for one in groups] == [posts[2]["id"], posts[1]["id"]]
    lowest = groups[1]["most_recent_notification_id"]
    assert f"max_id={lowest}" in first.links["next"]["url"]

    rest = (await ann.get("/api/v2/notifications", max_id=lowest))["notification_groups"]
    assert [one["status_id"] for one in rest] == [posts[1]["id"], posts[0]["id"]]
    newer = (await ann.get("/api/v2/notifications", min_id=lowest, limit=1))["notification_groups"]
    assert [one["status_id"] for one in newer] == [posts[2]["id"]]
    ungrouped = (await ann.get("/api/v2/notifications", **{"grouped_types[]": "follow"}))["notification_groups"]
    assert len(ungrouped) == 6
    assert ungrouped[0]["group_key"] == f"ungrouped-{ungrouped[0]['page_max_id']}"
    single = await ann.get(f"/api/v2/notifications/{ungrouped[0]['group_key']}")
    assert single["notification_groups"][0]["notifications_count"] == 1


async def test_reading_takes_three_queries_and_the_scope(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("Good morning")
    await ben.say("@ann hello")
    await do(ben, f"/api/v1/statuses/{post['id']}/favourite")
    await ann.get("/api/v1/notifications")
    square.services.callers.up()
    square.services.filters.up()
    await ann.get("/api/v1/notifications")
    before = square.db.statements
    await ann.get("/api/v1/notifications")
    assert square.db.statements - before == 3

    writer = await square.person("writer", scopes="write")
    assert (await writer.request("GET", "/api/v1/notifications")).status_code == 403
    assert (await square.http.get("/api/v1/notifications")).status_code == 401


@pytest.mark.parametrize("number", ["0", "1", str(2**63 - 1), str(2**63), "-1", "x"])
async def test_cursors_and_ids_at_the_end_of_the_world(ann: Person, ben: Person, number: str) -> None:
    await ben.say("@ann hello")
    assert (await ann.request("GET", f"/api/v1/notifications/{number}")).status_code == 404
    for path in ("/api/v1/notifications", "/api/v2/notifications"):
        for name in ("max_id", "since_id", "min_id"):
            answer = await ann.request("GET", path, params={name: number})
            assert answer.status_code == (422 if number in ("-1", "x", str(2**63)) else 200)
    assert (await ann.request("GET", f"/api/v2/notifications/ungrouped-{number}")).status_code == 404


async def test_a_group_has_nobody_in_it_whom_the_reader_keeps_away(ann: Person, ben: Person, cleo: Person) -> None:
    post = await ann.say("Good morning")
    for person in (ben, cleo):
        await do(person, f"/api/v1/statuses/{post['id']}/favourite")
    await do(ann, f"/api/v1/accounts/{cleo.id}/mute")
    (group,) = (await ann.get("/api/v2/notifications"))["notification_groups"]
    path = f"/api/v2/notifications/{group['group_key']}"
    assert group["notifications_count"] == 1
    assert (await ann.get(path))["notification_groups"][0]["notifications_count"] == 1
    assert [one["username"] for one in await ann.get(f"{path}/accounts")] == ["ben"]
