"""The staff decide about people: who may, what it does, how it is taken back, and what is written down of it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.rooms.accounts.people import stranger
from tests.rooms.media import films, pictures
from tests.support.for_good import be_over
from tests.support.square import Person, Square
from townsquare.accounts.roles import Permission
from townsquare.media.upload import sweep_unattached
from townsquare.moderation import audit, store_accounts, store_files
from townsquare.moderation.events import BEGIN
from townsquare.moderation.removal import remove_suspended

STAFF = "read write follow push profile admin:read admin:write"


async def staff(square: Square, name: str = "mod", role: str = "moderator") -> Person:
    return await square.person(name, STAFF, role=role)


async def decide(by: Person, about: Person | str, action: str, **given: Any) -> httpx.Response:
    number = about if isinstance(about, str) else about.id
    return await by.request("POST", f"/api/v1/admin/accounts/{number}/action", json={"type": action} | given)


async def undo(by: Person, about: Person, word: str) -> dict[str, Any]:
    return await by.post(f"/api/v1/admin/accounts/{about.id}/{word}")


async def ids(by: Person, version: str = "v1", **query: Any) -> list[str]:
    return [one["username"] for one in await by.get(f"/api/{version}/admin/accounts", **query)]


async def sign_up(square: Square, **given: Any) -> httpx.Response:
    """Within an app."""
    app = {"client_name": "App", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write"}
    made = (await square.http.post("/api/v1/apps", json=app)).json()
    asked = {"grant_type": "client_credentials", "scope": "read write"}
    asked |= {"client_id": made["client_id"], "client_secret": made["client_secret"]}
    token = (await square.http.post("/oauth/token", json=asked)).json()["access_token"]
    form = {"username": "newcomer", "email": "new@mail.example", "password": "correct horse battery"}
    form |= {"agreement": True, "date_of_birth": "1990-05-01"} | given
    headers = {"authorization": f"Bearer {token}"}
    return await square.http.post("/api/v1/accounts", json=form, headers=headers)


async def log(square: Square, about: Person) -> list[tuple[str, str]]:
    """Who did what, the first thing first."""
    entries = await audit.history(square.db, f"account:{about.id}")
    return [(one.actor, one.action) for one in reversed(entries)]


async def test_a_suspended_person_is_gone_and_comes_back_whole(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    post = await ann.say("hello #town")
    await ann.patch("/api/v1/accounts/update_credentials", display_name="Ann of the trams")
    assert (await decide(mod, ann, "suspend", text="Spam")).json() == {}
    await square.settle()

    assert (await ann.request("GET", "/api/v1/timelines/home")).status_code == 401
    shown = await ben.get(f"/api/v1/accounts/{ann.id}")
    assert shown["suspended"] is True
    assert shown["display_name"] == ""
    assert await ben.home() == []
    assert (await ben.request("GET", f"/api/v1/statuses/{post['id']}")).status_code == 404
    assert await ben.get(f"/api/v1/accounts/{ann.id}/statuses") == []
    assert await ben.get("/api/v1/accounts/search", q="ann") == []
    assert await ben.get("/api/v1/timelines/tag/town") == []
    assert (await square.http.get("/@ann")).status_code == 410
    assert (await square.http.get(f"/@ann/{post['id']}")).status_code == 404

    assert (await undo(mod, ann, "unsuspend"))["suspended"] is False
    await square.settle()
    assert (await ben.get(f"/api/v1/accounts/{ann.id}"))["display_name"] == "Ann of the trams"
    assert await ben.home() == [post["id"]]
    assert (await square.http.get("/@ann")).status_code == 200
    assert await log(square, ann) == [("@mod", "account.suspend"), ("@mod", "account.unsuspend")]


async def test_the_pictures_of_the_suspended_are_not_given_out(square: Square) -> None:
    mod, ann = await staff(square), await square.person("ann")
    post = await ann.say("look", media_ids=[await send(ann)])
    picture = post["media_attachments"][0]["url"]
    assert (await square.http.get(picture)).status_code == 200
    await decide(mod, ann, "suspend")
    await square.settle()
    assert (await square.http.get(picture)).status_code == 404
    await undo(mod, ann, "unsuspend")
    await square.settle()
    assert (await square.http.get(picture)).status_code == 200


async def test_what_was_still_worked_on_is_not_given_out_either(square: Square) -> None:
    mod, ann = await staff(square), await square.person("ann")
    await ann.request("POST", "/api/v2/media", files={"file": ("f.mp4", films.film(), "video/mp4")})
    await decide(mod, ann, "suspend")
    await square.db.execute("DELETE FROM jobs WHERE kind = 'FilesWithheld'")  # as if it had run: there was nothing yet
    await square.settle()
    url = "/media/" + await square.db.value("SELECT file_key FROM media WHERE state = 'ready'")
    assert (await square.http.get(url)).status_code == 404
    await undo(mod, ann, "unsuspend")
    await square.settle()
    assert (await square.http.get(url)).status_code == 200


async def test_whoever_was_suspended_does_not_come_back_with_the_same_address(square: Square) -> None:
    admin, ann = await staff(square, "adm", "admin"), await square.person("ann", email="Ann.Smith@mail.example")
    again = {"email": "annsmith+again@mail.example"}
    await decide(admin, ann, "suspend")
    assert len(await admin.post("/api/v1/admin/canonical_email_blocks/test", **again)) == 1
    assert list((await sign_up(square, **again)).json()["details"]) == ["email"]
    await undo(admin, ann, "unsuspend")
    assert await admin.post("/api/v1/admin/canonical_email_blocks/test", **again) == []
    assert (await sign_up(square, **again)).status_code == 200


async def test_a_disabled_person_is_told_so(square: Square) -> None:
    mod, ann = await staff(square), await square.person("ann")
    post = await ann.say("hello")
    await decide(mod, ann, "disable")
    refused = await ann.request("GET", "/api/v1/timelines/home")
    assert (refused.status_code, refused.json()) == (403, {"error": "Your login is currently disabled"})
    assert (await square.http.get(f"/api/v1/statuses/{post['id']}")).status_code == 200
    assert (await undo(mod, ann, "enable"))["disabled"] is False
    assert (await ann.request("GET", "/api/v1/timelines/home")).status_code == 200


async def test_what_is_decided_is_taken_back_by_those_only_who_decide_about_reports(square: Square) -> None:
    mod, ann = await staff(square), await square.person("ann")
    await decide(mod, ann, "silence")
    await square.db.execute(
        """
        INSERT INTO roles (key, rank, name, color, permissions, highlighted)
        VALUES ('moderator', 'moderator', 'Moderator', '', $1, false)
        """,
        int(Permission.MANAGE_USERS),
    )
    square.services.callers.up()
    assert (await mod.request("GET", f"/api/v1/admin/accounts/{ann.id}")).status_code == 200
    assert (await mod.request("POST", f"/api/v1/admin/accounts/{ann.id}/unsilence")).status_code == 403


async def test_a_limited_person_is_seen_by_followers_only(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    await decide(mod, ann, "silence")
    post = await ann.say("hello #town")
    assert (await ben.get(f"/api/v1/accounts/{ann.id}"))["limited"] is True
    assert await ben.get("/api/v1/timelines/public") == []
    assert (await ben.get(f"/api/v1/statuses/{post['id']}"))["id"] == post["id"]
    assert (await undo(mod, ann, "unsilence"))["silenced"] is False
    assert [one["id"] for one in await ben.get("/api/v1/timelines/public")] == [post["id"]]


async def test_what_is_done_to_all_that_somebody_posted_begins_with_what_is_new(square: Square) -> None:
    """It takes a while where there is much of it, and people see the latest."""
    ann = await square.person("ann")
    old, new = [await ann.say(text, media_ids=[await send(ann)]) for text in ("old", "new")]
    media = [int(one["media_attachments"][0]["id"]) for one in (old, new)]
    posts = int(old["id"]), int(new["id"])
    assert await store_accounts.mark_posts(square.db, ann.id, BEGIN, 1) == posts[1]
    assert await store_accounts.mark_posts(square.db, ann.id, posts[1], 1) == posts[0]
    assert {one[0] for one in await store_files.of_posts(square.db, ann.id, BEGIN, 1)} == {media[1]}
    assert {one[0] for one in await store_files.of_posts(square.db, ann.id, media[1], 1)} == {media[0]}


async def test_all_posts_of_a_person_can_be_marked_sensitive_and_be_as_they_were(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    plain, marked = await ann.say("plain"), await ann.say("marked", sensitive=True)

    async def sensitive() -> list[bool]:
        found = await ben.get(f"/api/v1/accounts/{ann.id}/statuses")
        return [one["sensitive"] for one in reversed(found)]

    await decide(mod, ann, "sensitive")
    await square.settle()
    assert await sensitive() == [True, True]
    await ann.say("later")
    await ann.put(f"/api/v1/statuses/{plain['id']}", status='plain "sensitive":false', sensitive=False)
    assert await sensitive() == [True, True, True]
    assert (await ben.get(f"/api/v1/statuses/{plain['id']}"))["content"] == "<p>plain &quot;sensitive&quot;:false</p>"
    await undo(mod, ann, "unsensitive")
    await square.settle()
    assert await sensitive() == [False, True, False]
    assert (await ben.get(f"/api/v1/statuses/{marked['id']}"))["content"] == "<p>marked</p>"


@pytest.mark.parametrize(
    ("by", "about", "status"),
    [
        ("moderator", "user", 200),
        ("moderator", "moderator", 403),
        ("moderator", "admin", 403),
        ("admin", "moderator", 200),
        ("admin", "owner", 403),
        ("owner", "admin", 200),
        ("owner", "owner", 403),
        ("user", "user", 403),
    ],
)
async def test_nobody_acts_on_their_own_rank_or_above(square: Square, by: str, about: str, status: int) -> None:
    one, other = await staff(square, "one", by), await staff(square, "other", about)
    assert (await decide(one, other, "silence")).status_code == status
    assert (await decide(one, one, "silence")).status_code == 403


async def test_scope_and_role_are_both_asked_for(square: Square) -> None:
    await staff(square)
    plain = await square.person("plain", STAFF)
    without = await square.person("without", "read write", role="admin")
    narrow = await square.person("narrow", "admin:read:reports", role="admin")
    for person in (plain, without, narrow):
        refused = await person.request("GET", "/api/v1/admin/accounts")
        assert refused.status_code == 403
    assert (await plain.request("GET", "/api/v1/admin/accounts")).json() == {"error": "This action is not allowed"}
    assert await narrow.get("/api/v1/admin/reports") == []
    assert (await square.http.get("/api/v1/admin/accounts")).status_code == 401


async def test_people_at_the_door_are_let_in_or_turned_away(square: Square) -> None:
    mod = await staff(square)
    ann, ben = await square.person("ann", approved=False, reason="I sing"), await square.person("ben", approved=False)
    waiting = await mod.get("/api/v1/admin/accounts", pending=True)
    assert [(one["username"], one["invite_request"]) for one in waiting] == [("ben", None), ("ann", "I sing")]
    assert (await mod.post(f"/api/v1/admin/accounts/{ann.id}/approve"))["approved"] is True
    assert (await mod.request("POST", f"/api/v1/admin/accounts/{ann.id}/approve")).status_code == 403
    assert (await mod.post(f"/api/v1/admin/accounts/{ben.id}/reject"))["username"] == "ben"
    assert (await mod.request("GET", f"/api/v1/admin/accounts/{ben.id}")).status_code == 404
    assert await log(square, ben) == [("@mod", "account.reject")]


async def test_accounts_are_found_by_whatever_is_known_of_them(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben", email="b@two.example")
    await stranger(square.db, "far", display_name="Far")
    await decide(mod, ann, "silence")
    await square.db.execute(
        "INSERT INTO sessions (account_id, id, token_hash, expires_at, address) VALUES ($1, 1, '', now(), '192.0.2.7')",
        ben.id,
    )
    assert await ids(mod) == ["ben", "ann", "mod"]
    assert await ids(mod, remote=True) == ["far"]
    assert await ids(mod, silenced=True) == ["ann"]
    assert await ids(mod, staff=True) == ["mod"]
    assert await ids(mod, username="BE") == ["ben"]
    assert await ids(mod, email="B@two.example") == ["ben"]
    assert await ids(mod, email="@TWO.example") == ["ben"]
    assert await ids(mod, email="b@two") == []
    assert await ids(mod, ip="192.0.2.0/24") == ["ben"]
    assert await ids(mod, by_domain="far.example") == ["far"]
    assert await ids(mod, "v2") == ["far", "ben", "ann", "mod"]
    assert await ids(mod, "v2", origin="local", status="silenced") == ["ann"]
    assert await ids(mod, "v2", permissions="staff") == ["mod"]
    assert await ids(mod, "v2", **{"role_ids[]": "1"}) == ["mod"]
    assert await ids(mod, "v2", display_name="Fa") == ["far"]
    assert await ids(mod, username="%") == []
    (found,) = await mod.get("/api/v1/admin/accounts", username="ben")
    assert found["ip"] == "192.0.2.7"
    assert [one["ip"] for one in found["ips"]] == ["192.0.2.7"]
    page = await mod.request("GET", "/api/v1/admin/accounts", params={"limit": 1})
    assert 'rel="next"' in page.headers["link"]
    assert (await mod.request("GET", "/api/v1/admin/accounts", params={"ip": "nowhere"})).status_code == 422


async def test_an_account_of_another_server_can_be_limited_but_not_disabled(square: Square) -> None:
    mod = await staff(square)
    far = str(await stranger(square.db, "far"))
    assert (await decide(mod, far, "disable")).status_code == 422
    assert (await decide(mod, far, "silence")).status_code == 200
    assert (await mod.get(f"/api/v1/admin/accounts/{far}"))["silenced"] is True
    assert (await decide(mod, "1", "silence")).status_code == 404
    assert (await decide(mod, far, "banish")).status_code == 422


async def test_a_suspended_account_is_deleted_with_its_files_and_stays_in_reports_and_the_log(square: Square) -> None:
    adm, ann, ben = await staff(square, "adm", "admin"), await square.person("ann"), await square.person("ben")
    post = await ann.say("look", media_ids=[await send(ann)])
    filed = await ben.post("/api/v1/reports", account_id=str(ann.id), status_ids=[post["id"]])
    await square.settle()
    path = f"/api/v1/admin/accounts/{ann.id}"
    assert (await adm.request("DELETE", path)).status_code == 403, "not suspended"
    await decide(adm, ann, "suspend")
    await square.settle()
    mod = await staff(square)
    assert (await mod.request("DELETE", path)).status_code == 403, "not for moderators"
    await be_over(square, ann)
    assert (await adm.delete(path))["suspended"] is True
    await square.settle()
    assert (await adm.request("DELETE", path)).status_code == 404
    assert await ids(adm, suspended=True) == []
    shown = await adm.get(f"/api/v1/admin/reports/{filed['id']}")
    assert shown["target_account"]["username"] == "ann"
    assert shown["statuses"][0]["content"] == "<p>look</p>"
    assert (await log(square, ann))[-1] == ("@adm", "account.delete")
    assert [one for one in square.files() if not one.startswith("evidence/")] == []


async def test_files_that_no_post_has_go_with_a_suspended_account_too(square: Square) -> None:
    adm, ann = await staff(square, "adm", "admin"), await square.person("ann")
    await send(ann)
    await decide(adm, ann, "suspend")
    await square.settle()
    assert [path for path in square.files() if path.startswith("withheld/")], "it is not given out"
    await be_over(square, ann)
    await adm.delete(f"/api/v1/admin/accounts/{ann.id}")
    await square.settle()
    assert square.files() == []


async def test_what_a_suspended_person_never_posted_is_swept_as_that_of_others(square: Square) -> None:
    adm, ann = await staff(square, "adm", "admin"), await square.person("ann")
    await send(ann)
    await decide(adm, ann, "suspend")
    await square.settle()
    await sweep_unattached(square.db, square.services.storage, older_than=-timedelta(seconds=1))
    assert square.files() == []


async def test_one_who_cannot_be_deleted_does_not_keep_the_others(square: Square) -> None:
    """The only owner of the place stays until there is another one."""
    own, ann = await staff(square, "own", "owner"), await square.person("ann")
    for person in (own, ann):
        sql = "UPDATE accounts SET suspended_at = now() - interval '31 days' WHERE id = $1"
        await square.db.execute(sql, person.id)
    await remove_suspended(square.db, square.services.settings)
    sql = "SELECT array_agg(username) FROM accounts WHERE suspended_at IS NOT NULL AND deleted_at IS NULL"
    assert await square.db.value(sql) == ["own"]


async def send(by: Person) -> str:
    """A picture, which no post has yet."""
    sent = await by.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    return sent.json()["id"]


async def test_a_suspension_that_stood_for_thirty_days_is_for_good(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    for person, days in ((ann, 31), (ben, 29)):
        await decide(mod, person, "suspend")
        sql = "UPDATE accounts SET suspended_at = now() - make_interval(days => $2) WHERE id = $1"
        await square.db.execute(sql, person.id, days)
    await remove_suspended(square.db, square.services.settings)
    await remove_suspended(square.db, square.services.settings)
    assert await ids(mod, suspended=True) == ["ben"]
    assert (await log(square, ann))[-1] == ("the place itself", "account.delete")
