"""Misuse: people who report or appeal without reason are warned, suspended, told, and let in again."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.rooms.moderation.cases.desk import removed, review, reviewer
from tests.support.square import Person, Square
from tests.web.visitor import Visitor
from townsquare.kernel.settings import Misuse, Moderation
from townsquare.moderation import audit, store_misuse
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.cases.model import Action
from townsquare.moderation.model import PLACE
from townsquare.moderation.reasons.appeals import appeal as make_appeal


def strict(square: Square, *, appeals: int = 1) -> None:
    bounds = Misuse(reports=2, reports_then=1, appeals=appeals, appeals_then=appeals)
    msgspec.structs.force_setattr(square.services.settings, "moderation", Moderation(misuse=bounds))


async def decided(square: Square, by: Person, author: Person, text: str, *, right: bool = False) -> int:
    """A report that is found to be without reason, or right."""
    post = await author.say(text)
    await by.post("/api/v1/reports", account_id=str(author.id), status_ids=[post["id"]])
    await square.settle()
    case_id = await square.db.value("SELECT case_id FROM case_items WHERE item_id = $1 AND open", int(post["id"]))
    await (removed(square.db, case_id) if right else review(square.db, reviewer(91), case_id, "none"))
    # Decided at the clock of the test's reviewers, counted by ours.
    await square.db.execute("UPDATE cases SET decided_at = $2 WHERE id = $1", case_id, datetime.now(UTC))
    await square.settle()
    return case_id


async def refused(person: Person, author: Person, **given: Any) -> str | None:
    answer = await person.request("POST", "/api/v1/reports", json={"account_id": str(author.id), **given})
    return None if answer.is_success else f"{answer.status_code} {answer.json()['error']}"


async def test_a_warning_then_a_suspension_which_one_click_ends(square: Square) -> None:
    strict(square)
    ann, ben = await square.person("ann"), await square.person("ben")
    for text in ("Ducks are lovely birds, all of them", "I like the weather of late november"):
        await decided(square, ann, ben, text)
    assert [one.step for one in await store_misuse.steps(square.db, ann.id, "reports")] == ["warning"]
    assert await refused(ann, ben) is None
    await decided(square, ann, ben, "Who has seen my umbrella, it is a green one")
    wrong = await refused(ann, ben)
    assert wrong is not None
    assert re.match(r"403 You cannot report until \d{4}-\d\d-\d\d \d\d:\d\d UTC, because", wrong)
    browser = Visitor(square)
    await browser.sign_in("ann")
    assert "You cannot report until" in (await browser.get("/settings/reports")).text
    form = await browser.send("/report", page="/home", account=str(ben.id), category="other")
    assert form.status_code == 422
    assert "You cannot report until" in form.text
    assert await refused(ben, ann) is None, "nobody else"
    await square.person("boss", role="owner")
    boss = Visitor(square)
    await boss.sign_in("boss")
    page = (await boss.get("/desk/people")).text
    assert "suspended from reporting" in page
    found = re.search(r'action="(/desk/people/\d+/misuse/\d+/undo)"', page)
    assert found
    assert (await boss.send(found[1], page="/desk/people")).status_code == 303
    assert (await boss.send(found[1], page="/desk/people")).status_code == 404
    assert await refused(ann, ben) is None
    log = await audit.history(square.db, f"account:{ann.id}")
    assert [one.action for one in log] == ["reports.undo", "reports.suspension", "reports.warning"]


async def opened_again(square: Square, case_id: int, *, by: int = 91) -> None:
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(by), case_id, "Looked at too quickly", datetime.now(UTC), again=True)
    await square.settle()


async def decided_again(square: Square, case_id: int, *, right: bool) -> None:
    await opened_again(square, case_id)
    for number in (92, 93) if right else (92,):
        await review(square.db, reviewer(number), case_id, "remove" if right else "none", now=datetime.now(UTC))
    await square.settle()


async def test_a_suspension_ends_with_what_it_stood_on(square: Square) -> None:
    """What was found without reason is looked at again, and right: the place lets them in, and says so."""
    strict(square)
    ann, ben = await square.person("ann"), await square.person("ben")
    texts = ("Ducks are lovely birds, all of them", "I like the weather of late november", "Who has seen my umbrella")
    cases = [await decided(square, ann, ben, text) for text in texts]
    assert await refused(ann, ben) is not None
    await decided_again(square, cases[0], right=False)
    assert await refused(ann, ben) is not None, "it was without reason once more"
    await decided_again(square, cases[2], right=True)
    assert await refused(ann, ben) is None
    log = await audit.history(square.db, f"account:{ann.id}")
    assert [one.action for one in log] == ["reports.undo", "reports.suspension", "reports.warning"]
    assert log[0].actor == PLACE.name
    await decided(square, ann, ben, "And this is one more that is without any reason at all")
    assert await refused(ann, ben) is None, "nothing before counts"


async def test_a_warning_ends_alike(square: Square) -> None:
    strict(square)
    ann, ben = await square.person("ann"), await square.person("ben")
    texts = ("Ducks are lovely birds, all of them", "I like the weather of late november")
    cases = [await decided(square, ann, ben, text) for text in texts]
    await decided_again(square, cases[0], right=True)
    (step,) = await store_misuse.steps(square.db, ann.id, "reports")
    assert (step.step, step.undone_at is not None) == ("warning", True)


async def test_what_is_only_looked_at_again_takes_nothing_back(square: Square) -> None:
    strict(square)
    ann, ben = await square.person("ann"), await square.person("ben")
    texts = ("Ducks are lovely birds, all of them", "I like the weather of late november")
    cases = [await decided(square, ann, ben, text) for text in texts]
    await opened_again(square, cases[0])
    await decided(square, ann, ben, "Who has seen my umbrella, it is a green one")
    assert await refused(ann, ben) is not None, "the warning stands"
    await review(square.db, reviewer(92), cases[0], "none", now=datetime.now(UTC))
    await square.settle()
    assert await refused(ann, ben) is not None
    await opened_again(square, cases[1])
    await decided_again(square, cases[0], right=True)
    assert await refused(ann, ben) is not None, "not all of it is decided"
    await review(square.db, reviewer(92), cases[1], "none", now=datetime.now(UTC))
    await square.settle()
    assert await refused(ann, ben) is None


@pytest.mark.parametrize("actions", [("remove", "remove"), ("remove", "none", "none")])
async def test_a_suspension_ends_with_what_another_finds_for_an_appeal(
    square: Square, actions: Sequence[Action]
) -> None:
    """Also where the appeal is turned down: what one of those who looked took for wrong was not clearly unfounded."""
    strict(square)
    ann, ben = await square.person("ann"), await square.person("ben")
    texts = ("Ducks are lovely birds, all of them", "I like the weather of late november", "Who has seen my umbrella")
    cases = [await decided(square, ann, ben, text) for text in texts]
    async with square.db.transaction() as tx:
        made = await make_appeal(tx, ann.id, cases[2], 1, "reporter", "Look at it again", datetime.now(UTC))
    assert await refused(ann, ben) is not None
    for reviewer_, action in zip((reviewer(93), reviewer(94), reviewer(99, "senior")), actions, strict=False):
        await review(square.db, reviewer_, made.case_id, action, now=datetime.now(UTC))
    await square.settle()
    granted = await square.db.value("SELECT granted FROM appeals WHERE case_id = $1", made.case_id)
    assert granted == ("none" not in actions)
    assert await refused(ann, ben) is None


async def test_the_worst_can_always_be_reported(square: Square) -> None:
    strict(square)
    ann, ben = await square.person("ann"), await square.person("ben")
    for text in ("Ducks are lovely birds, all of them", "I like the weather of late november", "My umbrella is green"):
        await decided(square, ann, ben, text)
    rules = {"violent-threat": 1, "spam": 2}
    for policy, number in rules.items():
        await square.db.execute("INSERT INTO rules (id, text, position) VALUES ($1, $2, 1)", number, policy)
        await square.db.execute("INSERT INTO policy_rules (rule_id, policy) VALUES ($1, $2)", number, policy)
    assert await refused(ann, ben, category="violation", rule_ids=["1"]) is None
    assert await refused(ann, ben, category="violation", rule_ids=["2"]) is not None


async def test_whoever_is_right_now_and_then_is_let_be(square: Square) -> None:
    strict(square)
    ann, ben = await square.person("ann"), await square.person("ben")
    await decided(square, ann, ben, "Come and I will break all of your bones", right=True)
    for text in ("Ducks are lovely birds, all of them", "I like the weather of late november"):
        await decided(square, ann, ben, text)
    assert await store_misuse.steps(square.db, ann.id, "reports") == []


async def answered(square: Square, case_id: int, action: Action) -> None:
    """What two others say of an appeal."""
    for one in (reviewer(93), reviewer(94)):
        if await square.db.value("SELECT state FROM cases WHERE id = $1", case_id) == "open":
            await review(square.db, one, case_id, action, now=datetime.now(UTC))
    await square.settle()


async def turned_down(square: Square, browser: Visitor, ann: Person, ben: Person) -> list[int]:
    """Two appeals of Ann's: their cases."""
    cases: list[int] = []
    for text in ("Go away or I will make you go away", "All of you should be driven out of town"):
        case_id = await decided(square, ben, ann, text, right=True)
        number = await square.db.value("SELECT id FROM statements WHERE case_id = $1", case_id)
        page = f"/settings/decisions/{number}"
        assert (await browser.send(f"{page}/appeal", page=page, text="I was joking")).status_code == 303
        cases.append(await square.db.value("SELECT case_id FROM appeals ORDER BY id DESC LIMIT 1"))
        await answered(square, cases[-1], "remove")
    return cases


