"""Notices without reason: who gives them is known by a proven address or a key, warned, not heard, and heard again."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import msgspec
import pytest

from tests.api.test_notices import ask, key
from tests.rooms.moderation.cases.desk import review, reviewer
from tests.support.square import Square
from tests.web.test_misuse import strict
from tests.web.test_notice_senders import NAMED, proven
from tests.web.test_notices import sent, text_of
from tests.web.test_notices_by_mail import message
from tests.web.visitor import Visitor
from townsquare.moderation import audit, retention
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.notices import mail
from townsquare.moderation.notices.model import Notice
from townsquare.moderation.reasons.appeals import appeal_of_notice

__all__ = ["sent"]

TEXTS = ("Ducks are lovely birds, all of them", "I like the weather of november", "Has anybody seen my green umbrella?")


@pytest.fixture
def square(square: Square) -> Square:
    """Whose settings name a mail server that vouches for senders, and bounds that are soon reached."""
    msgspec.structs.force_setattr(square.services.settings, "notices", NAMED)
    strict(square)
    return square


async def posts(square: Square) -> list[tuple[int, str]]:
    """Posts of Ann's that break no rule."""
    ann = await square.person("ann")
    made = [await ann.say(text) for text in (*TEXTS, "A last one, and nothing wrong with it")]
    return [(int(post["id"]), post["url"]) for post in made]


async def told(square: Square, number: int, url: str, by: str = "bob@far.example", what: str = "Spam") -> Notice:
    raw = message(f"{what}: {url}", Subject=what, **proven(by, number))
    notice = await mail.take_mail(square.db, square.services.settings, raw)
    await square.settle()
    return notice


async def unfounded(square: Square, post: int) -> None:
    case_id = await square.db.value("SELECT case_id FROM case_items WHERE item_id = $1 AND open", post)
    for number in (91, 92):  # what somebody whom the place trusts tells of is left as it is by two
        if await square.db.value("SELECT state FROM cases WHERE id = $1", case_id) == "open":
            await review(square.db, reviewer(number, "legal"), case_id, "none", policy="spam")
    # Decided at the clock of the test's reviewers, counted by ours.
    await square.db.execute("UPDATE cases SET decided_at = $2 WHERE id = $1", case_id, datetime.now(UTC))
    await square.settle()


def about(sent: list[EmailMessage]) -> list[str]:
    """What the letters about notices without reason say."""
    return [text_of(one) for one in sent if "About your notices" in one["Subject"]]


async def test_an_address_is_warned_then_not_heard_and_one_click_ends_it(
    square: Square, sent: list[EmailMessage]
) -> None:
    *first, last = await posts(square)
    for number, (post, url) in enumerate(first):
        assert (await told(square, number, url)).heeded
        await unfounded(square, post)
    warned, suspended = about(sent)
    assert "This is a warning" in warned
    assert "That ends on" in suspended
    assert {one["To"] for one in sent} == {"bob@far.example"}

    assert not (await told(square, 7, last[1])).heeded, "it is kept, and makes no case"
    assert await square.db.value("SELECT count(*) FROM case_items WHERE item_id = $1", last[0]) == 0
    threat = await told(square, 8, last[1], what="A violent threat to kill")
    assert (threat.policy, threat.heeded) == ("violent-threat", True)
    assert (await told(square, 9, last[1], by="eve@far.example")).heeded, "and nobody else"

    await square.person("boss", role="owner")
    boss = Visitor(square)
    await boss.sign_in("boss")
    page = (await boss.get("/desk/people")).text
    assert "their notices are not looked at" in page
    assert "bob@far.example" in page
    found = re.search(r'action="(/desk/people/(\d+)/misuse/\d+/undo)"', page)
    assert found
    assert (await boss.send(found[1], page="/desk/people")).status_code == 303
    await square.settle()
    assert "They are looked at as before" in about(sent)[-1]
    assert (await told(square, 10, first[0][1])).heeded
    log = await audit.history(square.db, f"notice_sender:{found[2]}")
    assert [one.action for one in log] == ["notices.undo", "notices.suspension", "notices.warning"]
    assert "bob@" not in (await boss.get("/manage/audit")).text


