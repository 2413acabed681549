"""What people do about each other through the API."""

from typing import Any

import pytest

from tests.support.square import Person, Square

RELATIONSHIP: dict[str, type | tuple[type, ...]] = {
    "id": str, "following": bool, "showing_reblogs": bool, "notifying": bool, "languages": (list, type(None)),
    "followed_by": bool, "blocking": bool, "blocked_by": bool, "muting": bool, "muting_notifications": bool,
    "muting_expires_at": (str, type(None)), "requested": bool, "requested_by": bool, "domain_blocking": bool,
    "endorsed": bool, "note": str,
}  # fmt: skip


def check_relationship(relationship: dict[str, Any]) -> None:
    assert set(relationship) == set(RELATIONSHIP)
    for name, kind in RELATIONSHIP.items():
        assert isinstance(relationship[name], kind), name


async def test_follow_and_unfollow(ann: Person, ben: Person) -> None:
    followed = await ann.post(f"/api/v1/accounts/{ben.id}/follow", reblogs=False, languages=["en", "zh_TW"])
    check_relationship(followed)
    assert (followed["following"], followed["showing_reblogs"], followed["languages"]) == (True, False, ["en", "zh-TW"])
    assert (await ben.get("/api/v1/accounts/relationships", **{"id[]": [ann.id]}))[0]["followed_by"]
    assert (await ann.get(f"/api/v1/accounts/{ben.id}"))["followers_count"] == 1
    ended = await ann.post(f"/api/v1/accounts/{ben.id}/unfollow")
    assert ended["following"] is False
    assert (await ann.get(f"/api/v1/accounts/{ben.id}"))["followers_count"] == 0
    refused = await ann.request("POST", f"/api/v1/accounts/{ben.id}/follow", json={"languages": ["tlhIngan"]})
    assert refused.status_code == 422


async def test_a_request_is_seen_and_granted(ann: Person, ben: Person) -> None:
    await ben.patch("/api/v1/accounts/update_credentials", locked=True)
    assert (await ann.post(f"/api/v1/accounts/{ben.id}/follow"))["requested"]
    assert [account["username"] for account in await ben.get("/api/v1/follow_requests")] == ["ann"]
    assert (await ben.get("/api/v1/accounts/verify_credentials"))["source"]["follow_requests_count"] == 1
    granted = await ben.post(f"/api/v1/follow_requests/{ann.id}/authorize")
    check_relationship(granted)
    assert (granted["followed_by"], granted["requested_by"]) == (True, False)
    assert (await ben.request("POST", f"/api/v1/follow_requests/{ann.id}/reject")).status_code == 404


async def test_unlocking_lets_in_who_waits(square: Square, ann: Person, ben: Person) -> None:
    await ben.patch("/api/v1/accounts/update_credentials", locked=True)
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await ben.patch("/api/v1/accounts/update_credentials", locked=False)
    await square.settle()
    assert (await ann.get("/api/v1/accounts/relationships", id=ben.id))[0]["following"]


async def test_who_is_blocked_cannot_follow(ann: Person, ben: Person) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    blocked = await ann.post(f"/api/v1/accounts/{ben.id}/block")
    check_relationship(blocked)
    assert (blocked["blocking"], blocked["followed_by"]) == (True, False)
    refused = await ben.request("POST", f"/api/v1/accounts/{ann.id}/follow")
    assert (refused.status_code, refused.json()) == (403, {"error": "This action is not allowed"})
    assert [account["username"] for account in await ann.get("/api/v1/blocks")] == ["ben"]
    assert (await ann.post(f"/api/v1/accounts/{ben.id}/unblock"))["blocking"] is False
    assert await ann.get("/api/v1/blocks") == []


