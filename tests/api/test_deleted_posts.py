"""What its author deletes can be reported for 30 days more, and is seen by nobody else."""

from datetime import UTC, datetime, timedelta

from tests.api.test_media import sent
from tests.support.square import Square
from tests.web.test_notices import give
from townsquare.auth.deletion import delete_user
from townsquare.media.sealed import open_sealed
from townsquare.moderation import deleted, holds, vault
from townsquare.moderation.cases import store_decide
from townsquare.moderation.holds import Under
from townsquare.moderation.model import OPERATOR

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


async def test_its_pictures_go_with_the_account(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say(WORDS, media_ids=[(await sent(ann))["id"]])
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await square.settle()
    assert any(one.startswith("evidence/deleted/") for one in square.files())
    async with square.db.transaction() as tx:
        await delete_user(tx, ann.id, settings=square.services.settings, now=datetime.now(UTC))
    await square.settle()
    assert not any(one.startswith("evidence/deleted/") for one in square.files())


async def test_anybody_tells_of_it_by_its_address(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say(WORDS)
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    _, answer = await give(square, f"https://town.example/@ann/{post['id']}")
    assert answer.status_code == 303
    await square.settle()
    assert await case_words(square) == [WORDS]


async def test_only_what_was_for_everybody_is_kept_and_only_for_a_while(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    for visibility in ("private", "direct"):
        post = await ann.say("Between us", visibility=visibility)
        await ann.delete(f"/api/v1/statuses/{post['id']}")
    other = await ben.say("Something of ben's")
    echo = await ann.post(f"/api/v1/statuses/{other['id']}/reblog")
    await ann.delete(f"/api/v1/statuses/{echo['id']}")
    assert await kept(square) == []
    post = await ann.say("For everybody", visibility="unlisted")
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    assert await kept(square) == [int(post["id"])]
    given = {"account_id": str(ann.id), "status_ids": [post["id"]]}
    assert (await ben.request("POST", "/api/v1/reports", json=given | {"account_id": str(ben.id)})).status_code == 422
    await square.db.execute("UPDATE sealed_posts SET deleted_at = $1", datetime.now(UTC) - timedelta(days=30, hours=1))
    assert (await ben.request("POST", "/api/v1/reports", json=given)).status_code == 404
    await deleted.sweep(square.db, square.services.storage)
    assert await kept(square) == []


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
