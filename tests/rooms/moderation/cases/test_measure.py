"""How people decide is measured by cases that look like all others."""

import pytest

from tests.rooms.moderation.cases.desk import NOW, THREAT, actions, case, claim, only, pull, review, reviewer
from townsquare.db.pool import Database
from townsquare.kernel.errors import Forbidden
from townsquare.moderation.cases.agreement import agreement, kappa
from townsquare.moderation.cases.events import CaseDecided
from townsquare.moderation.cases.measure import ONE_IN, Expected, double_some, set_golden


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
    await review(db, reviewer(2), made.id, "none")
    taken = await pull(db, reviewer(3))
    assert taken is not None
    assert taken.id == golden
    await review(db, reviewer(3), golden, "remove")
    assert (await case(db, golden)).state == "decided"
    assert await actions(db, made.id) == [(1, "none", False)]
    by_policy, by_reviewer = await agreement(db)
    assert (by_policy["hate"].pairs, by_policy["hate"].same) == (1, 1)
    assert by_reviewer.keys() == {reviewer(3).id}


async def test_some_cases_are_put_to_somebody_else_who_does_not_know(db: Database) -> None:
    while (made := await only(db, claim())).id % ONE_IN:
        await review(db, reviewer(1), made.id, "label")
    await review(db, reviewer(1), made.id, "label")
    for _ in range(2):
        await double_some(db, [CaseDecided(made.id, 1), CaseDecided(made.id + 1, 1)])
    assert await db.value("SELECT count(*) FROM cases WHERE purpose = 'double'") == 1
    assert await pull(db, reviewer(1)) is None
    double = await pull(db, reviewer(2))
    assert double is not None
    await review(db, reviewer(2), double.id, "none")
    assert (await case(db, made.id)).action == "label"
    by_policy, by_reviewer = await agreement(db)
    assert (by_policy["hate"].pairs, by_policy["hate"].same) == (2, 0)
    assert by_reviewer.keys() == {reviewer(1).id, reviewer(2).id}