async def test_a_mute_ends_by_itself(square: Square, ann: Person, ben: Person) -> None:
    muted = await ann.post(f"/api/v1/accounts/{ben.id}/mute", duration=3600, notifications=False)
    check_relationship(muted)
    assert (muted["muting"], muted["muting_notifications"]) == (True, False)
    assert muted["muting_expires_at"].endswith("Z")
    listed = await ann.get("/api/v1/mutes")
    assert listed[0]["mute_expires_at"] == muted["muting_expires_at"]
    await square.db.execute("UPDATE mutes SET expires_at = now() - interval '1 second' WHERE account_id = $1", ann.id)
    assert (await ann.get("/api/v1/accounts/relationships", id=ben.id))[0]["muting"] is False
    assert await ann.get("/api/v1/mutes") == []
    forever = await ann.post(f"/api/v1/accounts/{ben.id}/mute")
    assert (forever["muting"], forever["muting_notifications"], forever["muting_expires_at"]) == (True, True, None)
    assert (await ann.post(f"/api/v1/accounts/{ben.id}/unmute"))["muting"] is False
    wrong = await ann.request("POST", f"/api/v1/accounts/{ben.id}/mute", json={"duration": -5})
    assert wrong.status_code == 422


async def test_a_note_is_ones_own(ann: Person, ben: Person) -> None:
    noted = await ann.post(f"/api/v1/accounts/{ben.id}/note", comment="Met at the fair")
    assert noted["note"] == "Met at the fair"
    assert (await ben.get("/api/v1/accounts/relationships", id=ann.id))[0]["note"] == ""
    assert (await ann.post(f"/api/v1/accounts/{ben.id}/note", comment=""))["note"] == ""
    long = await ann.request("POST", f"/api/v1/accounts/{ben.id}/note", json={"comment": "x" * 2001})
    assert long.status_code == 422


async def test_only_whom_one_follows_is_recommended(ann: Person, ben: Person) -> None:
    refused = await ann.request("POST", f"/api/v1/accounts/{ben.id}/endorse")
    assert refused.status_code == 422
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    assert (await ann.post(f"/api/v1/accounts/{ben.id}/pin"))["endorsed"]
    assert [account["username"] for account in await ann.get("/api/v1/endorsements")] == ["ben"]
    assert [account["username"] for account in await ben.get(f"/api/v1/accounts/{ann.id}/endorsements")] == ["ben"]
    await ann.post(f"/api/v1/accounts/{ben.id}/unfollow")
    assert await ann.get("/api/v1/endorsements") == []


async def test_a_domain_is_blocked(ann: Person) -> None:
    assert await ann.post("/api/v1/domain_blocks", domain="Far.Example") == {}
    assert await ann.post("/api/v1/domain_blocks", domain="bücher.example") == {}
    assert await ann.get("/api/v1/domain_blocks") == ["xn--bcher-kva.example", "far.example"]
    assert await ann.delete("/api/v1/domain_blocks", domain="far.example") == {}
    assert await ann.get("/api/v1/domain_blocks") == ["xn--bcher-kva.example"]
    for wrong in ("", "no domain", "town.example", "http://x.example/", "a" * 300 + ".example"):
        assert (await ann.request("POST", "/api/v1/domain_blocks", json={"domain": wrong})).status_code == 422, wrong


async def test_nobody_does_any_of_this_to_themselves(ann: Person) -> None:
    for act in ("follow", "block", "mute"):
        assert (await ann.request("POST", f"/api/v1/accounts/{ann.id}/{act}")).status_code == 403


async def test_a_token_without_the_scope_is_refused(square: Square, ben: Person) -> None:
    reader = await square.person("reader", scopes="read")
    refused = await reader.request("POST", f"/api/v1/accounts/{ben.id}/follow")
    assert refused.status_code == 403
    old = await square.person("old", scopes="follow")
    assert (await old.post(f"/api/v1/accounts/{ben.id}/follow"))["following"]


