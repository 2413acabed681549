"""A jury for an appeal: drawn by lot from those who have nothing to do with it, heard, and followed or answered."""

import html
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest

from tests.support.square import Person, Square
from tests.web.test_desk import at_desk, decide, reported, said
from tests.web.visitor import Visitor
from townsquare.kernel.settings_sources import become
from townsquare.moderation import audit
from townsquare.moderation.jury import sit, store
from townsquare.moderation.jury.model import POINTS_LAST, drawn
from townsquare.moderation.reasons.appeals import appeal

WORDS = "The mayor is a crook, and his friends are worse than he is"


class Town:
    """Ann's post was reported by Ben and removed by two of the staff; others are ready to be drawn."""

    def __init__(self, square: Square, ann: Person, ben: Person, jurors: list[Person], case_id: int) -> None:
        self.square = square
        self.ann = ann
        self.ben = ben
        self.jurors = jurors
        self.case_id = case_id

    async def appeal(self, *, jury: bool = True) -> int:
        """The case of Ann's appeal."""
        one = Visitor(self.square)
        await one.sign_in("ann")
        number = await self.square.db.value("SELECT id FROM statements WHERE account_id = $1", self.ann.id)
        page = f"/settings/decisions/{number}"
        assert "Let a jury look at it first" in (await one.get(page)).text
        asked = {"jury": "true"} if jury else {}
        sent = await one.send(f"{page}/appeal", page=page, text="It is an opinion, and true", **asked)
        assert sent.status_code == 303, sent.text
        await self.square.settle()
        return await self.square.db.value("SELECT case_id FROM appeals")

    async def seated(self) -> list[Person]:
        records = await self.square.db.records("SELECT account_id FROM jury_seats ORDER BY account_id")
        known = {one.id: one for one in self.jurors}
        return [known[record[0]] for record in records]


@pytest.fixture
async def town(square: Square) -> Town:
    settings = square.services.settings
    become(settings, settings, {"moderation.jury": True})
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ben, ann, WORDS)
    for one in [await at_desk(square, name) for name in ("mod1", "mod2")]:
        assert (await decide(one, case_id, "remove")).status_code == 303
    await square.settle()
    jurors = [await square.person(f"juror{number}") for number in range(11)]
    await square.db.execute("UPDATE users SET created_at = now() - interval '60 days'")
    for one in jurors:
        assert (await one.post("/api/v1/jury"))["ready"]
    return Town(square, ann, ben, jurors, case_id)


async def test_a_jury_is_heard_and_whoever_decides_otherwise_says_why(square: Square, town: Town) -> None:
    number = await town.appeal()
    seated = await town.seated()
    assert len(seated) == 9
    waits = await square.db.value("SELECT snoozed_until FROM cases WHERE id = $1", number)
    assert waits > datetime.now(UTC) + timedelta(days=2)
    mod, other = [await at_desk(square, name) for name in ("mod3", "mod4")]
    assert "A jury of 9 people from here looks at it now" in await said(await mod.get(f"/desk/cases/{number}"))
    assert (await decide(mod, number, "none")).status_code == 403
    juror = Visitor(square)
    await juror.sign_in(seated[0].username)
    assert f"/settings/jury/{number}" in (await juror.get("/settings/jury")).text
    page = await said(await juror.get(f"/settings/jury/{number}"))
    for words in (WORDS, "Harassment", "The post was removed", "It is an opinion, and true"):
        assert words in page
    for name in ("@ann", "@ben", "@mod1", "Look at this"):
        assert name not in page
    sent = await juror.send(f"/settings/jury/{number}", page=f"/settings/jury/{number}", answer="lifted")
    assert sent.status_code == 303
    for one, answer in zip(seated[1:], ["lifted"] * 6 + ["stands", "declined"], strict=True):
        matter = await one.get(f"/api/v1/jury/{number}")
        assert (matter["text"], matter["action"], matter["side"]) == (WORDS, "remove", "author")
        await one.post(f"/api/v1/jury/{number}", answer=answer)
    page = await said(await mod.get(f"/desk/cases/{number}"))
    assert "7 of 8 said that the decision is not right" in page
    refused = await decide(mod, number, "remove")
    assert refused.status_code == 422
    assert "It is not what the jury said, so say why" in text_of(refused)
    assert (await decide(mod, number, "remove", said="It names a private person")).status_code == 303
    assert (await decide(other, number, "remove", said="So do I")).status_code == 303
    await square.settle()
    log = [one.action for one in await audit.history(square.db, f"case:{number}")]
    assert {"jury.draw", "jury.close", "case.review"} <= set(log)
    reader = Visitor(square)
    await reader.sign_in("ann")
    statement = await square.db.value(
        "SELECT id FROM statements WHERE account_id = $1 ORDER BY id LIMIT 1", town.ann.id
    )
    page = await said(await reader.get(f"/settings/decisions/{statement}"))
    assert "7 of 8 said that the decision is not right" in page
    assert "It names a private person" in page or "So do I" in page


