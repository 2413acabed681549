"""Many strikes: what somebody wrote is held post by post, people look at each, and nothing is removed by a number."""

from datetime import UTC, datetime
from html import unescape
from typing import Any

import asyncpg
import pytest

from tests.api.test_media import sent
from tests.api.test_signals import SAYS, key, say
from tests.support.cases import Desk, Post
from tests.support.square import Person, Square
from tests.web.test_desk import at_desk, decide, reported, said
from townsquare.jobs import emit
from townsquare.moderation import audit
from townsquare.moderation.cases.events import StrikesReached
from townsquare.moderation.signals import store
from townsquare.moderation.signals.events import SignalGiven
from townsquare.moderation.signals.strikes import NAME, SOURCE, VERSION

ADVERT = "Buy these shoes now at the shop by the bridge, they are the best that you will ever walk in"
RULE = "this place's own rule: many strikes of its author"


async def strike(desk: Desk, person: Person, times: int = 3, policy: str = "hate") -> None:
    for _ in range(times):
        await desk.decide(await desk.case(await person.say("Against the rules"), policy=policy), "label")


async def cases_of(square: Square, *posts: Post) -> list[int]:
    """In which case each waits, or was decided last."""
    sql = """
        SELECT max(c.id) FROM case_items i JOIN cases c ON c.id = i.case_id AND c.purpose = 'work'
        WHERE i.kind = 'status' AND i.item_id = $1
    """
    return [await square.db.value(sql, int(post["id"])) for post in posts]


async def seen(person: Person, *posts: Post) -> list[bool]:
    answers = [await person.request("GET", f"/api/v1/statuses/{post['id']}") for post in posts]
    return [answer.status_code == 200 for answer in answers]


async def test_each_post_is_held_and_decided_by_itself(square: Square, ann: Person, ben: Person) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    picture = await sent(ann)
    shown = await ann.say("Look at the hill", media_ids=[picture["id"]])
    adverts = [await ann.say(ADVERT), await ann.say(ADVERT + "!")]
    private = await ann.say("Only for those who follow me", visibility="private")
    message = await ann.say("@ben For you alone", visibility="direct")
    posts, desk = [shown, *adverts, private], Desk(square)
    await strike(desk, ann, 2)
    assert await seen(ben, *posts) == [True] * 4
    await strike(desk, ann, 1)
    assert await seen(ben, *posts, message) == [False] * 4 + [True], "nobody else sees them, and messages are let be"
    assert await seen(ann, *posts) == [True] * 4, "but their author does"
    of_picture, alike, alike_too, of_private = await cases_of(square, *posts)
    assert alike == alike_too
    assert len({of_picture, alike, of_private}) == 3, "each is a case of its own, but for what is alike"
    cases = await square.db.records(
        """
        SELECT DISTINCT ON (c.id) c.id, i.kind, c.state, c.policy, c.held_at IS NOT NULL AS held, i.private
        FROM cases c JOIN case_items i ON i.case_id = c.id WHERE c.origin = 'machine'
        """
    )
    stand = {(one["kind"], one["state"], one["policy"], one["held"]) for one in cases}
    assert stand == {("status", "open", "hate", True), ("account", "open", "hate", False)}, (
        "of a person nothing is held"
    )
    assert len(cases) == 4
    assert [one["id"] for one in cases if one["private"]] == [of_private], "it is shown for a reason only"
    await desk.decide(of_picture, "remove")
    assert await seen(ben, *posts) == [False] * 4
    await desk.decide(alike, "none")
    await desk.decide(of_private, "none")
    assert await seen(ben, *posts) == [False, True, True, True]
    record = await square.db.value("SELECT record FROM statements WHERE case_id = $1", of_picture)
    assert (record["source_type"], record["automated_detection"]) == ("SOURCE_VOLUNTARY", "Yes")


