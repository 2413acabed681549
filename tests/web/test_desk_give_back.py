"""One thing of what was decided together is given back, and nothing else of it changes."""

from argparse import Namespace
from datetime import UTC, datetime

import pytest

from tests.rooms.moderation.cases.desk import SENIOR, review, reviewer
from tests.support.smtp import MailServer, parts_of
from tests.support.square import Person, Square
from tests.web.test_desk import THREAT, at_desk, said
from townsquare.cli.moderation import left
from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.moderation import audit
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.cases.model import Side, Subject
from townsquare.moderation.cases.parting import give_back
from townsquare.moderation.holds import Under, hold
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.reasons.appeals import appeal


@pytest.fixture
def square(mailing: Square) -> Square:
    return mailing


class Campaign:
    """Three posts that are alike, two of them by ben, which cat has reported and two have removed."""

    ben: Person
    eve: Person
    posts: list[str]
    case_id: int


@pytest.fixture
async def one(square: Square) -> Campaign:
    made, cat = Campaign(), await square.person("cat")
    made.ben, made.eve = await square.person("ben"), await square.person("eve")
    made.posts = [(await who.say(THREAT))["id"] for who in (made.ben, made.ben, made.eve)]
    for who, posts in ((made.ben, made.posts[:2]), (made.eve, made.posts[2:])):
        await cat.post("/api/v1/reports", account_id=str(who.id), status_ids=posts)
    await square.settle()
    made.case_id = await square.db.value("SELECT id FROM cases")
    for number in (1, 2):
        await review(square.db, reviewer(number), made.case_id, "remove", now=datetime.now(UTC))
    await square.settle()
    return made


async def given_back(square: Square, one: Campaign, number: int, by: int = SENIOR) -> int:
    who = one.eve if number == 2 else one.ben
    subject = Subject("status", who.id, int(one.posts[number]))
    async with square.db.transaction() as tx:
        apart = await give_back(tx, reviewer(by), one.case_id, subject, "It quotes the threat", datetime.now(UTC))
    await square.settle()
    return apart


async def seen(square: Square, one: Campaign) -> list[bool]:
    return [(await square.http.get(f"/api/v1/statuses/{post}")).status_code == 200 for post in one.posts]


async def strikes(square: Square) -> dict[str, list[int]]:
    records = await square.db.records(
        "SELECT username, status_ids FROM strikes s JOIN accounts a ON a.id = s.account_id WHERE undone_at IS NULL"
    )
    return {record[0]: record[1] for record in records}


def letters(mail: MailServer, name: str, since: int = 0) -> list[str]:
    return [" ".join(str(parts_of(one)[0]).split()) for one in mail.to(f"{name}@town.example")[since:]]


async def test_one_thing_comes_back_with_its_strike_and_its_statement(
    square: Square, mail: MailServer, one: Campaign
) -> None:
    assert await seen(square, one) == [False, False, False]
    async with square.db.transaction() as tx:
        await hold(tx, OPERATOR, Under("case", 0, one.case_id), "Order 12", None, datetime.now(UTC))
    before = {name: len(letters(mail, name)) for name in ("ben", "eve", "cat")}
    count = "SELECT statuses_count FROM accounts WHERE username = 'eve'"
    assert await square.db.value(count) == 0
    apart = await given_back(square, one, 2)
    assert await seen(square, one) == [False, False, True]
    assert await square.db.value(count) == 1
    assert list(await strikes(square)) == ["ben"]
    statements = await square.db.records("SELECT account_id, undone_at IS NULL FROM statements ORDER BY account_id")
    assert {record[0]: record[1] for record in statements} == {one.ben.id: True, one.eve.id: False}
    (letter,) = letters(mail, "eve", before["eve"])
    assert "was taken back. All is as it was before." in letter
    (letter,) = letters(mail, "cat", before["cat"])
    assert "What was decided about your report was taken back" in letter
    assert letters(mail, "ben", before["ben"]) == []
    (own,) = await square.db.records("SELECT state, origin, prior_id, reports_count FROM cases WHERE id = $1", apart)
    assert tuple(own) == ("open", "outlier", one.case_id, 1)
    entry = next(e for e in await audit.history(square.db, f"case:{one.case_id}") if e.action == "case.give_back")
    assert (entry.reason, entry.after) == (
        "It quotes the threat",
        {"kind": "status", "id": one.posts[2], "case": str(apart)},
    )
    held = "SELECT case_under_hold($1) AND under_hold($2, $3)"
    assert await square.db.value(held, apart, one.eve.id, int(one.posts[2])), "it is under the hold of the case still"
    for number in (1, 3):
        await review(square.db, reviewer(number), apart, "none", now=datetime.now(UTC))
    await square.settle()
    assert await seen(square, one) == [False, False, True]
    assert "it stays as it is" in letters(mail, "cat")[-1]


