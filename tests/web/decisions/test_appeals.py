"""Appeals against what was decided, by whoever made it and whoever reported it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.rooms.moderation.cases.desk import reviewer
from tests.support.smtp import MailServer, parts_of
from tests.support.square import Square
from tests.web.decisions.conftest import THREAT
from tests.web.decisions.deciding import appeal, contest, contested, decided, link_in, receipt_of, taken_back
from tests.web.visitor import Visitor, visitor
from townsquare.kernel.errors import Forbidden, Invalid
from townsquare.kernel.settings_sources import become
from townsquare.moderation import audit
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.cases.model import Action
from townsquare.moderation.reasons.appeals import appeal as make_appeal


async def test_an_author_is_told_why_and_how_to_appeal(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "remove", 1, 2, said="The words “every one of them” are aimed at people.")
    page = link_in(mail, "ann", "/decisions/")
    stranger = await visitor(square)
    for reader in (stranger, ann):
        shown = await reader.get(page)
        assert shown.status_code == 200
        for words in ("What you posted was removed", "I will find every one of them &lt;script&gt;", "2 people looked"):
            assert words in shown.text
        assert "aimed at people" in shown.text
        assert "No machine had a part in it" in shown.text
    assert "What you posted was removed" in (await ann.get("/settings/decisions")).text
    assert "Nothing was decided about you" in (await ben.get("/settings/decisions")).text
    record = await square.db.value("SELECT record FROM statements")
    assert record["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert "find every" not in str(record)


async def test_an_appeal_is_decided_by_somebody_else(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "sensitive", 1)
    page = link_in(mail, "ann", "/decisions/")
    empty = await appeal(ann, page, "  ")
    assert empty.status_code == 422
    assert "Say in a few words" in empty.text
    assert (await appeal(ann, page)).status_code == 303
    assert "Somebody who has not decided before looks at it" in (await ann.get(page)).text
    assert (await appeal(ann, page)).status_code in (403, 409)
    row = await square.db.records("SELECT id, prior_id, items_count FROM cases WHERE origin = 'appeal'")
    assert [tuple(one)[1:] for one in row] == [(case_id, 1)]
    with pytest.raises(Forbidden, match="for somebody else"):
        await decided(square, row[0][0], "none", 1)


async def test_an_appeal_whose_decision_is_taken_back_waits_again_and_is_settled_anew(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "remove", 1, 2)
    page = link_in(mail, "ann", "/decisions/")
    await appeal(ann, page)
    number = await square.db.value("SELECT id FROM cases WHERE origin = 'appeal'")

    async def stands() -> tuple[str | None, int, str]:
        action = await square.db.value("SELECT action FROM case_items WHERE case_id = $1", case_id)
        strikes = await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL")
        return action, strikes, str(parts_of(mail.to("ann@town.example")[-1])[0])

    await decided(square, number, "none", 3)
    action, strikes, letter = await stands()
    assert (action, strikes, "appeal was granted" in letter) == (None, 0, True)
    with pytest.raises(Forbidden, match="open it again"):
        async with square.db.transaction() as tx:
            await undo(tx, reviewer(4), number, "Not this way", datetime.now(UTC), again=False)
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(4), number, "A slip of the finger", datetime.now(UTC), again=True)
    await square.settle()
    action, strikes, letter = await stands()
    assert (action, strikes, "looks at it again" in letter) == ("remove", 1, True)
    assert "Somebody who has not decided before looks at it" in (await ann.get(page)).text
    await decided(square, number, "remove", 3, 4)
    action, strikes, letter = await stands()
    assert (action, strikes, "The decision stands" in letter) == ("remove", 1, True)
    assert await square.db.value("SELECT granted FROM appeals") is False
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(5), number, "Read again", datetime.now(UTC), again=True)
    await square.settle()
    await decided(square, number, "none", 5, 4)
    action, strikes, letter = await stands()
    assert (action, strikes, "appeal was granted" in letter) == (None, 0, True)


async def test_appeals_are_open_for_six_months(square: Square, mail: MailServer, ann: Visitor, case_id: int) -> None:
    await decided(square, case_id, "sensitive", 1)
    page = link_in(mail, "ann", "/decisions/")
    await square.db.execute("UPDATE statements SET made_at = $1", datetime.now(UTC) - timedelta(days=189))
    assert '/appeal"' not in (await ann.get(page)).text
    refused = await ann.send(f"{page}/appeal", page="/settings/decisions", text="Please")
    assert refused.status_code == 403
    assert "those are over" in refused.text


async def test_reporters_too_can_appeal_for_six_months_and_no_longer(
    square: Square, mail: MailServer, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "none", 1)
    receipt, page = await receipt_of(square), "/settings/reports"

    async def told(ago: int) -> str:
        await square.db.execute("UPDATE outcomes SET made_at = $1", datetime.now(UTC) - timedelta(days=ago))
        return (await ben.get(receipt)).text

    assert '/appeal"' not in await told(189)
    refused = await ben.send(f"{receipt}/appeal", page=page, case=str(case_id), text="Please")
    assert refused.status_code == 403
    assert "those are over" in refused.text
    assert await square.db.value("SELECT count(*) FROM appeals") == 0
    assert '/appeal"' in await told(180)
    assert "You appealed" in await contest(ben, receipt, case_id)


@pytest.mark.parametrize("again", [False, True])
async def test_who_appeals_against_what_is_taken_back_has_won(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int, again: bool
) -> None:
    await decided(square, case_id, "remove", 1, 2)
    path = await square.db.value("SELECT '/@ann/' || item_id FROM case_items WHERE case_id = $1", case_id)
    page = link_in(mail, "ann", "/decisions/")
    await appeal(ann, page)
    number = await contested(square)
    await decided(square, number, "remove", 3)
    told = len(mail.to("ann@town.example"))
    await taken_back(square, case_id, again=again)
    letters = [str(parts_of(one)[0]) for one in mail.to("ann@town.example")[told:]]
    assert sum("appeal was granted" in one for one in letters) == 1
    assert [one for one in letters if "taken back" in one or "The decision stands" in one] == []
    assert any("shown to nobody while it is looked at" in one for one in letters) == again
    shown = (await ann.get(page)).text
    assert "Your appeal was granted" in shown
    assert '/appeal"' not in shown
    assert await square.db.records("SELECT granted, settled_round FROM appeals") == [(True, None)]
    with pytest.raises(Forbidden):
        await decided(square, number, "remove", 4)
    with pytest.raises(Forbidden, match="was taken back itself"):
        await taken_back(square, number, again=True)
    if again:
        assert (await ben.get(path)).status_code in (404, 410), "it is hidden until it is decided anew"
        with pytest.raises(Forbidden, match="for somebody else"):
            await decided(square, case_id, "remove", 1)
        await decided(square, case_id, "none", 4, 5)
    assert (await ben.get(path)).status_code == 200
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 0
    assert await square.db.value("SELECT count(*) FROM case_items WHERE open") == 0


@pytest.mark.parametrize("again", [False, True])
async def test_a_reporter_who_appeals_goes_on_where_nothing_is_done_at_all(
    square: Square, mail: MailServer, ben: Visitor, case_id: int, again: bool
) -> None:
    """Opened again, it is decided anew by others, as they ask; taken back whole, they ask for more than before."""
    await decided(square, case_id, "label", 1)
    reporter = await square.db.value("SELECT id FROM accounts WHERE username = 'ben'")
    async with square.db.transaction() as tx:
        await make_appeal(tx, reporter, case_id, 1, "reporter", "A note is not enough", datetime.now(UTC))
    number = await contested(square)
    await taken_back(square, case_id, again=again)
    assert "was taken back" in str(parts_of(mail.to("ben@town.example")[-1])[0])
    assert len(mail.to("ben@town.example")) == 2
    (stands,) = await square.db.records("SELECT granted, round FROM appeals")
    assert tuple(stands) == ((True, 1) if again else (None, 2))
    await decided(square, case_id if again else number, "remove", 3, 4)
    word = "something was done about it" if again else "appeal was granted"
    assert word in " ".join(str(parts_of(mail.to("ben@town.example")[-1])[0]).split())
    assert await square.db.value("SELECT count(*) FROM restrictions WHERE action = 'remove'") == 1


async def actions_of(square: Square, case_id: int) -> list[str | None]:
    records = await square.db.records("SELECT action FROM case_items WHERE case_id = $1", case_id)
    return [record[0] for record in records]


async def test_what_was_removed_is_there_again_when_an_appeal_is_granted(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    """With the account that was limited for it, and without the strike."""
    await decided(square, case_id, "remove", 1, 2, account_action="limit")
    path = await square.db.value("SELECT '/@ann/' || item_id FROM case_items WHERE case_id = $1", case_id)
    assert (await ben.get(path)).status_code in (404, 410)
    assert await square.db.value("SELECT limited_at IS NOT NULL FROM accounts WHERE username = 'ann'")
    await appeal(ann, link_in(mail, "ann", "/decisions/"))
    await decided(square, await contested(square), "none", 3)
    assert (await ben.get(path)).status_code == 200
    assert not await square.db.value("SELECT limited_at IS NOT NULL FROM accounts WHERE username = 'ann'")
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 0


@pytest.mark.parametrize("answer", ["none", "label"])
async def test_an_appeal_that_is_granted_takes_the_decision_back(
    square: Square, mail: MailServer, ann: Visitor, case_id: int, answer: Action
) -> None:
    """Whatever is lighter goes in its place, and is told anew."""
    await decided(square, case_id, "sensitive", 1)
    page = link_in(mail, "ann", "/decisions/")
    await appeal(ann, page)
    await decided(square, await contested(square), answer, 2, said="It is about birds.")
    assert await actions_of(square, case_id) == [None]
    assert await actions_of(square, await contested(square)) == [answer]
    shown = (await ann.get(page)).text
    assert "Your appeal was granted" in shown
    assert "It is about birds." in shown
    assert "looked at again" in str(mail.to("ann@town.example")[1]["Subject"])
    assert len(mail.to("ann@town.example")) == (2 if answer == "none" else 3)
    assert await square.db.value("SELECT count(*) FROM statements WHERE undone_at IS NULL") == (answer != "none")


@pytest.mark.parametrize("answer", ["sensitive", "limit"])
async def test_an_appeal_makes_nothing_worse(
    square: Square, mail: MailServer, ann: Visitor, case_id: int, answer: Action
) -> None:
    await decided(square, case_id, "sensitive", 1)
    page = link_in(mail, "ann", "/decisions/")
    await appeal(ann, page)
    await decided(square, await contested(square), answer, 2)
    assert await actions_of(square, case_id) == ["sensitive"]
    assert await actions_of(square, await contested(square)) == [None]
    assert "The decision stands" in (await ann.get(page)).text
    assert len(mail.to("ann@town.example")) == 2
    assert await square.db.value("SELECT count(*) FROM statements WHERE undone_at IS NULL") == 1


async def test_what_a_reporter_appeals_for_is_done_and_its_author_is_told(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "none", 1)
    receipt = await receipt_of(square)
    await contest(ben, receipt, case_id)
    await decided(square, await contested(square), "sensitive", 2)
    assert "Your appeal was granted" in (await ben.get(receipt)).text
    assert link_in(mail, "ben", "/settings/reports/") == receipt
    assert "What you posted was marked as sensitive" in (await ann.get(link_in(mail, "ann", "/decisions/"))).text
    assert [one["Subject"] for one in mail.to("ben@town.example")] == ["Your report at Townsquare was decided"] * 2


async def test_what_was_decided_of_an_appeal_can_be_taken_back_when_what_it_was_about_is_gone(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "remove", 1, 2)
    page = link_in(mail, "ann", "/decisions/")
    await appeal(ann, page)
    number = await contested(square)
    await decided(square, number, "label", 3)
    await taken_back(square, case_id, again=False)
    assert await square.db.value("SELECT action FROM restrictions") == "label"
    with pytest.raises(Forbidden, match="was taken back itself"):
        await taken_back(square, number, again=True)
    sent = len(mail.to("ann@town.example"))
    await taken_back(square, number, again=False)
    assert await square.db.value("SELECT count(*) FROM restrictions") == 0
    assert await square.db.value("SELECT granted FROM appeals") is True, "it is not open again"
    letters = [str(parts_of(one)[0]) for one in mail.to("ann@town.example")[sent:]]
    assert ["was taken back" in one for one in letters] == [True]


async def test_who_has_two_statements_of_one_decision_is_told_once_that_their_appeal_was_granted(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    """One of what somebody looked at, and one of what came afterwards and is like it."""
    await decided(square, case_id, "remove", 1, 2)
    page = link_in(mail, "ann", "/decisions/")
    post, target = await ann.post(THREAT), await square.db.value("SELECT id FROM accounts WHERE username = 'ann'")
    await ben.send(
        "/report", page=f"/report?post={post}", account=str(target), posts=[post], category="other", comment="This too"
    )
    await square.settle()
    assert await square.db.value("SELECT count(*) FROM statements") == 2
    await appeal(ann, page)
    sent = len(mail.to("ann@town.example"))
    await taken_back(square, case_id, again=False)
    assert len(mail.to("ann@town.example")) == sent + 1
    assert link_in(mail, "ann", "/decisions/") == page, "it is that which people decided"


def letters_to(mail: MailServer, name: str, since: int = 0) -> list[str]:
    return [" ".join(str(parts_of(one)[0]).split()) for one in mail.to(f"{name}@town.example")[since:]]


async def test_an_appeal_that_is_turned_down_changes_and_holds_nothing_in_between(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    """It gives no strike for a moment, which would have all that somebody wrote held where it is one too many."""
    become(square.services.settings, square.services.settings, {"moderation.strikes": 2})
    await decided(square, case_id, "remove", 1, 2)
    await ann.post("Nothing wrong with this")
    await appeal(ann, link_in(mail, "ann", "/decisions/"))
    number, sent = await contested(square), len(mail.to("ann@town.example"))
    await decided(square, number, "remove", 3)
    assert await square.db.value("SELECT held_at IS NULL FROM cases WHERE id = $1", number)
    await decided(square, number, "remove", 4)
    (letter,) = letters_to(mail, "ann", sent)
    assert "The decision stands" in letter
    assert "or to a court." in letter
    assert await square.db.value("SELECT count(*) FROM strikes") == 1
    rows = await square.db.records("SELECT case_id = $1, action FROM restrictions", case_id)
    assert [tuple(row) for row in rows] == [(True, "remove")]


async def test_what_would_be_worse_takes_no_effect_on_the_way(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "label", 1)
    await appeal(ann, link_in(mail, "ann", "/decisions/"))
    await decided(square, await contested(square), "none", 2, 3, account_action="suspend")
    assert (await ann.get("/home")).status_code == 200, "nobody was signed out"
    author = await square.db.value("SELECT author_id FROM case_items WHERE case_id = $1", case_id)
    assert await audit.history(square.db, f"account:{author}") == []
    assert await square.db.value("SELECT count(*) FROM strikes") == 1


async def test_a_shorter_time_is_less(square: Square, mail: MailServer, ann: Visitor, case_id: int) -> None:
    await decided(square, case_id, "none", 1, 2, account_action="suspend")
    page = link_in(mail, "ann", "/decisions/")
    stranger = await visitor(square)
    await appeal(stranger, page)
    ends = datetime.now(UTC) + timedelta(days=30)
    await decided(square, await contested(square), "none", 3, 4, account_action="suspend", until=ends)
    rows = await square.db.records("SELECT action, until FROM restrictions")
    assert [tuple(row) for row in rows] == [("suspend", ends)]
    assert "Your appeal was granted" in (await stranger.get(page)).text
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 1


async def test_what_goes_further_takes_the_place_of_what_was_decided_until_that_is_taken_back(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "label", 1)
    page = link_in(mail, "ann", "/decisions/")
    await contest(ben, await receipt_of(square), case_id)
    number = await contested(square)
    await decided(square, number, "remove", 2, 3)
    assert "Your appeal was granted" in (await ben.get(await receipt_of(square))).text
    assert "another one is in its place" in (await ann.get(page)).text
    rows = await square.db.records("SELECT action, case_id = $1 FROM restrictions", number)
    assert [tuple(row) for row in rows] == [("remove", True)]
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 1
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(4), number, "Read again", datetime.now(UTC), again=True)
    await square.settle()
    rows = await square.db.records("SELECT action FROM restrictions WHERE case_id = $1", case_id)
    assert [tuple(row) for row in rows] == [("label",)]
    lines = [one.action for one in await audit.history(square.db, f"case:{case_id}")]
    assert lines[:2] == ["case.restore", "case.lift"]
    assert "another one is in its place" not in (await ann.get(page)).text
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 1


async def test_what_is_less_on_the_whole_is_more_in_no_part_for_an_author(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "none", 1, account_action="limit")
    await appeal(ann, link_in(mail, "ann", "/decisions/"))
    with pytest.raises(Invalid, match="makes nothing worse"):
        await decided(square, await contested(square), "remove", 2, account_action="warn")
    await decided(square, await contested(square), "none", 2, account_action="warn")
    assert await square.db.value("SELECT granted FROM appeals")


async def test_a_warning_ends_with_its_strike_and_is_less_than_what_holds_for_a_while(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    week = datetime.now(UTC) + timedelta(days=7)
    await decided(square, case_id, "none", 1, account_action="limit", until=week)
    await appeal(ann, link_in(mail, "ann", "/decisions/"))
    with pytest.raises(Invalid, match="for no longer"):
        await decided(square, await contested(square), "label", 2)
    await decided(square, await contested(square), "none", 2, account_action="warn")
    assert await square.db.value("SELECT granted FROM appeals")


async def test_the_same_for_as_long_is_no_more_to_a_reporter(
    square: Square, mail: MailServer, ben: Visitor, case_id: int
) -> None:
    ends = datetime.now(UTC) + timedelta(days=30)
    await decided(square, case_id, "limit", 1, until=ends)
    receipt = await receipt_of(square)
    await contest(ben, receipt, case_id)
    await square.db.execute("ALTER TABLE case_decisions DISABLE TRIGGER case_decisions_stay")
    await square.db.execute(
        "UPDATE case_decisions SET made_at = made_at - interval '5 days', until = until - interval '5 days'"
    )
    await decided(square, await contested(square), "limit", 2, until=ends)
    assert await square.db.value("SELECT granted FROM appeals") is False
    assert "The decision stands" in (await ben.get(receipt)).text
