"""Appeals of several people against one decision."""

from datetime import UTC, datetime

import pytest

from tests.rooms.moderation.cases.desk import reviewer
from tests.support.smtp import MailServer
from tests.support.square import Square
from tests.web.decisions.conftest import THREAT
from tests.web.decisions.deciding import appeal, contest, decided, link_in, receipt_of
from tests.web.visitor import Visitor
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.cases.model import Action


async def both_contest(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int, action: Action = "label"
) -> tuple[str, str, dict[str, int]]:
    """It is too much for who made it, and too little for who reported it: their pages, and the cases by side."""
    await decided(square, case_id, action, 1)
    page, receipt = link_in(mail, "ann", "/decisions/"), await receipt_of(square)
    assert "You appealed" in await contest(ben, receipt, case_id)
    assert (await appeal(ann, page)).status_code == 303
    records = await square.db.records("SELECT side, case_id FROM appeals")
    return page, receipt, {record[0]: record[1] for record in records}


async def test_who_thinks_that_too_little_was_done_can_appeal_beside_whoever_made_it(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    page, receipt, cases = await both_contest(square, mail, ann, ben, case_id)
    await decided(square, cases["reporter"], "label", 2)
    assert "The decision stands" in (await ben.get(receipt)).text
    rows = await square.db.records("SELECT case_id = $1, action FROM restrictions", case_id)
    assert [tuple(row) for row in rows] == [(True, "label")], "it is said once"
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 1
    await decided(square, cases["author"], "none", 3)
    assert "Your appeal was granted" in (await ann.get(page)).text
    assert await square.db.value("SELECT count(*) FROM restrictions") == 0


async def test_what_is_granted_last_stands_alone_and_gives_way_to_what_it_had_replaced(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    """A reporter is granted more, then the author less; then that is taken back."""
    _, _, cases = await both_contest(square, mail, ann, ben, case_id)
    await decided(square, cases["reporter"], "remove", 2, 3)
    await decided(square, cases["author"], "none", 4)
    assert await square.db.value("SELECT count(*) FROM restrictions") == 0
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 0
    assert await square.db.value("SELECT count(*) FROM statements WHERE undone_at IS NULL") == 0
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(5), cases["author"], "Once more", datetime.now(UTC), again=True)
    await square.settle()
    rows = await square.db.records("SELECT case_id, action FROM restrictions")
    assert [tuple(row) for row in rows] == [(cases["reporter"], "remove")]
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 1
    (stands,) = await square.db.records("SELECT case_id FROM statements WHERE undone_at IS NULL")
    assert stands[0] == cases["reporter"]


@pytest.mark.parametrize(("less", "then"), [("none", []), ("label", ["label"])])
async def test_what_an_author_was_granted_stands_again_when_more_than_that_is_taken_back(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int, less: Action, then: list[str]
) -> None:
    """The author is granted less, then a reporter more; then that is taken back."""
    page, _, cases = await both_contest(square, mail, ann, ben, case_id, "sensitive")
    await decided(square, cases["author"], less, 2)
    await decided(square, cases["reporter"], "remove", 3, 4)
    rows = await square.db.records("SELECT case_id, action FROM restrictions")
    assert [tuple(row) for row in rows] == [(cases["reporter"], "remove")]
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(5), cases["reporter"], "Once more", datetime.now(UTC), again=True)
    await square.settle()
    rows = await square.db.records("SELECT case_id, action FROM restrictions WHERE action <> 'hold'")
    assert [tuple(row) for row in rows] == [(cases["author"], one) for one in then]
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == len(then)
    rows = await square.db.records("SELECT case_id FROM statements WHERE undone_at IS NULL AND NOT interim")
    assert [row[0] for row in rows] == [cases["author"] for _ in then]
    assert "Your appeal was granted" in (await ann.get(page)).text


async def test_of_whoever_has_appealed_nothing_more_is_decided_unseen(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "remove", 1, 2)
    page, statements = link_in(mail, "ann", "/decisions/"), "SELECT count(*) FROM statements WHERE reviewers = 0"

    async def again() -> int:
        """The case of what ann says once more, and ben reports."""
        post, target = await ann.post(THREAT), await square.db.value("SELECT id FROM accounts WHERE username = 'ann'")
        given = {"account": str(target), "posts": [post], "category": "other", "comment": "This too"}
        await ben.send("/report", page=f"/report?post={post}", **given)
        await square.settle()
        return await square.db.value("SELECT case_id FROM case_items ORDER BY item_id DESC, case_id DESC LIMIT 1")

    assert await again() == case_id
    assert await square.db.value(statements) == 1
    await appeal(ann, page)
    own = await again()
    assert await square.db.value(statements) == 1, "people look at it, for she cannot appeal against this again"
    (waits,) = await square.db.records("SELECT state, prior_id FROM cases WHERE id = $1", own)
    assert tuple(waits) == ("open", case_id)
