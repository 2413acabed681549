"""What nobody of the staff may decide is decided by the operator, at the terminal."""

import json
from argparse import Namespace
from datetime import UTC, datetime

import asyncpg
import pytest

from tests.support.square import Square
from tests.web.test_desk import at_desk, decide, reported
from tests.web.visitor import Visitor
from townsquare.cli import checks_database
from townsquare.cli.moderation import left
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.settings_sources import become
from townsquare.moderation import audit
from townsquare.moderation.reasons.appeals import appeal


async def test_what_is_said_of_an_owner_is_decided_at_the_terminal(
    square: Square, capsys: pytest.CaptureFixture[str]
) -> None:
    db, settings = square.db, square.services.settings
    ann, ben, eve = await square.person("ann", role="owner"), await square.person("ben"), await square.person("eve")
    case_id, post = await reported(square, ben, ann)
    other, _ = await reported(square, ben, eve, "Something else, and by nobody of the staff")
    for role in ("moderator", "admin", "owner"):
        taken = await (await at_desk(square, f"mod{role}", role)).send("/desk/next", page="/desk")
        assert str(case_id) not in taken.headers["location"]
    capsys.readouterr()
    assert await left.left(db, settings) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["id"] == case_id
    async with db.transaction() as tx:
        assert "1 wait that nobody" in (await checks_database.cases(tx.connection)).text
    given = {"policy": "harassment", "action": "remove", "account": "none", "days": None, "why": "It is a threat"}
    with pytest.raises(Forbidden, match="waits for them"):
        await left.decide(db, settings, args=Namespace(case=other, **given))
    assert await left.decide(db, settings, args=Namespace(case=case_id, **given)) == 0
    await square.settle()
    assert (await square.http.get(f"/api/v1/statuses/{post}")).status_code == 404
    assert await db.value("SELECT said FROM statements WHERE account_id = $1", ann.id) == "It is a threat"
    decided = next(one for one in await audit.history(db, f"case:{case_id}") if one.action == "case.decide")
    assert (decided.actor, decided.reason) == ("operator at the terminal", "It is a threat")
    capsys.readouterr()
    assert await left.left(db, settings) == 0
    assert capsys.readouterr().out == ""
    await left.reopen(db, settings, case_id=case_id, why="It was a line of a play")
    given["action"] = "none"
    await left.decide(db, settings, args=Namespace(case=case_id, **given))
    await square.settle()
    assert (await square.http.get(f"/api/v1/statuses/{post}")).status_code == 200


async def test_what_is_in_a_queue_that_nobody_works_is_for_the_operator(
    square: Square, capsys: pytest.CaptureFixture[str]
) -> None:
    db, settings = square.db, square.services.settings
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    await at_desk(square, "mod")
    await db.execute("UPDATE cases SET queue = 'legal'")
    capsys.readouterr()
    await left.left(db, settings)
    assert json.loads(capsys.readouterr().out)["id"] == case_id
    async with db.transaction() as tx:
        assert "1 wait that nobody" in (await checks_database.cases(tx.connection)).text
    await at_desk(square, "law", "admin")
    await left.left(db, settings)
    assert capsys.readouterr().out == ""


