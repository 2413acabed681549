"""Who gives notice: named by the settings, proven or not; in which queue it waits, and who hears before it is late."""

from datetime import timedelta
from email.message import EmailMessage

import msgspec
import pytest

from tests.api.test_media import sent as sent_picture
from tests.api.test_notices import ask, key
from tests.rooms.moderation.cases.desk import removed
from tests.support.square import Square
from tests.web.test_desk import at_desk, decide, reported, said
from tests.web.test_desk_roles import somebody
from tests.web.test_notices import FORM, case_of, give, sent, text_of, threat
from tests.web.test_notices_by_mail import message
from tests.web.visitor import Visitor
from townsquare.kernel.settings import Deadlines, Notices
from townsquare.moderation.notices import follow, mail, store

__all__ = ["sent"]

NAMED = Notices(
    hosts=("cloud.example",),
    stores=("store.example",),
    authorities=("bka.example",),
    rights_holders=("label.example",),
    authenticated_by="mx.town.example",
    deadlines=Deadlines(store=6),
)


def proven(sender: str, number: int = 1) -> dict[str, str]:
    """Headers of a message that a mail server of ours has found to be authentic."""
    results = f"mx.town.example; dkim=pass header.d={sender.rpartition('@')[2]}"
    return {"From": sender, "Message-ID": f"<m{number}@x>", "Authentication-Results": results}


@pytest.fixture
def square(square: Square) -> Square:
    """Whose settings name who gives notice."""
    msgspec.structs.force_setattr(square.services.settings, "notices", NAMED)
    msgspec.structs.force_setattr(square.services.settings, "contact_email", "owner@town.example")
    return square


