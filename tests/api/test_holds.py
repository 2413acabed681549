"""Legal holds: whatever deletes, what is under a hold is gone for everybody, and a sealed copy of it stays."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from tests.api.test_admin_accounts import decide, send, staff
from tests.api.test_deletion import close
from tests.rooms.media import pictures
from tests.rooms.moderation.cases.desk import removed, review, reviewer
from tests.support.for_good import be_over
from tests.support.square import Person, Square
from townsquare.auth.store import set_email
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.media.sealed import open_sealed
from townsquare.media.upload import sweep_unattached
from townsquare.moderation import deleted, holds, retention, store_holds
from townsquare.moderation.audit import history
from townsquare.moderation.holds import KeptFile, Under
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.store_holds import Kind

WHY = "Order 12/26 of the district court"


async def held(square: Square, kind: Kind, owner: int, item: int, until: datetime | None = None) -> int:
    async with square.db.transaction() as tx:
        return (await holds.hold(tx, OPERATOR, Under(kind, owner, item), WHY, until, datetime.now(UTC))).id


async def lifted(square: Square, hold_id: int) -> None:
    async with square.db.transaction() as tx:
        await holds.lift(tx, OPERATOR, hold_id, "The matter is closed", datetime.now(UTC))
    await holds.forget(square.db, square.services.storage)


async def kept(square: Square, hold_id: int) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Rows and files, as the terminal writes them."""
    await holds.seal_kept(square.db)
    assert await square.db.value("SELECT count(*) FROM kept_rows WHERE content IS NOT NULL") == 0
    rows: list[dict[str, Any]] = []
    files: list[bytes] = []
    now, storage = datetime.now(UTC), square.services.storage
    async for one in holds.opened(square.db, storage, OPERATOR, "terminal", hold_id, "For the court", now):
        if isinstance(one, KeptFile):
            files.append(one.data)
        else:
            rows.append(msgspec.json.decode(msgspec.json.encode(one)))
    return rows, files


def of(rows: Sequence[dict[str, Any]], source: str) -> list[dict[str, Any]]:
    return [one["row"] for one in rows if one["source"] == source]


async def avatar(by: Person) -> None:
    given = {"avatar": ("a.png", pictures.png(), "image/png")}
    await by.request("PATCH", "/api/v1/accounts/update_credentials", files=given)
    await by.square.settle()


@pytest.mark.parametrize("files_too", [True, False], ids=["with its files", "to be written anew"])
async def test_a_post_is_gone_for_everybody_and_a_copy_stays_until_the_hold_is_lifted(
    square: Square, files_too: bool
) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say("The first words", media_ids=[await send(ann)])
    other = await ann.say("Not held")
    hold_id = await held(square, "status", ann.id, int(post["id"]))
    await ann.put(
        f"/api/v1/statuses/{post['id']}", status="Other words", media_ids=[post["media_attachments"][0]["id"]]
    )
    for one in (post, other):
        await ann.delete(f"/api/v1/statuses/{one['id']}", delete_media=files_too)
    await square.settle()
    await sweep_unattached(square.db, square.services.storage, older_than=-timedelta(seconds=1))
    for who in (ann, ben):
        assert (await who.request("GET", f"/api/v1/statuses/{post['id']}")).status_code == 404
    assert (await square.http.get(post["media_attachments"][0]["url"])).status_code == 404
    rows, files = await kept(square, hold_id)
    assert [one["text"] for one in of(rows, "statuses")] == ["The first words", "Other words"]
    assert [one["text"] for one in of(rows, "status_edits")][:1] == ["The first words"]
    assert len(of(rows, "media")) == 1
    assert len(files) == 2
    assert await square.db.value("SELECT count(*) FROM kept_rows WHERE sealed::text LIKE '%words%'") == 0
    entry = (await history(square.db, f"hold:{hold_id}"))[0]
    assert (entry.action, entry.reason) == ("hold.look", "For the court")
    await lifted(square, hold_id)
    assert await square.db.value("SELECT count(*) FROM kept_rows") == 0
    assert all(one.startswith("evidence/deleted/") for one in square.files()), "it can be reported for a while"