async def test_the_files_of_what_is_held_are_kept_when_its_author_deletes_it(square: Square, ann: Person) -> None:
    picture = await sent(ann)
    post, desk = await ann.say("Look", media_ids=[picture["id"]]), Desk(square)
    await strike(desk, ann)
    (row,) = await square.db.records("SELECT id, file_keys FROM estimates WHERE item_id = $1", int(post["id"]))
    assert row["file_keys"]
    await ann.delete(f"/api/v1/statuses/{post['id']}", delete_media=True)
    await square.settle()
    assert [one for one in square.files() if one in row["file_keys"]] == []
    kept = [one for one in square.files() if one.startswith(f"evidence/{row['id']}/")]
    assert len(kept) == len(row["file_keys"])
    (case_id,) = await cases_of(square, post)
    mod = await at_desk(square, "mod")
    page = await said(await mod.get(f"/desk/cases/{case_id}"))
    assert "Look" in page
    assert "data-unveil" in page, "who decides has its picture before them"


async def test_to_hear_of_the_same_strikes_again_changes_nothing(square: Square, ann: Person) -> None:
    posts, desk = [await ann.say("The choir sings on Friday"), await ann.say("There was cake")], Desk(square)
    await strike(desk, ann)
    first, _ = await cases_of(square, *posts)
    await desk.decide(first, "none")

    async def all_of_it() -> list[Any]:
        tables = ("cases", "case_items", "estimates", "machines", "restrictions", "strikes", "audit.log", "statements")
        return [
            await square.db.records(f"SELECT to_jsonb(t) - 'rated_at' FROM {table} t ORDER BY 1::text")
            for table in tables
        ]

    before = await all_of_it()
    (last,) = await square.db.records("SELECT id, case_id FROM strikes ORDER BY id DESC LIMIT 1")
    signals = [one[0] for one in await square.db.records("SELECT id FROM estimates")]
    async with square.db.transaction() as tx:
        await emit(tx, StrikesReached(ann.id, last["id"], last["case_id"], "hate"))
        await emit(tx, *(SignalGiven(one) for one in signals))
    await square.settle()
    assert await all_of_it() == before


async def test_what_people_found_fine_is_not_held_at_the_next_so_many_strikes(
    square: Square, ann: Person, ben: Person
) -> None:
    fine, edited = await ann.say("The choir sings on Friday"), await ann.say("There was cake")
    desk = Desk(square)
    await strike(desk, ann)
    of_account = """
        SELECT count(*) FROM case_items i JOIN cases c ON c.id = i.case_id
        WHERE c.purpose = 'work' AND i.kind = 'account'
    """
    for one in [one[0] for one in await square.db.records("SELECT id FROM cases WHERE state = 'open'")]:
        await desk.decide(one, "none")
    assert await seen(ben, fine, edited) == [True, True]
    assert await square.db.value(of_account) == 1
    await ann.put(f"/api/v1/statuses/{edited['id']}", status="All of them are vermin")
    new = await ann.say("And a new one")
    await strike(desk, ann, policy="violent-threat")
    assert await seen(ben, fine, edited, new) == [True, False, False], "though it is about something worse this time"
    assert await square.db.value(of_account) == 2, "who has so many more is looked at again"
    mod = await at_desk(square, "mod")
    (case_id,) = await cases_of(square, edited)
    assert "All of them are vermin" in await said(await mod.get(f"/desk/cases/{case_id}")), "as it is now"


async def test_what_is_like_something_removed_is_held_and_not_removed_with_it(square: Square, ann: Person) -> None:
    cat, desk = await square.person("cat"), Desk(square)
    removed, _ = await reported(square, cat, ann, ADVERT)
    await square.db.execute("UPDATE policies SET joins_from = 0.5")
    await desk.decide(removed, "remove")
    again = await ann.say(ADVERT)
    await strike(desk, ann, 2)
    (case_id,) = await cases_of(square, again)
    (case,) = await square.db.records("SELECT state, held_at, prior_id FROM cases WHERE id = $1", case_id)
    assert (case["state"], case["prior_id"]) == ("open", removed)
    assert case["held_at"] is not None
    assert await seen(cat, again) == [False]


