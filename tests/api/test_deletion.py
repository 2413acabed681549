"""An account ends: gone at once, erased soon after, and nothing left but what is said to stay."""

from datetime import UTC, datetime
from typing import Any, LiteralString, cast

import httpx
import pytest

from tests.rooms.media import pictures
from tests.support.square import Person, Square
from townsquare.auth.deletion import close_account, delete_user
from townsquare.auth.passkeys import Proof
from townsquare.auth.users import get_user
from townsquare.kernel.errors import Forbidden, Invalid, Unauthorised
from townsquare.timelines import erase
from townsquare.timelines.announce import Times, announce
from townsquare.timelines.store_erase import APART, KEPT, OWNED

PASSWORD = "correct horse battery"


async def close(square: Square, person: Person, password: str = PASSWORD) -> None:
    user = await get_user(square.db, person.id)
    await close_account(square.db, user, Proof(password), settings=square.services.settings, now=datetime.now(UTC))


async def busy(square: Square) -> tuple[Person, Person, dict[str, Any]]:
    """Somebody to whom all has happened and who has done all, a friend of theirs, and what both have posted."""
    eve, ann = await square.person("eve"), await square.person("ann", role="moderator")
    for one, other in ((eve, ann), (ann, eve)):
        await one.post(f"/api/v1/accounts/{other.id}/follow", notify=True)
        await one.post(f"/api/v1/accounts/{other.id}/endorse")
        await one.post(f"/api/v1/accounts/{other.id}/note", comment="a friend")
        made = await one.post("/api/v1/lists", title="Friends")
        await one.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[str(other.id)])
    await square.settle()
    avatar = {"avatar": ("a.png", pictures.png(), "image/png")}
    await eve.request(
        "PATCH", "/api/v1/accounts/update_credentials", files=avatar, data={"display_name": "Eve", "note": "Hi @ann"}
    )
    media = [await sent(eve) for _ in range(2)]
    post = await eve.say("Hello @ann #town https://example.org", media_ids=[media[0]])
    answer = await ann.say("Hello @eve", in_reply_to_id=post["id"])
    again = await eve.say("And again", in_reply_to_id=answer["id"])
    await eve.put(f"/api/v1/statuses/{post['id']}", status="Hello @ann, once more #town", media_ids=[media[0]])
    for one, status in ((eve, answer), (ann, post), (ann, again)):
        for verb in ("favourite", "reblog", "bookmark", "mute"):
            await one.post(f"/api/v1/statuses/{status['id']}/{verb}")
    await eve.post(f"/api/v1/statuses/{post['id']}/pin")
    await own(square, eve, ann)
    await square.settle()
    return eve, ann, {"post": post, "answer": answer, "media": media}


async def own(square: Square, eve: Person, ann: Person) -> None:
    """What stands in one's own rows, and in those of the place."""
    ben, cid, dan = [await square.person(name) for name in ("ben", "cid", "dan")]
    await eve.post(f"/api/v1/accounts/{ben.id}/mute")
    await ben.post(f"/api/v1/accounts/{eve.id}/mute")
    await cid.post(f"/api/v1/accounts/{eve.id}/block")
    await eve.post("/api/v1/domain_blocks", domain="spam.example")
    await dan.patch("/api/v1/accounts/update_credentials", locked=True)
    await eve.post(f"/api/v1/accounts/{dan.id}/follow")
    await eve.patch("/api/v1/accounts/update_credentials", locked=True)
    await dan.post(f"/api/v1/accounts/{eve.id}/follow")
    for one, other in ((eve, ann), (ann, eve)):
        poll = (await one.say("Tram or bus?", poll={"options": ["Tram", "Bus"], "expires_in": 3600}))["poll"]["id"]
        await other.post(f"/api/v1/polls/{poll}/votes", choices=[0])
        await dan.post(f"/api/v1/polls/{poll}/votes", choices=[0])
        await one.post("/api/v1/collections", name="Friends", account_ids=[str(other.id)])
    for tag in ("town", "choir"):
        await eve.post(f"/api/v1/tags/{tag}/follow")
        await eve.post("/api/v1/featured_tags", name=tag)
    await eve.post("/api/v2/filters", title="No", context=["home"], keywords_attributes=[{"keyword": "no"}])
    await eve.post("/api/v1/markers", home={"last_read_id": "1"})
    async with square.db.transaction() as tx:
        number = await announce(tx, "Hello", Times(), datetime.now(UTC))
    for person in (eve, ann):
        await person.put(f"/api/v1/announcements/{number}/reactions/👍")
    await eve.put(f"/api/v1/announcements/{number}/reactions/🚋")
    await eve.post(f"/api/v1/announcements/{number}/dismiss")
    fay = await square.person("fay")
    await fay.post(f"/api/v1/accounts/{ann.id}/follow")
    for person in (eve, ann, ben, fay):
        await person.get("/api/v2/suggestions")
    await ben.delete(f"/api/v1/suggestions/{eve.id}")
    await square.db.execute("UPDATE accounts SET moved_to_id = $1 WHERE id = $2", eve.id, ben.id)
    await square.db.execute("INSERT INTO account_badges (account_id, badge) VALUES ($1, 'verified')", eve.id)
    await square.http.get(f"/ap/users/{eve.id}", headers={"accept": "application/activity+json"})


