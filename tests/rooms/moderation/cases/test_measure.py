"""How people decide is measured by cases that look like all others."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.rooms.moderation.cases.desk import NOW, THREAT, actions, case, claim, only, pull, review, reviewer
from townsquare.db.pool import Database
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.settings import Moderation, Settings
from townsquare.moderation import store_retention
from townsquare.moderation.cases import store_agreement
from townsquare.moderation.cases.agreement import agreement, kappa
from townsquare.moderation.cases.events import CaseDecided
from townsquare.moderation.cases.measure import Expected, double_some, end_left_over, is_drawn, put_golden, set_golden


def test_kappa_is_what_is_beyond_chance() -> None:
    same, other = ("remove", "remove"), ("none", "none")
    assert kappa([same] * 5 + [other] * 5) == 1
    assert kappa([("remove", "none"), ("none", "remove")] * 5) == -1
    assert kappa([same] * 10) is None
    table = [same] * 20 + [("remove", "none")] * 5 + [("none", "remove")] * 10 + [other] * 15
    assert kappa(table) == pytest.approx(0.4)


async def test_a_golden_case_is_taken_like_any_and_has_no_effect(db: Database) -> None:
    made = await only(db, claim(THREAT, post=1))
    with pytest.raises(Forbidden):
        async with db.transaction() as tx:
            await set_golden(tx, reviewer(1), made.id, Expected("hate", "remove"), NOW)
    async with db.transaction() as tx:
        golden = await set_golden(tx, reviewer(1, "policy"), made.id, Expected("hate", "remove"), NOW)
    assert (await case(db, golden)).state == "decided", "the answer itself is before nobody"
    await review(db, reviewer(2), made.id, "none")
    assert await pull(db, reviewer(3)) is None
    async with db.transaction() as tx:
        given = await put_golden(tx, reviewer(3), NOW)
    taken = await pull(db, reviewer(3))
    assert taken is not None
    assert taken.id == given
    await review(db, reviewer(3), taken.id, "remove")
    assert (await case(db, taken.id)).state == "decided"
    assert await actions(db, made.id) == [(1, "none", False)]
    by_policy, by_reviewer = await agreement(db)
    assert (by_policy["hate"].pairs, by_policy["hate"].same) == (1, 1)
    assert by_reviewer.keys() == {reviewer(3).id}


async def test_what_measures_is_for_nobody_who_reported_it(db: Database) -> None:
    made = await only(db, claim(THREAT, post=1, by=reviewer(2).id))
    await review(db, reviewer(1), made.id, "label")
    await double_some(db, share(100), [CaseDecided(made.id, 1)])
    async with db.transaction() as tx:
        await set_golden(tx, reviewer(1, "policy"), made.id, Expected("hate", "label"), NOW)
        assert await put_golden(tx, reviewer(2), NOW) is None
    assert await pull(db, reviewer(2)) is None
    assert await pull(db, reviewer(3)) is not None


async def test_what_measures_and_nobody_decided_ends_and_lets_go_of_what_it_keeps(db: Database) -> None:
    made = await only(db, claim(THREAT, post=1))
    await review(db, reviewer(1), made.id, "label")
    await double_some(db, share(100), [CaseDecided(made.id, 1)])
    async with db.transaction() as tx:
        await set_golden(tx, reviewer(1, "policy"), made.id, Expected("hate", "label"), NOW)
        await put_golden(tx, reviewer(2), NOW)
    await db.execute("UPDATE cases SET due_at = now() - interval '13 days' WHERE state = 'open'")
    await end_left_over(db)
    assert await db.value("SELECT count(*) FROM cases WHERE state = 'open'") == 2
    await db.execute("UPDATE cases SET due_at = now() - interval '15 days' WHERE state = 'open'")
    await end_left_over(db)
    assert await db.value("SELECT count(*) FROM cases WHERE state = 'open'") == 0
    assert await pull(db, reviewer(2)) is None
    by_policy, _ = await agreement(db)
    assert by_policy == {}
    far = datetime.now(UTC) + timedelta(days=400)
    async with db.transaction() as tx:
        assert len(await store_retention.over(tx, far, timedelta(days=190), 9)) == 4


async def test_some_cases_are_put_to_somebody_else_who_does_not_know(db: Database) -> None:
    made = await only(db, claim())
    await review(db, reviewer(1), made.id, "label")
    for _ in range(2):
        await double_some(db, share(0), [CaseDecided(made.id, 1)])
    assert await db.value("SELECT count(*) FROM cases WHERE purpose = 'double'") == 0
    for _ in range(2):
        await double_some(db, share(100), [CaseDecided(made.id, 1), CaseDecided(made.id + 1, 1)])
    assert await db.value("SELECT count(*) FROM cases WHERE purpose = 'double'") == 1
    assert await pull(db, reviewer(1)) is None
    double = await pull(db, reviewer(2))
    assert double is not None
    await review(db, reviewer(2), double.id, "none")
    assert (await case(db, made.id)).action == "label"
    by_policy, by_reviewer = await agreement(db)
    assert (by_policy["hate"].pairs, by_policy["hate"].same) == (2, 0)
    assert by_reviewer.keys() == {reviewer(1).id, reviewer(2).id}


def share(hundredths: int) -> Settings:
    return Settings(moderation=Moderation(doubles=hundredths))


def test_a_share_of_cases_is_drawn_whatever_their_numbers_have_in_common() -> None:
    drawn = sum(is_drawn(number << 16, 10) for number in range(10_000))
    assert 900 < drawn < 1100


async def test_a_known_answer_is_put_to_everybody_once(db: Database) -> None:
    made = await only(db, claim(THREAT, post=1))
    await review(db, reviewer(2), made.id, "label")
    async with db.transaction() as tx:
        await set_golden(tx, reviewer(1, "policy"), made.id, Expected("hate", "label"), NOW)
        first = await put_golden(tx, reviewer(3), NOW)
    assert first is not None
    await review(db, reviewer(3), first, "none")
    for number, wanted in ((2, False), (3, False), (4, True), (4, False), (5, True)):
        async with db.transaction() as tx:
            given = await put_golden(tx, reviewer(number), NOW)
        assert (given is not None) == wanted, number
    taken = await pull(db, reviewer(4))
    assert taken is not None
    assert taken.purpose == "golden"
    assert taken.expected == {"policy": "hate", "action": "label"}
    await review(db, reviewer(4), taken.id, "label")
    missed = await store_agreement.missed(db, reviewer(3).id, 5)
    assert [(one.action, one.expected_action) for one in missed] == [("none", "label")]
    assert await store_agreement.missed(db, reviewer(4).id, 5) == []
    assert (await store_agreement.own(db, reviewer(3).id, NOW)).decided == 1
