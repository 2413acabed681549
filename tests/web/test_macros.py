"""Saved decisions: one's own and everybody's, and none of them skips the second pair of eyes."""

from tests.support.square import Square
from tests.web.test_desk import at_desk, reported, said
from tests.web.visitor import Visitor
from townsquare.moderation import audit

THREAT = {
    "name": "A threat", "key": "d", "policy": "violent-threat", "action": "remove", "account_action": "warn",
    "days": "", "said": "Nobody is threatened here.", "note": "As ever", "at_once": "true",
}  # fmt: skip


async def save(one: Visitor, path: str = "/desk/macros", **fields: str) -> int:
    return (await one.send(path, page="/desk/macros", **(THREAT | fields))).status_code


async def number(square: Square, name: str = "A threat") -> int:
    return await square.db.value("SELECT id FROM macros WHERE name = $1", name)


async def press(one: Visitor, square: Square, case_id: int, macro_id: int, **fields: str) -> int:
    token = await one.token("/desk")
    path = f"/desk/cases/{case_id}/decide"
    return (await one.send(path, csrf=token, macro=str(macro_id), **fields)).status_code


async def test_a_saved_decision_is_a_review_and_what_is_heavy_waits_for_the_second(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    mod, other = await at_desk(square, "mod"), await at_desk(square, "other")
    assert await save(mod) == 303
    assert "A threat" in await said(await mod.get(f"/desk/cases/{case_id}"))
    assert "A threat" not in await said(await other.get("/desk/macros")), "it is mod's own"
    macro = await number(square)
    assert await press(other, square, case_id, macro) == 404
    assert await press(mod, square, case_id, macro, said="Dear Ben,") == 303
    waits = await square.db.records("SELECT state, stage, held_at IS NOT NULL FROM cases WHERE id = $1", case_id)
    assert [tuple(one) for one in waits] == [("open", 2, True)]
    assert await press(mod, square, case_id, macro) in (403, 409), "and not for the same person twice"
    review = await square.db.records("SELECT policy, action, account_action, said, note FROM case_decisions")
    assert [tuple(one) for one in review] == [
        ("violent-threat", "remove", "warn", "Dear Ben,\nNobody is threatened here.", "As ever")
    ]


async def test_one_that_only_fills_in_the_form_does_so(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    mod = await at_desk(square, "mod")
    await mod.send("/desk/macros", page="/desk/macros", **{**THREAT, "at_once": ""})
    token = await mod.token("/desk")
    macro = str(await number(square))
    filled = await mod.send(f"/desk/cases/{case_id}/decide", csrf=token, macro=macro, note="Mine")
    page = await said(filled)
    assert "Nobody is threatened here." in page
    assert "Mine As ever" in page
    assert await square.db.value("SELECT count(*) FROM case_decisions") == 0


async def test_what_everybody_has_is_for_those_with_the_role_and_stands_in_the_audit_log(square: Square) -> None:
    mod, boss = await at_desk(square, "mod"), await at_desk(square, "boss", "owner")
    assert await save(mod, team="true") == 403
    assert await save(boss, team="true", name="Ours") == 303
    macro = await number(square, "Ours")
    assert "Ours" in await said(await mod.get("/desk/macros"))
    assert await save(mod, f"/desk/macros/{macro}", name="Mine now") == 404
    assert await save(mod, f"/desk/macros/{macro}/delete") == 403
    assert await save(mod, name="My own", key="d") == 303, "one's own has the key"
    assert await save(mod, name="Another", key="d") == 422
    assert await save(boss, f"/desk/macros/{macro}", team="true", name="Ours, changed") == 303
    assert await save(boss, f"/desk/macros/{macro}/delete") == 303
    deeds = [one.action for one in await audit.history(square.db, f"macro:{macro}")]
    assert sorted(deeds) == ["macro.change", "macro.create", "macro.delete"]
    assert "saved a decision for everybody" in (await boss.get("/manage/audit")).text


async def test_nothing_typed_is_lost(square: Square) -> None:
    mod = await at_desk(square, "mod")
    for wrong in ({"name": " "}, {"key": "a"}, {"policy": "nothing"}, {"action": "x"}, {"said": "x" * 5001}):
        again = await mod.send("/desk/macros", page="/desk/macros", **(THREAT | wrong))
        assert again.status_code == 422
        assert "As ever" in again.text
    assert await square.db.value("SELECT count(*) FROM macros") == 0