async def test_nothing_of_others_is_hidden_for_somebodys_strikes(square: Square, ann: Person, ben: Person) -> None:
    cat, desk = await square.person("cat"), Desk(square)
    case_id, theirs = await reported(square, cat, ben, ADVERT)
    mine = await ann.say(ADVERT)
    await strike(desk, ann)
    assert await cases_of(square, mine) == [case_id], "they are alike, and people look at both"
    assert await seen(cat, {"id": theirs}, mine) == [True, True]


async def test_what_others_wrote_is_no_part_of_a_case_that_is_held_for_somebodys_strikes(
    square: Square, ann: Person, ben: Person
) -> None:
    cat, desk = await square.person("cat"), Desk(square)
    mine, more = await ann.say(ADVERT), await ann.say(ADVERT + "!")
    await strike(desk, ann)
    case_id, theirs = await reported(square, cat, ben, ADVERT)
    assert await cases_of(square, mine, more) != [case_id, case_id]
    assert await seen(cat, {"id": theirs}, mine, more) == [True, False, False]
    held, again = await reported(square, cat, ann, ADVERT)
    assert [held] == await cases_of(square, mine), "what is hers and alike is held with it"
    assert await seen(cat, {"id": again}) == [False]


async def test_when_somebody_finds_it_wrong_it_is_held_with_all_that_joins_it(
    square: Square, ann: Person, ben: Person
) -> None:
    cat, desk = await square.person("cat"), Desk(square)
    mine = await ann.say(ADVERT)
    await strike(desk, ann)
    (case_id,) = await cases_of(square, mine)
    mod, _ = await at_desk(square, "mod"), await at_desk(square, "other")
    await decide(mod, case_id, "remove", policy="hate")
    joined, theirs = await reported(square, cat, ben, ADVERT)
    assert joined == case_id
    assert await seen(cat, {"id": theirs}) == [False]


async def test_the_desk_tells_of_it_in_words(square: Square, ann: Person) -> None:
    post, desk = await ann.say("The choir sings on Friday"), Desk(square)
    await strike(desk, ann)
    (case_id,) = await cases_of(square, post)
    last = await square.db.value("SELECT max(case_id) FROM strikes")
    mod, owner = await at_desk(square, "mod"), await at_desk(square, "owner", "owner")
    page = await said(await mod.get(f"/desk/cases/{case_id}"))
    assert RULE in page
    assert f"/desk/cases/{last}" in page
    assert "% sure" not in page, "a rule about its author knows nothing of the post"
    assert NAME not in page
    (entry,) = [one for one in await audit.history(square.db, f"case:{case_id}") if one.action == "case.hold"]
    assert entry.after == {"source": SOURCE, "policy": "hate", "because_id": last}
    assert "No keys yet" in await said(await owner.get("/manage/notice-keys"))
    await decide(mod, case_id, "none", policy="hate")
    log = unescape(await said(await owner.get("/manage/audit")))
    assert "held until people have decided" in log, "to whoever could have decided, when it is decided"
    assert RULE in log
    quality = await said(await mod.get("/desk/quality"))
    assert RULE in quality
    assert NAME not in quality
    assert await square.db.records("SELECT key_id, signals, decided, upheld FROM machines") == [(None, 2, 1, 0)]


async def test_no_program_speaks_as_the_place(square: Square, ann: Person, ben: Person) -> None:
    await strike(Desk(square), ann)
    token, post = await key(square), await ben.say("Hello")
    given = SAYS | {"name": NAME, "version": VERSION, "status_id": post["id"]}
    assert (await say(square, token, json=given)).status_code == 422
    number = await square.db.value("SELECT id FROM notice_keys")
    for version in (VERSION, "2"):
        with pytest.raises(asyncpg.CheckViolationError):
            async with square.db.transaction() as tx:
                await store.speak(tx, f"{NAME}:{version}", NAME, version, number, datetime.now(UTC))
    assert (await say(square, token, json=SAYS | {"status_id": post["id"]})).status_code == 200
    with pytest.raises(asyncpg.CheckViolationError):
        async with square.db.transaction() as tx:
            await tx.execute("UPDATE estimates SET because_id = case_id WHERE source = 'words:3'")
