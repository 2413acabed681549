"""What holds until somebody else has looked at it: those it is about are told, are heard, and are told when it ends."""

import re
from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from tests.api.by_hand.acting import STAFF, act, first_decision, letter, say, suspended, the_case, told, undo
from tests.rooms.moderation.cases.desk import review, reviewer
from tests.support.cases import Desk
from tests.support.smtp import MailServer
from tests.support.square import Person, Square
from tests.web.visitor import Visitor, visitor
from townsquare.moderation import audit
from townsquare.moderation.cases import apply, decide
from townsquare.moderation.cases.roles import Reviewer
from townsquare.moderation.reasons.record import Record, faults
from townsquare.moderation.removal import remove_suspended


async def test_what_is_heavy_holds_at_once_and_stays_when_somebody_else_agrees(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    adm = await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend", text="Threats", policy="violent-threat")
    assert await suspended(square, ann)
    case_id, state, _ = await the_case(square)
    assert state == "open"
    assert await told(square, ann) == [("suspend", True, True)]
    assert "This holds until it is decided" in letter(mail, "ann")
    assert await square.db.value("SELECT count(*) FROM strikes") == 0
    record = msgspec.convert(await square.db.value("SELECT record FROM statements"), Record)
    assert (faults(record), record.decision_account) == ([], "DECISION_ACCOUNT_SUSPENDED")
    assert "One person has looked at it." in record.decision_facts
    assert (await act(square, mod, ann, "suspend", text="Threats")).status_code == 200
    assert (await the_case(square))[0] == case_id, "it waits already"

    await say(square, adm.id, "suspend", case_id)
    assert await suspended(square, ann)
    assert await told(square, ann) == [("suspend", True, False), ("suspend", False, True)]
    assert "you can appeal against the decision for six months" in " ".join(letter(mail, "ann").split())
    facts = await square.db.value("SELECT record ->> 'decision_facts' FROM statements WHERE NOT interim")
    assert "One person looked at it. One more, who knew what had been said" in facts, "all can see what was done"
    assert await square.db.value("SELECT action FROM strikes") == "suspend"
    lines = [one.action for one in await audit.history(square.db, f"account:{ann.id}")]
    assert lines == ["account.suspend"], "it was done once"


async def test_what_waits_for_somebody_else_is_seen_and_answered_on_pages(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    await ann.patch("/api/v1/accounts/update_credentials", display_name="Ann of the trams", note="I sell tickets")
    await square.person("adm", role="admin")
    adm = Visitor(square)
    await adm.sign_in("adm")
    sent = await adm.send(
        f"/manage/people/{ann.id}/act", page=f"/manage/people/{ann.id}", type="disable", policy="fraud", text="False"
    )
    assert sent.status_code == 303
    await square.settle()
    (link,) = re.findall(r"https://town\.example(/decisions/[\w-]*)", letter(mail, "ann"))
    stranger = await visitor(square)
    shown = (await stranger.get(link)).text
    for words in ("You were kept from signing in", "for the time being", "One person looked", "What those who decide"):
        assert words in shown
    assert "/appeal" not in shown
    empty = await stranger.send(f"{link}/answer", page=link, text=" ")
    assert (empty.status_code, "Say in a few words" in empty.text) == (422, True)
    assert (await stranger.send(f"{link}/answer", page=link, text="They are real")).status_code == 303
    assert "They are real" in (await stranger.get(link)).text

    case_id = (await the_case(square))[0]
    reader = Visitor(square)
    await reader.sign_in("mod")
    page = (await reader.get(f"/desk/cases/{case_id}")).text
    for words in ("This was done by hand", "Keep them out", "They are real", "Ann of the trams", "I sell tickets"):
        assert words in page
    await say(square, mod.id, "none", case_id)
    assert await square.db.value("SELECT disabled_at IS NULL FROM users WHERE account_id = $1", ann.id)
    late = await stranger.send(f"{link}/answer", page="/sign-in", text="And more")
    assert (late.status_code, "This is decided by now" in late.text) == (409, True)
    assert "This held until" in (await stranger.get(link)).text
    assert "Decided since" in (await signed_in(square, "ann")).text


async def signed_in(square: Square, name: str) -> httpx.Response:
    """The list of what was decided about somebody."""
    browser = Visitor(square)
    await browser.sign_in(name)
    return await browser.get("/settings/decisions")


async def test_what_is_heavy_does_not_stand_where_somebody_else_sees_nothing(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    adm = await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend")
    await say(square, adm.id, "none", (await the_case(square))[0])
    assert not await suspended(square, ann)
    assert await told(square, ann) == [("suspend", True, False)]
    assert "does not hold any more" in letter(mail, "ann")
    assert await square.db.value("SELECT count(*) FROM strikes") == 0


async def test_what_waits_for_somebody_else_can_be_taken_back(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend")
    await undo(square, mod, ann, "unsuspend")
    assert not await suspended(square, ann)
    assert (await the_case(square))[1:] == ("decided", "none")
    assert await told(square, ann) == [("suspend", True, False)]
    assert "was taken back" in letter(mail, "ann")


async def test_what_is_looked_at_again_holds_meanwhile_and_nobody_is_deleted_by_it(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    adm = await square.person("adm", STAFF, role="owner")
    await act(square, mod, ann, "suspend")
    refused = await adm.request("DELETE", f"/api/v1/admin/accounts/{ann.id}")
    assert (refused.status_code, "looked at by somebody else" in refused.text) == (403, True)
    case_id = (await the_case(square))[0]
    await say(square, adm.id, "suspend", case_id)
    async with square.db.transaction() as tx:
        reviewer = Reviewer(adm.id, "@adm", "admin", "owner")
        await decide.undo(tx, reviewer, case_id, "Once more", datetime.now(UTC), again=True)
    await square.settle()
    assert await suspended(square, ann), "it holds until it is decided anew"
    assert (await told(square, ann))[-1] == ("suspend", True, True)
    lines = [one.action for one in await audit.history(square.db, f"account:{ann.id}")]
    assert lines == ["account.suspend"], "it was not taken away and done again"

    await square.db.execute("UPDATE accounts SET suspended_at = now() - interval '200 days' WHERE id = $1", ann.id)
    await square.db.execute("UPDATE statements SET made_at = now() - interval '200 days'")
    await remove_suspended(square.db, square.services.settings)
    assert await square.db.value("SELECT deleted_at IS NULL FROM accounts WHERE id = $1", ann.id)


async def test_what_nobody_else_looks_at_is_decided_after_two_weeks(square: Square, mod: Person, ann: Person) -> None:
    await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend")
    await square.db.execute("ALTER TABLE case_decisions DISABLE TRIGGER case_decisions_stay")
    await square.db.execute("UPDATE case_items SET joined_at = now() - interval '15 days'")
    await square.db.execute("UPDATE case_decisions SET made_at = now() - interval '13 days'")
    await decide.settle_stranded(square.db)
    assert (await the_case(square))[1] == "open"
    await square.db.execute("UPDATE case_decisions SET made_at = now() - interval '15 days'")
    await decide.settle_stranded(square.db)
    await square.settle()
    assert (await the_case(square))[1:] == ("decided", "suspend")
    assert (await told(square, ann))[-1] == ("suspend", False, True), "whoever it is about can appeal now"


async def test_what_ends_by_hand_while_it_is_looked_at_again_leaves_posts_held(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    adm, ben = await square.person("adm", role="admin"), await square.person("ben")
    desk, post, other = Desk(square), await ann.say("Against the rules"), await ben.say("Against the rules")
    case_id = await desk.case(post, other, policy="violent-threat")
    await desk.decide(case_id, "remove", "suspend")
    await undo(square, mod, ben, "unsuspend")
    async with square.db.transaction() as tx:
        reviewer = Reviewer(adm.id, "@adm", "admin", "admin")
        await decide.undo(tx, reviewer, case_id, "Once more", datetime.now(UTC), again=True)
    await square.settle()
    assert await suspended(square, ann)
    assert (await told(square, ben))[-1] == ("none", True, True), "of ben a post is held, and nothing else"
    await undo(square, mod, ann, "unsuspend")
    assert not await suspended(square, ann)
    rows = await square.db.records("SELECT kind, action FROM restrictions")
    assert [tuple(row) for row in rows] == [("status", "hold")] * 2
    assert "does not hold any more" in letter(mail, "ann")


async def test_what_ends_before_somebody_has_looked_can_be_done_again(square: Square, mod: Person, ann: Person) -> None:
    await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend", expires_in=3600)
    await square.db.execute("UPDATE restrictions SET until = now()")
    await square.db.execute("ALTER TABLE case_decisions DISABLE TRIGGER case_decisions_stay")
    await square.db.execute("UPDATE case_decisions SET until = now(), made_at = now() - interval '1 h'")
    await apply.end_timed(square.db, square.services.settings)
    assert not await suspended(square, ann)
    await act(square, mod, ann, "suspend", expires_in=7200)
    assert await suspended(square, ann)


async def test_what_holds_by_two_cases_is_ended_for_each_of_them(square: Square, mod: Person, ann: Person) -> None:
    adm = await square.person("adm", STAFF, role="admin")
    await square.person("owe", role="owner")
    await act(square, mod, ann, "freeze", text="One")
    first = (await the_case(square))[0]
    await act(square, mod, ann, "suspend", text="Another")
    await say(square, adm.id, "none", first)
    await square.db.execute("UPDATE users SET role = 'user' WHERE role = 'owner'")
    await decide.settle_stranded(square.db)
    await square.settle()
    assert await told(square, ann) == [("freeze", True, False), ("suspend", True, True)]


async def test_of_an_account_there_is_a_letter_each_time(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    await square.person("adm", role="admin")
    desk = Desk(square)
    await desk.hold(await desk.case(await ann.say("And this?")))
    await act(square, mod, ann, "suspend")
    assert "Your account is suspended" in letter(mail, "ann")


async def test_whoever_made_what_is_held_is_told_and_heard(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    desk, post = Desk(square), await ann.say("Against the rules?")
    case_id = await desk.case(post)
    await desk.hold(case_id)
    await desk.hold(case_id)
    assert await told(square, ann) == [("none", True, True)]
    other = await desk.case(await ann.say("And this?"))
    await desk.hold(other)
    assert await told(square, ann) == [("none", True, True)] * 2
    assert "shown to nobody while it is looked at" in letter(mail, "ann")
    assert len(mail.to("ann@town.example")) == 1
    record = msgspec.convert(await square.db.value("SELECT record FROM statements"), Record)
    assert (faults(record), record.decision_visibility) == ([], ["DECISION_VISIBILITY_CONTENT_DISABLED"])
    await desk.decide(case_id, "none")
    assert await told(square, ann) == [("none", True, False), ("none", True, True)]
    await desk.decide(other, "none")
    assert await told(square, ann) == [("none", True, False)] * 2
    assert len(mail.to("ann@town.example")) == 2, "one letter each of what is held within an hour, and is not any more"
    assert "does not hold any more" in letter(mail, "ann")

    await desk.undo(case_id)
    await square.db.execute("UPDATE cases SET held_at = now() WHERE id = $1", case_id)
    await desk.decide(case_id, "remove")
    assert (await told(square, ann))[-1] == ("none", False, True)
    assert "was removed" in letter(mail, "ann")


async def looked_at_again(square: Square, by: Person, case_id: int) -> None:
    """What was decided is taken back, and for somebody to decide anew."""
    async with square.db.transaction() as tx:
        reviewer = Reviewer(by.id, "@adm", "admin", "admin")
        await decide.undo(tx, reviewer, case_id, "Once more", datetime.now(UTC), again=True)
    await square.settle()


async def test_what_nobody_looks_at_again_ends_after_two_weeks_and_can_still_be_decided(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    adm, owe = await square.person("adm", role="admin"), await square.person("owe", role="owner")
    desk, post = Desk(square), await ann.say("Against the rules")
    case_id = await desk.case(post, policy="violent-threat")
    await desk.decide(case_id, "remove", "suspend")
    await looked_at_again(square, adm, case_id)
    await square.db.execute("UPDATE cases SET held_at = now() - interval '13 days'")
    await decide.settle_stranded(square.db)
    await square.settle()
    assert await suspended(square, ann)
    await square.db.execute("UPDATE cases SET held_at = now() - interval '15 days'")
    await decide.settle_stranded(square.db)
    await square.settle()
    assert not await suspended(square, ann)
    assert "does not hold any more" in letter(mail, "ann")
    assert await square.db.value("SELECT state FROM cases") == "open"
    rows = await square.db.records("SELECT kind, action FROM restrictions")
    assert [tuple(row) for row in rows] == [("status", "hold")], "the post waits on"
    assert (await told(square, ann))[-1] == ("suspend", True, True)

    await say(square, mod.id, "suspend", case_id)
    await say(square, owe.id, "suspend", case_id)
    assert await suspended(square, ann), "what is decided then holds anew"
    assert (await told(square, ann))[-2:] == [("suspend", True, False), ("suspend", False, True)]


async def test_what_somebody_ends_before_it_is_decided_ends_once_and_holds_anew_where_it_is_confirmed(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    """Of an account alone the statement of what held has nothing more to say; the final one says what is decided."""
    adm, owe = await square.person("adm", role="admin"), await square.person("owe", role="owner")
    await act(square, mod, ann, "suspend")
    case_id = (await the_case(square))[0]
    await say(square, adm.id, "suspend", case_id)
    await looked_at_again(square, owe, case_id)
    ben = await square.person("ben")
    await square.db.execute(
        """
        INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, joined_at)
        VALUES ($1, 'account', $2, $2, $2, now())
        """,
        case_id,
        ben.id,
    )
    before = len(mail.to("ann@town.example"))
    await undo(square, mod, ann, "unsuspend")
    assert not await suspended(square, ann)
    assert (await told(square, ann))[-1] == ("suspend", True, False)
    assert len(mail.to("ann@town.example")) == before + 1
    assert "This held until" in (await first_decision(square, "ann", last=True)).text
    await say(square, owe.id, "none", case_id)
    assert len(mail.to("ann@town.example")) == before + 1, "that it ended was said"


async def test_what_holds_for_a_while_says_until_when_at_most(square: Square, mod: Person, ann: Person) -> None:
    await square.person("adm", role="admin")
    await act(square, mod, ann, "freeze", expires_in=3600)
    assert "It holds until it is decided, and until" in (await first_decision(square, "ann")).text


@pytest.mark.parametrize(("policy", "left"), [("spam", []), ("violent-threat", ["hold"])])
async def test_a_post_that_nobody_looks_at_is_shown_again_unless_it_may_be_of_the_worst(
    square: Square, mail: MailServer, ann: Person, policy: str, left: list[str]
) -> None:
    desk, post = Desk(square), await ann.say("Against the rules?")
    case_id = await desk.case(post, policy=policy)
    await desk.hold(case_id)
    await square.db.execute("UPDATE cases SET held_at = now() - interval '15 days'")
    await decide.settle_stranded(square.db)
    await square.settle()
    assert [record[0] for record in await square.db.records("SELECT action FROM restrictions")] == left
    assert ("within two weeks at what held" in " ".join(letter(mail, "ann").split())) == (not left)
    assert await square.db.value("SELECT state FROM cases") == "open"
    if not left:
        await review(square.db, reviewer(1), case_id, "remove", policy=policy, now=datetime.now(UTC))
        await square.settle()
        assert await told(square, ann) == [("none", True, False), ("none", True, True)], "it is held and told anew"


async def test_what_somebody_has_found_to_be_of_the_worst_stays_held_whatever_it_was_reported_as(
    square: Square, ann: Person
) -> None:
    adm, desk = await square.person("adm", role="admin"), Desk(square)
    case_id = await desk.case(await ann.say("Against the rules?"), policy="spam")
    for number in (1, 2):
        await review(square.db, reviewer(number), case_id, "remove", policy="violent-threat", now=datetime.now(UTC))
    await square.settle()
    await looked_at_again(square, adm, case_id)
    await square.db.execute("UPDATE cases SET severity = 4, held_at = now() - interval '15 days'")
    await decide.settle_stranded(square.db)
    await square.settle()
    assert [record[0] for record in await square.db.records("SELECT action FROM restrictions")] == ["hold"]


async def test_what_was_done_for_a_while_by_hand_can_be_appealed_against_when_it_is_over(
    square: Square, mod: Person, ann: Person
) -> None:
    await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend", expires_in=3600)
    await square.db.execute("UPDATE restrictions SET until = now()")
    await square.db.execute("UPDATE case_items SET joined_at = now() - interval '15 days'")
    await square.db.execute("ALTER TABLE case_decisions DISABLE TRIGGER case_decisions_stay")
    await square.db.execute("UPDATE case_decisions SET until = now(), made_at = now() - interval '15 days'")
    await apply.end_timed(square.db, square.services.settings)
    await decide.settle_stranded(square.db)
    await square.settle()
    assert (await the_case(square))[1:] == ("decided", "suspend")
    assert not await suspended(square, ann)
    assert (await told(square, ann))[-1] == ("suspend", False, True)
