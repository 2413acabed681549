"""What reporters are told when what came of their reports is decided otherwise by an appeal."""

from datetime import UTC, datetime

from tests.rooms.moderation.cases.desk import reviewer
from tests.support.smtp import MailServer
from tests.support.square import Square
from tests.web.decisions.deciding import (
    appeal,
    contest,
    contested,
    decided,
    letters_to,
    link_in,
    receipt_of,
    reported_by,
)
from tests.web.visitor import Visitor
from townsquare.moderation.cases.decide import undo

KEPT = "Nothing in it goes against the rules, so it stays as it is."
DONE = "and something was done about it."
GONE = "What was decided was taken back later."
FORM = '/appeal"'


async def undone(square: Square, case_id: int) -> None:
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(9, "senior"), case_id, "Once more", datetime.now(UTC), again=True)
    await square.settle()


async def test_who_reported_what_its_author_has_back_is_told_and_can_contest_that(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    receipt = await receipt_of(square)
    await decided(square, case_id, "remove", 1, 2)
    assert KEPT not in (await ben.get(receipt)).text
    await appeal(ann, link_in(mail, "ann", "/decisions/"))
    number = await contested(square)
    await decided(square, number, "none", 3)
    told = letters_to(mail, "ben")
    assert len(told) == 2
    assert "They found nothing that goes against our rules: all is as it was before." in told[1]
    for words in ("you can appeal for six months", "or to a court.", receipt):
        assert words in told[1]
    shown = (await ben.get(receipt)).text
    assert (shown.count(KEPT), shown.count(GONE), shown.count(FORM)) == (1, 1, 1)
    assert "You appealed" in await contest(ben, receipt, number)
    last = await square.db.value("SELECT max(case_id) FROM appeals")
    await decided(square, last, "remove", 4, 5)
    assert await square.db.value("SELECT action FROM restrictions") == "remove"
    shown = (await ben.get(receipt)).text
    assert (shown.count(DONE), shown.count(GONE), "Your appeal was granted" in shown) == (1, 2, True)
    assert "Your appeal was granted" in letters_to(mail, "ben")[-1]
    assert len(letters_to(mail, "ben")) == 3, "and they are told once"
    assert "What you posted was removed" in (await ann.get(link_in(mail, "ann", "/decisions/"))).text


async def test_others_who_reported_it_are_told_what_one_of_them_was_granted_and_that_it_was_taken_back(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    cat, others = await reported_by(square, "cat", case_id)
    receipt = f"/settings/reports/{await square.db.value('SELECT min(id) FROM reports')}"
    await decided(square, case_id, "none", 1)
    await contest(ben, receipt, case_id)
    number = await contested(square)
    await decided(square, number, "sensitive", 2)
    assert "Something else was done about it." in letters_to(mail, "cat")[-1]
    assert "Your appeal was granted" in letters_to(mail, "ben")[-1]
    for who, page in ((ben, receipt), (cat, others)):
        shown = (await who.get(page)).text
        assert (shown.count(DONE), shown.count(GONE), KEPT in shown) == (1, 1, False)
        assert "It is marked as sensitive now." in shown
    await undone(square, number)
    assert "what was decided before holds" in letters_to(mail, "cat")[-1]
    assert "was taken back. Somebody looks at it again" in letters_to(mail, "ben")[-1]
    assert (len(letters_to(mail, "ben")), len(letters_to(mail, "cat"))) == (3, 3)
    for who, page in ((ben, receipt), (cat, others)):
        shown = (await who.get(page)).text
        assert (shown.count(KEPT), shown.count(GONE), DONE in shown) == (1, 1, False)
    await decided(square, number, "none", 3)
    assert "What you reported stays as it is." in letters_to(mail, "ben")[-1]
    assert "or to a court." in letters_to(mail, "ben")[-1]
    assert len(letters_to(mail, "cat")) == 3, "what was decided before holds on"


async def test_a_decision_says_what_is_in_its_place(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "remove", 1, 2)
    page = link_in(mail, "ann", "/decisions/")
    await appeal(ann, page)
    number = await contested(square)
    await decided(square, number, "label", 3)
    shown = (await ann.get(page)).text
    assert "another one is in its place" in shown
    assert "All is as it was before" not in shown
    instead = await square.db.value("SELECT id FROM statements WHERE case_id = $1", number)
    assert f'href="/settings/decisions/{instead}"' in shown
    await undone(square, number)
    assert "another one is in its place" not in (await ann.get(page)).text
    await decided(square, number, "none", 4)
    assert "All is as it was before" in (await ann.get(page)).text