async def test_the_operator_takes_back_nothing_that_the_staff_decided(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    await decide(await at_desk(square, "boss", "owner"), case_id, "label")
    with pytest.raises(Forbidden, match="by the staff"):
        await left.reopen(square.db, square.services.settings, case_id=case_id, why="I see it otherwise")


async def test_nor_what_the_staff_took_back_themselves(square: Square) -> None:
    """Then nothing is said in that round, by anybody."""
    db, settings = square.db, square.services.settings
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, post = await reported(square, ann, ben)
    boss = await at_desk(square, "boss", "owner")
    await decide(boss, case_id, "label")
    path = f"/desk/cases/{case_id}"
    assert (await boss.send(f"{path}/undo", page=path, why="It is a line of a play")).status_code == 303
    await square.settle()
    assert await db.value("SELECT (state, action) = ('decided', 'none') FROM cases WHERE id = $1", case_id)
    with pytest.raises(Forbidden, match="by the staff"):
        await left.reopen(db, settings, case_id=case_id, why="I see it otherwise")
    with pytest.raises(Forbidden, match="by the staff"):
        await left.give_back(db, settings, case_id=case_id, thing=int(post), why="I see it otherwise")


async def test_an_appeal_against_the_operator_waits_for_whoever_is_entrusted_with_it(
    square: Square, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody of a lower rank than whom it is about; the database refuses whoever decided."""
    db, settings = square.db, square.services.settings
    ann, ben = await square.person("ann", role="owner"), await square.person("ben")
    case_id, _ = await reported(square, ben, ann)
    given = {"policy": "harassment", "action": "none", "account": "none", "days": None, "why": "It is a line of a play"}
    await left.decide(db, settings, args=Namespace(case=case_id, **given))
    await square.settle()
    reader = Visitor(square)
    await reader.sign_in("ben")
    page = f"/settings/reports/{await db.value('SELECT id FROM reports')}"
    await reader.send(f"{page}/appeal", page=page, case=str(case_id), text="It is a threat")
    number = await db.value("SELECT id FROM cases WHERE origin = 'appeal'")
    assert "until somebody else is entrusted with it" in (await reader.get(page)).text
    given["action"] = "remove"
    with pytest.raises(Forbidden, match="entrust one of the staff"):
        await left.decide(db, settings, args=Namespace(case=number, **given))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="not decided it before"):
        async with db.transaction() as tx:
            await tx.execute(
                """
                INSERT INTO case_decisions (id, case_id, round, stage, reviewer_id, policy, action, made_at)
                VALUES (1, $1, 1, 1, 0, 'harassment', 'remove', now())
                """,
                number,
            )
    mod = await at_desk(square, "mod")
    assert (await mod.get(f"/desk/cases/{number}")).status_code == 403
    for name in ("ben", "ann"):
        with pytest.raises(Forbidden, match="none of the staff"):
            await left.entrust(db, settings, case_id=number, name=name, why="Nobody else is there")
    capsys.readouterr()
    await left.entrust(db, settings, case_id=number, name="mod", why="Nobody else is there")
    assert "entrusted" not in (await reader.get(page)).text
    await left.left(db, settings)
    assert "@mod finds it" in capsys.readouterr().out
    taken = await mod.send("/desk/next", page="/desk")
    assert taken.headers["location"] == f"/desk/cases/{number}"
    assert (await decide(mod, number, "label")).status_code == 303
    await square.settle()
    assert "Your appeal was granted" in (await reader.get(page)).text
    assert {one.action for one in await audit.history(db, f"case:{number}")} >= {"case.entrust", "case.decide"}


async def test_where_a_jury_has_spoken_the_operator_does_what_it_says_and_nothing_else(square: Square) -> None:
    db, settings = square.db, square.services.settings
    become(settings, settings, {"moderation.jury": True})
    ann, ben = await square.person("ann", role="owner"), await square.person("ben")
    case_id, _ = await reported(square, ben, ann)
    given = {"policy": "harassment", "action": "remove", "account": "none", "days": None, "why": "It is a threat"}
    await left.decide(db, settings, args=Namespace(case=case_id, **given))
    await square.settle()
    jurors = [await square.person(f"juror{number}") for number in range(5)]
    await db.execute("UPDATE users SET created_at = now() - interval '60 days'")
    for one in jurors:
        await one.post("/api/v1/jury")
    async with db.transaction() as tx:
        await appeal(tx, ann.id, case_id, 1, "author", "It is a line of a play", datetime.now(UTC), jury=True)
    await square.settle()
    number = await db.value("SELECT case_id FROM appeals")
    for one in jurors:
        await one.post(f"/api/v1/jury/{number}", answer="lifted")
    with pytest.raises(Forbidden, match="as the jury says"):
        await left.decide(db, settings, args=Namespace(case=number, **given))
    given["action"] = "none"
    await left.decide(db, settings, args=Namespace(case=number, **given))
    await square.settle()
    assert await db.value("SELECT granted FROM appeals")
