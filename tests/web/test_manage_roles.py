"""Roles of the place: what each may do is changed on a page and holds at once, by nobody who stands below."""

import re

import pytest

from tests.support.square import Square
from tests.web.visitor import Visitor
from townsquare.accounts.roles import MODERATOR, Permission
from townsquare.moderation import audit

NIGHT = {"name": "Night watch", "rank": "moderator", "highlighted": "true", "own_color": "true", "color": "#6A3FB5"}


async def staff(square: Square, role: str = "owner", name: str = "boss") -> Visitor:
    await square.person(name, role=role)
    one = Visitor(square)
    await one.sign_in(name)
    return one


async def sent(one: Visitor, path: str, *permissions: str, page: str = "/manage/roles/new", **fields: str) -> int:
    answer = await one.send(path, page=page, **fields, **{"permissions[]": list(permissions)})
    return answer.status_code


async def made(square: Square, owner: Visitor, *permissions: str) -> str:
    """The key of a role that was made just now."""
    assert await sent(owner, "/manage/roles", *permissions, **NIGHT) == 303
    return await square.db.value("SELECT key FROM roles WHERE name = 'Night watch'")


async def test_a_role_of_ones_own_allows_what_it_says_and_shows_on_the_profile(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    night = await made(square, owner, "VIEW_DASHBOARD", "VIEW_DEVOPS")
    assert (await owner.send(f"/manage/people/{ann.id}/role", page="/home", role=night)).status_code == 303
    browser = Visitor(square)
    await browser.sign_in("ann")
    assert (await browser.get("/manage/jobs")).status_code == 200
    assert (await browser.get("/manage/people")).status_code == 404
    seen = (await square.http.get(f"/api/v1/accounts/{ann.id}")).json()
    assert seen["roles"] == [{"id": night, "name": "Night watch", "color": "#6a3fb5"}]
    role = (await ann.get("/api/v1/accounts/verify_credentials"))["role"]
    assert (role["id"], role["name"], role["highlighted"]) == (night, "Night watch", True)
    assert int(role["permissions"]) == Permission.VIEW_DASHBOARD | Permission.VIEW_DEVOPS
    page = (await owner.get("/manage/roles")).text
    assert "Night watch" in page
    assert "1 person" in page
    assert "Night watch" in (await owner.get(f"/manage/people?role={night}")).text


async def test_what_a_role_may_do_holds_at_once_for_who_is_signed_in(square: Square) -> None:
    owner, guard = await staff(square), await staff(square, "moderator", "guard")
    assert (await guard.get("/manage/people")).status_code == 200
    fields = {"name": "Guards", "highlighted": "true"}
    assert await sent(owner, "/manage/roles/moderator", "VIEW_DASHBOARD", **fields) == 303
    assert (await guard.get("/manage/people")).status_code == 404
    assert (await guard.get("/manage")).status_code == 200
    assert (await square.http.get("/api/v1/accounts/lookup?acct=guard")).json()["roles"][0]["name"] == "Guards"
    entry = (await audit.history(square.db, "role:moderator"))[0]
    assert entry.action == "role.change"
    assert "MANAGE_USERS" in str(entry.before["permissions"])
    assert entry.after["permissions"] == ["VIEW_DASHBOARD"]
    assert (await owner.send("/manage/roles/moderator/end", page="/home")).status_code == 303
    assert (await guard.get("/manage/people")).status_code == 200
    role = (await square.http.get("/api/v1/accounts/lookup?acct=guard")).json()["roles"][0]
    assert role == {"id": "1", "name": "Moderator", "color": ""}


async def test_nobody_gives_what_they_may_not_do_or_reaches_their_own_rank(square: Square) -> None:
    owner, admin = await staff(square), await staff(square, "admin", "deputy")
    assert (await admin.get("/manage/roles/owner")).status_code == 403
    assert (await admin.get("/manage/roles/admin")).status_code == 403
    assert (await owner.get("/manage/roles/owner")).status_code == 403
    assert await sent(admin, "/manage/roles", **NIGHT | {"rank": "admin"}) == 403
    assert await sent(owner, "/manage/roles", **NIGHT | {"rank": "owner"}) == 403
    assert await sent(admin, "/manage/roles", "ADMINISTRATOR", "VIEW_DEVOPS", "MANAGE_RULES", **NIGHT) == 303
    allowed = Permission(await square.db.value("SELECT permissions FROM roles WHERE name = 'Night watch'"))
    assert allowed == Permission.MANAGE_RULES, "admins do not look after the machine, so they let nobody do it"
    strong = await made_as(square, owner, "Engine room", "VIEW_DEVOPS")
    ann = await square.person("ann")
    given = await admin.send(f"/manage/people/{ann.id}/role", page="/home", role=strong)
    assert given.status_code == 403, "it allows more than they may do themselves"
    assert (await admin.send(f"/manage/people/{ann.id}/role", page="/home", role="nothing")).status_code == 404
    # What an admin may not do stays in a role that an admin changes.
    assert await sent(admin, f"/manage/roles/{strong}", "MANAGE_RULES", **NIGHT | {"name": "Engine room"}) == 303
    left = Permission(await square.db.value("SELECT permissions FROM roles WHERE key = $1", strong))
    assert left == Permission.VIEW_DEVOPS | Permission.MANAGE_RULES


async def made_as(square: Square, owner: Visitor, name: str, *permissions: str) -> str:
    assert await sent(owner, "/manage/roles", *permissions, **NIGHT | {"name": name}) == 303
    return await square.db.value("SELECT key FROM roles WHERE name = $1", name)


async def test_who_had_a_role_that_ends_has_none(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    night = await made(square, owner, *[one.name or "" for one in Permission if one in MODERATOR])
    await owner.send(f"/manage/people/{ann.id}/role", page="/home", role=night)
    assert (await owner.send(f"/manage/roles/{night}/end", page="/home")).status_code == 303
    assert (await square.http.get(f"/api/v1/accounts/{ann.id}")).json()["roles"] == []
    browser = Visitor(square)
    await browser.sign_in("ann")
    assert (await browser.get("/manage")).status_code == 404
    assert [one.action for one in await audit.history(square.db, f"role:{night}")] == ["role.delete", "role.create"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "can’t be blank"),
        ({"name": "x" * 31}, "is too long"),
        ({"name": "moderator"}, "has already been taken"),
        ({"color": "red"}, "must be a colour"),
    ],
)
async def test_what_is_wrong_with_a_role_is_said_beside_it(square: Square, fields: dict[str, str], said: str) -> None:
    owner = await staff(square)
    answer = await owner.send("/manage/roles", page="/manage/roles/new", **NIGHT | fields)
    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;", "’")
    assert f'value="{fields.get("name", "Night watch")}"' in answer.text, "what was typed is kept"


