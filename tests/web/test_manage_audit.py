"""The audit log as people read it: who did what to whom, what changed, found again by person, kind and day."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.support.cases import Desk
from tests.support.square import Square
from tests.web.test_desk import at_desk, decide, reported
from tests.web.test_desk_roles import CASES_OF, somebody
from tests.web.visitor import Visitor
from townsquare.moderation.audit import Deed, Entry, record
from townsquare.moderation.model import OPERATOR
from townsquare.web.door.words import tongue
from townsquare.web.manage.deeds import SENTENCES, line_of


async def staff(square: Square, role: str = "owner", name: str = "boss") -> Visitor:
    await square.person(name, role=role)
    one = Visitor(square)
    await one.sign_in(name)
    return one


async def read(one: Visitor, path: str = "/manage/audit") -> str:
    """The page without markup."""
    answer = await one.get(path)
    assert answer.status_code == 200, answer.text
    main = answer.text.split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace(" .", ".")


async def test_an_entry_is_a_sentence_with_what_changed(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    fields = {"type": "silence", "text": "Too loud at night"}
    assert (await owner.send(f"/manage/people/{ann.id}/act", page="/manage", **fields)).status_code == 303
    await owner.send(f"/manage/people/{ann.id}/role", page="/manage", role="moderator")
    await owner.send("/manage/roles/moderator", page="/manage", name="Guards", **{"permissions[]": ["VIEW_DASHBOARD"]})
    await owner.send("/manage/sign-up", page="/manage", mode="approval", minimum_age="18", show_domain_blocks="all")
    page = await read(owner)
    assert "@boss limited @ann." in page
    assert "Too loud at night" in page
    assert "@boss gave @ann another role." in page
    assert "Role Everybody → Moderator" in page
    assert "@boss changed the role Guards." in page
    assert re.search(r"May Let people in, limit and suspend them|May .*Decide on reports.* no more", page)
    assert "@boss changed the settings of the place." in page
    assert "Who gets in Everybody who asks → Those whom you let in" in page
    assert not re.search(r"None|T\d\d:\d\d:\d\d|settings\.update|account\.silence", page)
    assert "@boss limited @ann." in await read(owner, f"/manage/people/{ann.id}")


async def test_it_is_found_by_person_kind_and_day(square: Square) -> None:
    owner, other = await staff(square), await staff(square, "admin", "deputy")
    ann, ben = await square.person("ann"), await square.person("ben")
    for who, target in ((owner, ann), (other, ben)):
        await who.send(f"/manage/people/{target.id}/role", page="/manage", role="moderator")
    await owner.send("/manage/invites", page="/manage", uses="1", days="7")
    assert "@ben" not in await read(owner, "/manage/audit?who=@boss")
    assert "another role" not in await read(owner, "/manage/audit?kind=invite.")
    about = await read(owner, "/manage/audit?about=@ben")
    assert "@deputy gave @ben another role." in about
    assert "@ann" not in about
    today = datetime.now(UTC).date()
    assert "@ann" in await read(owner, f"/manage/audit?since={today - timedelta(1)}&until={today + timedelta(1)}")
    assert "Nothing of that kind" in await read(owner, f"/manage/audit?until={today - timedelta(2)}")
    assert "Nothing of that kind" in await read(owner, f"/manage/audit?since={today + timedelta(2)}")
    wrong = await owner.get("/manage/audit?since=soon")
    assert wrong.status_code == 422
    assert "is not a day" in wrong.text
    assert 'value="soon"' in wrong.text


async def test_it_can_be_taken_away_as_a_file(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    await owner.send(f"/manage/people/{ann.id}/act", page="/manage", type="silence", text="=1+1")
    answer = await owner.get("/manage/audit.csv?kind=account.")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    row = next(csv.DictReader(io.StringIO(answer.text)))
    assert (row["action"], row["name"], row["reason"]) == ("account.silence", "'@ann", "")
    decided = (await owner.get("/manage/audit.csv?kind=case.")).text
    assert next(csv.DictReader(io.StringIO(decided)))["reason"] == "'=1+1"
    entries = (await owner.get("/manage/audit.json")).json()
    assert msgspec.json.decode(entries[0]["entry"], type=Entry).action == "account.silence"
    assert (
        await square.db.value("SELECT encode(digest, 'hex') FROM audit.log WHERE number = $1", entries[0]["number"])
        == (entries[0]["digest"])
    )
    ordinary = await staff(square, "user", "nobody1")
    assert (await ordinary.get("/manage/audit.csv")).status_code == 404


async def test_strikes_are_a_history(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    for action in ("none", "silence"):
        await owner.send(f"/manage/people/{ann.id}/act", page="/manage", type=action, text=f"Because of {action}")
    page = await read(owner, f"/manage/people/{ann.id}")
    history = page.split("What was decided")[1]
    assert "2 times" in history
    assert history.index("Because of silence") < history.index("Because of none")
    assert "@boss" in history


SEALED = "Sealed order 12/26"


async def test_nobody_reads_of_a_hold_but_those_who_may_set_one(square: Square) -> None:
    owner, mod = await at_desk(square, "boss", "owner"), await at_desk(square, "mod")
    ann = await square.person("ann")
    assert (await owner.send("/desk/holds", page="/desk/holds", what="@ann", why=SEALED)).status_code == 303
    everywhere = ("/manage/audit", f"/manage/people/{ann.id}", "/manage/audit?about=@ann", "/manage/audit?who=@boss")
    for path in everywhere:
        assert SEALED in await read(owner, path)
        assert SEALED not in await read(mod, path)
    assert "not for you" in await read(mod)
    for path in everywhere[1:]:
        assert "not for you" not in await read(mod, path), "nor that there is something about them"
    number, digest = (await square.db.records("SELECT number, encode(digest, 'hex') FROM audit.log"))[0]
    assert (await mod.get("/manage/audit.json")).json() == [
        {"number": number, "entry": None, "previous": "00" * 32, "digest": digest}
    ]
    table = (await mod.get("/manage/audit.csv")).text
    assert table.splitlines()[1] == f"{number}{',' * 10}{digest}"
    assert "nothing was changed" in await read(mod, "/manage/audit/check")


async def test_what_others_said_of_a_case_is_read_when_it_is_decided(square: Square) -> None:
    """Not by those who could still say something of it, nor by whom it is about or who reported it."""
    ann, ben = await square.person("ann"), await square.person("ben")
    first, second = await at_desk(square, "mod1"), await at_desk(square, "mod2")
    case_id, _ = await reported(square, ann, ben)
    await decide(first, case_id, "remove", said="It is a threat")
    about = f"/manage/audit?about=case:{case_id}"
    assert "It is a threat" in await read(first, about), "what they did themselves"
    assert "Nothing of that kind" in await read(second, about)
    assert "not for you" in await read(second)
    assert "It is a threat" not in (await second.get("/manage/audit.json")).text
    await decide(second, case_id, "remove")
    third = await at_desk(square, "mod3")
    assert "It is a threat" in await read(third, about)
    await square.db.execute("UPDATE cases SET queue = 'legal' WHERE id = $1", case_id)
    assert "Nothing of that kind" in await read(third, about), "of a queue of others"
    await square.db.execute("UPDATE cases SET queue = 'general' WHERE id = $1", case_id)
    await square.db.execute("UPDATE case_reports SET reporter_id = (SELECT id FROM accounts WHERE username = 'mod3')")
    assert "Nothing of that kind" in await read(third, about), "they reported it themselves"


async def test_what_is_done_to_an_account_does_not_tell_what_is_said_of_its_case(square: Square) -> None:
    owner, mod, law = await staff(square), await at_desk(square, "mod"), await at_desk(square, "law", "admin")
    ann, desk = await square.person("ann"), Desk(square)
    case_id = await desk.case(await ann.say("Something"), about=[ann])
    await square.db.execute("UPDATE cases SET queue = 'legal' WHERE id = $1", case_id)
    await desk.decide(case_id, "remove", "suspend")
    page = f"/manage/people/{ann.id}"
    sent = await owner.send(f"{page}/undo/unsuspend", page=page, text=SEALED)
    assert sent.status_code == 303
    for path in ("/manage/audit", page):
        shown = (await read(mod, path)).split("What was done")[-1]
        assert "suspended @ann" in shown
        assert "took the suspension of @ann back" in shown
        assert SEALED not in shown
    assert "For this reason." not in await read(mod)
    assert SEALED in await read(law, f"/manage/audit?about=case:{case_id}")


async def test_that_a_law_demands_an_end_is_for_those_with_courts(square: Square) -> None:
    mod, law = await at_desk(square, "mod"), await at_desk(square, "law", "admin")
    ann = await square.person("ann")
    said = [("ask_delete", {}, "asked"), ("ask_delete", {"because": "asked"}, "law"), ("delete", {}, "law")]
    async with square.db.transaction() as tx:
        for number, (word, before, because) in enumerate(said):
            one = Deed(
                action=f"account.{word}", target=f"account:{ann.id}", name="@ann", reason=f"Words {number}",
                before=before, after={"because": because},
            )  # fmt: skip
            await record(tx, OPERATOR, one)
        await record(tx, OPERATOR, Deed(action="account.delete", target="account:7", reason="Words 3"))
    shown = {who: await read(one) for who, one in (("mod", mod), ("law", law))}
    seen = {who: {number for number in range(4) if f"Words {number}" in page} for who, page in shown.items()}
    assert seen == {"mod": {0, 3}, "law": {0, 1, 2, 3}}


@pytest.mark.parametrize("ways", ["appeal", "double"])
async def test_what_is_asked_again_is_read_when_that_is_decided(square: Square, ways: str) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    first, second = await at_desk(square, "mod1"), await at_desk(square, "mod2")
    case_id, _ = await reported(square, ann, ben, "Buy these shoes")
    await decide(first, case_id, "label", said="It is spam")
    about = f"/manage/audit?about=case:{case_id}"
    assert "It is spam" in await read(second, about)
    again = await Desk(square).case()
    change = "origin = 'appeal', prior_id = $2" if ways == "appeal" else "purpose = 'double', doubles_id = $2"
    await square.db.execute("UPDATE cases SET " + change + " WHERE id = $1", again, case_id)
    assert "It is spam" not in await read(second, about)
    assert "It is spam" not in await read(second)


@pytest.mark.parametrize("role", ["moderator", "senior", "policy", "legal", "admin"])
async def test_each_role_reads_of_the_cases_of_its_queues(square: Square, role: str) -> None:
    ann, desk = await square.person("ann"), Desk(square)
    cases = {queue: await desk.case(await ann.say(f"Something for {queue}")) for queue in CASES_OF}
    for queue, number in cases.items():
        await desk.decide(number, "label")
        await square.db.execute("UPDATE cases SET queue = $2 WHERE id = $1", number, queue)
        async with square.db.transaction() as tx:
            await record(tx, OPERATOR, Deed(action="case.move", target=f"case:{number}", reason=f"Said of {queue}"))
    page = await read(await somebody(square, role))
    assert {queue for queue in cases if f"Said of {queue}" in page} == {
        queue for queue, roles in CASES_OF.items() if role in roles
    }


async def test_who_has_nothing_to_do_with_cases_reads_of_none(square: Square) -> None:
    ann, desk = await square.person("ann"), Desk(square)
    number = await desk.case(await ann.say("Something"))
    await desk.decide(number, "label")
    async with square.db.transaction() as tx:
        for target in (f"case:{number}", "settings:place"):
            await record(tx, OPERATOR, Deed(action="case.move", target=target, reason=f"About {target}"))
    owner, clerk = await staff(square), await staff(square, "moderator", "clerk")
    assert f"About case:{number}" in await read(clerk)
    await owner.send("/manage/roles/moderator", page="/manage", name="Clerks", **{"permissions[]": ["VIEW_AUDIT_LOG"]})
    page = await read(clerk)
    assert "About settings:place" in page
    assert f"About case:{number}" not in page


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("action", [*SENTENCES, "new.kind"])
def test_every_kind_of_deed_is_told(action: str, language: str) -> None:
    entry = Entry("2026-11-21T18:00:00.000Z", 7, "@<b>", "owner", action, "account:8", "@x<i>", after={"at_all": None})
    said = str(line_of(1, entry, tongue(language), None).sentence)
    assert "@&lt;b&gt;" in said
    assert "%(" not in said
    assert "<i>" not in said