async def test_lists_are_made_filled_changed_and_deleted(square: Square, ann: Person, ben: Person) -> None:
    made = await ann.post("/api/v1/lists", title="Friends")
    assert made == {"id": made["id"], "title": "Friends", "replies_policy": "list", "exclusive": False}
    path = f"/api/v1/lists/{made['id']}"
    stranger = await ann.request("POST", f"{path}/accounts", json={"account_ids": [str(ben.id)]})
    assert stranger.status_code == 404
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    assert await ann.post(f"{path}/accounts", account_ids=[ben.id]) == {}
    twice = await ann.request("POST", f"{path}/accounts", json={"account_ids": [str(ben.id)]})
    assert twice.status_code == 422
    assert [account["username"] for account in await ann.get(f"{path}/accounts")] == ["ben"]
    assert [account["username"] for account in await ann.get(f"{path}/accounts", limit=0)] == ["ben"]
    assert await ann.get(f"/api/v1/accounts/{ben.id}/lists") == [made]
    changed = await ann.put(path, title="Good friends", replies_policy="none", exclusive=True)
    assert changed == {"id": made["id"], "title": "Good friends", "replies_policy": "none", "exclusive": True}
    assert await ann.get("/api/v1/lists") == [changed]
    assert (await ben.request("GET", path)).status_code == 404
    assert (await ben.request("DELETE", path)).status_code == 404
    await ann.request("DELETE", f"{path}/accounts", params={"account_ids[]": [str(ben.id)]})
    assert await ann.get(f"{path}/accounts") == []
    assert await ann.delete(path) == {}
    assert (await ann.request("GET", path)).status_code == 404


@pytest.mark.parametrize("body", [{}, {"title": " "}, {"title": "x" * 256}, {"title": "a", "replies_policy": "some"}])
async def test_a_wrong_list_is_refused(ann: Person, body: dict[str, str]) -> None:
    assert (await ann.request("POST", "/api/v1/lists", json=body)).status_code == 422


async def test_unfollowing_takes_out_of_lists(ann: Person, ben: Person) -> None:
    made = await ann.post("/api/v1/lists", title="Friends")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await ann.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[ben.id])
    await ann.post(f"/api/v1/accounts/{ben.id}/unfollow")
    assert await ann.get(f"/api/v1/lists/{made['id']}/accounts") == []


async def test_hashtags_are_followed_and_shown(square: Square, ann: Person) -> None:
    await ann.say("Come to the #Parade")
    tag = await ann.post("/api/v1/tags/parade/follow")
    assert (tag["following"], tag["featuring"], tag["url"]) == (True, False, f"https://town.example/tags/{tag['name']}")
    assert len(tag["history"]) == 7
    assert tag["history"][0]["uses"] == tag["history"][0]["accounts"] == "1"
    assert [one["name"] for one in await ann.get("/api/v1/followed_tags")] == [tag["name"]]
    featured = await ann.post("/api/v1/featured_tags", name="#parade")
    assert featured["statuses_count"] == "1"
    assert featured["url"] == f"https://town.example/@ann/tagged/{tag['name']}"
    assert (await square.http.get(f"/api/v1/accounts/{ann.id}/featured_tags")).json() == [featured]
    assert (await ann.request("POST", "/api/v1/featured_tags", json={"name": "parade"})).status_code == 422
    assert (await ann.post("/api/v1/tags/parade/feature"))["featuring"] is True
    assert await ann.delete(f"/api/v1/featured_tags/{featured['id']}") == {}
    assert (await ann.post("/api/v1/tags/Parade/unfollow"))["following"] is False
    anonymous = (await square.http.get("/api/v1/tags/parade")).json()
    assert "following" not in anonymous
    unknown = (await square.http.get("/api/v1/tags/nobodysaidit")).json()
    assert [day["uses"] for day in unknown["history"]] == ["0"] * 7
    for wrong in ("123", "a b", "a-b"):
        assert (await ann.request("POST", f"/api/v1/tags/{wrong}/follow")).status_code == 422, wrong
        assert (await ann.request("GET", f"/api/v1/tags/{wrong}")).status_code == 404, wrong
