"""Notifications from strangers: the policy, what waits because of it, and what becomes of that."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rooms.accounts.people import stranger
from tests.support.square import Person, Square
from townsquare.kernel.ids import new_id
from townsquare.timelines import notify
from townsquare.timelines.store_notify import Notice

POLICY, REQUESTS = "/api/v2/notifications/policy", "/api/v1/notifications/requests"
LONG_AGO = datetime.now(UTC) - timedelta(days=90)


@pytest.fixture
async def ben(square: Square) -> Person:
    """Somebody who has been here for a while."""
    ben = await square.person("ben")
    await square.db.execute("UPDATE accounts SET created_at = $2 WHERE id = $1", ben.id, LONG_AGO)
    return ben


async def told(person: Person, **query: Any) -> list[str]:
    await person.square.settle()
    return [one["type"] for one in await person.get("/api/v1/notifications", **query)]


async def follow(one: Person, other: Person, *, days: int = 0) -> None:
    await one.post(f"/api/v1/accounts/{other.id}/follow")
    await one.square.settle()
    long_ago = new_id(datetime.now(UTC) - timedelta(days=days))
    sql = "UPDATE followers SET id = $3 WHERE account_id = $1 AND follower_id = $2"
    await one.square.db.execute(sql, other.id, one.id, long_ago)


async def test_who_has_chosen_nothing_is_told_all_but_of_what_the_limited_do(ann: Person) -> None:
    assert await ann.get(POLICY) == {
        "for_not_following": "accept",
        "for_not_followers": "accept",
        "for_new_accounts": "accept",
        "for_private_mentions": "accept",
        "for_limited_accounts": "filter",
        "summary": {"pending_requests_count": 0, "pending_notifications_count": 0},
    }


async def test_a_policy_is_changed_in_parts(ann: Person) -> None:
    await ann.patch(POLICY, for_not_following="drop")
    changed = await ann.patch(POLICY, for_new_accounts="filter")
    assert (changed["for_not_following"], changed["for_new_accounts"]) == ("drop", "filter")
    assert await ann.get(POLICY) == changed
    assert (await ann.request("PATCH", POLICY, json={"for_new_accounts": "maybe"})).status_code == 422
    old = await ann.get("/api/v1/notifications/policy")
    assert (old["filter_not_following"], old["filter_not_followers"]) == (True, False)
    await ann.put("/api/v1/notifications/policy", filter_not_following=False, filter_private_mentions=True)
    new = await ann.get(POLICY)
    assert (new["for_not_following"], new["for_private_mentions"]) == ("accept", "filter")


CASES: Mapping[str, tuple[str, str]] = {
    "for_not_following": ("nothing", "ann follows"),
    "for_not_followers": ("nothing", "ben followed long ago"),
    "for_new_accounts": ("ben is new", "ben is not"),
    "for_limited_accounts": ("ben is limited", "ben is not"),
}


async def bring_about(square: Square, ann: Person, ben: Person, what: str) -> None:
    if what == "ann follows":
        await follow(ann, ben)
    elif what == "ben followed long ago":
        await follow(ben, ann, days=4)
        await ann.post("/api/v1/notifications/clear")
    elif what == "ben is new":
        await square.db.execute("UPDATE accounts SET created_at = now() WHERE id = $1", ben.id)
    elif what == "ben is limited":
        await square.db.execute("UPDATE accounts SET limited_at = now() WHERE id = $1", ben.id)


@pytest.mark.parametrize(("name", "when"), CASES.items())
@pytest.mark.parametrize("verdict", ["accept", "filter", "drop"])
async def test_each_rule_keeps_strangers_away_and_no_others(
    square: Square, ann: Person, ben: Person, name: str, when: tuple[str, str], verdict: str
) -> None:
    await ann.patch(POLICY, **{name: verdict})
    await bring_about(square, ann, ben, when[0])
    await ben.say("@ann hello")
    assert await told(ann) == (["mention"] if verdict == "accept" else [])
    assert await told(ann, include_filtered=True) == ([] if verdict == "drop" else ["mention"])
    await ann.post("/api/v1/notifications/clear")
    await square.db.execute("UPDATE accounts SET created_at = $2, limited_at = NULL WHERE id = $1", ben.id, LONG_AGO)
    await bring_about(square, ann, ben, when[1])
    await ben.say("@ann hello again")
    assert await told(ann) == ["mention"]


async def test_who_began_to_follow_just_now_is_not_taken_for_a_follower(ann: Person, ben: Person) -> None:
    await ann.patch(POLICY, for_not_followers="filter")
    await follow(ben, ann)
    await ben.say("@ann hello")
    assert await told(ann) == []


async def test_private_messages_of_strangers_wait_but_not_their_answers(ann: Person, ben: Person) -> None:
    await ann.patch(POLICY, for_private_mentions="filter")
    asked = await ben.say("@ann psst", visibility="direct")
    await ben.say("@ann hello all")
    assert await told(ann) == ["mention"]
    assert await told(ann, include_filtered=True) == ["mention", "mention"]
    await ben.say("@ann are you there?", visibility="direct", in_reply_to_id=asked["id"])
    assert await told(ann) == ["mention"], "an answer to oneself is none"

    mine = await ann.say("@ben a question", visibility="direct")
    answer = await ben.say("@ann an answer", visibility="direct", in_reply_to_id=mine["id"])
    await ann.say("@ben what do you mean?", visibility="direct", in_reply_to_id=asked["id"])
    await ben.say("@ann this", visibility="direct", in_reply_to_id=asked["id"])
    assert len(await told(ann)) == 3
    found = {one["status"]["id"] for one in await ann.get("/api/v1/notifications")}
    assert answer["id"] in found


async def test_what_one_asked_for_and_what_the_staff_says_is_never_kept_apart(square: Square, ann: Person) -> None:
    every = dict.fromkeys([*CASES, "for_private_mentions"], "drop")
    await ann.patch(POLICY, **every)
    mod = await square.person("mod", role="moderator")
    await mod.say("@ann your post was reported", visibility="direct")
    await notify.tell(square.db, [Notice(ann.id, "poll", ann.id)])
    assert await told(ann) == ["poll", "mention"]


async def waiting(square: Square, ann: Person, ben: Person) -> dict[str, Any]:
    await ann.patch(POLICY, for_not_following="filter")
    post = await ann.say("Good morning")
    first = await ben.say("@ann one")
    await ben.post(f"/api/v1/statuses/{post['id']}/favourite")
    last = await ben.say("@ann two")
    (request,) = await ann.get(REQUESTS)
    assert request["account"]["id"] == str(ben.id)
    assert request["notifications_count"] == "3"
    assert request["last_status"]["id"] == last["id"]
    assert first["created_at"] <= request["created_at"] <= request["updated_at"]
    assert (await ann.get(POLICY))["summary"] == {"pending_requests_count": 1, "pending_notifications_count": 3}
    assert await ann.get(f"{REQUESTS}/{request['id']}") == request
    assert await told(ann) == []
    return request


@pytest.mark.parametrize("together", [False, True])
async def test_accepting_brings_in_what_waited_and_lets_the_sender_through(
    square: Square, ann: Person, ben: Person, together: bool
) -> None:
    request = await waiting(square, ann, ben)
    if together:
        await ann.post(f"{REQUESTS}/accept", id=[request["id"]])
    else:
        await ann.post(f"{REQUESTS}/{request['id']}/accept")
    assert await ann.get(f"{REQUESTS}/merged") == {"merged": False}
    await square.settle()
    assert await ann.get(f"{REQUESTS}/merged") == {"merged": True}
    assert await told(ann) == ["mention", "favourite", "mention"]
    assert await ann.get(REQUESTS) == []
    await ben.say("@ann three")
    assert len(await told(ann)) == 4
    await ann.post(f"/api/v1/accounts/{ben.id}/block")
    await ann.post(f"/api/v1/accounts/{ben.id}/unblock")
    await ben.say("@ann four")
    assert [one["notifications_count"] for one in await ann.get(REQUESTS)] == ["1"], "a block ends the permission"


@pytest.mark.parametrize("together", [False, True])
async def test_dismissing_deletes_what_waited(square: Square, ann: Person, ben: Person, together: bool) -> None:
    request = await waiting(square, ann, ben)
    if together:
        await ann.post(f"{REQUESTS}/dismiss", id=[request["id"]])
    else:
        await ann.post(f"{REQUESTS}/{request['id']}/dismiss")
    assert await ann.get(REQUESTS) == []
    assert await told(ann, include_filtered=True) == []
    for path in ("", "/accept", "/dismiss"):
        method = "POST" if path else "GET"
        assert (await ann.request(method, f"{REQUESTS}/{request['id']}{path}")).status_code == 404
    await ben.say("@ann once more")
    assert [one["notifications_count"] for one in await ann.get(REQUESTS)] == ["1"]


async def test_requests_are_one_s_own_and_go_with_what_they_are_about(square: Square, ann: Person, ben: Person) -> None:
    await ann.patch(POLICY, for_not_following="filter")
    post = await ben.say("@ann one")
    (request,) = await ann.get(REQUESTS)
    assert (await ben.request("POST", f"{REQUESTS}/{request['id']}/accept")).status_code == 404
    await ann.post(f"/api/v1/accounts/{ben.id}/mute")
    assert await ann.get(REQUESTS) == []
    assert (await ann.get(POLICY))["summary"]["pending_requests_count"] == 0
    await ann.post(f"/api/v1/accounts/{ben.id}/unmute")
    assert len(await ann.get(REQUESTS)) == 1
    await ben.delete(f"/api/v1/statuses/{post['id']}")
    await square.settle()
    assert await ann.get(REQUESTS) == []


async def test_requests_come_in_pages_with_a_fixed_number_of_statements(square: Square, ann: Person) -> None:
    await ann.patch(POLICY, for_not_following="filter")
    for number in range(5):
        person = await square.person(f"p{number}")
        await person.say("@ann hello")
    first = await ann.request("GET", REQUESTS, params={"limit": 2})
    names = [one["account"]["username"] for one in first.json()]
    assert names == ["p4", "p3"]
    rest = await ann.request("GET", first.links["next"]["url"])
    assert [one["account"]["username"] for one in rest.json()] == ["p2", "p1"]
    back = await ann.get(REQUESTS, min_id=rest.json()[-1]["id"], limit=1)
    assert [one["account"]["username"] for one in back] == ["p2"]
    square.services.callers.up()
    square.services.filters.up()
    counts: list[int] = []
    for limit in (5, 1, 5):
        before = square.db.statements
        await ann.get(REQUESTS, limit=limit)
        counts.append(square.db.statements - before)
    assert counts[1] == counts[2] == 3


async def test_a_blocked_domain_tells_how_many_follows_it_cost(square: Square, ann: Person) -> None:
    far = await stranger(square.db, "far", domain="far.example")
    await ann.post(f"/api/v1/accounts/{far}/follow")
    await square.db.execute("UPDATE follows SET pending = false WHERE account_id = $1", ann.id)
    await ann.post("/api/v1/domain_blocks", domain="far.example")
    await square.settle()
    (one,) = await ann.get("/api/v1/notifications")
    assert one["type"] == "severed_relationships"
    assert one["account"]["id"] == str(ann.id)
    event = one["event"]
    assert (event["type"], event["target_name"]) == ("user_domain_block", "far.example")
    assert (event["followers_count"], event["following_count"]) == (0, 1)
    (group,) = (await ann.get("/api/v2/notifications"))["notification_groups"]
    assert group["event"] == event


async def test_the_staff_is_told_of_newcomers_in_one_group(square: Square) -> None:
    mod = await square.person("mod", role="moderator")
    for name in ("ida", "jon"):
        await square.person(name)
    results = await mod.get("/api/v2/notifications")
    (group,) = results["notification_groups"]
    assert (group["type"], group["notifications_count"]) == ("admin.sign_up", 2)


async def test_an_app_that_does_not_know_a_type_is_given_words(square: Square, ann: Person, ben: Person) -> None:
    await ben.patch("/api/v1/accounts/update_credentials", display_name="<b>Ben</b>")
    await ben.say("@ann hello")
    (plain,) = await ann.get("/api/v1/notifications")
    assert "fallback" not in plain
    known = {"supported_types[]": ["mention", "follow"]}
    assert "fallback" not in (await ann.get(f"/api/v1/notifications/{plain['id']}", **known))
    (strange,) = await ann.get("/api/v1/notifications", **{"supported_types[]": ["follow"]})
    assert strange["fallback"] == {
        "title": "&lt;b&gt;Ben&lt;/b&gt; mentioned you",
        "summary": None,
        "details": None,
    }
    (group,) = (await ann.get("/api/v2/notifications", **{"supported_types[]": ["follow"]}))["notification_groups"]
    assert group["fallback"] == strange["fallback"]


async def test_an_id_that_javascript_has_rounded_finds_its_notification(ann: Person, ben: Person) -> None:
    await ben.say("@ann hello")
    await ben.say("@ann hello again")
    for one in await ann.get("/api/v1/notifications"):
        rounded = int(float(one["id"])) // 1000 * 1000
        if float(rounded) == float(one["id"]):
            assert await ann.get(f"/api/v1/notifications/{rounded}") == one
        assert await ann.get(f"/api/v1/notifications/{int(float(one['id']))}") == one


async def test_a_policy_is_changed_as_clients_do_it(ann: Person) -> None:
    """The documentation names PATCH; Mastodon's router takes PUT as well, and apps use it."""
    changed = await ann.put(POLICY, for_new_accounts="filter")
    assert changed["for_new_accounts"] == "filter"
    assert (await ann.patch(POLICY, for_new_accounts="accept"))["for_new_accounts"] == "accept"
