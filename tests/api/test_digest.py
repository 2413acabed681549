"""Digests: people choose what and when; one message comes each time, by their clock and in their language."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tests.support.smtp import MailServer, parts_of
from tests.support.square import Person, Square
from townsquare.effects import effects
from townsquare.jobs import emit
from townsquare.timelines import digest
from townsquare.timelines.digest_events import DigestReady, PreviewAsked
from townsquare.timelines.digest_model import Choice, next_after, shortened

ANN = "ann@town.example"


@pytest.fixture
def square(mailing: Square) -> Square:
    return mailing


@pytest.fixture
async def ann(square: Square) -> Person:
    """Who wants a digest of each day."""
    ann = await square.person("ann")
    await digest.choose(square.db, ann.id, Choice(every="day", zone="Europe/Berlin"), datetime.now(UTC))
    return ann


@pytest.fixture
async def ben(square: Square, ann: Person) -> Person:
    """Whom she follows."""
    ben = await square.person("ben")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await square.settle()
    return ben


def told(mail: MailServer) -> list[EmailMessage]:
    """The digests that came to her."""
    return [message for message in mail.to(ANN) if message["List-Id"] == "<digest.town.example>"]


async def come_due(square: Square, *, ago: timedelta = timedelta(0)) -> None:
    """It is time for everybody's, and what follows from that is done."""
    await asyncio.sleep(0.01)  # ids and times are of milliseconds
    await square.db.execute("UPDATE digests SET next_at = $1", datetime.now(UTC) - ago)
    await digest.begin(square.db, square.services.settings)
    await square.settle()


async def trends(square: Square, *posts: Any) -> None:
    for place, post in enumerate(posts):
        await square.db.execute(
            "INSERT INTO trending_statuses (account_id, status_id, score, allowed) VALUES ($1, $2, $3, true)",
            int(post["account"]["id"]),
            int(post["id"]),
            100.0 - place,
        )


async def test_one_message_tells_what_there_was(square: Square, ann: Person, ben: Person, mail: MailServer) -> None:
    cleo = await square.person("cleo")
    quiet = await ben.say("Nobody likes this")
    liked = await ben.say("The swallows <b>are</b> back\n\nSee https://birds.example")
    await cleo.post(f"/api/v1/statuses/{liked['id']}/favourite")
    await trends(square, liked, await cleo.say("Bread at the market"))
    await square.db.execute(
        "INSERT INTO announcements (id, text, all_day, published_at, updated_at) "
        "VALUES (1, 'The summer fair is on Saturday', false, now(), now())"
    )
    await come_due(square)
    (message,) = told(mail)
    assert message["Subject"] == "Today at Townsquare: ben and cleo"
    plain, html = parts_of(message)
    for text in (plain, html):
        for there in ("The summer fair", "From people you follow", "The swallows", "Popular on the square", "Bread at"):
            assert there in text
        assert text.count("The swallows") <= 2, "once, and beside the subject"
        assert text.index("The swallows") < text.index("Nobody likes this"), "what is liked stands first"
        assert quiet["url"] in text
        assert "1 favourite" in text
    assert "<b>are" not in html
    assert not re.search(r"\bsrc=|url\(|<link|<img", html), "nothing is fetched from anywhere"


async def test_it_comes_once_also_after_a_crash(square: Square, ann: Person, ben: Person, mail: MailServer) -> None:
    post = await ben.say("Good morning")
    await come_due(square)
    (letter,) = await square.db.records("SELECT account_id, due_at FROM digest_letters")
    ready = DigestReady(letter["account_id"], letter["due_at"])
    (send,) = effects(square.services)[DigestReady]
    await send([ready])
    await digest.begin(square.db, square.services.settings)
    await square.settle()
    assert len(told(mail)) == 1
    await come_due(square)
    assert len(told(mail)) == 1, "what was told is not told again, and there was nothing else"
    assert post["id"]
    await ben.say("Good evening")
    await come_due(square)
    first, second = told(mail)
    assert first["Message-ID"] != second["Message-ID"]
    assert "Good morning" not in parts_of(second)[0]


