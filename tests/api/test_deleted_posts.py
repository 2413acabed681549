"""What its author deletes can be reported for 30 days more by whoever could see it, and is seen by nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.test_admin_accounts import staff
from tests.api.test_media import sent
from tests.support.square import Person, Square
from tests.web.test_desk import at_desk, decide, said
from tests.web.test_notices import give
from tests.web.visitor import Visitor
from townsquare.auth.deletion import delete_user
from townsquare.kernel.ids import StatusId
from townsquare.media.sealed import open_sealed
from townsquare.moderation import deleted, holds, vault
from townsquare.moderation.cases import store_decide
from townsquare.moderation.holds import Under
from townsquare.moderation.model import OPERATOR
from townsquare.statuses.restricted import Notice, restrict

WORDS = "I will come to your house with knives tonight"


async def kept(square: Square) -> list[int]:
    return [record[0] for record in await square.db.records("SELECT id FROM sealed_posts ORDER BY id")]


async def case_words(square: Square) -> list[str]:
    (case_id,) = [record[0] for record in await square.db.records("SELECT id FROM cases")]
    items = await store_decide.items(square.db, case_id, 10)
    return [one.text for one in vault.opened(square.db.keys, items)]


async def test_an_app_reports_what_is_gone_by_its_number(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say(WORDS)
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await square.settle()
    assert (await ben.request("GET", f"/api/v1/statuses/{post['id']}")).status_code == 404
    sealed = await square.db.value("SELECT sealed FROM sealed_posts")
    assert b"knives" not in sealed
    report = await ben.post("/api/v1/reports", account_id=str(ann.id), status_ids=[post["id"]])
    await square.settle()
    assert report["status_ids"] == [post["id"]]
    assert await case_words(square) == [WORDS]
    assert (await ben.request("GET", f"/api/v1/statuses/{post['id']}")).status_code == 404


async def test_its_pictures_are_kept_too_and_go_with_it(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say(WORDS, media_ids=[(await sent(ann))["id"]])
    await ann.delete(f"/api/v1/statuses/{post['id']}", delete_media="true")
    await square.settle()
    keys: list[str] = await square.db.value("SELECT file_keys FROM sealed_posts")
    folder = f"evidence/deleted/{post['id']}"
    assert sorted(square.files()) == sorted(f"{folder}/{key}.sealed" for key in keys)
    report = await ben.post("/api/v1/reports", account_id=str(ann.id), status_ids=[post["id"]])
    await square.settle()
    storage = square.services.storage
    for key in keys:
        kept = await open_sealed(square.db.keys, storage, f"evidence/{report['id']}", key, 10**7)
        assert kept
        assert kept == await open_sealed(square.db.keys, storage, folder, key, 10**7)
    await square.db.execute("UPDATE sealed_posts SET deleted_at = $1", datetime.now(UTC) - timedelta(days=31))
    await deleted.sweep(square.db, storage)
    assert sorted(square.files()) == sorted(f"evidence/{report['id']}/{key}.sealed" for key in keys)


async def report(who: Person, author: Person, post: dict[str, Any]) -> int:
    """What the answer is to whoever reports a post."""
    given = {"account_id": str(author.id), "status_ids": [post["id"]]}
    return (await who.request("POST", "/api/v1/reports", json=given)).status_code


async def close_account(square: Square, who: Person) -> None:
    async with square.db.transaction() as tx:
        await delete_user(tx, who.id, settings=square.services.settings, now=datetime.now(UTC))


@pytest.mark.parametrize("erased", [True, False], ids=["erased", "about to be erased"])
async def test_what_went_with_the_account_is_reported_too(square: Square, erased: bool) -> None:
    ann, ben, cid = [await square.person(name) for name in ("ann", "ben", "cid")]
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    post = await ann.say(WORDS, visibility="private", media_ids=[(await sent(ann))["id"]])
    await square.settle()
    await close_account(square, ann)
    if erased:
        await square.settle()
        assert await square.db.value("SELECT count(*) FROM statuses") == 0
        assert all(one.startswith("evidence/deleted/") for one in square.files())
    assert [await report(who, ann, post) for who in (ben, cid)] == [200, 404]
    await square.settle()
    assert await case_words(square) == [WORDS]
    number = await square.db.value("SELECT id FROM reports")
    assert len([one for one in square.files() if one.startswith(f"evidence/{number}/")]) == 2
    assert await square.db.value("SELECT private FROM case_items")
    assert (await ben.request("GET", f"/api/v1/statuses/{post['id']}")).status_code == 404


async def test_it_is_decided_and_told_like_any_other_although_nobody_is_there_any_more(square: Square) -> None:
    ann, ben, adm = await square.person("ann"), await square.person("ben"), await staff(square, "adm", "admin")
    post = await ann.say(WORDS)
    await close_account(square, ann)
    await square.settle()
    reader, mods = Visitor(square), [await at_desk(square, name) for name in ("mod1", "mod2")]
    await reader.sign_in(ben.username)
    form = f"/report?post={post['id']}"
    assert "Report what was deleted" in await said(await reader.get(form))
    given = {"account": str(ann.id), "posts[]": post["id"], "category": "legal", "block": "true"}
    filed = await reader.send("/report", page=form, **given)
    assert (await reader.get(filed.headers["location"])).status_code == 200
    assert (await reader.send("/report", page=form, **given | {"posts[]": []})).status_code == 422
    await square.settle()
    case_id, number = [await square.db.value(f"SELECT id FROM {table}") for table in ("cases", "reports")]
    assert WORDS in await said(await mods[0].get(f"/desk/cases/{case_id}"))
    assert (await adm.get(f"/api/v1/admin/reports/{number}"))["target_account"]["id"] == str(ann.id)
    for mod in mods:
        await decide(mod, case_id, "remove", policy="violent-threat", account_action="suspend")
    await square.settle()
    assert await square.db.value("SELECT state FROM cases") == "decided"
    assert "something was done about it" in await said(await reader.get("/settings/reports"))
    assert (await reader.get(f"/settings/reports/{number}")).status_code == 200
    assert await square.db.value("SELECT deleted_at IS NOT NULL FROM accounts WHERE id = $1", ann.id)


async def test_what_was_for_followers_is_reported_by_those_who_followed_while_it_was_there(square: Square) -> None:
    """Also when they were removed, or blocked, before it was deleted."""
    ann, ben, cid, dan, eve, fay = [await square.person(name) for name in ("ann", "ben", "cid", "dan", "eve", "fay")]
    for who in (ben, cid, dan, eve):
        await who.post(f"/api/v1/accounts/{ann.id}/follow")
    await eve.post(f"/api/v1/accounts/{ann.id}/unfollow")
    post = await ann.say("Between us", visibility="private")
    await ann.post(f"/api/v1/accounts/{cid.id}/remove_from_followers")
    await ann.post(f"/api/v1/accounts/{dan.id}/block")
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await fay.post(f"/api/v1/accounts/{ann.id}/follow")
    answers = {who.username: await report(who, ann, post) for who in (ben, cid, dan, eve, fay)}
    assert answers == {"ben": 200, "cid": 200, "dan": 200, "eve": 404, "fay": 404}
    await deleted.sweep(square.db, square.services.storage)
    assert await square.db.value("SELECT count(*) FROM former_followers") == 3
    await square.db.execute("UPDATE former_followers SET until = $1", datetime.now(UTC) - timedelta(days=31))
    await deleted.sweep(square.db, square.services.storage)
    assert await square.db.value("SELECT count(*) FROM former_followers") == 0


async def test_a_message_is_reported_by_whom_it_names_and_waits_for_those_who_may_look(square: Square) -> None:
    ann, ben, cid, dan = [await square.person(name) for name in ("ann", "ben", "cid", "dan")]
    await ann.post(f"/api/v1/accounts/{dan.id}/block")
    post = await ann.say("@ben @dan between us", visibility="direct")
    await cid.post(f"/api/v1/accounts/{ann.id}/follow")
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await ann.post(f"/api/v1/accounts/{ben.id}/block")
    assert [await report(who, ann, post) for who in (ben, cid, dan)] == [200, 404, 404]
    await square.settle()
    assert await square.db.value("SELECT queue FROM cases") == "private"
    assert await case_words(square) == ["@ben @dan between us"]


async def test_what_the_place_withheld_is_reported_by_nobody(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say(WORDS + " @ben")
    async with square.db.transaction() as tx:
        await restrict(tx, (ann.id, StatusId(int(post["id"]))), [Notice("hold", "spam", "Spam")])
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    assert await kept(square) == [int(post["id"])]
    assert await report(ben, ann, post) == 404


async def test_anybody_tells_of_it_by_its_address(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say(WORDS)
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    _, answer = await give(square, f"https://town.example/@ann/{post['id']}")
    assert answer.status_code == 303
    await square.settle()
    assert await case_words(square) == [WORDS]


async def test_echoes_are_not_kept_and_posts_only_for_a_while(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    other = await ben.say("Something of ben's")
    echo = await ann.post(f"/api/v1/statuses/{other['id']}/reblog")
    await ann.delete(f"/api/v1/statuses/{echo['id']}")
    assert await kept(square) == []
    post = await ann.say("For everybody", visibility="unlisted")
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    assert await kept(square) == [int(post["id"])]
    assert await report(ben, ben, post) == 422
    await square.db.execute("UPDATE sealed_posts SET deleted_at = $1", datetime.now(UTC) - timedelta(days=30, hours=1))
    assert await report(ben, ann, post) == 404
    await deleted.sweep(square.db, square.services.storage)
    assert await kept(square) == []


async def test_whoever_saw_it_reports_it_from_where_it_stood(square: Square) -> None:
    ann, ben, cid = [await square.person(name) for name in ("ann", "ben", "cid")]
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    post = await ann.say(WORDS, visibility="private")
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    at, form = f"/@ann/{post['id']}", f"/report?post={post['id']}"
    reader, other = Visitor(square), Visitor(square)
    await reader.sign_in(ben.username)
    await other.sign_in(cid.username)
    for who in (reader, other):
        gone = await who.get(at)
        assert gone.status_code == 404
        assert form in gone.text
    assert (await other.get(form)).status_code == 404
    shown = await reader.get(form)
    assert "The post that its author has deleted" in shown.text
    assert "knives" not in shown.text
    given = {"account": str(ann.id), "posts[]": post["id"], "category": "other"}
    assert (await reader.send("/report", page=form, **given)).status_code == 303
    await square.settle()
    assert await case_words(square) == [WORDS]


async def test_under_a_legal_hold_it_is_kept_for_longer(square: Square) -> None:
    ann = await square.person("ann")
    posts = [await ann.say(WORDS) for _ in range(2)]
    for post in posts:
        await ann.delete(f"/api/v1/statuses/{post['id']}")
    held = int(posts[0]["id"])
    async with square.db.transaction() as tx:
        made = await holds.hold(tx, OPERATOR, Under("status", ann.id, held), "An order", None, datetime.now(UTC))
    await square.db.execute("UPDATE sealed_posts SET deleted_at = $1", datetime.now(UTC) - timedelta(days=31))
    await deleted.sweep(square.db, square.services.storage)
    assert await kept(square) == [held]
    async with square.db.transaction() as tx:
        await holds.lift(tx, OPERATOR, made.id, "The matter is closed", datetime.now(UTC))
    await deleted.sweep(square.db, square.services.storage)
    assert await kept(square) == []