async def sent(person: Person) -> str:
    file = {"file": ("p.png", pictures.png(), "image/png")}
    return (await person.request("POST", "/api/v2/media", files=file)).json()["id"]


async def tables(square: Square) -> list[LiteralString]:
    records = await square.db.records("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [cast("LiteralString", record["tablename"]) for record in records]


async def naming(square: Square, number: int) -> dict[str, int]:
    """In which tables an id stands, in whatever column and form, and in how many rows."""
    found: dict[str, int] = {}
    for table in await tables(square):
        sql = "SELECT count(*) FROM " + table + " AS t WHERE to_jsonb(t)::text LIKE ANY($1::text[])"
        patterns = [f"%{number}%", f"%{str(number).encode().hex()}%"]
        rows = await square.db.value(sql, patterns)
        if rows:
            found[table] = rows
    return found


STAYS = {
    "removals": "numbers of what was deleted, so that no copy of before brings it back",
    "accounts": "the row itself, with the id and the name",
    "deletions": "that it was deleted",
    "former_followers": "who followed it of late, who can report what was for them",
    "handles": "the name stays taken",
    "sealed_posts": "what can still be reported, sealed",
    "mentions": "others' posts that name it",
    "statuses": "others' posts that name or answer it",
    "thread_posts": "the thread of others' answers",
}


async def test_nothing_is_left_but_what_is_said_to_stay(square: Square) -> None:
    eve, _, _ = await busy(square)
    before = await naming(square, eve.id)
    assert before.keys() >= {"home", "notifications", "marks", "favourites", "follows", "suggestions", "media"}
    await close(square, eve)
    await square.settle()
    left = await naming(square, eve.id)
    assert left.keys() <= STAYS.keys(), left
    assert left["accounts"] <= 2, "its own row, and that of a person whose profile names it"
    assert await square.db.value("SELECT count(*) FROM statuses WHERE account_id = $1", eve.id) == 0
    assert await square.db.value("SELECT done_at IS NOT NULL FROM deletions WHERE account_id = $1", eve.id)
    row = (await square.db.records("SELECT * FROM accounts WHERE id = $1", eve.id))[0]
    assert (row["username"], row["display_name"], row["note"], row["avatar_key"]) == ("eve", "", "", None)
    assert all(one.startswith("evidence/deleted/") for one in square.files()), "what can still be reported"


async def test_the_counters_of_others_are_right_afterwards(square: Square) -> None:
    eve, ann, made = await busy(square)
    await close(square, eve)
    await square.settle()
    me = await ann.get("/api/v1/accounts/verify_credentials")
    assert (me["followers_count"], me["following_count"], me["statuses_count"]) == (1, 0, 2)
    answer = await ann.get(f"/api/v1/statuses/{made['answer']['id']}")
    assert [answer[f"{what}_count"] for what in ("favourites", "reblogs", "replies")] == [0, 0, 0]
    assert (await ann.get("/api/v1/announcements"))[0]["reactions"] == [{"name": "👍", "count": 1, "me": True}]
    asked = (await ann.get(f"/api/v1/accounts/{ann.id}/statuses"))[0]
    assert asked["poll"]["votes_count"] == asked["poll"]["voters_count"] == 1
    assert [option["votes_count"] for option in asked["poll"]["options"]] == [1, 0]
    assert await ann.home() == [asked["id"], made["answer"]["id"]]
    assert "eve" not in {one["account"]["username"] for one in await ann.get("/api/v1/notifications")}
    lists = await ann.get("/api/v1/lists")
    assert await ann.get(f"/api/v1/lists/{lists[0]['id']}/accounts") == []


async def test_gone_at_once_on_every_path(square: Square) -> None:
    eve, ann, made = await busy(square)
    picture = (await ann.get(f"/api/v1/accounts/{eve.id}"))["avatar"]
    await close(square, eve)
    status = made["post"]["id"]
    assert (await eve.request("GET", "/api/v1/timelines/home")).status_code == 401
    api = {
        f"/api/v1/accounts/{eve.id}": 410, "/api/v1/accounts/lookup?acct=eve": 410,
        f"/api/v1/accounts/{eve.id}/statuses": 404, f"/api/v1/accounts/{eve.id}/followers": 404,
        f"/api/v1/accounts/{eve.id}/following": 404, f"/api/v1/accounts/{eve.id}/featured_tags": 404,
        f"/api/v1/accounts/{eve.id}/endorsements": 404, f"/api/v1/statuses/{status}": 404,
        f"/api/v1/statuses/{status}/context": 404, f"/api/v1/statuses/{status}/history": 404,
    }  # fmt: skip
    assert {path: (await ann.request("GET", path)).status_code for path in api} == api
    assert (await ann.request("POST", f"/api/v1/accounts/{eve.id}/follow")).status_code == 404
    assert await ann.get("/api/v1/accounts/relationships", **{"id[]": str(eve.id)}) == []
    assert (await ann.get("/api/v2/search", q="eve"))["accounts"] == []
    assert eve.username not in {one["username"] for one in await ann.get("/api/v1/directory")}

    pages = [f"/@eve/{status}", "/@eve", "/@eve/followers"]
    assert {(await square.http.get(path)).status_code for path in pages} <= {404, 410}
    wanted = {"accept": "application/activity+json"}
    for path in (f"/ap/users/{eve.id}", "/@eve", f"/ap/users/{eve.id}/statuses/{status}", f"/ap/users/{eve.id}/outbox"):
        gone: httpx.Response = await square.http.get(path, headers=wanted)
        assert (gone.status_code, gone.json()["type"]) == (410, "Tombstone"), path
    assert (await square.http.get("/.well-known/webfinger?resource=acct:eve@town.example")).status_code == 410
    await square.settle()
    assert (await square.http.get(picture)).status_code == 404


async def test_the_name_stays_taken_and_the_address_is_free(square: Square) -> None:
    eve = await square.person("eve")
    await close(square, eve)
    await square.settle()
    with pytest.raises(Invalid):
        await square.person("Eve", email="new@town.example")
    again = await square.person("eva", email="eve@town.example")
    assert again.id != eve.id


async def test_only_with_the_password_and_not_the_last_owner(square: Square) -> None:
    eve, ann = await square.person("eve", role="owner"), await square.person("ann", role="owner")
    with pytest.raises(Unauthorised):
        await close(square, eve, "guess")
    assert (await eve.request("GET", "/api/v1/accounts/verify_credentials")).status_code == 200
    async with square.db.transaction() as tx:
        await delete_user(tx, ann.id, settings=square.services.settings, now=datetime.now(UTC), by_staff=True)
    with pytest.raises(Forbidden):
        await close(square, eve)


async def test_what_was_cut_off_is_taken_up_again(square: Square) -> None:
    eve, _, _ = await busy(square)
    await close(square, eve)
    await square.db.execute("DELETE FROM jobs")
    await erase.resume(square.db)
    assert await square.db.value("SELECT count(*) FROM jobs") == 0, "somebody may still be at it"
    await square.db.execute("UPDATE deletions SET touched_at = now() - interval '2 hours'")
    await erase.resume(square.db)
    await square.settle()
    assert await square.db.value("SELECT done_at IS NOT NULL FROM deletions WHERE account_id = $1", eve.id)
    assert (await naming(square, eve.id)).keys() <= STAYS.keys()


async def test_it_is_known_of_every_table_what_becomes_of_its_rows(square: Square) -> None:
    """A new table with an owner stands in one of the three lists of `timelines.store_erase`."""
    records = await square.db.records(
        """
        SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'account_id'
        """
    )
    owned = {record["table_name"] for record in records}
    assert owned - {*OWNED, *APART, *KEPT} == set()