async def test_a_place_that_was_away_sends_one_and_not_all_that_were_missed(
    square: Square, ann: Person, ben: Person, mail: MailServer
) -> None:
    await ben.say("Good morning")
    await come_due(square, ago=timedelta(hours=3))
    (message,) = told(mail)
    assert "Good morning" in parts_of(message)[0], "what was written since the time is in it too"
    await come_due(square)
    assert len(told(mail)) == 1
    until = await square.db.value("SELECT next_at FROM digests WHERE account_id = $1", ann.id)
    assert timedelta(0) < until - datetime.now(UTC) <= timedelta(days=1)


async def test_what_one_does_not_want_to_see_is_not_told(
    square: Square, ann: Person, ben: Person, mail: MailServer
) -> None:
    muted, blocked, shy = [await square.person(name) for name in ("muted", "blocked", "shy")]
    for one in (muted, shy):
        await ann.post(f"/api/v1/accounts/{one.id}/follow")
    said = [await one.say(f"{one.username} says something") for one in (muted, blocked)]
    await shy.post("/api/v1/statuses", status="for my followers only", visibility="private")
    await ben.say("spinach is good for you")
    await ben.post("/api/v1/statuses", status="@ann only you", visibility="direct")
    await ben.post("/api/v1/statuses", status="who did it", spoiler_text="The end of the film", sensitive="true")
    gone = await ben.say("soon gone")
    await ann.post("/api/v1/statuses", status="my own")
    await ann.post(f"/api/v1/accounts/{muted.id}/mute")
    await ann.post(f"/api/v1/accounts/{blocked.id}/block")
    words = [{"keyword": "spinach", "whole_word": True}]
    await ann.post("/api/v2/filters", title="Food", context=["home"], filter_action="warn", keywords_attributes=words)
    await trends(square, *said)
    await square.settle()
    await square.db.execute("UPDATE digests SET next_at = now()")
    await asyncio.sleep(0.01)
    await digest.begin(square.db, square.services.settings)
    await square.step()
    await ben.delete(f"/api/v1/statuses/{gone['id']}")
    await square.settle()
    (message,) = told(mail)
    for text in parts_of(message):
        assert "The end of the film" in text
        for kept in ("says something", "followers only", "spinach", "only you", "who did it", "soon gone", "my own"):
            assert kept not in text


async def test_nothing_comes_when_there_is_nothing_or_it_is_not_wanted(
    square: Square, ann: Person, ben: Person, mail: MailServer
) -> None:
    await come_due(square)
    await ben.say("Good morning")
    await digest.choose(square.db, ann.id, Choice(lists=("announcements",), every="day"), datetime.now(UTC))
    await come_due(square)
    await digest.choose(square.db, ann.id, Choice(lists=()), datetime.now(UTC))
    assert await square.db.value("SELECT count(*) FROM digests") == 0
    await digest.choose(square.db, ann.id, Choice(), datetime.now(UTC))
    await square.db.execute("UPDATE users SET disabled_at = now() WHERE account_id = $1", ann.id)
    await come_due(square)
    assert told(mail) == []


async def test_it_speaks_the_language_and_has_the_clock_of_who_gets_it(
    square: Square, ann: Person, ben: Person, mail: MailServer
) -> None:
    looks = {"locale": "de"}
    await square.db.execute("UPDATE users SET appearance = $2 WHERE account_id = $1", ann.id, looks)
    await ben.say("Moin")
    await come_due(square)
    (message,) = told(mail)
    assert message["Content-Language"] == "de"
    assert 'lang="de"' in parts_of(message)[1]
    await digest.move(square.db, ann.id, "Pacific/Auckland", datetime.now(UTC))
    until = await square.db.value("SELECT next_at FROM digests WHERE account_id = $1", ann.id)
    assert until == next_after(Choice(every="day", zone="Pacific/Auckland"), datetime.now(UTC))


async def test_one_click_ends_it_without_signing_in(square: Square, ann: Person, ben: Person, mail: MailServer) -> None:
    await ben.say("Good morning")
    await come_due(square)
    (message,) = told(mail)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = message["List-Unsubscribe"].strip("<>")
    assert link in parts_of(message)[0]
    assert (await square.http.get(link)).status_code == 200
    assert await square.db.value("SELECT count(*) FROM digests") == 1, "opening the link alone ends nothing"
    headers = {"origin": "https://mail.example", "sec-fetch-site": "cross-site"}
    done = await square.http.post(link, data={"List-Unsubscribe": "One-Click"}, headers=headers)
    assert done.status_code == 200
    assert await square.db.value("SELECT count(*) FROM digests") == 0
    other = link.replace("/unsubscribe/digest/", "/unsubscribe/")
    assert (await square.http.post(other)).status_code == 404, "it opens nothing else"
    assert (await square.http.post(link[:-4])).status_code == 404