async def test_an_address_is_heard_again_when_it_was_right_in_the_end(square: Square, sent: list[EmailMessage]) -> None:
    """What is only looked at again changes nothing; what another finds for an appeal does."""
    *first, last = await posts(square)
    notices: list[Notice] = []
    for number, (post, url) in enumerate(first):
        notices.append(await told(square, number, url))
        await unfounded(square, post)
    cases = [
        await square.db.value("SELECT case_id FROM case_reports WHERE report_id = $1", notice.id) for notice in notices
    ]
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(91, "legal"), cases[0], "Looked at too quickly", datetime.now(UTC), again=True)
    async with square.db.transaction() as tx:
        await appeal_of_notice(tx, notices[2].id, [(cases[2], 1)], "Look at it again", datetime.now(UTC))
    appealed = await square.db.value("SELECT case_id FROM appeals")
    for number in (93, 94):
        await review(square.db, reviewer(number, "legal"), appealed, "remove", policy="spam", now=datetime.now(UTC))
    await square.settle()
    assert not (await told(square, 7, last[1])).heeded, "not all of it is decided"
    await unfounded(square, first[0][0])
    assert (await told(square, 8, last[1])).heeded
    assert "They are looked at as before" in about(sent)[-1]


async def test_a_program_is_refused_and_who_is_trusted_or_not_proven_is_not_counted(
    square: Square, sent: list[EmailMessage]
) -> None:
    *first, last = await posts(square)
    label = await key(square, "Label", "label@label.example", "rights_holder")
    host = await key(square, "Cloud", "abuse@cloud.example", "host")
    for number, (post, url) in enumerate(first):
        for token in (label, host):
            made = await ask(square, token, json={"reason": "Spam", "policy": "spam", "urls": [url]})
            assert made.status_code == 200
        forged = message(f"Spam: {url}", **{"From": "cid@far.example", "Message-ID": f"<f{number}@x>"})
        await mail.take_mail(square.db, square.services.settings, forged)
        await square.settle()
        await unfounded(square, post)
    given = {"reason": "Spam", "policy": "spam", "urls": [last[1]]}
    refused = await ask(square, label, json=given)
    assert refused.status_code == 403
    assert "You cannot give notice until" in refused.json()["error"]
    assert (await ask(square, label, json=given | {"policy": "violent-threat"})).status_code == 200
    assert (await ask(square, host, json=given)).status_code == 200
    assert await square.db.value("SELECT count(*) FROM notice_senders") == 1


async def test_who_gave_notice_is_not_known_for_longer_than_what_they_gave_is_kept(
    square: Square, sent: list[EmailMessage]
) -> None:
    post, url = (await posts(square))[0]
    await told(square, 1, url)
    await unfounded(square, post)
    assert await square.db.value("SELECT count(*) FROM notice_senders") == 1
    later = datetime.now(UTC) + timedelta(days=200)
    await retention.purge_evidence(square.db, square.services.storage, square.services.settings, later)
    assert await square.db.value("SELECT count(*) FROM notice_senders") == 0


async def test_who_wrote_what_makes_no_case_is_known_as_long_as_who_gave_notice(
    square: Square, sent: list[EmailMessage]
) -> None:
    *first, last = await posts(square)
    for number, (post, url) in enumerate(first):
        await told(square, number, url)
        await unfounded(square, post)
    notice = await told(square, 7, last[1])
    assert not notice.heeded
    for days, known in ((189, True), (191, False)):
        later = datetime.now(UTC) + timedelta(days=days)
        await retention.purge_evidence(square.db, square.services.storage, square.services.settings, later)
        assert (await square.db.value("SELECT contact FROM notices WHERE id = $1", notice.id) != b"") == known


async def test_a_warning_is_shown_and_taken_back_when_nothing_is_known_of_who_was_warned(
    square: Square, sent: list[EmailMessage]
) -> None:
    for number, (post, url) in enumerate((await posts(square))[:2]):
        await told(square, number, url)
        await unfounded(square, post)
    assert len(about(sent)) == 1
    later = datetime.now(UTC) + timedelta(days=200)
    await retention.purge_evidence(square.db, square.services.storage, square.services.settings, later)

    await square.person("boss", role="owner")
    boss = Visitor(square)
    await boss.sign_in("boss")
    page = await boss.get("/desk/people")
    assert page.status_code == 200
    assert "bob@far.example" not in page.text
    found = re.search(r'action="(/desk/people/\d+/misuse/\d+/undo)"', page.text)
    assert found
    assert (await boss.send(found[1], page="/desk/people")).status_code == 303
    await square.settle()
    assert len(about(sent)) == 1, "there is no address left to write to"
