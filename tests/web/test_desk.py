"""The desk: what waits is taken, looked at, decided and taken back, and nothing typed is lost."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.support.square import Person, Square
from tests.web.test_notices import give
from tests.web.visitor import Visitor
from townsquare.kernel.ids import new_id
from townsquare.kernel.settings_sources import become
from townsquare.moderation import audit, vault
from townsquare.moderation.cases.measure import put_golden
from townsquare.moderation.cases.roles import Reviewer

THREAT = "We will meet them all at the town hall tonight and none of them will walk home again"


async def at_desk(square: Square, name: str, role: str = "moderator") -> Visitor:
    await square.person(name, role=role)
    one = Visitor(square)
    await one.sign_in(name)
    return one


async def reported(square: Square, by: Person, author: Person, text: str = THREAT, **post: Any) -> tuple[int, str]:
    """A case of a post, and the post."""
    made = await author.say(text, **post)
    await by.post("/api/v1/reports", account_id=str(author.id), status_ids=[made["id"]], comment="Look at this")
    await square.settle()
    case_id = await square.db.value("SELECT case_id FROM case_items WHERE item_id = $1 AND open", int(made["id"]))
    assert case_id is not None
    return case_id, made["id"]


async def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


async def decide(one: Visitor, case_id: int, action: str, **fields: str) -> httpx.Response:
    path = f"/desk/cases/{case_id}"
    token = await one.token("/desk")
    given = {"policy": "harassment", "action": action, "account_action": "none", **fields}
    return await one.send(f"{path}/decide", csrf=token, **given)


async def test_the_next_case_is_taken_decided_and_taken_back(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    first, _ = await reported(square, ann, ben)
    await reported(square, ann, ben, "Buy these shoes now and never walk in others")
    mod = await at_desk(square, "mod")
    assert "Next case" in await said(await mod.get("/desk"))
    taken = await mod.send("/desk/next", page="/desk")
    assert taken.status_code == 303
    case_id = int(taken.headers["location"].rpartition("/")[2])
    page = await said(await mod.get(taken.headers["location"]))
    assert "Look at this" in page
    assert "nothing known of them yet" in page
    done = await decide(mod, case_id, "label", said="Mind your words", shown="1")
    assert done.status_code == 303
    assert done.headers["location"] not in ("/desk", taken.headers["location"]), "the next case is there at once"
    assert await square.db.value("SELECT action FROM cases WHERE id = $1", case_id) == "label"
    undone = await mod.send("/desk/undo", page="/desk")
    assert undone.headers["location"] == f"/desk/cases/{case_id}"
    assert await square.db.value("SELECT state FROM cases WHERE id = $1", case_id) == "open"
    assert (await mod.send("/desk/undo", page="/desk")).status_code == 409
    assert first


async def test_nothing_that_was_typed_is_lost(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    mod, other = await at_desk(square, "mod"), await at_desk(square, "other")
    again = await decide(mod, case_id, "", said="My careful words", note="For us")
    assert again.status_code == 422
    assert "My careful words" in again.text
    await other.send("/desk/next", page="/desk")
    lost = await decide(mod, case_id, "label", said="My careful words")
    assert lost.status_code == 403
    assert "Somebody else has this case before them" in lost.text
    assert "My careful words" in lost.text
    assert "data-decide" not in lost.text


async def test_the_second_reviewer_does_not_know_what_the_first_said(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    mods = [await at_desk(square, name) for name in ("mod1", "mod2")]
    senior = await at_desk(square, "senior", "admin")
    await decide(mods[0], case_id, "remove", note="A threat if ever I saw one")
    assert await square.db.value("SELECT stage FROM cases WHERE id = $1", case_id) == 2
    page = await said(await mods[1].get(f"/desk/cases/{case_id}"))
    assert "ever I saw" not in page
    assert "mod1" not in page.replace("mod1 (Moderator)", "")
    assert "checked" not in page.partition('class="picks actions-of')[2].partition("</fieldset>")[0]
    await decide(mods[1], case_id, "none")
    page = await said(await senior.get(f"/desk/cases/{case_id}"))
    assert "Reviewers differ" in page
    assert "ever I saw" in page


async def test_what_joins_a_case_that_is_held_is_held_with_it(square: Square) -> None:
    """A campaign goes on while the case of it waits for its second pair of eyes."""
    ann, ben, cid = [await square.person(name) for name in ("ann", "ben", "cid")]
    case_id, first = await reported(square, ann, ben)
    mods, boss = [await at_desk(square, name) for name in ("mod1", "mod2")], await at_desk(square, "boss", "owner")

    async def there(*posts: str) -> list[int]:
        await square.settle()
        return [(await square.http.get(f"/api/v1/statuses/{post}")).status_code for post in posts]

    before, second = await reported(square, ann, cid, THREAT.replace("town hall", "t0wn hall"))
    assert before == case_id
    assert await there(first, second) == [200, 200]
    await decide(mods[0], case_id, "remove")
    later, third = await reported(square, ann, cid, f"{THREAT}!!")
    assert later == case_id
    assert await there(first, second, third) == [404, 404, 404]
    await decide(mods[1], case_id, "none")
    await decide(boss, case_id, "none")
    assert await there(first, second, third) == [200, 200, 200]


async def test_one_who_looks_after_a_place_alone_decides_alone_and_is_told_so(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, post = await reported(square, ann, ben)
    boss = await at_desk(square, "boss", "owner")
    assert "Nobody else of the staff may review this case" in await said(await boss.get(f"/desk/cases/{case_id}"))
    await decide(boss, case_id, "remove")
    await square.settle()
    assert (await square.http.get(f"/api/v1/statuses/{post}")).status_code == 404
    (entry, *_) = await audit.history(square.db, f"case:{case_id}")
    assert (entry.action, entry.after["few"]) == ("case.decide", True)
    assert "Nobody else could be asked" in await said(await boss.get("/manage/audit"))
    second, _ = await reported(square, ann, ben, "Buy these shoes now and never walk in others")
    await at_desk(square, "mod")
    assert "Nobody else of the staff" not in await said(await boss.get(f"/desk/cases/{second}"))


async def test_what_was_removed_stays_hidden_while_it_is_looked_at_again(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, post = await reported(square, ann, ben)
    mods = [await at_desk(square, name) for name in ("mod1", "mod2", "mod3")]

    async def there() -> bool:
        await square.settle()
        return (await square.http.get(f"/api/v1/statuses/{post}")).status_code == 200

    for one in mods[:2]:
        await decide(one, case_id, "remove")
    assert not await there()
    await mods[1].send("/desk/undo", page="/desk")
    assert not await there(), "it is held, as before it was decided"
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 0
    for one in (mods[1], mods[0]):
        assert not await there()
        await decide(one, case_id, "none")
    assert await there()
    await mods[2].send(f"/desk/cases/{case_id}/undo", page="/desk", why="No", again="1")
    assert await there(), "what was not removed is not hidden"
    for one in mods[:2]:
        await decide(one, case_id, "remove")
    page = await said(await mods[2].get(f"/desk/cases/{case_id}"))
    assert "Take it back, and open it again" in page
    blank = await mods[2].send(f"/desk/cases/{case_id}/undo", page="/desk", why="")
    assert blank.status_code == 422
    assert "it stands in the audit log" in blank.text
    alone = await mods[2].send(f"/desk/cases/{case_id}/undo", page="/desk", why="A joke")
    assert "have a senior take it back" in alone.text
    boss = await at_desk(square, "boss", "admin")
    await boss.send(f"/desk/cases/{case_id}/undo", page="/desk", why="A joke")
    assert "It is taken back" in await said(await boss.get(f"/desk/cases/{case_id}"))
    assert await there(), "taken back and not opened again, it is there at once"


async def test_nobody_decides_about_themselves_or_what_they_reported(square: Square) -> None:
    ann, mod = await square.person("ann"), await square.person("mod", role="moderator")
    ben = await square.person("ben")
    about_me, _ = await reported(square, ann, mod)
    by_me, _ = await reported(square, mod, ben, "Something that a moderator did not like at all")
    one = Visitor(square)
    await one.sign_in("mod")
    for case_id in (about_me, by_me):
        assert (await one.get(f"/desk/cases/{case_id}")).status_code == 403
        assert (await decide(one, case_id, "none")).status_code == 403
    stranger = Visitor(square)
    await stranger.sign_in("ann")
    for path in ("/desk", f"/desk/cases/{by_me}", "/desk/people", "/desk/quality"):
        assert (await stranger.get(path)).status_code == 404
    assert (await one.get("/desk/people")).status_code == 404


async def test_lists_of_the_desk_say_nothing_of_what_one_may_not_look_at(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    mod, peer, boss = (
        await at_desk(square, "mod"),
        await at_desk(square, "peer"),
        await at_desk(square, "boss", "owner"),
    )
    await square.db.execute("UPDATE users SET role = 'moderator' WHERE account_id = $1", ben.id)
    case_id, _ = await reported(square, ann, ben, "The staff of this place are a bunch of thieves")
    for late in (
        "due_at = now() - interval '1 hour'",
        "due_at = now() + interval '2 days', snoozed_until = now() + interval '1 day'",
    ):
        await square.db.execute(f"UPDATE cases SET {late} WHERE id = $1", case_id)
        assert "bunch of thieves" in await said(await boss.get("/desk"))
        for one in (mod, peer):
            assert "bunch of thieves" not in await said(await one.get("/desk"))


async def test_what_is_private_is_shown_for_a_reason_that_is_logged(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, post = await reported(square, ann, ben, "@ann I know where you live", visibility="direct")
    words = "He wrote: where you live"
    await ann.post("/api/v1/reports", account_id=str(ben.id), status_ids=[post], comment=words)
    await square.settle()
    boss = await at_desk(square, "boss", "owner")
    path = f"/desk/cases/{case_id}"
    page = await said(await boss.get(path))
    assert "This is private" in page
    assert "where you live" not in page
    assert (await boss.send(f"{path}/look", page=path, why=" ")).status_code == 422
    assert (await boss.send(f"{path}/look", page=path, why="To decide the report")).status_code == 303
    shown = await said(await boss.get(path))
    assert "I know where you live" in shown
    assert words in shown
    entry = (await audit.history(square.db, f"case:{case_id}"))[0]
    assert (entry.action, entry.reason) == ("case.look", "To decide the report")
    moderator = await at_desk(square, "mod")
    assert (await moderator.get(path)).status_code == 403


async def test_what_was_decided_before_is_named_to_those_who_may_look_at_it(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    secret, _ = await reported(square, ann, ben, "@ann I know where you live", visibility="direct")
    boss, mod = await at_desk(square, "boss", "owner"), await at_desk(square, "mod")
    assert (await decide(boss, secret, "label")).status_code == 303
    await square.settle()
    assert await square.db.value("SELECT state FROM cases WHERE id = $1", secret) == "decided"
    case_id, _ = await reported(square, ann, ben)
    assert f'href="/desk/cases/{secret}"' in await said(await boss.get(f"/desk/cases/{case_id}"))
    assert f'href="/desk/cases/{secret}"' not in await said(await mod.get(f"/desk/cases/{case_id}"))


async def test_every_strike_of_an_author_is_named_and_says_whether_it_counts(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    mod, now = await at_desk(square, "mod"), datetime.now(UTC)
    path = f"/desk/cases/{case_id}"
    assert "No strikes." in await said(await mod.get(path))
    strikes = {
        "freeze": "Frozen", "suspend": "Suspended", "silence": "Limited", "sensitive": "Pictures covered",
        "none": "Warned", "disable": "Kept out", "delete_statuses": "Posts removed",
        "mark_statuses_as_sensitive": "Posts covered",
    }  # fmt: skip
    allowed = await square.db.value(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'strikes_action_check'"
    )
    assert set(re.findall(r"'(\w+)'", allowed)) == strikes.keys()
    for action, words in strikes.items():
        await square.db.execute("DELETE FROM strikes")
        for undone, expires in ((None, None), (now, None), (None, now - timedelta(days=1))):
            await square.db.execute(
                """
                INSERT INTO strikes (account_id, id, actor_id, action, created_at, undone_at, expires_at)
                VALUES ($1, $2, 0, $3, now() - interval '1 year', $4, $5)
                """,
                ben.id, new_id(), action, undone, expires,
            )  # fmt: skip
        page = await said(await mod.get(path))
        assert page.count(f"<p>{words} ") == 3
        assert "1 strike that counts" in page
        assert "Taken back" in page
        assert "Counts no more" in page


async def test_an_appeal_shows_its_words_and_what_was_told_but_nobody_who_decided(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    prior, post = await reported(square, ann, ben)
    first = await at_desk(square, "firstmod")
    await decide(first, prior, "label", said="This is a threat")
    await square.settle()
    number, now = new_id(datetime.now(UTC)), datetime.now(UTC)
    await square.db.execute(
        """
        INSERT INTO cases (id, origin, queue, policy, severity, opened_at, due_at, prior_id, items_count, updated_at)
        VALUES ($1, 'appeal', 'general', 'harassment', 2, $2, $3, $4, 1, $2)
        """,
        number,
        now,
        now + timedelta(days=7),
        prior,
    )
    await square.db.execute(
        """
        INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, sealed, joined_at)
        VALUES ($1, 'status', $2, $3, $2, $4, $5)
        """,
        number,
        ben.id,
        int(post),
        vault.seal(square.db.keys, "status", int(post), THREAT),
        now,
    )
    await square.db.execute(
        """
        INSERT INTO appeals (account_id, id, prior_id, round, side, text, case_id, made_at)
        VALUES ($1, $2, $3, 1, 'author', 'It is a line from a play', $2, $4)
        """,
        ben.id,
        number,
        prior,
        now,
    )
    await square.db.execute("UPDATE appeals SET case_id = $1 WHERE account_id = $2", number, ben.id)
    other = await at_desk(square, "othermod")
    page = await said(await other.get(f"/desk/cases/{number}"))
    assert "It is a line from a play" in page
    assert "firstmod" not in page.replace("firstmod (Moderator)", "")
    assert (await decide(first, number, "none")).status_code == 403
    assert (await decide(other, number, "none")).status_code == 303


async def test_roles_at_the_desk_are_given_by_admins(square: Square) -> None:
    mod = await square.person("mod", role="moderator")
    boss = await at_desk(square, "boss", "owner")
    assert "@mod" in await said(await boss.get("/desk/people"))
    assert (await boss.send(f"/desk/people/{mod.id}", page="/desk/people", role="senior")).status_code == 303
    assert await square.db.value("SELECT role FROM desk_members WHERE account_id = $1", mod.id) == "senior"
    assert (await audit.history(square.db, f"account:{mod.id}"))[0].action == "desk.role"
    assert (await boss.send(f"/desk/people/{mod.id}", page="/desk/people", role="king")).status_code == 404
    assert "Nothing has been compared yet" in await said(await boss.get("/desk/quality"))


async def test_a_rank_that_is_taken_away_leaves_nothing_at_the_desk(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    boss, admin = await at_desk(square, "boss", "owner"), await at_desk(square, "admin", "admin")
    number = await square.db.value("SELECT id FROM accounts WHERE username = 'admin'")
    path = f"/desk/cases/{case_id}"
    await admin.send("/desk/next", page="/desk")
    assert (await admin.send(f"{path}/hand-over", page=path, queue="legal")).status_code == 303
    assert (await admin.get(path)).status_code == 200
    ranked = f"/manage/people/{number}/role"
    assert (await boss.send(ranked, page="/desk", role="moderator")).status_code == 303
    assert (await admin.get(path)).status_code == 403, "to take a case made nobody an admin of the desk for good"
    assert (await admin.get("/desk/people")).status_code == 404
    assert (await boss.send(f"/desk/people/{number}", page="/desk/people", role="legal")).status_code == 303
    assert (await admin.get(path)).status_code == 200
    assert (await boss.send(ranked, page="/desk", role="user")).status_code == 303
    assert (await boss.send(ranked, page="/desk", role="moderator")).status_code == 303
    assert (await admin.get(path)).status_code == 403, "what they were made there ended with the rank"


async def test_a_decided_case_is_put_to_others_with_a_known_answer(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    boss, mod = await at_desk(square, "boss", "owner"), await at_desk(square, "mod")
    # Nothing by chance.
    become(square.services.settings, square.services.settings, {"moderation.golden": 0, "moderation.doubles": 0})
    case_id, _ = await reported(square, ann, ben)
    await decide(boss, case_id, "label")
    path = f"/desk/cases/{case_id}"
    assert "known answer" not in await said(await mod.get(path))
    assert "known answer" in await said(await boss.get(path))
    fields = {"policy": "harassment", "action": "label"}
    assert (await mod.send(f"{path}/golden", page="/desk", **fields)).status_code == 403
    assert (await boss.send(f"{path}/golden", page="/desk", **fields)).status_code == 303
    assert (await mod.send("/desk/next", page="/desk")).headers["location"] == "/desk", (
        "nobody is given the answer itself"
    )
    number = await square.db.value("SELECT id FROM accounts WHERE username = 'mod'")
    async with square.db.transaction() as tx:
        await put_golden(tx, Reviewer(number, "@mod", "moderator"), datetime.now(UTC))
    taken = await mod.send("/desk/next", page="/desk")
    golden = int(taken.headers["location"].rpartition("/")[2])
    await decide(mod, golden, "none")
    page = await said(await mod.get("/desk/own"))
    assert "The same in 0 of 1 cases" in page
    assert "You said: Leave it" in page
    page = await said(await boss.get("/desk/quality"))
    assert 'id="f-doubles"' in page
    assert "disabled" not in page.partition("</head>")[2]
    assert (await mod.send("/desk/quality", page="/desk", doubles="20", golden="5")).status_code == 403
    assert (await boss.send("/desk/quality", page="/desk", doubles="90", golden="5")).status_code == 422
    assert (await boss.send("/desk/quality", page="/desk", doubles="20", golden="5")).status_code == 303
    assert 'value="20"' in (await boss.get("/desk/quality")).text


async def test_who_left_a_note_is_told_where_nobody_wrote_what_the_case_is_of(square: Square) -> None:
    await give(square, "https://town.example/@nobody/123", kind="copyright")
    await square.settle()
    case_id = await square.db.value("SELECT case_id FROM case_items WHERE kind = 'notice'")
    mod = await at_desk(square, "mod", "owner")
    path = f"/desk/cases/{case_id}"
    assert (await mod.send(f"{path}/snooze", page=path, wait="hour", note="Ask the library")).status_code == 303
    shown = await said(await mod.get(path))
    assert 'Ask the library</blockquote><p class="quiet"><bdi>@mod</bdi>' in shown


async def test_what_one_report_says_of_several_things_is_told_once(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    posts = [(await ben.say(f"{THREAT} {at}"))["id"] for at in range(3)]
    await ann.post("/api/v1/reports", account_id=str(ben.id), status_ids=posts, comment="All of them")
    await square.settle()
    (case_id,) = {record["id"] for record in await square.db.records("SELECT id FROM cases")}
    shown = await said(await (await at_desk(square, "mod")).get(f"/desk/cases/{case_id}"))
    assert shown.count("All of them") == 1
    assert "3 reports · 3 things" in shown
    assert re.search(r"</time> · 3 things</span></p> <blockquote dir=\"auto\">All of them", shown)