async def test_an_appeal_that_is_only_looked_at_again_takes_nothing_back(square: Square) -> None:
    strict(square, appeals=2)
    ann, ben = await square.person("ann"), await square.person("ben")
    browser = Visitor(square)
    await browser.sign_in("ann")
    first, second = await turned_down(square, browser, ann, ben)
    for case_id in (first, second):
        await opened_again(square, case_id, by=95)
    await answered(square, first, "remove")
    (step,) = await store_misuse.steps(square.db, ann.id, "appeals")
    assert (step.step, step.undone_at) == ("warning", None)
    await answered(square, second, "none")
    (step,) = await store_misuse.steps(square.db, ann.id, "appeals")
    assert step.undone_at is not None


async def test_appeals_are_counted_apart(square: Square) -> None:
    strict(square)
    ann, ben = await square.person("ann"), await square.person("ben")
    browser = Visitor(square)
    await browser.sign_in("ann")
    await turned_down(square, browser, ann, ben)
    steps = await store_misuse.steps(square.db, ann.id, "appeals")
    assert [one.step for one in steps] == ["warning", "suspension"]
    assert await store_misuse.steps(square.db, ann.id, "reports") == []
    case_id = await decided(square, ben, ann, "And take your ugly dogs with you when you go", right=True)
    number = await square.db.value("SELECT id FROM statements WHERE case_id = $1", case_id)
    again = await browser.send(f"/settings/decisions/{number}/appeal", page="/home", text="Still joking")
    assert again.status_code == 403
    assert "You cannot appeal until" in again.text
    assert await refused(ann, ben) is None