async def test_what_a_profile_and_an_address_were_is_kept(square: Square) -> None:
    ann = await square.person("ann")
    hold_id = await held(square, "account", ann.id, ann.id)
    for value in ("the first", "the second"):
        given = {"fields_attributes[0][name]": "Pronouns", "fields_attributes[0][value]": value}
        await ann.request("PATCH", "/api/v1/accounts/update_credentials", data=given)
    async with square.db.transaction() as tx:
        await set_email(tx, ann.id, "other@town.example")
    rows, _ = await kept(square, hold_id)
    assert [[field["value"] for field in one["fields"]] for one in of(rows, "accounts")] == [[], ["the first"]]
    assert [one["email"] for one in of(rows, "users")] == ["ann@town.example"]


async def test_nothing_of_an_account_is_lost_by_anything_that_deletes(square: Square) -> None:
    """All purges of the product, one after the other."""
    adm, ann, ben = await staff(square, "adm", "admin"), await square.person("ann"), await square.person("ben")
    hold_id = await held(square, "account", ann.id, ann.id)
    await avatar(ann)
    await avatar(ann)
    loose = await send(ann)
    await ann.request("DELETE", f"/api/v1/media/{loose}")
    await send(ann)
    await sweep_unattached(square.db, square.services.storage, older_than=-timedelta(seconds=1))
    message = await ann.say("@ben between us", visibility="direct", media_ids=[await send(ann)])
    await ann.say("Which one?", poll={"options": ["this", "that"], "expires_in": 3600})
    await ann.post("/api/v1/statuses", status="Later", scheduled_at="2090-01-01T00:00:00Z")
    redrafted = await ann.say("Once", media_ids=[await send(ann)])
    await ann.delete(f"/api/v1/statuses/{redrafted['id']}")
    await close(square, ann)
    await square.settle()
    assert (await ben.request("GET", f"/api/v1/statuses/{message['id']}")).status_code == 404
    assert await square.db.value("SELECT count(*) FROM statuses WHERE account_id = $1", ann.id) == 0
    rows, files = await kept(square, hold_id)
    texts = {one["text"] for one in of(rows, "statuses")}
    assert texts == {"@ben between us", "Which one?", "Once"}
    assert of(rows, "users")[0]["account_id"] == ann.id
    assert [one["email"] for one in of(rows, "users")] == ["ann@town.example"]
    assert len(of(rows, "scheduled_statuses")) == 1
    assert len(of(rows, "polls")) == 1
    assert len({one["id"] for one in of(rows, "media")}) == 4
    assert len(files) >= 2 * 4 + 2
    assert [one for one in square.files() if not one.startswith(("evidence/hold/", "evidence/deleted/"))] == []
    ben_post = await ben.say("mine")
    await ben.delete(f"/api/v1/statuses/{ben_post['id']}")
    assert await square.db.value("SELECT count(*) FROM kept_rows WHERE owner_id = $1", ben.id) == 0
    assert adm


async def test_pictures_that_were_deleted_before_the_hold_go_when_it_is_lifted(square: Square) -> None:
    """Also where the account went meanwhile: they are kept for the court, and not for ever."""
    ann, ben, storage = await square.person("ann"), await square.person("ben"), square.services.storage
    for one in (ann, ben):
        post = await one.say("Seen by all", media_ids=[await send(one)])
        await one.delete(f"/api/v1/statuses/{post['id']}", delete_media=True)
    await square.settle()
    hold_id = await held(square, "account", ann.id, ann.id)
    for one in (ann, ben):
        await close(square, one)
    await square.settle()
    await square.db.execute("UPDATE sealed_posts SET deleted_at = $1", datetime.now(UTC) - timedelta(days=31))
    await deleted.sweep(square.db, storage)
    assert len(square.files()) == 2, "those of whoever is under no hold are gone"
    assert await square.db.value("SELECT account_id FROM sealed_posts") == ann.id
    rows, files = await kept(square, hold_id)
    assert [one["text"] for one in of(rows, "sealed_posts")] == ["Seen by all"]
    assert len(files) == 2
    await lifted(square, hold_id)
    await deleted.sweep(square.db, storage)
    assert square.files() == []