async def test_a_store_is_known_by_mail_and_has_its_own_time(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    raw = message(f"This breaks our guidelines: {url}", Subject="Guideline 1.2", **proven("review@store.example"))
    notice = await mail.take_mail(square.db, square.services.settings, raw)
    assert (notice.sender, notice.proven) == ("store", True)
    await square.settle()
    case = await case_of(square)
    assert case["fixed_due_at"] - notice.received_at == timedelta(hours=6)
    assert case["queue"] == "general"
    page = await said(await (await at_desk(square, "mod")).get(f"/desk/cases/{case['id']}"))
    assert "An app store" in page
    assert "not proven" not in page


async def test_a_forged_sender_has_a_case_and_is_marked(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    forged = proven("review@store.example") | {
        "Authentication-Results": "mx.evil.example; dkim=pass header.d=store.example"
    }
    notice = await mail.take_mail(square.db, square.services.settings, message(url, **forged))
    assert (notice.sender, notice.proven) == ("store", False)
    await square.settle()
    page = await said(await (await at_desk(square, "mod")).get(f"/desk/cases/{(await case_of(square))['id']}"))
    assert "not proven" in page


async def test_rights_holders_and_authorities_wait_for_those_who_know_the_law(
    square: Square, sent: list[EmailMessage]
) -> None:
    ann, url = await threat(square)
    settings = square.services.settings
    notice = await mail.take_mail(square.db, settings, message(f"DMCA: {url}", **proven("legal@label.example")))
    await square.settle()
    assert (notice.sender, notice.policy) == ("rights_holder", "copyright")
    assert (await case_of(square))["queue"] == "legal"
    post = await ann.say("Something else that is reported first, and at some length")
    other = f"https://town.example/@ann/{post['id']}"
    await give(square, other)
    await square.settle()
    claim = {"From": "x@bka.example", "Message-ID": "<m2@x>"}
    for number, (headers, queue) in enumerate(((claim, "general"), (proven("x@bka.example", 3), "legal"))):
        await mail.take_mail(square.db, settings, message(f"Order {number}: {other}", **headers))
        await square.settle()
        found = await square.db.value(
            "SELECT c.queue FROM cases c JOIN case_items i ON i.case_id = c.id WHERE i.item_id = $1", int(post["id"])
        )
        assert found == queue, "whoever only says that they are an authority takes it from nobody"


@pytest.mark.parametrize("role", ["moderator", "legal"])
async def test_what_an_authority_proves_leaves_who_does_not_know_the_law(
    square: Square, sent: list[EmailMessage], role: str
) -> None:
    """Also while they have it before them."""
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, post = await reported(square, ann, ben)
    one, clerk = await somebody(square, role), await at_desk(square, "boss", "owner")
    await one.send("/desk/next", page="/desk")
    raw = message(f"Order: https://town.example/@ben/{post}", **proven("x@bka.example", 3))
    await mail.take_mail(square.db, square.services.settings, raw)
    await square.settle()
    assert (await case_of(square))["queue"] == "legal"
    theirs = role == "legal"
    assert ((await clerk.send("/desk/next", page="/desk")).headers["location"] == "/desk") is theirs
    decided = await decide(one, case_id, "label", said="Mind your words")
    assert decided.status_code == (303 if theirs else 403)
    assert theirs or "in a queue of others" in decided.text


async def test_the_place_is_warned_before_a_notice_is_late_and_once(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    raw = message(f"Guidelines: {url}", **proven("review@store.example"))
    notice = await mail.take_mail(square.db, square.services.settings, raw)
    await square.settle()
    sent.clear()

    async def after(hours: float) -> list[EmailMessage]:
        await follow.remind(square.db, notice.received_at + timedelta(hours=hours))
        await square.settle()
        return sent

    assert await after(4.4) == []
    (warned,) = await after(4.6)
    assert (warned["To"], "is about to be late" in warned["Subject"]) == ("owner@town.example", True)
    assert len(await after(5.9)) == 1


async def test_what_presses_is_told_at_once_and_when_half_of_its_time_is_over(
    square: Square, sent: list[EmailMessage]
) -> None:
    _, url = await threat(square)
    await give(square, url, policy="terrorism")
    await square.settle()

    def told() -> list[str]:
        return [one["Subject"] for one in sent if one["To"] == "owner@town.example"]

    assert [subject.endswith("presses") for subject in told()] == [True]
    received = (await case_of(square))["opened_at"]
    for minutes, letters in ((29, 1), (31, 2), (59, 2)):
        await follow.remind(square.db, received + timedelta(minutes=minutes))
        await square.settle()
        assert len(told()) == letters
    assert "is about to be late" in told()[1]


async def test_those_are_told_of_a_notice_for_whom_it_is(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    staff = {
        name: await square.person(name, role=role)
        for name, role in (("boss", "owner"), ("mod", "moderator"), ("clerk", "moderator"))
    }
    await square.db.execute(
        "INSERT INTO desk_members (account_id, role, updated_at) VALUES ($1, 'legal', now())", staff["clerk"].id
    )

    async def told() -> dict[str, int]:
        await square.settle()
        counts = {}
        for name, one in staff.items():
            counts[name] = len(await one.get("/api/v1/notifications", **{"types[]": "admin.notice"}))
        return counts

    await give(square, url)
    assert await told() == {"boss": 1, "mod": 1, "clerk": 1}
    (line,) = await staff["mod"].get("/api/v1/notifications", **{"types[]": "admin.notice"})
    assert line["account"]["username"] == "mod", "who gave it stays sealed"
    other = (await (await square.person("cat")).say("An insult"))["url"]
    await mail.take_mail(square.db, square.services.settings, message(f"Order: {other}", **proven("x@bka.example", 3)))
    assert await told() == {"boss": 2, "mod": 1, "clerk": 2}, "an authority's is for those who know the law"
    about = await staff["mod"].say("And mine")
    await give(square, about["url"])
    assert await told() == {"boss": 3, "mod": 1, "clerk": 2}, "nobody is told of what is about them or their rank"
    reader = Visitor(square)
    await reader.sign_in("mod")
    assert "A notice from outside waits at the desk" in await said(await reader.get("/notifications"))


async def test_a_form_proves_nothing_and_its_link_opens_no_evidence(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    stranger, answer = await give(square, url, email="abuse@cloud.example")
    await square.settle()
    (notice,) = await store.by_ids(square.db, [await square.db.value("SELECT id FROM notices")])
    assert (notice.sender, notice.proven) == ("host", False)
    await removed(square.db, (await case_of(square))["id"], now=notice.received_at)
    await square.settle()
    page = answer.headers["location"].partition("?")[0]
    assert "Fetch the evidence" not in (await stranger.get(page)).text
    assert (await stranger.get(f"{page}/evidence")).status_code == 404
    told = next(one for one in sent if "What was decided" in one["Subject"])
    assert told["To"] == "abuse@cloud.example"
    assert len(list(told.iter_attachments())) == 1, "it goes to whoever reads mail at the address that is named"
    assert "fetched under the link" not in text_of(told)


@pytest.mark.parametrize("way", ["form", "api", "mail"])
async def test_the_address_of_a_file_stands_for_the_post_that_shows_it(
    square: Square, sent: list[EmailMessage], way: str
) -> None:
    ann = await square.person("ann")
    file = await sent_picture(ann)
    post = await ann.say("Look at this", media_ids=[file["id"]])
    url = file["url"]
    match way:
        case "form":
            await give(square, url)
        case "mail":
            await mail.take_mail(square.db, square.services.settings, message(f"See {url.replace('.', '[.]')}"))
        case _:
            answer = await ask(square, await key(square), json={"reason": FORM["reason"], "urls": [url]})
            assert answer.json()["items"][0]["kind"] == "status"
    await square.settle()
    found = await square.db.records("SELECT kind, item_id FROM case_items")
    assert [tuple(one) for one in found] == [("status", int(post["id"]))]