async def test_everybody_can_only_be_let_invite(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    assert await sent(owner, "/manage/roles/user", "MANAGE_USERS", "VIEW_DASHBOARD") == 303
    assert (await ann.get("/api/v1/accounts/verify_credentials"))["role"]["permissions"] == "0"


async def test_badges_are_given_and_taken_by_those_who_may(square: Square) -> None:
    owner, guard, ann = await staff(square), await staff(square, "moderator", "guard"), await square.person("ann")
    path = f"/manage/people/{ann.id}/badges"
    assert (await guard.send(path, page="/home", **{"badges[]": ["verified", "staff"]})).status_code == 303

    async def worn(who: str) -> list[str]:
        return [one["name"] for one in (await square.http.get(f"/api/v1/accounts/lookup?acct={who}")).json()["roles"]]

    assert await worn("ann") == ["Verified person"], "who works for the place is said by those who give roles"
    assert (await owner.send(path, page="/home", **{"badges[]": ["staff"]})).status_code == 303
    assert await worn("ann") == ["Staff"]
    actions = [one.action for one in await audit.history(square.db, f"account:{ann.id}")]
    assert actions == ["account.grant_badge", "account.withdraw_badge", "account.grant_badge"]
    boss = (await square.http.get("/api/v1/accounts/lookup?acct=boss")).json()["id"]
    assert (
        await guard.send(f"/manage/people/{boss}/badges", page="/home", **{"badges[]": "parody"})
    ).status_code == 403
    assert (await owner.send(f"/manage/people/{boss}/badges", page="/home", **{"badges[]": "staff"})).status_code == 303
    assert await worn("boss") == ["Owner", "Staff"]
    page = (await owner.get(f"/manage/people/{ann.id}")).text
    assert re.search(r'value="staff" checked', page)