async def test_the_staff_delete_nothing_for_good_either(square: Square) -> None:
    adm, ann = await staff(square, "adm", "admin"), await square.person("ann")
    await ann.say("look", media_ids=[await send(ann)])
    hold_id = await held(square, "account", ann.id, ann.id)
    await decide(adm, ann, "suspend")
    await square.settle()
    await be_over(square, ann)
    await adm.delete(f"/api/v1/admin/accounts/{ann.id}")
    await square.settle()
    rows, files = await kept(square, hold_id)
    assert [one["text"] for one in of(rows, "statuses")] == ["look"]
    assert len(files) == 2, "withheld files too"


async def test_evidence_goes_when_its_time_is_over_and_not_under_a_hold(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    cases: dict[str, int] = {}
    reports: dict[str, int] = {}
    for name, rule in (("plain", "spam"), ("held", "spam"), ("law", "legal")):
        post = await ann.say(f"Something about {name} that is reported by ben", media_ids=[await send(ann)])
        given = {"account_id": str(ann.id), "status_ids": [post["id"]], "category": rule}
        reports[name] = int((await ben.post("/api/v1/reports", **given))["id"])
        await square.settle()
        cases[name] = await square.db.value(
            "SELECT case_id FROM case_reports WHERE report_id = $1 AND kind = 'status'", reports[name]
        )
        await removed(square.db, cases[name], now=datetime.now(UTC))
    await square.settle()
    await square.db.execute("UPDATE cases SET policy = 'child-safety' WHERE id = $1", cases["law"])
    hold_id = await held(square, "case", 0, cases["held"])

    async def left() -> set[str]:
        records = await square.db.records("SELECT case_id FROM case_items WHERE sealed IS NOT NULL")
        return {name for name, number in cases.items() if number in {record[0] for record in records}}

    async def purged(days: int) -> set[str]:
        at = datetime.now(UTC) + timedelta(days=days)
        await retention.purge_evidence(square.db, square.services.storage, square.services.settings, at)
        return await left()

    assert await purged(180) == set(cases)
    assert await purged(200) == {"held", "law"}
    assert not [one for one in square.files() if one.startswith(f"evidence/{reports['plain']}/")]
    assert [one for one in square.files() if one.startswith(f"evidence/{reports['law']}/")]
    assert await purged(400) == {"held"}
    for sql in (
        "UPDATE case_items SET sealed = NULL",
        "DELETE FROM report_items",
        "DELETE FROM reports",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="legal hold"):
            async with square.db.transaction() as tx:
                await tx.execute(sql)  # pyright: ignore[reportArgumentType]
    await lifted(square, hold_id)
    assert await purged(400) == set()
    assert await square.db.value("SELECT count(*) FROM report_items WHERE sealed IS NOT NULL") == 0


async def test_what_is_reported_beside_something_under_a_hold_is_kept_with_its_files_until_the_hold_ends(
    square: Square,
) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    posts = [
        await ann.say(text, media_ids=[await send(ann)])
        for text in ("The ferry leaves at seven and nobody pays", "Come and see what the neighbours did to the wall")
    ]
    plain = await ann.say("All of this is sold by me alone", media_ids=[await send(ann)])

    async def reported(*named: dict[str, Any]) -> int:
        ids = [post["id"] for post in named]
        given = {"account_id": str(ann.id), "status_ids": ids, "category": "spam"}
        number = int((await ben.post("/api/v1/reports", **given))["id"])
        await square.settle()
        return number

    async def decided(post: dict[str, Any], days: int) -> None:
        number = await square.db.value("SELECT case_id FROM case_items WHERE item_id = $1", int(post["id"]))
        await removed(square.db, number, now=datetime.now(UTC) + timedelta(days=days))
        await square.settle()

    def files(report: int) -> int:
        return sum(one.startswith(f"evidence/{report}/") for one in square.files())

    async def purge(days: int) -> None:
        at = datetime.now(UTC) + timedelta(days=days)
        await retention.purge_evidence(square.db, square.services.storage, square.services.settings, at)

    both, alone = await reported(*posts), await reported(plain)
    had = files(both), files(alone)
    assert min(had) > 0
    await decided(posts[0], 0)
    await decided(posts[1], 9)
    await decided(plain, 9)
    await purge(195)
    assert (files(both), files(alone)) == had, "the other post's case has its time yet"
    hold_id = await held(square, "status", ann.id, int(posts[0]["id"]))
    await purge(205)
    assert (files(both), files(alone)) == (had[0], 0), "and what has nothing to do with the hold goes"
    await lifted(square, hold_id)
    await purge(206)
    assert files(both) == 0
    assert await square.db.value("SELECT count(*) FROM report_items WHERE sealed IS NOT NULL") == 0


async def test_what_joins_a_case_whose_evidence_is_gone_is_kept_for_its_own_time(square: Square) -> None:
    ann, ben, eve = [await square.person(name) for name in ("ann", "ben", "eve")]
    post = await ann.say("Something that is reported twice, long after one another", media_ids=[await send(ann)])
    given = {"account_id": str(ann.id), "status_ids": [post["id"]], "category": "spam"}

    async def reported(by: Person) -> int:
        number = int((await by.post("/api/v1/reports", **given))["id"])
        await square.settle()
        return number

    async def kept(report: int, days: int) -> bool:
        at = datetime.now(UTC) + timedelta(days=days)
        await retention.purge_evidence(square.db, square.services.storage, square.services.settings, at)
        return any(one.startswith(f"evidence/{report}/") for one in square.files())

    first = await reported(ben)
    case_id = await square.db.value("SELECT case_id FROM case_reports WHERE report_id = $1", first)
    await review(square.db, reviewer(91), case_id, "none", policy="spam", now=datetime.now(UTC))
    await square.db.execute("UPDATE cases SET decided_at = now() - interval '200 days'")
    await square.db.execute("UPDATE case_items SET joined_at = now() - interval '200 days'")
    await square.db.execute("UPDATE case_reports SET filed_at = now() - interval '200 days'")
    assert not await kept(first, 0)
    late = await reported(eve)
    assert await square.db.value("SELECT case_id FROM case_reports WHERE report_id = $1", late) == case_id
    assert await kept(late, 180)
    assert not await kept(late, 191)


async def test_a_hold_says_why_ends_by_itself_and_is_not_changed(square: Square) -> None:
    ann, now = await square.person("ann"), datetime.now(UTC)
    post = await ann.say("For a day")
    settings = square.services.settings
    assert await holds.find(square.db, settings, "@ann") == Under("account", ann.id, ann.id)
    assert await holds.find(square.db, settings, post["url"]) == Under("status", ann.id, int(post["id"]))
    assert await holds.find(square.db, settings, "https://town.example/desk/cases/7") == Under("case", 0, 7)
    with pytest.raises(Invalid):
        await holds.find(square.db, settings, "@nobody")
    for under, why, until, refused in (
        (Under("account", ann.id, ann.id), " ", None, Invalid),
        (Under("account", ann.id, ann.id), WHY, now - timedelta(days=1), Invalid),
        (Under("case", 0, 7), WHY, None, NotFound),
    ):
        async with square.db.transaction() as tx:
            with pytest.raises(refused):
                await holds.hold(tx, OPERATOR, under, why, until, now)
    hold_id = await held(square, "status", ann.id, int(post["id"]), now + timedelta(days=1))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with square.db.transaction() as tx:
            await tx.execute("UPDATE legal_holds SET until = now()")
    found = await store_holds.by_id(square.db, hold_id)
    assert found is not None
    assert found.target == f"status:{post['id']}"
    assert await store_holds.standing(square.db, "status", int(post["id"]), now) is not None
    assert await store_holds.standing(square.db, "status", int(post["id"]), now + timedelta(days=2)) is None


async def test_what_is_sealed_in_the_store_opens_with_the_keys_alone(square: Square, tmp_path: Path) -> None:
    ann = await square.person("ann")
    post = await ann.say("look", media_ids=[await send(ann)])
    await held(square, "account", ann.id, ann.id)
    await ann.delete(f"/api/v1/statuses/{post['id']}", delete_media=True)
    await square.settle()
    (first, *_) = square.files()
    key = first.removeprefix("evidence/hold/").removesuffix(".sealed")
    whole = await open_sealed(square.db.keys, square.services.storage, "evidence/hold", key, 1_000_000)
    assert whole is not None
    raw = bytes(await (await square.services.storage.objects.get_async(first)).bytes_async())
    assert whole[:16] not in raw
    assert tmp_path
