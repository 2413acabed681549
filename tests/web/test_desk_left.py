"""What nobody of the staff may decide is decided by the operator, at the terminal."""

import json
from argparse import Namespace

import pytest

from tests.support.square import Square
from tests.web.test_desk import at_desk, decide, reported
from townsquare.cli import checks_database
from townsquare.cli.moderation import left
from townsquare.kernel.errors import Forbidden
from townsquare.moderation import audit


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
