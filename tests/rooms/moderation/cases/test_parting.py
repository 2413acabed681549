"""One thing that is unlike the rest of a case is taken out of it, and decided apart."""

import pytest

from tests.rooms.moderation.cases.desk import (
    NOW,
    THREAT,
    actions,
    case,
    claim,
    only,
    removed,
    review,
    reviewer,
    taken_in,
)
from townsquare.db.pool import Database
from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.moderation import audit
from townsquare.moderation.cases.model import Subject
from townsquare.moderation.cases.parting import part


def thing(number: int) -> Subject:
    return Subject("status", 500 + number, number)


async def parted(db: Database, case_id: int, number: int, *, out: bool = True) -> None:
    async with db.transaction() as tx:
        await part(tx, reviewer(1), case_id, thing(number), NOW, out=out)


async def test_what_is_taken_out_becomes_a_case_of_its_own_and_is_held_as_the_rest_was(db: Database) -> None:
    made = await only(db, *(claim(THREAT, post=number) for number in (1, 2, 3)))
    await parted(db, made.id, 2)
    await removed(db, made.id)
    assert await actions(db, made.id) == [(1, "remove", False), (3, "remove", False)]
    (apart,) = await db.records("SELECT case_id, outlier, parted FROM case_items WHERE item_id = 2")
    own = await case(db, apart[0])
    assert (own.state, own.origin, own.prior_id, own.reports_count) == ("open", "outlier", made.id, 1)
    assert (apart[1], apart[2]) == (False, False)
    assert own.held_at is not None, "it was hidden while the rest waited for others"
    await review(db, reviewer(3), own.id, "none")
    assert await actions(db, own.id) == [(2, "none", False)]
    (entry,) = [one for one in await audit.history(db, f"case:{made.id}") if one.action == "case.part"]
    assert (entry.actor_id, entry.after) == (reviewer(1).id, {"kind": "status", "id": "2"})


async def test_what_is_put_back_is_decided_with_the_rest(db: Database) -> None:
    made = await only(db, *(claim(THREAT, post=number) for number in (1, 2)))
    await parted(db, made.id, 2)
    await parted(db, made.id, 2, out=False)
    await review(db, reviewer(1), made.id, "label")
    assert await actions(db, made.id) == [(1, "label", False), (2, "label", False)]


async def test_something_stays_and_nothing_else_is_taken_out(db: Database) -> None:
    made = await only(db, *(claim(THREAT, post=number) for number in (1, 2)))
    await parted(db, made.id, 1)
    with pytest.raises(Forbidden, match="Something has to stay"):
        await parted(db, made.id, 2)
    with pytest.raises(NotFound):
        await parted(db, made.id, 7)
    await review(db, reviewer(1), made.id, "label")
    with pytest.raises(Forbidden, match="decided"):
        await parted(db, made.id, 2)


async def test_what_is_too_different_by_itself_is_not_put_in(db: Database) -> None:
    made = await only(db, *(claim(THREAT, post=1), claim(f"{THREAT}, so stay where you are my friends", post=2)))
    assert await db.value("SELECT outlier FROM case_items WHERE item_id = 2")
    with pytest.raises(NotFound):
        await parted(db, made.id, 2, out=False)


async def test_what_a_reviewer_took_out_stays_out_where_many_more_come(db: Database) -> None:
    made = await only(db, *(claim(THREAT, post=number) for number in (1, 2)))
    await parted(db, made.id, 2)
    await taken_in(db, *(claim(THREAT, post=number) for number in range(3, 9)))
    assert await db.records("SELECT item_id FROM case_items WHERE outlier") == [(2,)]


async def test_what_is_taken_out_makes_the_panel_of_the_rest_no_larger(db: Database) -> None:
    made = await only(db, *(claim(THREAT, post=number) for number in range(1, 11)))
    await parted(db, made.id, 10)
    await removed(db, made.id)
    assert (await case(db, made.id)).state == "decided", "about nine things two are enough"