def text_of(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


async def test_a_jury_that_was_asked_for_comes_also_where_somebody_was_faster(square: Square, town: Town) -> None:
    number = await town.appeal(jury=False)
    mod = await at_desk(square, "mod3")
    taken = await mod.send("/desk/next", page="/desk")
    assert taken.headers["location"] == f"/desk/cases/{number}"
    async with square.db.transaction() as tx:
        await sit.ask(tx, number, datetime.now(UTC))
    other = await at_desk(square, "mod4")
    await square.settle()
    assert len(await town.seated()) == 9
    refused = await decide(mod, number, "none", said="My careful words")
    assert refused.status_code == 403
    assert "A jury looks at this still" in refused.text
    assert "My careful words" in refused.text
    assert (await mod.send("/desk/ahead/shown", page="/desk", case=str(number))).status_code == 403
    for one in (mod, other):
        assert (await one.send("/desk/next", page="/desk")).headers["location"] == "/desk"


async def test_nobody_is_given_an_appeal_before_its_jury_is_drawn(square: Square, town: Town) -> None:
    number = await town.appeal(jury=False)
    for one in town.jurors[4:]:
        await one.delete("/api/v1/jury")
    mod = await at_desk(square, "mod3")
    async with square.db.transaction() as tx:
        await sit.ask(tx, number, datetime.now(UTC))
    assert (await mod.send("/desk/next", page="/desk")).headers["location"] == "/desk"
    await square.settle()
    assert await town.seated() == []
    taken = await mod.send("/desk/next", page="/desk")
    assert taken.headers["location"] == f"/desk/cases/{number}", "where too few can be drawn it goes its way at once"


async def test_the_same_for_as_long_is_what_a_jury_said_to_a_reporter(square: Square, town: Town) -> None:
    case_id, _ = await reported(square, town.ben, town.ann, "And his sister sells umbrellas that let the rain in")
    mod, other = await at_desk(square, "mod5"), await at_desk(square, "mod6")
    assert (await decide(mod, case_id, "limit", days="7")).status_code == 303
    await square.settle()
    async with square.db.transaction() as tx:
        made = await appeal(tx, town.ben.id, case_id, 1, "reporter", "A week is not much", datetime.now(UTC), jury=True)
    await square.settle()
    for one in await town.seated():
        await one.post(f"/api/v1/jury/{made.case_id}", answer="stands")
    refused = await decide(other, made.case_id, "limit", days="30")
    assert "It is not what the jury said, so say why" in text_of(refused)
    assert (await decide(other, made.case_id, "limit", days="7")).status_code == 303


async def test_a_draw_is_recorded_and_can_be_made_again(square: Square, town: Town) -> None:
    number = await town.appeal()
    (entry,) = [one for one in await audit.history(square.db, f"case:{number}") if one.action == "jury.draw"]
    seed, pool = (await square.db.records("SELECT seed, pool FROM juries"))[0]
    assert entry.after["seed"] == seed.hex()
    assert entry.after["pool"] == len(pool) == 11
    assert sorted(drawn(pool, seed, number)) == [one.id for one in await town.seated()]


async def test_a_jury_ends_with_its_appeal_and_nobody_has_missed_anything(square: Square, town: Town) -> None:
    number = await town.appeal()
    juror = Visitor(square)
    await juror.sign_in((await town.seated())[0].username)
    mod = await at_desk(square, "mod3", role="admin")
    sent = await mod.send(
        f"/desk/cases/{town.case_id}/undo", page=f"/desk/cases/{town.case_id}", why="It was about birds"
    )
    assert sent.status_code == 303
    await square.settle()
    assert await square.db.value("SELECT verdict FROM juries WHERE closed_at IS NOT NULL") == "none"
    assert (await juror.get(f"/settings/jury/{number}")).status_code == 404
    later = datetime.now(UTC) + timedelta(days=4)
    await sit.close_over(square.db, later)
    assert [await store.points(square.db, one.id, later - POINTS_LAST) for one in await town.seated()] == [0] * 9


async def test_nobody_is_drawn_who_has_to_do_with_it(square: Square, town: Town) -> None:
    one, two, three, four, five, six, *_ = town.jurors
    await one.post(f"/api/v1/accounts/{town.ann.id}/follow")
    await town.ben.post(f"/api/v1/accounts/{two.id}/follow")
    await three.post(f"/api/v1/accounts/{town.ben.id}/block")
    await town.ann.post(f"/api/v1/accounts/{four.id}/mute")
    await square.db.execute("UPDATE users SET created_at = now() WHERE account_id = $1", five.id)
    await square.db.execute("UPDATE users SET role = 'moderator' WHERE account_id = $1", six.id)
    for party in (town.ann, town.ben):
        await party.post("/api/v1/jury")
    await square.settle()
    await town.appeal()
    assert await square.db.value("SELECT pool FROM juries") == sorted(other.id for other in town.jurors[6:])


async def test_with_too_few_the_appeal_goes_its_way_without(square: Square, town: Town) -> None:
    for one in town.jurors[4:]:
        assert not (await one.delete("/api/v1/jury"))["ready"]
    number = await town.appeal()
    assert await square.db.value("SELECT count(*) FROM juries") == 0
    assert await square.db.value("SELECT snoozed_until FROM cases WHERE id = $1", number) is None


async def test_the_worst_kind_pictures_and_who_did_not_ask_have_no_jury(square: Square, town: Town) -> None:
    number = await town.appeal(jury=False)
    assert await square.db.value("SELECT count(*) FROM juries") == 0
    async with square.db.transaction() as tx:
        await tx.execute("UPDATE cases SET policy = 'violent-threat' WHERE id = $1", number)
        assert await store.fit(tx, number) is None
        await tx.execute("UPDATE cases SET policy = 'hate' WHERE id = $1", number)
        assert await store.fit(tx, number) is not None
        await tx.execute("UPDATE case_items SET private = true WHERE case_id = $1", number)
        assert await store.fit(tx, number) is None


async def test_an_answer_stays_and_is_nobody_elses(square: Square, town: Town) -> None:
    number = await town.appeal()
    seated = await town.seated()
    (outside, *_) = [one for one in town.jurors if one not in seated]
    for method in ("GET", "POST"):
        refused = await outside.request(method, f"/api/v1/jury/{number}", json={"answer": "stands"})
        assert refused.status_code == 404
    assert (await seated[0].request("POST", f"/api/v1/jury/{number}", json={"answer": "maybe"})).status_code == 422
    await seated[0].post(f"/api/v1/jury/{number}", answer="stands")
    again = await seated[0].request("POST", f"/api/v1/jury/{number}", json={"answer": "lifted"})
    assert again.status_code == 409
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await square.db.execute("UPDATE jury_seats SET answer = 'lifted' WHERE account_id = $1", seated[0].id)


async def test_an_empty_seat_is_a_point_that_expires(square: Square, town: Town) -> None:
    number = await town.appeal()
    seated = await town.seated()
    for one, answer in zip(seated, ["stands"] * 5 + ["declined"], strict=False):
        await one.post(f"/api/v1/jury/{number}", answer=answer)
    assert await store.of_case(square.db, number) is not None
    over = datetime.now(UTC) + timedelta(days=4)
    await sit.close_over(square.db, over)
    made = await store.of_case(square.db, number)
    assert made is not None
    assert (made.verdict, made.stands, made.lifted) == ("stands", 5, 0)
    assert await square.db.value("SELECT snoozed_until FROM cases WHERE id = $1", number) is None
    silent, answered, declined = seated[-1], seated[0], seated[5]
    assert [(await one.get("/api/v1/jury"))["points"] for one in (silent, answered, declined)] == [1, 0, 0]
    late = await silent.request("POST", f"/api/v1/jury/{number}", json={"answer": "stands"})
    assert late.status_code == 409
    since = over + timedelta(days=1)
    assert await store.points(square.db, silent.id, since - POINTS_LAST) == 1
    assert await store.points(square.db, silent.id, over + timedelta(days=91) - POINTS_LAST) == 0


async def test_a_place_without_a_jury_has_none(square: Square, town: Town) -> None:
    boss = await at_desk(square, "boss", "owner")
    sent = await boss.send("/desk/people/jury", page="/desk/people")
    assert sent.status_code == 303
    assert not square.services.settings.moderation.jury
    one = Visitor(square)
    await one.sign_in("ann")
    assert (await one.get("/settings/jury")).status_code == 404
    assert (await town.ann.request("POST", "/api/v1/jury")).status_code == 403
    sent = await boss.send("/desk/people/jury", page="/desk/people", jury="true")
    assert square.services.settings.moderation.jury
    assert "11 people are ready to be drawn" in await said(await boss.get("/desk/people"))