async def test_what_several_removed_is_hidden_until_it_is_decided_anew_unless_a_senior_gives_it_back(
    square: Square, mail: MailServer, one: Campaign
) -> None:
    apart = await given_back(square, one, 2, by=1)
    assert await seen(square, one) == [False, False, False]
    assert "shown to nobody while it is looked at" in letters(mail, "eve")[-1]
    for number in (1, 3):
        await square.settle()
        assert await seen(square, one) == [False, False, False]
        await review(square.db, reviewer(number), apart, "none", now=datetime.now(UTC))
    await square.settle()
    assert await seen(square, one) == [False, False, True]
    with pytest.raises(Forbidden, match="a senior take it back who is none of them"):
        async with square.db.transaction() as tx:
            await undo(tx, reviewer(1), one.case_id, "I was outvoted", datetime.now(UTC), again=False)


async def test_the_rest_of_a_statement_stands(square: Square, mail: MailServer, one: Campaign) -> None:
    before = len(letters(mail, "ben"))
    await given_back(square, one, 0)
    assert await seen(square, one) == [True, False, False]
    assert (await strikes(square))["ben"] == [int(one.posts[1])]
    (letter,) = letters(mail, "ben", before)
    assert "For the others that it names it stands." in letter
    assert await square.db.value("SELECT count(*) FROM statements WHERE undone_at IS NULL") == 2
    ended = await square.db.records("SELECT item_id FROM statement_items WHERE undone_at IS NOT NULL")
    assert [record[0] for record in ended] == [int(one.posts[0])]
    await given_back(square, one, 1)
    assert list(await strikes(square)) == ["eve"]
    assert "All is as it was before." in letters(mail, "ben")[-1]
    with pytest.raises(Forbidden, match="all that the decision still holds for"):
        await given_back(square, one, 2)
    with pytest.raises(NotFound):
        await given_back(square, one, 1)


async def test_an_appeal_about_it_alone_is_granted_and_any_other_goes_on_without_it(
    square: Square, mail: MailServer, one: Campaign
) -> None:
    for who in (one.ben, one.eve):
        async with square.db.transaction() as tx:
            await appeal(tx, who.id, one.case_id, 1, "author", "I warn of them", datetime.now(UTC))
    await square.settle()
    await given_back(square, one, 0)
    await given_back(square, one, 2)
    rows = await square.db.records("SELECT account_id, granted FROM appeals")
    assert {row[0]: row[1] for row in rows} == {one.ben.id: None, one.eve.id: True}
    assert "Your appeal was granted" in letters(mail, "eve")[-1]
    waits = await square.db.value("SELECT case_id FROM appeals WHERE granted IS NULL")
    for number in (4, 5):
        await review(square.db, reviewer(number), waits, "remove", now=datetime.now(UTC))
    await square.settle()
    assert await seen(square, one) == [True, False, True], "what is given back is not decided by it"


async def test_what_is_given_back_while_an_appeal_is_settled_is_not_decided_by_it(
    square: Square, mail: MailServer, one: Campaign
) -> None:
    """The appeals are decided, and nothing has come of that yet: ben's with less, eve's with the same as before."""
    for who in (one.ben, one.eve):
        async with square.db.transaction() as tx:
            await appeal(tx, who.id, one.case_id, 1, "author", "I warn of them", datetime.now(UTC))
    await square.settle()
    cases = {record[0]: record[1] for record in await square.db.records("SELECT account_id, case_id FROM appeals")}
    await review(square.db, reviewer(4), cases[one.ben.id], "label", now=datetime.now(UTC))
    for number in (4, 5):
        await review(square.db, reviewer(number), cases[one.eve.id], "remove", now=datetime.now(UTC))
    for number in (0, 2):
        subject = Subject("status", (one.ben, one.ben, one.eve)[number].id, int(one.posts[number]))
        async with square.db.transaction() as tx:
            await give_back(tx, reviewer(SENIOR), one.case_id, subject, "It quotes the threat", datetime.now(UTC))
    await square.settle()
    assert await seen(square, one) == [True, True, True]
    restricted = await square.db.records("SELECT case_id, item_id, action FROM restrictions")
    assert [tuple(row) for row in restricted] == [(cases[one.ben.id], int(one.posts[1]), "label")]
    told = "SELECT i.item_id FROM statement_items i WHERE i.case_id = $1"
    assert [row[0] for row in await square.db.records(told, cases[one.ben.id])] == [int(one.posts[1])]
    assert (await strikes(square)) == {"ben": [int(one.posts[1])]}
    rows = await square.db.records("SELECT account_id, granted, settled_round FROM appeals")
    assert {row[0]: (row[1], row[2]) for row in rows} == {one.ben.id: (True, 1), one.eve.id: (True, None)}
    assert "Your appeal was granted" in letters(mail, "eve")[-1], "nothing of what she contests holds any more"