async def test_a_busy_server_gets_it_later(square: Square, ann: Person, ben: Person, mail: MailServer) -> None:
    await ben.say("Good morning")
    mail.busy.add(ANN)
    with pytest.raises(Exception, match="try again later"):
        await come_due(square)
    mail.busy.clear()
    (letter,) = await square.db.records("SELECT account_id, due_at, sent_at FROM digest_letters")
    assert letter["sent_at"] is None
    (send,) = effects(square.services)[DigestReady]
    await send([DigestReady(letter["account_id"], letter["due_at"])])
    assert len(told(mail)) == 1


async def test_what_people_call_themselves_cannot_become_html_or_headers(
    square: Square, ann: Person, ben: Person, mail: MailServer
) -> None:
    await ben.patch("/api/v1/accounts/update_credentials", display_name="<b>x</b>\nBcc: y@z.example")
    await ben.say("hello {place} %(num)s")
    await come_due(square)
    (message,) = told(mail)
    assert message["Bcc"] is None
    plain, html = parts_of(message)
    assert "<b>x" not in html
    assert "hello {place} %(num)s" in plain


async def test_many_that_are_due_are_begun_in_turn(square: Square, ann: Person) -> None:
    now = datetime.now(UTC)
    for number in range(11):
        other = await square.person(f"reader{number}")
        await digest.choose(square.db, other.id, Choice(), now)
    await square.db.execute("UPDATE digests SET next_at = $1", now)
    await digest.begin(square.db, square.services.settings)
    jobs = await square.db.records("SELECT due_at FROM jobs WHERE kind = 'DigestDue' ORDER BY due_at")
    assert len(jobs) == 12
    assert jobs[-1]["due_at"] - jobs[0]["due_at"] == timedelta(seconds=2), "so that no other message waits behind all"
    await digest.begin(square.db, square.services.settings)
    assert await square.db.value("SELECT count(*) FROM jobs WHERE kind = 'DigestDue'") == 12


@pytest.mark.parametrize(
    ("choice", "now", "due"),
    [
        (Choice(every="day", hour=8, zone="Europe/Berlin"), "2026-07-01T05:59", "2026-07-01T06:00"),
        (Choice(every="day", hour=8, zone="Europe/Berlin"), "2026-07-01T06:00", "2026-07-02T06:00"),
        (Choice(every="week", weekday=0, hour=8, zone="Europe/Berlin"), "2026-07-06T06:00", "2026-07-13T06:00"),
        (Choice(every="week", weekday=6, hour=23, zone="America/New_York"), "2026-07-01T00:00", "2026-07-06T03:00"),
        (Choice(every="day", hour=2, zone="Europe/Berlin"), "2026-03-28T12:00", "2026-03-29T01:00"),
        (Choice(every="day", hour=2, zone="Europe/Berlin"), "2026-10-25T00:30", "2026-10-26T01:00"),
        (Choice(every="day", hour=0, zone=""), "2026-12-31T00:00", "2027-01-01T00:00"),
        (Choice(every="day", hour=8, zone="Mars/Olympus"), "2026-07-01T06:00", "2026-07-01T08:00"),
    ],
)
def test_it_comes_by_the_clock_where_one_is(choice: Choice, now: str, due: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_after(choice, at) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_long_post_ends_with_a_whole_word() -> None:
    assert shortened("one two three", 100) == "one two three"
    assert shortened("one two three", 9) == "one two…"
    assert shortened("x" * 50, 10) == "x" * 10 + "…"


async def test_whoever_asks_sees_what_a_digest_would_say(square: Square, mail: MailServer) -> None:
    """Also one who wants none; and nothing of it is left out of the next one."""
    ben, cat = await square.person("ben"), await square.person("cat")
    await ben.post(f"/api/v1/accounts/{cat.id}/follow")
    await cat.say("The bees are back")
    for _ in range(2):
        async with square.db.transaction() as tx:
            await emit(tx, PreviewAsked(ben.id, "day"))
        await square.settle()
    first, second = mail.to("ben@town.example")
    assert "The bees are back" in parts_of(first)[0]
    assert "The bees are back" in parts_of(second)[0]
    assert await square.db.value("SELECT count(*) FROM digest_letters") == 0
