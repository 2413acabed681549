"""Policies: written and changed on pages by those with the role for it, kept in every wording, shown to everybody."""

import httpx
import pytest

from tests.support.square import Square
from tests.web.test_desk import at_desk, decide, reported, said
from tests.web.visitor import Visitor
from townsquare.kernel.ids import AccountId
from townsquare.moderation import audit
from townsquare.moderation.cases.categories import KEYWORDS, UNSPECIFIED, go_together
from townsquare.moderation.reasons.record import vocabulary

SPOILERS = {
    "name": "Spoilers", "text": "You may not tell how a film ends.", "severity": "4", "allowed": "48",
    "ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "law": "", "queue": "general", "second_review": "true",
    "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC/KEYWORD_OTHER", "joins_from": "92.5", "acts_from": "",
    "preserve": "",
}  # fmt: skip


async def send(one: Visitor, path: str, **fields: str) -> int:
    return (await one.send(path, page="/manage/policies", **fields)).status_code


async def test_a_policy_is_written_ordered_ended_and_begun_again(square: Square) -> None:
    boss = await at_desk(square, "boss", "owner")
    made = await boss.send("/manage/policies", page="/manage/policies", **SPOILERS)
    assert made.headers["location"] == "/manage/policies/spoilers"
    row = await square.db.records("SELECT joins_from, position, second_review FROM policies WHERE code = 'spoilers'")
    assert tuple(row[0]) == (pytest.approx(0.925), 16, True)
    page = await said(await square_get(square, "/rules"))
    assert 'id="spoilers"' in page
    assert "You may not tell how a film ends." in page
    assert await send(boss, "/manage/policies/spoilers/move/up") == 303
    assert await square.db.value("SELECT position FROM policies WHERE code = 'other'") == 16
    assert await send(boss, "/manage/policies/spoilers/end") == 303
    assert 'id="spoilers"' not in (await square_get(square, "/rules")).text
    assert "does not hold any more" in await said(await square_get(square, "/rules/spoilers"))
    assert await send(boss, "/manage/policies/spoilers/begin") == 303
    assert await send(boss, "/manage/policies/other/end") == 422
    deeds = [one.action for one in await audit.history(square.db, "policy:spoilers")]
    assert sorted(deeds) == ["policy.begin", "policy.create", "policy.end", "policy.move"]
    assert "ended the policy" in (await boss.get("/manage/audit")).text


async def square_get(square: Square, path: str) -> httpx.Response:
    return await square.http.get(path)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "can&#39;t be blank"),
        ("text", "x" * 1901, "too long"),
        ("allowed", "0", "at least an hour"),
        ("allowed", "soon", "is not a number"),
        ("acts_from", "30", "between 50 and 100"),
        ("category", "STATEMENT_CATEGORY_VIOLENCE/KEYWORD_SUICIDE", "does not go together"),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field(square: Square, field: str, value: str, words: str) -> None:
    boss = await at_desk(square, "boss", "owner")
    given = {**SPOILERS, field: value}
    again = await boss.send("/manage/policies", page="/manage/policies", **given)
    assert again.status_code == 422
    assert words in again.text
    assert "how a film ends" in again.text or field == "text"
    assert await square.db.value("SELECT count(*) FROM policies") == 15


async def test_what_was_decided_stays_readable_as_it_was(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    boss, author = await at_desk(square, "boss", "owner"), Visitor(square)
    await author.sign_in("ben")
    case_id, _ = await reported(square, ann, ben)
    await decide(boss, case_id, "label")
    await square.settle()
    harsher = {**SPOILERS, "name": "Unkindness", "text": "You may not be unkind at all."}
    assert await send(boss, "/manage/policies/harassment", **harsher) == 303
    number = await square.db.value("SELECT id FROM statements WHERE account_id = $1", ben.id)
    page = await said(await author.get(f"/settings/decisions/{number}"))
    assert "You may not pursue, insult or shame somebody" in page
    assert "unkind at all" not in page
    assert "/rules/harassment#version-1" in page
    history = await said(await square_get(square, "/rules/harassment"))
    assert history.index("unkind at all") < history.index("shame somebody")
    assert await square.db.value("SELECT policy_version FROM case_decisions") == 1
    entry = (await audit.history(square.db, "policy:harassment"))[0]
    assert (entry.before["name"], entry.after["name"]) == ("Harassment", "Unkindness")


async def test_a_policy_is_read_in_ones_own_language(square: Square) -> None:
    boss = await at_desk(square, "boss", "owner")
    words = {"language": "de", "name": "Unfreundlichkeit", "text": "Sei nicht gemein."}
    assert await send(boss, "/manage/policies/harassment/words", **words) == 303
    german = {"accept-language": "de"}
    page = (await square.http.get("/rules", headers=german)).text
    assert "Unfreundlichkeit" in page
    assert "Androhung von Gewalt" in page
    assert await send(boss, "/manage/policies/harassment/words", language="de", name="", text="") == 303
    assert "Unfreundlichkeit" not in (await square.http.get("/rules", headers=german)).text


async def test_those_without_the_role_read_and_change_nothing(square: Square) -> None:
    mod = await at_desk(square, "mod")
    page = await said(await mod.get("/manage/policies/hate"))
    assert "change it" in page
    assert 'name="severity"' not in page
    for path in ("", "/hate", "/hate/words", "/hate/end", "/hate/begin", "/hate/move/up"):
        assert await send(mod, f"/manage/policies{path}", **SPOILERS, language="de") == 403, path
    await square.person("ann")
    ann = Visitor(square)
    await ann.sign_in("ann")
    assert (await ann.get("/manage/policies")).status_code == 404
    account = AccountId(await square.db.value("SELECT id FROM accounts WHERE username = 'mod'"))
    await square.db.execute("INSERT INTO desk_members (account_id, role) VALUES ($1, 'policy')", account)
    assert await send(mod, "/manage/policies", **SPOILERS) == 303


async def test_reports_of_a_rule_come_under_its_policy(square: Square) -> None:
    boss = await at_desk(square, "boss", "owner")
    await boss.send("/manage/rules", page="/manage/rules", text="Do not shout")
    rule = str(await square.db.value("SELECT id FROM rules"))
    assert await send(boss, "/manage/policies/spam", **{**SPOILERS, "rules": rule}) == 303
    ann, ben = await square.person("ann"), await square.person("ben")
    made = await ben.say("HEAR ME ALL OF YOU")
    await ann.post(
        "/api/v1/reports", account_id=str(ben.id), status_ids=[made["id"]], category="violation", rule_ids=[rule]
    )
    await square.settle()
    assert await square.db.value("SELECT policy FROM cases") == "spam"


def test_keywords_stand_below_the_category_that_the_database_has_them_in() -> None:
    words = vocabulary()
    assert set(KEYWORDS) == words["STATEMENT_CATEGORY"]
    placed = {one for keywords in KEYWORDS.values() for one in keywords}
    assert placed == words["KEYWORD"]
    assert go_together(UNSPECIFIED, None)
    assert not go_together("STATEMENT_CATEGORY_VIOLENCE", "KEYWORD_PHISHING")