async def test_nor_by_what_comes_of_that_appeal_later(square: Square, mail: MailServer, one: Campaign) -> None:
    """It is granted, gives way to a reporter's, stands again, and is decided anew."""
    cat, cases = await square.db.value("SELECT id FROM accounts WHERE username = 'cat'"), dict[int, int]()
    sides: dict[int, Side] = {one.ben.id: "author", cat: "reporter"}
    for who, side in sides.items():
        async with square.db.transaction() as tx:
            made = await appeal(tx, who, one.case_id, 1, side, "Look again", datetime.now(UTC))
        cases[who] = made.case_id
    apart = await given_back(square, one, 0)
    await review(square.db, reviewer(3), apart, "none", now=datetime.now(UTC))
    await review(square.db, reviewer(4), apart, "none", now=datetime.now(UTC))
    await review(square.db, reviewer(4), cases[one.ben.id], "label", now=datetime.now(UTC))
    await square.settle()
    for number in (4, 5):
        now = datetime.now(UTC)
        await review(square.db, reviewer(number), cases[cat], "remove", account_action="limit", now=now)
    await square.settle()
    labelled = "SELECT item_id FROM restrictions WHERE action = 'label'"
    assert await square.db.records(labelled) == []
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(SENIOR, "senior"), cases[cat], "Once more", datetime.now(UTC), again=True)
    await square.settle()
    assert [row[0] for row in await square.db.records(labelled)] == [int(one.posts[1])]
    waits = "SELECT item_id FROM case_items WHERE case_id = $1 AND open ORDER BY item_id"
    assert [row[0] for row in await square.db.records(waits, cases[cat])] == sorted(map(int, one.posts[1:]))
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(SENIOR, "senior"), cases[one.ben.id], "Once more", datetime.now(UTC), again=True)
    await review(square.db, reviewer(5), cases[one.ben.id], "label", now=datetime.now(UTC))
    await square.settle()
    assert [row[0] for row in await square.db.records(labelled)] == [int(one.posts[1])]


async def test_a_statement_that_ended_so_stays_ended_when_an_appeal_about_the_rest_waits_again(
    square: Square, mail: MailServer, one: Campaign
) -> None:
    cat = await square.db.value("SELECT id FROM accounts WHERE username = 'cat'")
    await given_back(square, one, 2)
    async with square.db.transaction() as tx:
        contest = await appeal(tx, cat, one.case_id, 1, "reporter", "Suspend them", datetime.now(UTC))
    for number in (4, 5):
        await review(
            square.db, reviewer(number), contest.case_id, "remove", account_action="limit", now=datetime.now(UTC)
        )
    await square.settle()
    assert await square.db.value("SELECT granted FROM appeals")
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(SENIOR, "senior"), contest.case_id, "Once more", datetime.now(UTC), again=True)
    await square.settle()
    stand = await square.db.records(
        "SELECT account_id FROM statements WHERE case_id = $1 AND undone_at IS NULL", one.case_id
    )
    assert [record[0] for record in stand] == [one.ben.id], "nothing of eve's is restricted"
    assert list(await strikes(square)) == ["ben"]


async def test_by_one_click_at_the_desk_for_a_reason(square: Square, mail: MailServer, one: Campaign) -> None:
    mod, path = await at_desk(square, "mod", "admin"), f"/desk/cases/{one.case_id}"
    page = await said(await mod.get(path))
    assert page.count("Give it back") == 3
    thing = f"status:{one.eve.id}:{one.posts[2]}"
    refused = await mod.send(f"{path}/give-back", page=path, thing=thing, why=" ")
    assert refused.status_code == 422
    assert "Say why it is taken back" in refused.text
    done = await mod.send(f"{path}/give-back", page=path, thing=thing, why="It is not like the others")
    assert done.status_code == 303
    await square.settle()
    assert await seen(square, one) == [False, False, True]
    page = await said(await mod.get(path))
    assert page.count("Give it back") == 2
    assert "Taken out of this case" in page


async def test_the_operator_gives_back_what_was_decided_at_the_terminal(square: Square, mail: MailServer) -> None:
    db, settings = square.db, square.services.settings
    ann, ben = await square.person("ann", role="owner"), await square.person("ben")
    posts = [(await ann.say(THREAT))["id"] for _ in range(2)]
    await ben.post("/api/v1/reports", account_id=str(ann.id), status_ids=posts)
    await square.settle()
    case_id = await db.value("SELECT id FROM cases")
    given = Namespace(case=case_id, policy="harassment", action="remove", account="none", days=None, why="A threat")
    await left.decide(db, settings, args=given)
    await square.settle()
    await left.give_back(db, settings, case_id=case_id, thing=int(posts[1]), why="It quotes the other")
    await square.settle()
    assert [(await square.http.get(f"/api/v1/statuses/{post}")).status_code for post in posts] == [404, 200]
